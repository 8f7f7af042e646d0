#include "providers/cpu/ops/recurrent_dims.hpp"

#include <string>

namespace halyard::cpu {

RecurrentAttributes::RecurrentAttributes(const Node& node, const RecurrentForm& form)
    : directions(node.attr_string("direction") == "bidirectional" ? 2 : 1),
      first_reversed(node.attr_string("direction") == "reverse"),
      batch_first(node.attr_int("layout") != 0),
      activations(recurrent_activations(node, directions, form.functions)) {
  if (node.has_attribute("hidden_size")) hidden_size = node.attr_int("hidden_size");
  if (node.has_attribute("clip")) clip = node.attr_float("clip");
  if (node.has_attribute("cell_clip")) cell_clip = node.attr_float("cell_clip");
}

Result<RecurrentDims> recurrent_dims(const Context& context, const RecurrentAttributes& attributes,
                                     const RecurrentForm& form) {
  const Tensor &x = *context.input(0), &r = *context.input(2);
  if (x.rank() != 3 || r.rank() != 3)
    return mismatch("X is " + dims_text(x.dims) + " and R " + dims_text(r.dims) +
                    "; both must have rank 3");
  const int64_t batch_axis = attributes.batch_first ? 0 : 1;
  const RecurrentDims d{x.dim(1 - batch_axis), x.dim(batch_axis), x.dim(2), r.dim(2), form.gates,
                        attributes.directions};
  if (attributes.hidden_size && *attributes.hidden_size != d.hidden)
    return mismatch("hidden_size is " + std::to_string(*attributes.hidden_size) + " and R " +
                    dims_text(r.dims));
  const Dims state = attributes.batch_first ? Dims{d.batch, d.directions, d.hidden}
                                            : Dims{d.directions, d.batch, d.hidden};
  const struct {
    uint32_t operand;
    const char* name;
    Dims dims;
  } expected[] = {
      {1, "W", {d.directions, d.gates * d.hidden, d.input}},
      {2, "R", {d.directions, d.gates * d.hidden, d.hidden}},
      {3, "B", {d.directions, 2 * d.gates * d.hidden}},
      {4, "sequence_lens", {d.batch}},
      {5, "initial_h", state},
      {6, "initial_c", state},
      {7, "P", {d.directions, 3 * d.hidden}},
  };
  for (const auto& e : expected) {
    if (e.operand >= context.input_count()) break;
    const Tensor* t = context.input(e.operand);
    if (t != nullptr && t->dims != e.dims)
      return mismatch(std::string(e.name) + " is " + dims_text(t->dims) + " and must be " +
                      dims_text(e.dims) + ", as X is " + dims_text(x.dims) + " and R " +
                      dims_text(r.dims));
  }
  return d;
}

Result<const int64_t*> sequence_lengths(Context& context, const RecurrentDims& dims) {
  const Tensor* given = context.input_count() > 4 ? context.input(4) : nullptr;
  if (given == nullptr) return static_cast<const int64_t*>(nullptr);
  HY_ASSIGN_OR_RETURN(void* memory,
                      context.scratch(static_cast<size_t>(dims.batch) * sizeof(int64_t)));
  auto* lengths = static_cast<int64_t*>(memory);
  for (int64_t i = 0; i < dims.batch; ++i) {
    lengths[i] = given->index_at(i);
    if (lengths[i] < 0 || lengths[i] > dims.steps)
      return mismatch("sequence_lens[" + std::to_string(i) + "] is " + std::to_string(lengths[i]) +
                      "; it must lie in 0.." + std::to_string(dims.steps) + ", the steps of X");
  }
  return static_cast<const int64_t*>(lengths);
}

Verdict supports_recurrent(const Node& node, const RecurrentForm& form) {
  const auto refused = [](const std::string& got, const char* limit) {
    return reject(Reason::attribute).got(got).limit(limit);
  };
  const std::string direction(node.attr_string("direction", "forward"));
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
    return refused("direction=" + direction, "forward, reverse, bidirectional");
  const int64_t layout = node.attr_int("layout");
  if (layout != 0 && layout != 1) return refused("layout=" + std::to_string(layout), "0, 1");
  for (const char* bound : {"clip", "cell_clip"})
    if (node.has_attribute(bound) && !(node.attr_float(bound) > 0))
      return refused(std::string(bound) + "=" + std::to_string(node.attr_float(bound)), "above 0");
  const auto names = node.attr_strings("activations");
  const size_t wanted = form.functions.size() * (direction == "bidirectional" ? 2 : 1);
  if (!names.empty() && names.size() != wanted)
    return refused(std::to_string(names.size()) + " activations", "one for each function")
        .limit(static_cast<int64_t>(wanted));
  for (const std::string_view name : names)
    if (find_recurrent_function(name) == nullptr)
      return refused("activation " + std::string(name),
                     "Relu, Tanh, Sigmoid, Affine, LeakyRelu, ThresholdedRelu, ScaledTanh, "
                     "HardSigmoid, Elu, Softsign, Softplus");
  for (uint32_t i : {0u, 1u, 2u})
    if (node.input(i).has_rank() && node.input(i).rank() != 3)
      return reject(Reason::rank).operand(i).got(node.input(i).rank()).limit(3);
  return accept();
}

double recurrent_operations(const Node& node, const RecurrentForm& form) {
  const Value x = node.input(0), r = node.input(2);
  if (!x.is_static() || !r.is_static() || x.rank() != 3 || r.rank() != 3) return -1;
  const auto of = [](const Value& v, uint32_t i) { return static_cast<double>(v.dim(i).value()); };
  const double hidden = of(r, 2), rows = of(x, 0) * of(x, 1) * of(r, 0);
  return 2 * rows * static_cast<double>(form.gates) * hidden * (of(x, 2) + hidden);
}

}  // namespace halyard::cpu
