// Comparisons and choices. A truth value is the number 0 or 1, or unknown.
#include "core/opset/shapes.hpp"
#include "core/opset/values.hpp"

namespace halyard::core {
namespace {

Dim truth(bool value) { return Dim::fixed(value ? 1 : 0); }

Dim less(const Dim& a, const Dim& b) {
  if ((b - a - Dim::fixed(1)).is_non_negative()) return truth(true);
  return (a - b).is_non_negative() ? truth(false) : Dim();
}

Dim negation(const Dim& a) { return a.is_fixed() ? truth(a.value() == 0) : Dim(); }

Dim equal(const Dim& a, const Dim& b) {
  if (same(a, b)) return truth(true);
  return less(a, b).is_fixed(1) || less(b, a).is_fixed(1) ? truth(false) : Dim();
}

Dim greater(const Dim& a, const Dim& b) { return less(b, a); }
Dim less_or_equal(const Dim& a, const Dim& b) { return negation(less(b, a)); }
Dim greater_or_equal(const Dim& a, const Dim& b) { return negation(less(a, b)); }

}  // namespace

Status values_equal(InferContext& context) { return values_elementwise(context, 0, 1, equal); }
Status values_less(InferContext& context) { return values_elementwise(context, 0, 1, less); }
Status values_less_or_equal(InferContext& context) {
  return values_elementwise(context, 0, 1, less_or_equal);
}
Status values_greater(InferContext& context) { return values_elementwise(context, 0, 1, greater); }
Status values_greater_or_equal(InferContext& context) {
  return values_elementwise(context, 0, 1, greater_or_equal);
}

Status values_not(InferContext& context) {
  if (const KnownInts& x = context.ints(0)) {
    Dims out = *x;
    for (Dim& d : out) d = negation(d);
    context.set_ints(0, std::move(out));
  }
  return {};
}

Status values_where(InferContext& context) {
  const KnownInts condition = contents(context, 0), x = contents(context, 1),
                  y = contents(context, 2);
  const Dim count = element_count(context.outputs[0].shape);
  if (!condition || !x || !y || !count.is_fixed()) return {};
  const auto size = static_cast<size_t>(count.value());
  const auto pick = [](const Dims& list, size_t i) { return list[list.size() == 1 ? 0 : i]; };
  for (const Dims* list : {&*condition, &*x, &*y})
    if (list->size() != size && list->size() != 1) return {};
  Dims out(size);
  for (size_t i = 0; i < size; ++i) {
    const Dim c = pick(*condition, i), then = pick(*x, i), otherwise = pick(*y, i);
    if (c.is_fixed() || same(then, otherwise)) out[i] = c.is_fixed(0) ? otherwise : then;
  }
  context.set_ints(0, std::move(out));
  return {};
}

}  // namespace halyard::core
