#include "core/runtime/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/opset/infer.hpp"
#include "core/passes/passes.hpp"
#include "core/plan/planner.hpp"
#include "core/runtime/devices.hpp"
#include "core/runtime/policy_of.hpp"
#include "core/plan/summary.hpp"

namespace halyard::core {
namespace {

constexpr int kMaxPassRounds = 8;

std::string join(const std::vector<std::string>& list) {
  return fmt::format("{}", fmt::join(list, ", "));
}

/// Replaces symbols by numbers in every dim of the graph.
void substitute(Graph& graph, const std::vector<int64_t>& symbols) {
  for (ValueData& v : graph.values)
    if (v.type.shape)
      for (Dim& d : *v.type.shape) d = d.substitute(symbols);
  for (Graph& body : graph.bodies) substitute(body, symbols);
}

/// Makes every tensor that a node computes an output, in the order of the nodes.
void expose_values(Graph& graph) {
  std::vector<bool> leaves(graph.values.size());
  for (const ValueId v : graph.outputs) leaves[v] = true;
  for (const NodeData& node : graph.nodes)
    for (const ValueId v : node.outputs) {
      if (v == kNone || leaves[v] || !graph.values[v].type.is_tensor()) continue;
      if (graph.values[v].name.empty()) graph.values[v].name = fmt::format("#{}", v);
      leaves[v] = true;
      graph.outputs.push_back(v);
    }
}

/// The same value with memory of its own where it has the caller's or the model's.
Result<std::unique_ptr<hy_tensor>> owned(const hy_tensor& from) {
  auto out = std::make_unique<hy_tensor>(from);
  for (auto& child : out->children) {
    HY_ASSIGN_OR_RETURN(child, owned(*child));
  }
  if (from.kind != HY_TYPE_TENSOR || from.owner != nullptr) return out;
  HY_ASSIGN_OR_RETURN(auto copy, hy_tensor::create(from.dtype, from.dims, from.bytes));
  if (from.bytes != 0) std::memcpy(copy->data, from.data, from.bytes);
  return copy;
}

}  // namespace

Result<std::unique_ptr<Session>> Session::create(std::shared_ptr<Model> model,
                                                 SessionOptions options) {
  std::unique_ptr<Session> s(new Session);
  s->model_ = std::move(model);
  s->options_ = std::move(options);
  HY_ASSIGN_OR_RETURN(const Model::Function* function, s->model_->function(s->options_.function));
  s->graph_ = function->graph;
  HY_RETURN_IF_ERROR(s->fix_shapes());
  if (s->options_.all_values) expose_values(s->graph_);
  HY_RETURN_IF_ERROR(s->find_devices());
  HY_ASSIGN_OR_RETURN(s->program_, s->prepare(s->graph_));
  const bool all_symbolic = std::all_of(s->devices_.begin(), s->devices_.end(),
                                        [](const auto& d) { return d->symbolic_shapes(); });
  bool any_symbol = false;
  for (ValueId v : s->graph_.inputs)
    any_symbol = any_symbol || !fixed_dims(s->graph_.values[v].type.shape);
  s->specialise_ = !all_symbolic && any_symbol;

  // What such a provider refuses for open dims it may take when they are known.
  s->log_plan(s->plan(),
              s->specialise_ ? "for open dims, to be placed again when they are known: " : "");
  return s;
}

Status Session::find_devices() {
  HY_ASSIGN_OR_RETURN(DeviceChoice chosen, choose_devices(*model_->registry(), options_.settings));
  devices_ = std::move(chosen.devices);
  exact_ = std::move(chosen.exact);
  absent_ = std::move(chosen.absent);
  return {};
}

/// Rewrites a graph, then the bodies of what is left, whose inputs have the types that inference gave them.
Status Session::simplify(Graph& graph) const {
  WeightStore& weights = *model_->weights();
  const ConstantReader read = [&](const ConstantData& c) { return weights.read(c); };
  const Logger& logger = model_->registry()->host()->logger();
  const WeightAdder add = [&](auto bytes) { return weights.add(std::move(bytes)); };
  HY_ASSIGN_OR_RETURN(Inference inference, infer_graph(graph, read));
  // A branch that is never taken need not make sense, so this is no matter of choice.
  while (inline_known_branches(graph, inference)) {
    HY_ASSIGN_OR_RETURN(inference, infer_graph(graph, read));
  }
  // Each round may make more known: dims, then contents, then constants. Ends when nothing is removed.
  for (int round = 0; options_.passes && round < kMaxPassRounds; ++round) {
    const size_t before = graph.nodes.size();
    remove_identities(graph);
    fold_known_ints(graph, inference);
    if (exact_ != nullptr) HY_RETURN_IF_ERROR(fold_constants(graph, exact_, weights, add, logger));
    remove_dead_code(graph);
    HY_ASSIGN_OR_RETURN(inference, infer_graph(graph, read));
    if (inline_known_branches(graph, inference)) {
      HY_ASSIGN_OR_RETURN(inference, infer_graph(graph, read));
    } else if (graph.nodes.size() == before) {
      break;
    }
  }
  for (const NodeData& node : graph.nodes)
    for (const auto& [name, value] : node.attributes)
      if (const auto* body = std::get_if<GraphAttr>(&value))
        HY_RETURN_IF_ERROR(simplify(graph.bodies[body->subgraph])
                               .with_context(fmt::format("{}: {}", node.label(), name)));
  return {};
}

Result<std::shared_ptr<Program>> Session::prepare(Graph graph) const {
  WeightStore& weights = *model_->weights();
  const ConstantReader read = [&](const ConstantData& c) { return weights.read(c); };
  const Logger& logger = model_->registry()->host()->logger();
  HY_RETURN_IF_ERROR(simplify(graph));
  PlanOptions options;
  options.policy = policy_of(options_.settings);
  options.compile = !options_.plan_only;
  options.max_cluster_nodes = options_.max_cluster_nodes;
  options.absent = absent_;
  HY_ASSIGN_OR_RETURN(Plan plan,
                      make_plan(std::move(graph), devices_, options, weights, read, logger));
  return std::make_shared<Program>(std::move(plan), model_->weights());
}

Session::InUse Session::in_use() const {
  const std::scoped_lock lock(mutex_);
  if (specialised_.empty()) return {0, program_};
  return {specialised_.front().number, specialised_.front().program};
}

void Session::record(bool on) {
  const std::scoped_lock lock(mutex_);
  if (on) trace_ = std::make_shared<Trace>();
  recording_ = on;
}

std::string Session::trace() const {
  std::shared_ptr<Trace> trace;
  {
    const std::scoped_lock lock(mutex_);
    trace = trace_;
  }
  return trace != nullptr ? trace->json() : Trace().json();
}

Result<std::shared_ptr<Program>> Session::program_for(const std::vector<int64_t>& symbols) {
  if (!specialise_) return program_;
  {
    const std::scoped_lock lock(mutex_);
    for (auto it = specialised_.begin(); it != specialised_.end(); ++it)
      if (it->symbols == symbols) {
        specialised_.splice(specialised_.begin(), specialised_, it);
        return it->program;
      }
  }
  Graph graph = graph_;
  substitute(graph, symbols);
  HY_ASSIGN_OR_RETURN(auto program, prepare(std::move(graph)));
  log_plan(program->plan(), "for these dims: ");
  const std::scoped_lock lock(mutex_);
  specialised_.push_front({symbols, ++made_, program});
  if (specialised_.size() > kMaxSpecialisations) specialised_.pop_back();
  return program;
}

void Session::log_plan(const Plan& plan, std::string_view what) const {
  const Logger& logger = model_->registry()->host()->logger();
  const auto level = preferred_lost_nodes(plan) ? spdlog::level::warn : spdlog::level::info;
  logger->log(level, "{}: {}{}", model_->path(), what, plan_summary(plan));
}

Status Session::run(std::span<const Named> inputs, std::span<const std::string_view> names,
                    std::span<std::unique_ptr<hy_tensor>> made, std::span<hy_tensor* const> given,
                    hy_job& job) {
  if (options_.plan_only)
    return invalid_argument("the session was made to plan only; it has nothing compiled to run");
  Program::Request request;
  HY_ASSIGN_OR_RETURN(request.inputs, match_inputs(inputs));
  HY_ASSIGN_OR_RETURN(request.symbols, bind_symbols(request.inputs));

  // Graph outputs in their order, each with the first tensor that was asked of it.
  std::vector<size_t> wanted(graph_.outputs.size(), names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    size_t o = 0;
    while (o < graph_.outputs.size() && graph_.values[graph_.outputs[o]].name != names[i]) ++o;
    if (o == graph_.outputs.size()) {
      std::vector<std::string> all;
      for (ValueId v : graph_.outputs) all.push_back(graph_.values[v].name);
      return not_found(
          fmt::format("the model has no output \"{}\"; it has {}", names[i], join(all)));
    }
    if (wanted[o] != names.size())
      return invalid_argument(fmt::format("output \"{}\" is asked for twice", names[i]));
    wanted[o] = i;
  }
  std::vector<std::unique_ptr<hy_tensor>> unwanted(graph_.outputs.size());
  request.outputs.resize(graph_.outputs.size());
  for (size_t o = 0; o < graph_.outputs.size(); ++o) {
    if (wanted[o] == names.size() || given[wanted[o]] == nullptr) continue;
    const hy_tensor& t = *given[wanted[o]];
    const uint32_t dtype = graph_.values[graph_.outputs[o]].type.dtype;
    if (t.dtype != dtype)
      return mismatch(fmt::format("output \"{}\" is {}; the tensor given for it is {}",
                                  names[wanted[o]], dtype_name(dtype), dtype_name(t.dtype)));
    const uint32_t kind = graph_.values[graph_.outputs[o]].type.kind;
    if (kind != HY_TYPE_TENSOR || t.kind != HY_TYPE_TENSOR)
      return mismatch(fmt::format("output \"{}\" is {}; only tensors can be written into",
                                  names[wanted[o]], value_kind_name(kind)));
    request.outputs[o] = {t.dtype, t.dims, t.data, t.bytes, nullptr, nullptr};
  }
  request.allocate = [&](size_t o, uint32_t dtype, std::span<const int64_t> dims,
                         uint64_t bytes) -> Result<void*> {
    HY_ASSIGN_OR_RETURN(auto tensor, hy_tensor::create(dtype, dims, bytes));
    void* data = tensor->data;
    (wanted[o] == names.size() ? unwanted[o] : made[wanted[o]]) = std::move(tensor);
    return data;
  };
  HY_ASSIGN_OR_RETURN(const auto program, program_for(request.symbols));
  std::shared_ptr<Trace> trace;
  if (recording_) {
    const std::scoped_lock lock(mutex_);
    trace = trace_;
  }
  TraceSpan span;
  if (trace != nullptr) {
    request.trace = trace.get();
    span.run = request.run = trace->begin_run();
    span.name = fmt::format("run {}", span.run);
  }
  {
    const TraceScope scope(trace.get(), std::move(span));
    HY_RETURN_IF_ERROR(program->run(request, job));
  }
  for (size_t o = 0; o < graph_.outputs.size(); ++o)
    if (request.outputs[o].value != nullptr && wanted[o] != names.size()) {
      HY_ASSIGN_OR_RETURN(made[wanted[o]], owned(*request.outputs[o].value));
    }
  return {};
}

}  // namespace halyard::core
