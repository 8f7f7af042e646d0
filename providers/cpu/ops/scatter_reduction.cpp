#include "providers/cpu/ops/scatter_reduction.hpp"

#include <algorithm>
#include <string>
#include <type_traits>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/placement.hpp"

namespace halyard::cpu {

namespace {

/// Integers wrap around; a NaN wins max and min.
template <class C>
C reduce(Reduction reduction, C a, C b) {
  if (reduction == Reduction::kMax) return a != a || a > b ? a : b;
  if (reduction == Reduction::kMin) return a != a || a < b ? a : b;
  if constexpr (std::is_integral_v<C>) {
    const auto x = static_cast<uint64_t>(a), y = static_cast<uint64_t>(b);
    return static_cast<C>(reduction == Reduction::kAdd ? x + y : x * y);
  } else {
    return reduction == Reduction::kAdd ? a + b : a * b;
  }
}

template <class T>
void combine(Reduction reduction, T* y, const T* from, int64_t run) {
  using C = compute_t<T>;
  for (int64_t k = 0; k < run; ++k)
    y[k] = T(reduce<C>(reduction, static_cast<C>(y[k]), static_cast<C>(from[k])));
}

}  // namespace

Reduction reduction_of(const Node& node) {
  const std::string_view name = node.attr_string("reduction", "none");
  if (name == "add") return Reduction::kAdd;
  if (name == "mul") return Reduction::kMul;
  if (name == "max") return Reduction::kMax;
  return name == "min" ? Reduction::kMin : Reduction::kNone;
}

Status scatter(Context& context, Reduction reduction, int64_t run, int64_t rows,
               const std::function<int64_t(int64_t)>& to) {
  const Tensor& x = *context.input(0);
  Placement place(context);
  HY_ASSIGN_OR_RETURN(const Tensor data, place.source(0));
  HY_ASSIGN_OR_RETURN(const Tensor updates, place.source(2));
  HY_ASSIGN_OR_RETURN(const Tensor y, place.output_over(0, x.dtype, x.dims, 0));
  const size_t bytes = Placement::element_bytes(data);
  if (y.data != data.data)
    copy_bytes(context.threads(), y.data, data.data, static_cast<size_t>(data.count()) * bytes);
  if (run == 0) return place.finish();
  if (reduction == Reduction::kNone) {
    const size_t row = static_cast<size_t>(run) * bytes;
    for (int64_t i = 0; i < rows; ++i)
      std::memcpy(y.as<char>() + static_cast<size_t>(to(i)) * bytes,
                  updates.as<const char>() + static_cast<size_t>(i) * row, row);
    return place.finish();
  }
  HY_RETURN_IF_ERROR(visit_numeric(x.dtype, [&](auto tag) -> Status {
    using T = decltype(tag);
    for (int64_t i = 0; i < rows; ++i)
      combine(reduction, y.as<T>() + to(i), updates.as<const T>() + i * run, run);
    return {};
  }));
  return place.finish();
}

Verdict supports_scatter(const Node& node) {
  const uint32_t dtype = node.input(0).dtype();
  const bool number = dtype == HY_DTYPE_UNDEFINED || dtype == HY_DTYPE_F32 ||
                      dtype == HY_DTYPE_F64 || dtype == HY_DTYPE_F16 || dtype == HY_DTYPE_BF16 ||
                      (dtype >= HY_DTYPE_I8 && dtype <= HY_DTYPE_U64);
  if (number || reduction_of(node) == Reduction::kNone) return accept();
  return reject(Reason::dtype)
      .operand(0)
      .got(dtype_name(dtype))
      .limit("numbers of 8 bits or more where there is a reduction");
}

}  // namespace halyard::cpu
