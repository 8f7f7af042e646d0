// What two types have in common: of the branches of an If, of a value before and after an iteration.
#pragma once

#include <optional>
#include <string>

#include "core/graph/graph.hpp"

namespace halyard::core {

/// The type that values of both types have: dims that differ are unknown, and so is a rank. Nothing where
/// the element types or the kinds differ. A type that is not known joins with any.
std::optional<TensorType> join_types(const TensorType& a, const TensorType& b);
/// The same knowledge; unknown equals unknown here.
bool equal_types(const TensorType& a, const TensorType& b);
/// "f32", "a sequence of f32": for messages.
std::string type_text(const TensorType& type);

}  // namespace halyard::core
