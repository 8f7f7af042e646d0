// Cast between all numbers of 8 bits and more, bool and strings.
#include <cstring>
#include <string>
#include <vector>

#include "providers/cpu/convert.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/text_numbers.hpp"

namespace halyard::cpu {

namespace {

bool is_number(uint32_t dtype) { return convert_loop(dtype, dtype) != nullptr; }

Status read_strings(const Tensor& x, const Tensor& y) {
  for (int64_t i = 0; i < x.count(); ++i)
    if (!parse_number(x.string_at(i), y, i))
      return invalid_argument("string " + std::to_string(i) + ", \"" +
                              std::string(x.string_at(i).substr(0, 64)) +
                              "\", is no number that can be cast to " + dtype_name(y.dtype));
  return {};
}

Status write_strings(Context& context, const Tensor& x) {
  std::vector<std::string> texts;
  size_t bytes = 0;
  for (int64_t i = 0; i < x.count(); ++i) bytes += texts.emplace_back(number_text(x, i)).size();
  HY_ASSIGN_OR_RETURN(const Tensor y, context.output_strings(0, x.dims, bytes));
  auto* offset = y.as<uint64_t>();
  char* text = reinterpret_cast<char*>(offset + texts.size() + 1);
  *offset = 0;
  for (const std::string& t : texts) {
    std::memcpy(text + *offset, t.data(), t.size());
    offset[1] = offset[0] + t.size();
    ++offset;
  }
  return {};
}

class Cast final : public Kernel {
 public:
  explicit Cast(const Node& node) : to_(static_cast<uint32_t>(node.attr_int("to"))) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    if (x.dtype == to_) return context.alias(0, 0, x.dims);
    if (to_ == HY_DTYPE_STRING && is_number(x.dtype)) return write_strings(context, x);
    const ConvertLoop loop = convert_loop(x.dtype, to_);
    if (loop == nullptr && !(x.dtype == HY_DTYPE_STRING && is_number(to_)))
      return unsupported(std::string("no cast from ") + dtype_name(x.dtype) + " to " +
                         dtype_name(to_));
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, to_, x.dims));
    if (x.dtype == HY_DTYPE_STRING) return read_strings(x, y);
    const int64_t from_size = dtype_bits(x.dtype) / 8, to_size = dtype_bits(to_) / 8;
    parallel_for(context.threads(), x.count(), 1 << 15, [&](int64_t begin, int64_t end) {
      loop(x.as<const char>() + begin * from_size, y.as<char>() + begin * to_size, end - begin);
    });
    return {};
  }

 private:
  const uint32_t to_;
};

Verdict supports(const Node& node) {
  const uint32_t from = node.input(0).dtype();
  const auto to = static_cast<uint32_t>(node.attr_int("to"));
  const auto takes = [](uint32_t dtype) { return is_number(dtype) || dtype == HY_DTYPE_STRING; };
  const char* limit = "numbers of 8 bits or more but f8, bool, string";
  if (from == to) return accept();
  if (from != HY_DTYPE_UNDEFINED && !takes(from))
    return reject(Reason::dtype).operand(0).got(dtype_name(from)).limit(limit);
  if (!takes(to))
    return reject(Reason::dtype).operand(node.input_count()).got(dtype_name(to)).limit(limit);
  return accept();
}

constexpr KernelEntry kEntries[] = {{"Cast", create_kernel<Cast>, supports}};

}  // namespace

std::span<const KernelEntry> cast_kernels() { return kEntries; }

}  // namespace halyard::cpu
