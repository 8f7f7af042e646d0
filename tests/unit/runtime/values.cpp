#include "tests/unit/runtime/values.hpp"

#include <fmt/format.h>

#include <cstring>

#include "core/runtime/tensor_pieces.hpp"
#include "halyard/opset.hpp"

namespace halyard::core::test {
namespace {

Value tensor(uint32_t dtype, const Ints& dims, const void* data, size_t bytes) {
  Value out = std::move(hy_tensor::create(dtype, dims, bytes)).value();
  if (bytes != 0) std::memcpy(out->data, data, std::min<size_t>(bytes, out->bytes));
  return out;
}

Value of_kind(uint32_t kind, uint32_t dtype, const std::vector<Value>& children) {
  auto out = std::make_shared<hy_tensor>();
  out->kind = kind;
  out->dtype = dtype;
  out->children.assign(children.begin(), children.end());
  return out;
}

template <class T>
std::string elements(const hy_tensor& t) {
  std::string out;
  for (uint64_t i = 0; i < t.count(); ++i) {
    T x{};
    std::memcpy(&x, static_cast<const char*>(t.data) + i * sizeof x, sizeof x);
    out += fmt::format(" {}", x);
  }
  return out;
}

std::string strings(const hy_tensor& t) {
  std::string out;
  const uint64_t count = t.count();
  const auto* base = static_cast<const char*>(t.data);
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t at[2];
    std::memcpy(at, base + i * sizeof *at, sizeof at);
    out += " " + std::string(base + (count + 1) * sizeof *at + at[0], at[1] - at[0]);
  }
  return out;
}

std::string content(const hy_tensor& t) {
  switch (t.dtype) {
    case HY_DTYPE_F32:
      return elements<float>(t);
    case HY_DTYPE_I64:
      return elements<int64_t>(t);
    case HY_DTYPE_I32:
      return elements<int32_t>(t);
    case HY_DTYPE_BOOL:
      return elements<bool>(t);
    case HY_DTYPE_STRING:
      return strings(t);
    default:
      return " ...";
  }
}

}  // namespace

Value f32(const Ints& dims, const std::vector<float>& elements) {
  return tensor(HY_DTYPE_F32, dims, elements.data(), elements.size() * sizeof(float));
}
Value i64(const Ints& dims, const Ints& elements) {
  return tensor(HY_DTYPE_I64, dims, elements.data(), elements.size() * sizeof(int64_t));
}
Value i64(int64_t element) { return i64({}, {element}); }
Value bools(const Ints& dims, const std::vector<bool>& elements) {
  const std::vector<unsigned char> bytes(elements.begin(), elements.end());
  return tensor(HY_DTYPE_BOOL, dims, bytes.data(), bytes.size());
}
Value truth(bool element) { return bools({}, {element}); }
Value texts(const Ints& dims, const std::vector<std::string>& elements) {
  const std::vector<std::string_view> views(elements.begin(), elements.end());
  return std::make_shared<hy_tensor>(*make_texts(dims, views).value());
}
Value i4(const Ints& dims, const std::vector<unsigned char>& bytes) {
  return tensor(HY_DTYPE_I4, dims, bytes.data(), bytes.size());
}
Value sequence(uint32_t dtype, const std::vector<Value>& elements) {
  return of_kind(HY_TYPE_SEQUENCE, dtype, elements);
}
Value some(const Value& element) { return of_kind(HY_TYPE_OPTIONAL, element->dtype, {element}); }
Value nothing(uint32_t dtype) { return of_kind(HY_TYPE_OPTIONAL, dtype, {}); }

std::string text_of(const hy_tensor& value) {
  if (value.kind == HY_TYPE_TENSOR)
    return dtype_name(value.dtype) + dims_text(value.dims) + content(value);
  if (value.kind == HY_TYPE_OPTIONAL)
    return value.children.empty() ? "none" : "some " + text_of(*value.children[0]);
  std::string out;
  for (const auto& child : value.children) out += (out.empty() ? "" : ", ") + text_of(*child);
  return "(" + out + ")";
}

}  // namespace halyard::core::test
