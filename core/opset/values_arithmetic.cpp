#include <algorithm>

#include "core/opset/shapes.hpp"
#include "core/opset/values.hpp"

namespace halyard::core {
namespace {

/// Both lists, one element repeated where the other has more; nothing where they do not fit.
std::optional<Dims> combine(const Dims& a, const Dims& b, Dim (*op)(const Dim&, const Dim&)) {
  if (a.size() != b.size() && a.size() != 1 && b.size() != 1) return std::nullopt;
  Dims out(a.size() == 1 ? b.size() : a.size());
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = op(a[a.size() == 1 ? 0 : i], b[b.size() == 1 ? 0 : i]);
  return out;
}

/// Integer division as tensors do it, towards zero.
Dim truncated_quotient(const Dim& a, const Dim& b) {
  if (a.is_fixed() && b.is_fixed()) {
    if (b.value() == 0 || (a.value() == INT64_MIN && b.value() == -1)) return Dim();
    return Dim::fixed(a.value() / b.value());
  }
  const Dim floor = floor_div(a, b);
  const bool exact = same(floor * b, a);
  return exact || (a.is_non_negative() && b.is_non_negative()) ? floor : Dim();
}

/// The remainder with the divisor's sign.
Dim floor_remainder(const Dim& a, const Dim& b) {
  return b.is_fixed() ? a - b * floor_div(a, b) : Dim();
}

Dim truncated_remainder(const Dim& a, const Dim& b) { return a - b * truncated_quotient(a, b); }

Dim sum(const Dim& a, const Dim& b) { return a + b; }
Dim difference(const Dim& a, const Dim& b) { return a - b; }
Dim product(const Dim& a, const Dim& b) { return a * b; }
Dim smaller(const Dim& a, const Dim& b) { return min(a, b); }
Dim larger(const Dim& a, const Dim& b) { return max(a, b); }

/// Min and Max take any number of operands.
Status over_operands(InferContext& context, Dim (*op)(const Dim&, const Dim&)) {
  std::optional<Dims> out = contents(context, 0);
  for (size_t i = 1; out && i < context.input_count(); ++i) {
    const KnownInts next = contents(context, i);
    out = next ? combine(*out, *next, op) : std::nullopt;
  }
  if (out) context.set_ints(0, std::move(*out));
  return {};
}

/// A reduction of a list to one element.
Status over_elements(InferContext& context, Dim (*op)(const Dim&, const Dim&)) {
  const KnownInts& list = context.ints(0);
  if (!list || list->empty() || !element_count(context.outputs[0].shape).is_fixed(1)) return {};
  Dim out = (*list)[0];
  for (size_t i = 1; i < list->size(); ++i) out = op(out, (*list)[i]);
  context.set_ints(0, {std::move(out)});
  return {};
}

Status each(InferContext& context, Dim (*op)(const Dim&)) {
  if (const KnownInts& x = context.ints(0)) {
    Dims out = *x;
    for (Dim& d : out) d = op(d);
    context.set_ints(0, std::move(out));
  }
  return {};
}

}  // namespace

Status values_elementwise(InferContext& context, size_t a, size_t b,
                          Dim (*op)(const Dim&, const Dim&)) {
  const KnownInts x = contents(context, a), y = contents(context, b);
  if (!x || !y) return {};
  if (auto out = combine(*x, *y, op)) context.set_ints(0, std::move(*out));
  return {};
}

Status values_add(InferContext& context) { return values_elementwise(context, 0, 1, sum); }
Status values_sub(InferContext& context) { return values_elementwise(context, 0, 1, difference); }
Status values_mul(InferContext& context) { return values_elementwise(context, 0, 1, product); }
Status values_div(InferContext& context) {
  return values_elementwise(context, 0, 1, truncated_quotient);
}
Status values_mod(InferContext& context) {
  const bool truncate = context.node().attr_int("fmod") != 0;
  return values_elementwise(context, 0, 1, truncate ? truncated_remainder : floor_remainder);
}

Status values_min(InferContext& context) { return over_operands(context, smaller); }
Status values_max(InferContext& context) { return over_operands(context, larger); }

Status values_neg(InferContext& context) {
  return each(context, [](const Dim& d) { return Dim::fixed(0) - d; });
}

Status values_abs(InferContext& context) {
  return each(context, [](const Dim& d) {
    if (d.is_non_negative()) return d;
    return d.is_fixed() ? Dim::fixed(0) - d : Dim();
  });
}

Status values_cast(InferContext& context) {
  if (context.outputs[0].dtype != HY_DTYPE_BOOL) return values_same(context);
  return each(context, [](const Dim& d) {
    if (d.is_fixed()) return Dim::fixed(d.value() != 0);
    return (d - Dim::fixed(1)).is_non_negative() ? Dim::fixed(1) : Dim();
  });
}

Status values_clip(InferContext& context) {
  std::optional<Dims> out = context.ints(0);
  if (out && context.has_input(1))
    out = context.ints(1) ? combine(*out, *context.ints(1), larger) : std::nullopt;
  if (out && context.has_input(2))
    out = context.ints(2) ? combine(*out, *context.ints(2), smaller) : std::nullopt;
  if (out) context.set_ints(0, std::move(*out));
  return {};
}

Status values_reduce_sum(InferContext& context) { return over_elements(context, sum); }
Status values_reduce_prod(InferContext& context) { return over_elements(context, product); }
Status values_reduce_min(InferContext& context) { return over_elements(context, smaller); }
Status values_reduce_max(InferContext& context) { return over_elements(context, larger); }

}  // namespace halyard::core
