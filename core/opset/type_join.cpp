#include "core/opset/type_join.hpp"

#include <fmt/format.h>

#include "halyard/opset.hpp"

namespace halyard::core {
namespace {

bool equal_dims(const Dim& a, const Dim& b) {
  return a.is_unknown() ? b.is_unknown() : !b.is_unknown() && same(a, b);
}

}  // namespace

std::optional<TensorType> join_types(const TensorType& a, const TensorType& b) {
  if (a.kind != b.kind) return std::nullopt;
  if (a.dtype != b.dtype && a.dtype != HY_DTYPE_UNDEFINED && b.dtype != HY_DTYPE_UNDEFINED)
    return std::nullopt;
  TensorType out = a;
  if (out.dtype == HY_DTYPE_UNDEFINED) out.dtype = b.dtype;
  if (out.key == 0) out.key = b.key;
  if (!a.shape || !b.shape || a.shape->size() != b.shape->size()) {
    out.shape.reset();
    return out;
  }
  for (size_t i = 0; i < out.shape->size(); ++i)
    if (!same((*a.shape)[i], (*b.shape)[i])) (*out.shape)[i] = Dim::unknown();
  return out;
}

bool equal_types(const TensorType& a, const TensorType& b) {
  if (a.kind != b.kind || a.key != b.key || a.dtype != b.dtype ||
      a.shape.has_value() != b.shape.has_value())
    return false;
  if (!a.shape) return true;
  if (a.shape->size() != b.shape->size()) return false;
  for (size_t i = 0; i < a.shape->size(); ++i)
    if (!equal_dims((*a.shape)[i], (*b.shape)[i])) return false;
  return true;
}

std::string type_text(const TensorType& type) {
  if (type.is_tensor()) return dtype_name(type.dtype);
  return fmt::format("{} of {}", value_kind_name(type.kind), dtype_name(type.dtype));
}

}  // namespace halyard::core
