#include "core/opset/constants.hpp"

#include <cstring>

namespace halyard::core {
namespace {

/// The bytes where there are exactly as many as the dims ask for, and few.
std::optional<hy_bytes> small_bytes(const ConstantData& c, const ConstantReader& read,
                                    uint64_t* count) {
  *count = 1;
  for (int64_t d : c.dims) {
    if (d < 0 || d > kMaxKnownInts) return std::nullopt;
    *count *= static_cast<uint64_t>(d);
    if (*count > static_cast<uint64_t>(kMaxKnownInts)) return std::nullopt;
  }
  if (*count == 0) return hy_bytes{nullptr, 0};
  const Result<hy_bytes> bytes = read(c);
  if (!bytes.ok() || bytes->data == nullptr || bytes->size != *count * dtype_bits(c.dtype) / 8)
    return std::nullopt;
  return *bytes;
}

template <class T>
T element(hy_bytes bytes, uint64_t i) {
  T out;
  std::memcpy(&out, static_cast<const unsigned char*>(bytes.data) + i * sizeof(T), sizeof(T));
  return out;
}

}  // namespace

KnownInts read_ints(const ConstantData& constant, const ConstantReader& read) {
  const uint32_t t = constant.dtype;
  if (constant.dims.size() > 1 || (t != HY_DTYPE_I32 && t != HY_DTYPE_I64 && t != HY_DTYPE_BOOL))
    return std::nullopt;
  uint64_t count = 0;
  const auto bytes = small_bytes(constant, read, &count);
  if (!bytes) return std::nullopt;
  std::vector<Dim> out;
  out.reserve(count);
  for (uint64_t i = 0; i < count; ++i)
    out.push_back(Dim::fixed(t == HY_DTYPE_I64   ? element<int64_t>(*bytes, i)
                             : t == HY_DTYPE_I32 ? element<int32_t>(*bytes, i)
                                                 : element<uint8_t>(*bytes, i) != 0));
  return out;
}

std::optional<std::vector<double>> read_floats(const ConstantData& constant,
                                               const ConstantReader& read) {
  if (constant.dtype != HY_DTYPE_F32 && constant.dtype != HY_DTYPE_F64) return std::nullopt;
  uint64_t count = 0;
  const auto bytes = small_bytes(constant, read, &count);
  if (!bytes) return std::nullopt;
  std::vector<double> out;
  for (uint64_t i = 0; i < count; ++i)
    out.push_back(constant.dtype == HY_DTYPE_F32 ? static_cast<double>(element<float>(*bytes, i))
                                                 : element<double>(*bytes, i));
  return out;
}

}  // namespace halyard::core
