#include "core/runtime/iteration.hpp"

namespace halyard::core {

Iteration::Iteration(const NodeData& node, Program& program, size_t carried, size_t first_in,
                     size_t first_out)
    : node_(node),
      body_(program),
      carried_(carried),
      first_in_(first_in),
      first_out_(first_out),
      pools_(first_out + carried) {
  const Graph& graph = body_.graph();
  for (size_t o = first_out + carried; o < graph.outputs.size(); ++o) {
    const size_t i = o - first_out;
    stacks_.emplace_back(i - carried, node.has_output(i) ? node.outputs[i] : kNone,
                         graph.values[graph.outputs[o]].type);
  }
}

Status Iteration::prepare(Executor& e) {
  return body_.prepare(e, [this](size_t o, std::span<const int64_t> dims, uint64_t bytes) {
    return place(o, dims, bytes);
  });
}

Status Iteration::step(Executor& e) {
  HY_RETURN_IF_ERROR(body_.run(e.job()));
  for (size_t i = 0; i < stacks_.size(); ++i)
    HY_RETURN_IF_ERROR(stacks_[i].add(body_.outputs()[first_out_ + carried_ + i]));
  for (size_t i = 0; i < carried_; ++i) next_.push_back(std::move(body_.outputs()[first_out_ + i]));
  for (size_t i = 0; i < carried_; ++i) {
    std::swap(body_.inputs()[first_in_ + i], next_[i]);
    std::swap(body_.outputs()[first_out_ + i], next_[i]);  // keeps the room of its dims
  }
  next_.clear();
  return {};
}

Status Iteration::finish(Executor& e) {
  for (size_t i = 0; i < carried_; ++i)
    if (node_.has_output(i))
      HY_RETURN_IF_ERROR(e.take(node_.outputs[i], body_.inputs()[first_in_ + i]));
  for (StackedOutput& s : stacks_) HY_RETURN_IF_ERROR(s.finish(e));
  return {};
}

Result<void*> Iteration::place(size_t o, std::span<const int64_t> dims, uint64_t bytes) {
  if (o >= first_out_ + carried_) return stacks_[o - first_out_ - carried_].place(dims, bytes);
  HY_ASSIGN_OR_RETURN(auto block, pools_[o].get(bytes));
  PortTensor& out = body_.outputs()[o];
  out.dtype = body_.graph().values[body_.graph().outputs[o]].type.dtype;
  out.owner = block;
  return block->data;
}

}  // namespace halyard::core
