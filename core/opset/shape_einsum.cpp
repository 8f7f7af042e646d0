// Einsum and the losses.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/opset/shapes.hpp"
#include "halyard/einsum.hpp"

namespace halyard::core {

Status infer_einsum(InferContext& context) {
  const std::string equation = context.node().attr_string("equation");
  std::vector<int64_t> ranks;
  for (size_t i = 0; i < context.input_count(); ++i) {
    const Shape& shape = context.shape(i);
    ranks.push_back(shape ? static_cast<int64_t>(shape->size()) : -1);
  }
  const Result<EinsumLabels> parsed = parse_einsum(equation, ranks);
  if (!parsed.ok() && parsed.status().code() == HY_ERROR_UNSUPPORTED) {
    context.set_output(0, context.dtype(0), std::nullopt);
    return {};
  }
  if (!parsed.ok())
    return context.error(
        fmt::format("attribute \"equation\" is \"{}\": {}", equation, parsed.status().message()));
  std::map<int, Dim> sizes;
  for (size_t i = 0; i < context.input_count(); ++i) {
    const Shape& shape = context.shape(i);
    for (size_t axis = 0; axis < parsed->inputs[i].size(); ++axis) {
      const Dim d = shape ? (*shape)[axis] : Dim();
      const auto [at, is_new] = sizes.emplace(parsed->inputs[i][axis], d);
      if (is_new) continue;
      if (d.is_fixed(1) || at->second.is_fixed(1)) {
        if (at->second.is_fixed(1)) at->second = d;
        continue;
      }
      const auto both = unify(at->second, d);
      if (!both)
        return context.error(fmt::format(
            "equation \"{}\": axis {} of operand {}, of dims {}, has {} elements; another axis of "
            "the same letter has {}",
            equation, axis, i, context.shape_text(i), d.value(), at->second.value()));
      at->second = *both;
    }
  }
  Dims out;
  for (int label : parsed->output) {
    const auto at = sizes.find(label);
    out.push_back(at == sizes.end() ? Dim() : at->second);
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_loss(InferContext& context) {
  const std::string reduction = context.node().attr_string("reduction", "mean");
  if (reduction != "none" && reduction != "mean" && reduction != "sum")
    return context.error(
        fmt::format("attribute \"reduction\" is \"{}\"; it is none, mean or sum", reduction));
  const Shape &x = context.shape(0), &target = context.shape(1), &weight = context.shape(2);
  if (x && x->size() < 2)
    return context.error(fmt::format(
        "operand 0 has the dims {}; it has a batch axis and a class axis", context.shape_text(0)));
  Shape labels = target;
  if (x) {
    Dims expected = *x;
    expected.erase(expected.begin() + 1);
    bool fits = !target || target->size() == expected.size();
    for (size_t i = 0; fits && target && i < expected.size(); ++i) {
      const auto both = unify(expected[i], (*target)[i]);
      fits = both.has_value();
      if (both) expected[i] = *both;
    }
    if (!fits)
      return context.error(fmt::format(
          "operand 1 has the dims {}; operand 0 has {}: all but its class axis are equal",
          context.shape_text(1), context.shape_text(0)));
    labels = expected;
  }
  if (context.has_input(2)) {
    HY_RETURN_IF_ERROR(expect_rank(context, 2, 1, "weight"));
    if (x && weight && !unify((*x)[1], (*weight)[0]))
      return context.error(
          fmt::format("operand 2 has the dims {}; operand 0 of {} has another "
                      "number of classes",
                      context.shape_text(2), context.shape_text(0)));
  }
  context.set_output(0, context.dtype(0), reduction == "none" ? labels : Shape(Dims()));
  context.set_output(1, context.dtype(0), x);
  return {};
}

}  // namespace halyard::core
