#include <fmt/format.h>

#include <algorithm>

#include "core/opset/shapes.hpp"

namespace halyard::core {

std::optional<Dim> broadcast(const Dim& a, const Dim& b) {
  if (a.is_fixed(1)) return b;
  if (b.is_fixed(1) || same(a, b)) return a;
  if (a.is_fixed() && b.is_fixed()) return std::nullopt;
  // Beside a number other than 1, the other one is that number or 1.
  if (a.is_fixed()) return a;
  if (b.is_fixed()) return b;
  // Beside n, min(n, c) is n wherever the two broadcast at all.
  if (const auto whole = a.without_upper_limit(); whole && same(*whole, b)) return b;
  if (const auto whole = b.without_upper_limit(); whole && same(*whole, a)) return a;
  return Dim::unknown();
}

Result<Shape> broadcast(const InferContext& context, const Shape& a, const Shape& b) {
  if (!a || !b) return Shape();
  const bool a_longer = a->size() > b->size();
  Dims out = a_longer ? *a : *b;
  const Dims& other = a_longer ? *b : *a;
  const size_t offset = out.size() - other.size();
  for (size_t i = 0; i < other.size(); ++i) {
    auto dim = broadcast(out[offset + i], other[i]);
    if (!dim) {
      const auto names = context.graph().symbol_names();
      return context.error(
          fmt::format("operands of dims {} and {} do not broadcast: {} and {} differ "
                      "and neither is 1",
                      shape_text(a, names), shape_text(b, names),
                      (a_longer ? out[offset + i] : other[i]).text(names),
                      (a_longer ? other[i] : out[offset + i]).text(names)));
    }
    out[offset + i] = std::move(*dim);
  }
  return Shape(std::move(out));
}

Result<Shape> broadcast(const InferContext& context, std::span<const size_t> operands) {
  Shape out = Dims();
  for (size_t i : operands) {
    HY_ASSIGN_OR_RETURN(out, broadcast(context, out, context.shape(i)));
    if (!out) break;
  }
  return out;
}

std::optional<Dim> unify(const Dim& a, const Dim& b) {
  if (a.is_fixed() && b.is_fixed() && a.value() != b.value()) return std::nullopt;
  if (a.is_fixed() || b.is_unknown()) return a;
  if (b.is_fixed() || a.is_unknown()) return b;
  return a;
}

}  // namespace halyard::core
