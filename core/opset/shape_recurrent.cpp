#include <fmt/format.h>

#include "core/opset/shapes.hpp"

namespace halyard::core {
namespace {

struct RecurrentForm {
  int64_t gates;
  size_t functions;  // a direction
};
RecurrentForm form_of(std::string_view op) {
  if (op == "LSTM") return {4, 3};
  if (op == "GRU") return {3, 2};
  return {1, 1};
}

Result<int64_t> directions_of(const InferContext& context) {
  const std::string direction = context.node().attr_string("direction", "forward");
  if (direction == "bidirectional") return 2;
  if (direction == "forward" || direction == "reverse") return 1;
  return context.error(
      fmt::format("attribute \"direction\" is \"{}\"; it is one of forward, reverse, bidirectional",
                  direction));
}

Status check_activations(const InferContext& context, size_t wanted) {
  const AttributeValue* names = context.node().attribute("activations");
  const auto* list = names != nullptr ? std::get_if<std::vector<std::string>>(names) : nullptr;
  if (list == nullptr || list->empty() || list->size() == wanted) return {};
  return context.error(
      fmt::format("attribute \"activations\" has {} entries; it needs {}", list->size(), wanted));
}

/// What the operands say of the dims that they share, better known with each.
class Sizes {
 public:
  explicit Sizes(const InferContext& context) : context_(context) {}

  /// Operand i has these dims. Each is a size of the network, times a factor.
  struct Want {
    Dim* size;
    int64_t factor = 1;
  };
  Status operand(size_t i, const char* name, std::initializer_list<Want> wanted) {
    if (i >= context_.input_count() || !context_.has_input(i)) return {};
    HY_RETURN_IF_ERROR(expect_rank(context_, i, wanted.size(), name));
    const Shape& shape = context_.shape(i);
    if (!shape) return {};
    size_t axis = 0;
    for (const Want& want : wanted) {
      HY_RETURN_IF_ERROR(agree(i, name, axis, (*shape)[axis], want));
      ++axis;
    }
    return {};
  }

 private:
  Status agree(size_t i, const char* name, size_t axis, const Dim& have, const Want& want) {
    if (want.factor != 1 && have.is_fixed()) {
      if (have.value() % want.factor != 0)
        return context_.error(fmt::format("operand \"{}\" of dims {}: dim {} is no multiple of {}",
                                          name, context_.shape_text(i), axis, want.factor));
      return unify_into(i, name, axis, Dim::fixed(have.value() / want.factor), want);
    }
    return want.factor == 1 ? unify_into(i, name, axis, have, want) : Status();
  }
  Status unify_into(size_t i, const char* name, size_t axis, const Dim& size, const Want& want) {
    const std::optional<Dim> both = unify(*want.size, size);
    if (!both)
      return context_.error(fmt::format(
          "operand \"{}\" of dims {}: dim {} must be {}, as other operands or attributes say", name,
          context_.shape_text(i), axis, want.size->value() * want.factor));
    *want.size = *both;
    return {};
  }

  const InferContext& context_;
};

}  // namespace

Status infer_recurrent(InferContext& context) {
  const NodeData& node = context.node();
  const RecurrentForm form = form_of(node.op);
  HY_ASSIGN_OR_RETURN(const int64_t count, directions_of(context));
  HY_RETURN_IF_ERROR(check_activations(context, form.functions * static_cast<size_t>(count)));
  const int64_t layout = node.attr_int("layout");
  if (layout != 0 && layout != 1)
    return context.error(fmt::format("attribute \"layout\" is {}; it is 0 or 1", layout));
  Dim steps, batch, input, hidden, directions = Dim::fixed(count);
  if (node.attribute("hidden_size") != nullptr) hidden = Dim::fixed(node.attr_int("hidden_size"));

  Sizes sizes(context);
  if (layout == 0)
    HY_RETURN_IF_ERROR(sizes.operand(0, "X", {{&steps}, {&batch}, {&input}}));
  else
    HY_RETURN_IF_ERROR(sizes.operand(0, "X", {{&batch}, {&steps}, {&input}}));
  const int64_t gates = form.gates;
  HY_RETURN_IF_ERROR(sizes.operand(2, "R", {{&directions}, {&hidden, gates}, {&hidden}}));
  HY_RETURN_IF_ERROR(sizes.operand(1, "W", {{&directions}, {&hidden, gates}, {&input}}));
  HY_RETURN_IF_ERROR(sizes.operand(3, "B", {{&directions}, {&hidden, 2 * gates}}));
  HY_RETURN_IF_ERROR(sizes.operand(4, "sequence_lens", {{&batch}}));
  for (size_t i : {size_t{5}, size_t{6}}) {
    const char* name = i == 5 ? "initial_h" : "initial_c";
    if (layout == 0)
      HY_RETURN_IF_ERROR(sizes.operand(i, name, {{&directions}, {&batch}, {&hidden}}));
    else
      HY_RETURN_IF_ERROR(sizes.operand(i, name, {{&batch}, {&directions}, {&hidden}}));
  }
  HY_RETURN_IF_ERROR(sizes.operand(7, "P", {{&directions}, {&hidden, 3}}));

  const uint32_t dtype = context.dtype(0);
  const Shape state =
      layout == 0 ? Dims{directions, batch, hidden} : Dims{batch, directions, hidden};
  context.set_output(0, dtype,
                     layout == 0 ? Dims{steps, directions, batch, hidden}
                                 : Dims{batch, steps, directions, hidden});
  context.set_output(1, dtype, state);
  context.set_output(2, dtype, state);
  return {};
}

}  // namespace halyard::core
