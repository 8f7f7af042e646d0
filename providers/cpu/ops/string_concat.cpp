// StringConcat: elements joined, with broadcasting.
#include <algorithm>
#include <cstring>
#include <vector>

#include "providers/cpu/broadcast.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

class StringConcat final : public Kernel {
 public:
  explicit StringConcat(const Node&) {}
  Status run(Context& context) const override {
    const Tensor* const operands[] = {context.input(0), context.input(1)};
    HY_ASSIGN_OR_RETURN(const Dims dims, broadcast_dims(operands));
    const Broadcast broadcast(operands, dims);
    const auto for_each = [&](const auto& f) {
      broadcast.for_each_run(0, count_of(dims), [&](int64_t at, int64_t n, const auto& offsets) {
        for (int64_t i = 0; i < n; ++i)
          f(at + i, operands[0]->string_at(offsets[0] + i * broadcast.step(0)),
            operands[1]->string_at(offsets[1] + i * broadcast.step(1)));
      });
    };
    size_t bytes = 0;
    for_each(
        [&](int64_t, std::string_view a, std::string_view b) { bytes += a.size() + b.size(); });
    HY_ASSIGN_OR_RETURN(const Tensor z, context.output_strings(0, dims, bytes));
    auto* offset = z.as<uint64_t>();
    char* text = reinterpret_cast<char*>(offset + count_of(dims) + 1);
    offset[0] = 0;
    for_each([&](int64_t i, std::string_view a, std::string_view b) {
      std::copy(a.begin(), a.end(), text + offset[i]);
      std::copy(b.begin(), b.end(), text + offset[i] + a.size());
      offset[i + 1] = offset[i] + a.size() + b.size();
    });
    return {};
  }
};

constexpr KernelEntry kRows[] = {{"StringConcat", create_kernel<StringConcat>}};

}  // namespace

std::span<const KernelEntry> string_concat_kernels() { return kRows; }

}  // namespace halyard::cpu
