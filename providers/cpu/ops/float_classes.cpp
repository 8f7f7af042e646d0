// IsNaN IsInf, of all floats, those of 8 bits included.
#include <cstdint>

#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

/// What an f8 byte is. Only f8e5m2 has infinities (IEEE form); ...fnuz types have one NaN, 0x80.
bool is_nan_f8(uint32_t dtype, uint8_t bits) {
  switch (dtype) {
    case HY_DTYPE_F8E4M3FN:
      return (bits & 0x7f) == 0x7f;
    case HY_DTYPE_F8E5M2:
      return (bits & 0x7f) > 0x7c;
    default:
      return bits == 0x80;
  }
}

/// -1 or 1 where the byte is an infinity, else 0.
int infinity_f8(uint32_t dtype, uint8_t bits) {
  if (dtype != HY_DTYPE_F8E5M2 || (bits & 0x7f) != 0x7c) return 0;
  return bits == 0x7c ? 1 : -1;
}

bool is_f8(uint32_t dtype) {
  return dtype == HY_DTYPE_F8E4M3FN || dtype == HY_DTYPE_F8E4M3FNUZ || dtype == HY_DTYPE_F8E5M2 ||
         dtype == HY_DTYPE_F8E5M2FNUZ;
}

class FloatClass final : public Kernel {
 public:
  explicit FloatClass(const Node& node)
      : nan_(node.op() == "IsNaN"),
        negative_(node.attr_int("detect_negative", 1) != 0),
        positive_(node.attr_int("detect_positive", 1) != 0) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, HY_DTYPE_BOOL, x.dims));
    if (is_f8(x.dtype)) {
      const auto* from = x.as<const uint8_t>();
      for (int64_t i = 0; i < x.count(); ++i) {
        const int sign = infinity_f8(x.dtype, from[i]);
        y.as<bool>()[i] = nan_ ? is_nan_f8(x.dtype, from[i]) : wanted(sign);
      }
      return {};
    }
    return visit_float(x.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      parallel_for(context.threads(), x.count(), 1 << 15, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const compute_t<T> v = x.as<const T>()[i];
          const bool infinite = v == v && v - v != 0;
          y.as<bool>()[i] = nan_ ? v != v : wanted(infinite ? (v > 0 ? 1 : -1) : 0);
        }
      });
      return {};
    });
  }

 private:
  bool wanted(int sign) const { return (sign > 0 && positive_) || (sign < 0 && negative_); }

  const bool nan_, negative_, positive_;
};

constexpr KernelEntry kRows[] = {{"IsNaN", create_kernel<FloatClass>},
                                 {"IsInf", create_kernel<FloatClass>}};

}  // namespace

std::span<const KernelEntry> float_classes_kernels() { return kRows; }

}  // namespace halyard::cpu
