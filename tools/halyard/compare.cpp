#include "compare.hpp"

#include <fmt/format.h>

#include <cmath>
#include <complex>
#include <cstring>

#include "convert.hpp"
#include "halyard/opset.hpp"

namespace halyard::cli {
namespace {

enum class Kind { kBool, kInteger, kFloat, kComplex, kString, kOther };

Kind kind(uint32_t dtype) {
  switch (dtype) {
    case HY_DTYPE_BOOL:
      return Kind::kBool;
    case HY_DTYPE_STRING:
      return Kind::kString;
    case HY_DTYPE_C64:
    case HY_DTYPE_C128:
      return Kind::kComplex;
    default:
      return is_float(dtype) ? Kind::kFloat : is_numeric(dtype) ? Kind::kInteger : Kind::kOther;
  }
}

/// "[0,2,1]": the element of this index in C order.
std::string position(size_t index, const std::vector<int64_t>& dims) {
  std::vector<int64_t> at(dims.size());
  for (size_t i = dims.size(); i-- > 0;) {
    at[i] = static_cast<int64_t>(index % static_cast<size_t>(dims[i]));
    index /= static_cast<size_t>(dims[i]);
  }
  return dims_text(at);
}

/// How far beyond the bar a value is; not positive: it passes.
template <class T>
double excess(T got, T want, double rtol, double atol) {
  const auto nan = [](T v) { return v != v; };
  if (got == want || (nan(got) && nan(want))) return 0;
  const auto size = static_cast<double>(std::abs(want));
  const double over = static_cast<double>(std::abs(got - want)) - (atol + rtol * size);
  // An infinity or a NaN against anything else.
  return std::isnan(over) || std::isinf(size) ? HUGE_VAL : over;
}

template <class T>
std::string worst_of(const std::vector<T>& got, const std::vector<T>& want,
                     const std::vector<int64_t>& dims, Tolerance t, std::string (*text)(T)) {
  size_t worst = 0, wrong = 0;
  double most = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    const double over = excess(got[i], want[i], t.rtol, t.atol);
    if (!(over > 0)) continue;
    ++wrong;
    if (over > most) {
      most = over;
      worst = i;
    }
  }
  if (wrong == 0) return {};
  return fmt::format(
      "{} of {} elements differ; the worst, {}, is {}, expected {} (rtol {}, atol {})", wrong,
      got.size(), position(worst, dims), text(got[worst]), text(want[worst]), t.rtol, t.atol);
}

std::vector<std::complex<double>> complex_values(const HostTensor& t) {
  HostTensor parts = t;
  parts.dtype = t.dtype == HY_DTYPE_C64 ? HY_DTYPE_F32 : HY_DTYPE_F64;
  const std::vector<double> flat = to_doubles(parts);
  std::vector<std::complex<double>> out;
  for (size_t i = 0; i + 1 < flat.size(); i += 2) out.emplace_back(flat[i], flat[i + 1]);
  return out;
}

std::string compare_strings(const HostTensor& got, const HostTensor& want) {
  for (size_t i = 0; i < want.strings.size() && i < got.strings.size(); ++i)
    if (got.strings[i] != want.strings[i])
      return fmt::format("element {} is \"{}\", expected \"{}\"", position(i, want.dims),
                         got.strings[i], want.strings[i]);
  return {};
}

std::string compare_values(const HostTensor& got, const HostTensor& want, Tolerance t) {
  const bool half = got.dtype == HY_DTYPE_F16 || got.dtype == HY_DTYPE_BF16;
  if (t.rtol < 0) t.rtol = half ? 1e-2 : 1e-3;
  if (t.atol < 0) t.atol = half ? 1e-3 : 1e-5;
  switch (kind(want.dtype)) {
    case Kind::kString:
      return compare_strings(got, want);
    case Kind::kComplex:
      return worst_of<std::complex<double>>(
          complex_values(got), complex_values(want), want.dims, t,
          [](std::complex<double> v) { return fmt::format("{:.9g}{:+.9g}i", v.real(), v.imag()); });
    case Kind::kFloat:
      return worst_of<double>(to_doubles(got), to_doubles(want), want.dims, t,
                              [](double v) { return fmt::format("{:.9g}", v); });
    case Kind::kBool:
    case Kind::kInteger:
      // Wide: 64-bit integers that differ by one are not equal.
      return worst_of<Wide>(to_wide(got), to_wide(want), want.dims, t,
                            [](Wide v) { return fmt::format("{:.0f}", v); });
    case Kind::kOther:
      break;
  }
  if (got.dtype == want.dtype && got.bytes == want.bytes) return {};
  return fmt::format("values of type {} are compared byte by byte, and differ",
                     dtype_name(got.dtype));
}

}  // namespace

std::string difference(const std::string& name, const HostTensor& got, const HostTensor& want,
                       Tolerance tolerance) {
  if (kind(got.dtype) != kind(want.dtype) || got.dims != want.dims)
    return fmt::format("output \"{}\" is {}, expected {}", name, describe(got), describe(want));
  const std::string found = compare_values(got, want, tolerance);
  return found.empty() ? found : fmt::format("output \"{}\": {}", name, found);
}

}  // namespace halyard::cli
