#include "core/runtime/program.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/runtime/executor.hpp"
#include "core/runtime/tensor.hpp"

namespace halyard::core {

Program::Program(Plan plan, std::shared_ptr<WeightStore> weights)
    : plan_(std::move(plan)), weights_(std::move(weights)), order_(plan_) {
  const size_t count = plan_.graph.values.size();
  last_use_.assign(count, 0);
  made_by_.assign(count, kNone);
  output_index_.assign(count, kNone);
  for (uint32_t c = 0; c < plan_.clusters.size(); ++c) {
    for (ValueId v : plan_.clusters[c].inputs) last_use_[v] = c;
    for (ValueId v : plan_.clusters[c].outputs) made_by_[v] = last_use_[v] = c;
  }
  slot_of_.assign(count, kNone);
  const auto add_slots = [this](const std::vector<ValueId>& values) {
    for (const ValueId v : values) {
      if (v == kNone || slot_of_[v] != kNone) continue;
      slot_of_[v] = static_cast<uint32_t>(slot_values_.size());
      slot_values_.push_back(v);
    }
  };
  add_slots(plan_.graph.inputs);
  add_slots(plan_.graph.outputs);
  for (const Cluster& c : plan_.clusters) {
    add_slots(c.inputs);
    add_slots(c.outputs);
    if (c.device != kCoreDevice) continue;
    for (const NodeId n : c.nodes) {
      add_slots(plan_.graph.nodes[n].inputs);
      add_slots(plan_.graph.nodes[n].outputs);
    }
  }
  for (const Cluster& c : plan_.clusters) {
    bodies_.emplace_back();
    for (const BodyPlan& body : c.bodies)
      bodies_.back().push_back(std::make_unique<Program>(*body.plan, weights_));
  }
  for (uint32_t o = 0; o < plan_.graph.outputs.size(); ++o)
    if (output_index_[plan_.graph.outputs[o]] == kNone) output_index_[plan_.graph.outputs[o]] = o;
  state_of_output_.assign(plan_.graph.outputs.size(), kNone);
  for (uint32_t s = 0; s < plan_.graph.states.size(); ++s)
    if (const uint32_t o = plan_.graph.output_of_state(s); o != kNone) state_of_output_[o] = s;
  if (!order_.concurrent()) return;
  readers_.resize(count);
  for (uint32_t c = 0; c < plan_.clusters.size(); ++c)
    for (const ValueId v : plan_.clusters[c].inputs) readers_[v].push_back(c);
}

/// Nobody uses a any more when b is made.
bool Program::dead_before(ValueId a, ValueId b) const {
  const uint32_t made = made_by_[b];
  return order_.before(made_by_[a], made) &&
         std::all_of(readers_[a].begin(), readers_[a].end(),
                     [&](uint32_t reader) { return order_.before(reader, made); });
}

Result<hy_bytes> Program::read_constant(const ConstantData& constant) const {
  if (constant.bytes != nullptr) return hy_bytes{constant.bytes->data(), constant.size};
  return weights_->read(constant);
}

Result<std::shared_ptr<const Layout>> Program::make_layout(
    const std::vector<int64_t>& symbols) const {
  auto out = std::make_shared<Layout>();
  const Graph& graph = plan_.graph;
  out->dims.resize(graph.values.size());
  out->bytes.resize(graph.values.size());
  out->offset.assign(graph.values.size(), kNoOffset);
  std::vector<Lifetime> blocks;
  std::vector<ValueId> block_value;
  for (ValueId v = 0; v < graph.values.size(); ++v) {
    const TensorType& type = graph.values[v].type;
    if (!type.is_tensor() || !type.shape || dtype_bits(type.dtype) == 0) continue;
    std::vector<int64_t> dims;
    bool negative = false;
    for (const Dim& d : *type.shape) {
      const auto n = d.evaluate(symbols);
      if (!n) break;
      negative = negative || *n < 0;
      dims.push_back(*n);
    }
    if (dims.size() != type.shape->size()) continue;
    if (negative)
      return mismatch(fmt::format(
          "value \"{}\" would have the dims {}; the input dims are too small for this model",
          graph.values[v].name, dims_text(dims)));
    HY_ASSIGN_OR_RETURN(out->bytes[v], tensor_bytes(type.dtype, dims));
    out->dims[v] = std::move(dims);
    if (made_by_[v] != kNone && output_index_[v] == kNone) {
      blocks.push_back({out->bytes[v], made_by_[v], last_use_[v]});
      block_value.push_back(v);
    }
  }
  TogetherFn together;
  if (order_.concurrent())
    together = [&](size_t a, size_t b) {
      return !dead_before(block_value[a], block_value[b]) &&
             !dead_before(block_value[b], block_value[a]);
    };
  const MemoryPlan memory = plan_memory(blocks, kTensorAlignment, together);
  for (size_t i = 0; i < blocks.size(); ++i) out->offset[block_value[i]] = memory.offsets[i];
  out->arena_bytes = memory.total;
  if (memory.total > physical_memory())
    return Status(HY_ERROR_OUT_OF_MEMORY,
                  fmt::format("the values between clusters need {} bytes; this machine has {}",
                              memory.total, physical_memory()));
  return std::shared_ptr<const Layout>(std::move(out));
}

Result<std::shared_ptr<const Layout>> Program::layout(const std::vector<int64_t>& symbols) {
  {
    const std::scoped_lock lock(mutex_);
    for (auto it = layouts_.begin(); it != layouts_.end(); ++it)
      if (it->first == symbols) {
        layouts_.splice(layouts_.begin(), layouts_, it);
        return it->second;
      }
  }
  HY_ASSIGN_OR_RETURN(auto made, make_layout(symbols));
  const std::scoped_lock lock(mutex_);
  layouts_.emplace_front(symbols, made);
  if (layouts_.size() > kMaxLayouts) layouts_.pop_back();
  return made;
}

std::unique_ptr<RunContext> Program::take_context() {
  const std::scoped_lock lock(mutex_);
  if (contexts_.empty()) return std::make_unique<RunContext>();
  auto out = std::move(contexts_.back());
  contexts_.pop_back();
  return out;
}

void Program::give_back(std::unique_ptr<RunContext> context) {
  const std::scoped_lock lock(mutex_);
  if (contexts_.size() < kMaxContexts) contexts_.push_back(std::move(context));
}

Status Program::run(Request& request, hy_job& job) {
  HY_ASSIGN_OR_RETURN(const auto sizes, layout(request.symbols));
  std::unique_ptr<RunContext> context = take_context();
  Status status;
  {
    Executor executor(*this, sizes, *context);
    status = executor.run(request, job);
    // Nothing may write into the context's memory once it is given back.
    const Status drained = executor.drain();
    if (status.ok()) status = drained;
    if (status.ok()) status = executor.keep_states();
    for (StateContent* s : request.states) s->end_run(status);
  }
  give_back(std::move(context));
  return status;
}

}  // namespace halyard::core
