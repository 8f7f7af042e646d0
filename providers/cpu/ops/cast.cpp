// Cast between all numbers but complex ones, bool and strings.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "providers/cpu/convert.hpp"
#include "providers/cpu/low_bits.hpp"
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

/// Whether a type is cast by way of another, which has as many elements: packed integers by 8 bits,
/// small floats by f32 or f64.
bool is_low(uint32_t dtype) { return is_packed(dtype) || is_small_float(dtype); }

/// Elements of a low type as numbers of a wider one.
Result<Tensor> raise(Context& context, const Tensor& x) {
  const auto bytes = static_cast<size_t>(x.count());
  Tensor codes = x;
  if (is_packed(x.dtype)) {
    HY_ASSIGN_OR_RETURN(void* memory, context.scratch(bytes));
    codes = unpacked(context.threads(), x, memory);
  }
  if (!is_small_float(x.dtype)) return codes;
  HY_ASSIGN_OR_RETURN(void* memory, context.scratch(bytes * sizeof(float)));
  const Tensor out{HY_DTYPE_F32, x.dims, memory, bytes * sizeof(float)};
  const float* values = small_float_values(x.dtype);
  const auto* from = codes.as<const uint8_t>();
  parallel_for(context.threads(), x.count(), 1 << 15, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) out.as<float>()[i] = values[from[i]];
  });
  return out;
}

/// The codes of x's elements [begin, end) in a low type, a byte each. Integers keep their low
/// bits, floats those of the integer they are rounded to, towards zero.
void lower(const Tensor& x, uint32_t to, bool saturate, int64_t begin, int64_t end,
           uint8_t* codes) {
  constexpr int64_t kChunk = 512;
  const bool from_float = dtype_bits(x.dtype) != 0 && x.dtype <= HY_DTYPE_BF16;
  const int64_t size = dtype_bits(x.dtype) / 8;
  for (int64_t at = begin; at < end; at += kChunk) {
    const int64_t n = std::min(kChunk, end - at);
    const char* from = x.as<const char>() + at * size;
    if (!is_small_float(to) && !from_float) {
      convert_loop(x.dtype, HY_DTYPE_U8)(from, codes + at, n);
      continue;
    }
    double values[kChunk];
    convert_loop(x.dtype, HY_DTYPE_F64)(from, values, n);
    if (is_small_float(to)) {
      encode_small_float(to, saturate, values, n, codes + at);
      continue;
    }
    int64_t whole[kChunk];
    convert_loop(HY_DTYPE_F64, HY_DTYPE_I64)(values, whole, n);
    for (int64_t i = 0; i < n; ++i) codes[at + i] = static_cast<uint8_t>(whole[i]);
  }
}

class Cast final : public Kernel {
 public:
  explicit Cast(const Node& node)
      : to_(static_cast<uint32_t>(node.attr_int("to"))),
        saturate_(node.attr_int("saturate", 1) != 0) {}
  Status run(Context& context) const override {
    Tensor x = *context.input(0);
    if (x.dtype == to_) return context.alias(0, 0, x.dims);
    if (is_low(x.dtype)) {
      HY_ASSIGN_OR_RETURN(x, raise(context, x));
    }
    const bool text = x.dtype == HY_DTYPE_STRING;
    if (!text && !is_number(x.dtype)) return no_cast(x.dtype);
    if (is_low(to_)) return run_lower(context, x);
    if (!is_number(to_) && (text || to_ != HY_DTYPE_STRING)) return no_cast(x.dtype);
    if (to_ == HY_DTYPE_STRING) return write_strings(context, x);
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, to_, x.dims));
    if (text) return read_strings(x, y);
    const ConvertLoop loop = convert_loop(x.dtype, to_);
    const int64_t from_size = dtype_bits(x.dtype) / 8, to_size = dtype_bits(to_) / 8;
    parallel_for(context.threads(), x.count(), 1 << 15, [&](int64_t begin, int64_t end) {
      loop(x.as<const char>() + begin * from_size, y.as<char>() + begin * to_size, end - begin);
    });
    return {};
  }

 private:
  Status no_cast(uint32_t from) const {
    return unsupported(std::string("no cast from ") + dtype_name(from) + " to " + dtype_name(to_));
  }
  Status run_lower(Context& context, Tensor x) const {
    const int64_t count = x.count();
    if (x.dtype == HY_DTYPE_STRING) {
      const uint32_t middle = is_small_float(to_) ? HY_DTYPE_F64 : HY_DTYPE_I64;
      const size_t bytes = bytes_of(middle, count);
      HY_ASSIGN_OR_RETURN(void* memory, context.scratch(bytes));
      const Tensor numbers{middle, x.dims, memory, bytes};
      HY_RETURN_IF_ERROR(read_strings(x, numbers));
      x = numbers;
    }
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, to_, x.dims));
    auto* codes = y.as<uint8_t>();
    if (is_packed(to_)) {
      HY_ASSIGN_OR_RETURN(void* memory, context.scratch(static_cast<size_t>(count)));
      codes = static_cast<uint8_t*>(memory);
    }
    parallel_for(context.threads(), count, 1 << 14,
                 [&](int64_t begin, int64_t end) { lower(x, to_, saturate_, begin, end, codes); });
    if (is_packed(to_)) pack(context.threads(), to_, codes, count, y.data);
    return {};
  }

  const uint32_t to_;
  const bool saturate_;
};

Verdict supports(const Node& node) {
  const uint32_t from = node.input(0).dtype();
  const auto to = static_cast<uint32_t>(node.attr_int("to"));
  const auto takes = [](uint32_t dtype) {
    return is_number(dtype) || is_low(dtype) || dtype == HY_DTYPE_STRING;
  };
  const char* limit = "numbers but complex ones, bool, string";
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
