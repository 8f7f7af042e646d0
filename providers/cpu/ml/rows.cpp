#include "providers/cpu/ml/rows.hpp"

#include <string>

#include "providers/cpu/convert.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

Result<RowShape> row_shape(const Tensor& x) {
  if (x.rank() == 1) return RowShape{1, x.dim(0)};
  if (x.rank() == 2) return RowShape{x.dim(0), x.dim(1)};
  return invalid_argument("the input is " + dims_text(x.dims) +
                          "; it must be [features] or [rows,features]");
}

template <class T>
Result<const T*> read_as(Context& context, const Tensor& x) {
  constexpr uint32_t kType = sizeof(T) == 4 ? HY_DTYPE_F32 : HY_DTYPE_F64;
  if (x.dtype == kType) return x.as<const T>();
  const ConvertLoop loop = convert_loop(x.dtype, kType);
  if (loop == nullptr) return no_kernel_for(x.dtype);
  HY_ASSIGN_OR_RETURN(void* out, context.scratch(static_cast<size_t>(x.count()) * sizeof(T)));
  const int64_t size = dtype_bits(x.dtype) / 8;
  parallel_for(context.threads(), x.count(), 1 << 15, [&](int64_t begin, int64_t end) {
    loop(x.as<const char>() + begin * size, static_cast<T*>(out) + begin, end - begin);
  });
  return static_cast<const T*>(out);
}
template Result<const float*> read_as<float>(Context&, const Tensor&);
template Result<const double*> read_as<double>(Context&, const Tensor&);

Status check_features(int64_t given, int64_t wanted) {
  if (given == wanted) return {};
  return invalid_argument("the input has " + std::to_string(given) +
                          " features a row; the model has " + std::to_string(wanted));
}

}  // namespace halyard::cpu
