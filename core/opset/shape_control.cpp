// Control flow: inference into bodies and out of them.
#include <fmt/format.h>

#include <algorithm>

#include "core/opset/shapes.hpp"
#include "core/opset/type_join.hpp"

namespace halyard::core {
namespace {

constexpr int kMaxRounds = 16;  // of a loop, until what it carries has types that stay

/// Gives the body's inputs these types and infers it; the types of its outputs.
Result<std::vector<TensorType>> infer_body(InferContext& context, std::string_view attribute,
                                           const std::vector<TensorType>& inputs,
                                           Inference* inference = nullptr) {
  HY_ASSIGN_OR_RETURN(Graph * body, context.body(attribute));
  if (body->inputs.size() != inputs.size())
    return context.error(fmt::format("body \"{}\" has {} inputs; the node gives it {}", attribute,
                                     body->inputs.size(), inputs.size()));
  body->symbols = context.graph().symbols;
  for (size_t i = 0; i < inputs.size(); ++i) {
    ValueData& value = body->values[body->inputs[i]];
    const uint32_t declared = value.type.dtype;
    if (declared != HY_DTYPE_UNDEFINED && inputs[i].dtype != HY_DTYPE_UNDEFINED &&
        declared != inputs[i].dtype)
      return context.error(fmt::format("input \"{}\" of body \"{}\" is {} and is given {}",
                                       value.name, attribute, dtype_name(declared),
                                       dtype_name(inputs[i].dtype)));
    value.type = inputs[i];
    if (value.type.dtype == HY_DTYPE_UNDEFINED) value.type.dtype = declared;
  }
  auto found = infer_graph(*body, context.reader());
  if (!found.ok())
    return found.status().with_context(
        fmt::format("{}: body \"{}\"", context.node().label(), attribute));
  if (inference != nullptr) *inference = std::move(found).value();
  std::vector<TensorType> out;
  for (ValueId v : body->outputs) out.push_back(body->values[v].type);
  return out;
}

/// The types of the operands from `first` to `end`.
std::vector<TensorType> operands(const InferContext& context, size_t first, size_t end) {
  std::vector<TensorType> out;
  for (size_t i = first; i < end; ++i) out.push_back(context.input(i));
  return out;
}

/// How many operands are the node's own, before those that its bodies take from outside.
Result<size_t> own_operands(const InferContext& context, size_t least) {
  const int64_t outer = context.node().attr_int("num_outer");
  const auto count = static_cast<int64_t>(context.input_count());
  if (outer < 0 || count - outer < static_cast<int64_t>(least))
    return context.error(
        fmt::format("attribute \"num_outer\" is {}; the node has {} operands", outer, count));
  return static_cast<size_t>(count - outer);
}

Status expect_scalar(const InferContext& context, size_t i, std::string_view name) {
  if (!context.has_input(i)) return {};
  const Dim count = element_count(context.shape(i));
  if (count.is_fixed() && !count.is_fixed(1))
    return context.error(fmt::format("operand \"{}\" has the dims {}; one element is wanted", name,
                                     context.shape_text(i)));
  return {};
}

Status expect_outputs(const InferContext& context, std::string_view body, size_t has, size_t least,
                      size_t wanted) {
  if (has >= least && has >= wanted) return {};
  return context.error(fmt::format("body \"{}\" has {} outputs; the node needs {}", body, has,
                                   std::max(least, wanted)));
}

/// Replaces each carried type by what it and the body's result have in common. True: nothing changed.
Result<bool> widen(const InferContext& context, std::vector<TensorType>& carried,
                   const std::vector<TensorType>& results, size_t first_result) {
  bool same = true;
  for (size_t i = 0; i < carried.size(); ++i) {
    const auto joined = join_types(carried[i], results[first_result + i]);
    if (!joined)
      return context.error(fmt::format("carried value {} is {} before an iteration and {} after it",
                                       i, type_text(carried[i]),
                                       type_text(results[first_result + i])));
    same = same && equal_types(*joined, carried[i]);
    carried[i] = *joined;
  }
  return same;
}

bool known_true(const InferContext& context, size_t i) {
  if (!context.has_input(i)) return true;
  const KnownInts& ints = context.ints(i);
  return ints && ints->size() == 1 && (*ints)[0].is_fixed() && !(*ints)[0].is_fixed(0);
}

/// With a new first axis, or one inserted at `axis` of the result.
Shape stacked(const Shape& element, const Dim& count, size_t axis = 0) {
  if (!element) return std::nullopt;
  Shape out = element;
  out->insert(out->begin() + static_cast<std::ptrdiff_t>(axis), count);
  return out;
}

}  // namespace

Status infer_if(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_scalar(context, 0, "cond"));
  HY_RETURN_IF_ERROR(own_operands(context, 1).status());
  const auto inputs = operands(context, 1, context.input_count());
  // A branch that is never taken need not make sense.
  if (const KnownInts& cond = context.ints(0); cond && cond->size() == 1 && (*cond)[0].is_fixed()) {
    const char* taken = (*cond)[0].is_fixed(0) ? "else_branch" : "then_branch";
    HY_ASSIGN_OR_RETURN(const auto results, infer_body(context, taken, inputs));
    HY_RETURN_IF_ERROR(expect_outputs(context, taken, results.size(), 1, context.outputs.size()));
    for (size_t i = 0; i < context.outputs.size(); ++i) context.set_output(i, results[i]);
    return {};
  }
  HY_ASSIGN_OR_RETURN(const auto yes, infer_body(context, "then_branch", inputs));
  HY_ASSIGN_OR_RETURN(const auto no, infer_body(context, "else_branch", inputs));
  const size_t count = context.outputs.size();
  HY_RETURN_IF_ERROR(expect_outputs(context, "then_branch", yes.size(), 1, count));
  HY_RETURN_IF_ERROR(expect_outputs(context, "else_branch", no.size(), 1, count));
  for (size_t i = 0; i < count; ++i) {
    const auto joined = join_types(yes[i], no[i]);
    if (!joined)
      return context.error(fmt::format("output {} is {} in then_branch and {} in else_branch", i,
                                       type_text(yes[i]), type_text(no[i])));
    context.set_output(i, *joined);
  }
  return {};
}

Status infer_loop(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_scalar(context, 0, "M"));
  HY_RETURN_IF_ERROR(expect_scalar(context, 1, "cond"));
  // Without others after them, M and cond may be left out of the list as well.
  const size_t least = std::min<size_t>(context.input_count(), 2);
  HY_ASSIGN_OR_RETURN(const size_t listed, own_operands(context, least));
  const size_t own = std::max<size_t>(listed, 2);
  std::vector<TensorType> carried = operands(context, 2, own);
  const auto outer = operands(context, own, context.input_count());
  HY_ASSIGN_OR_RETURN(Graph * body, context.body("body"));
  std::vector<TensorType> results;
  Inference inside;
  for (int round = 0;; ++round) {
    std::vector<TensorType> inputs;
    for (const uint32_t dtype : {HY_DTYPE_I64, HY_DTYPE_BOOL}) {
      Shape shape = Dims();
      const size_t i = inputs.size();
      if (i < body->inputs.size()) {
        const ValueData& value = body->values[body->inputs[i]];
        if (value.type.shape && value.type.shape->size() == 1) shape = Dims{Dim::fixed(1)};
      }
      inputs.push_back({dtype, std::move(shape)});
    }
    inputs.insert(inputs.end(), carried.begin(), carried.end());
    inputs.insert(inputs.end(), outer.begin(), outer.end());
    HY_ASSIGN_OR_RETURN(results, infer_body(context, "body", inputs, &inside));
    HY_RETURN_IF_ERROR(expect_outputs(context, "body", results.size(), 1 + carried.size(),
                                      1 + context.outputs.size()));
    HY_ASSIGN_OR_RETURN(const bool settled, widen(context, carried, results, 1));
    if (settled) break;
    if (round == kMaxRounds)
      for (TensorType& t : carried) t.shape.reset();
  }
  Dim trips;
  const KnownInts& go_on = inside.ints[body->outputs[0]];
  const KnownInts& m = context.ints(0);
  if (m && m->size() == 1 && (*m)[0].is_non_negative() && known_true(context, 1) && go_on &&
      go_on->size() == 1 && (*go_on)[0].is_fixed() && !(*go_on)[0].is_fixed(0))
    trips = (*m)[0];
  for (size_t i = 0; i < context.outputs.size(); ++i) {
    if (i < carried.size()) {
      context.set_output(i, carried[i]);
      continue;
    }
    const TensorType& element = results[1 + i];
    if (!element.is_tensor())
      return context.error(fmt::format("scan output {} is {}; only tensors can be stacked",
                                       i - carried.size(), value_kind_name(element.kind)));
    context.set_output(i, element.dtype, stacked(element.shape, trips));
  }
  return {};
}

Status infer_scan(InferContext& context) {
  HY_ASSIGN_OR_RETURN(const size_t own, own_operands(context, 1));
  const int64_t scans = context.node().attr_int("num_scan_inputs");
  if (scans < 1 || scans > static_cast<int64_t>(own))
    return context.error(
        fmt::format("attribute \"num_scan_inputs\" is {}; it may be 1 to {}", scans, own));
  const size_t states = own - static_cast<size_t>(scans);
  const auto axes = context.node().attr_ints("scan_input_axes");
  std::vector<TensorType> carried = operands(context, 0, states), slices;
  Dim length;
  for (size_t i = states; i < own; ++i) {
    TensorType slice = context.input(i);
    if (slice.shape) {
      if (slice.shape->empty())
        return context.error(fmt::format("scan input {} is a scalar", i - states));
      const int64_t axis = i - states < axes.size() ? axes[i - states] : 0;
      HY_ASSIGN_OR_RETURN(const size_t at,
                          axis_of(context, axis, slice.shape->size(), "scan_input_axes"));
      const auto one = unify(length, (*slice.shape)[at]);
      if (!one)
        return context.error(
            fmt::format("scan input {} has the dims {}; others have another "
                        "length",
                        i - states, context.shape_text(i)));
      length = *one;
      slice.shape->erase(slice.shape->begin() + static_cast<std::ptrdiff_t>(at));
    }
    slices.push_back(std::move(slice));
  }
  const auto outer = operands(context, own, context.input_count());
  std::vector<TensorType> results;
  for (int round = 0;; ++round) {
    std::vector<TensorType> inputs = carried;
    inputs.insert(inputs.end(), slices.begin(), slices.end());
    inputs.insert(inputs.end(), outer.begin(), outer.end());
    HY_ASSIGN_OR_RETURN(results, infer_body(context, "body", inputs));
    HY_RETURN_IF_ERROR(
        expect_outputs(context, "body", results.size(), states, context.outputs.size()));
    HY_ASSIGN_OR_RETURN(const bool settled, widen(context, carried, results, 0));
    if (settled) break;
    if (round == kMaxRounds)
      for (TensorType& t : carried) t.shape.reset();
  }
  const auto out_axes = context.node().attr_ints("scan_output_axes");
  for (size_t i = 0; i < context.outputs.size(); ++i) {
    if (i < states) {
      context.set_output(i, carried[i]);
      continue;
    }
    const TensorType& element = results[i];
    size_t at = 0;
    if (element.shape && i - states < out_axes.size()) {
      HY_ASSIGN_OR_RETURN(at, axis_of(context, out_axes[i - states], element.shape->size() + 1,
                                      "scan_output_axes"));
    }
    context.set_output(i, element.dtype, stacked(element.shape, length, at));
  }
  return {};
}

Status infer_sequence_map(InferContext& context) {
  HY_ASSIGN_OR_RETURN(const size_t own, own_operands(context, 1));
  std::vector<TensorType> inputs;
  for (size_t i = 0; i < context.input_count(); ++i) {
    TensorType type = context.input(i);
    if (i < own && type.kind == HY_TYPE_SEQUENCE) type.kind = HY_TYPE_TENSOR;
    inputs.push_back(std::move(type));
  }
  HY_ASSIGN_OR_RETURN(auto results, infer_body(context, "body", inputs));
  HY_RETURN_IF_ERROR(expect_outputs(context, "body", results.size(), 1, context.outputs.size()));
  for (size_t i = 0; i < context.outputs.size(); ++i) {
    if (!results[i].is_tensor())
      return context.error(fmt::format("output {} of the body is {}; a sequence holds tensors", i,
                                       value_kind_name(results[i].kind)));
    results[i].kind = HY_TYPE_SEQUENCE;
    context.set_output(i, results[i]);
  }
  return {};
}

}  // namespace halyard::core
