#include "core/runtime/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/opset/infer.hpp"
#include "core/passes/passes.hpp"
#include "core/plan/planner.hpp"
#include "core/plan/summary.hpp"
#include "core/runtime/cluster_walk.hpp"
#include "core/runtime/devices.hpp"
#include "core/runtime/policy_of.hpp"

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

/// Makes every tensor that a node computes an output, in the order of the nodes; those of states stay last.
void expose_values(Graph& graph) {
  std::vector<bool> leaves(graph.values.size());
  const auto of_states = static_cast<ptrdiff_t>(graph.outputs.size() - graph.plain_outputs());
  for (size_t o = 0; o < graph.plain_outputs(); ++o) leaves[graph.outputs[o]] = true;
  for (const NodeData& node : graph.nodes)
    for (const ValueId v : node.outputs) {
      if (v == kNone || leaves[v] || !graph.values[v].type.is_tensor()) continue;
      if (graph.values[v].name.empty()) graph.values[v].name = fmt::format("#{}", v);
      leaves[v] = true;
      graph.outputs.insert(graph.outputs.end() - of_states, v);
    }
}

std::string needs_states(const Graph& graph) {
  std::vector<std::string> names;
  for (const StateData& s : graph.states) names.push_back(s.name);
  return fmt::format(
      "the model keeps {} from run to run; make a state (hy_session_make_state) and give it to "
      "each run",
      join(names));
}

/// Where what the state of a graph output becomes is written.
Result<void*> state_memory(const Graph& graph, const std::vector<StateContent*>& states,
                           size_t output, std::span<const int64_t> dims) {
  for (size_t s = 0; s < states.size(); ++s) {
    if (graph.output_of_state(s) != output) continue;
    const StateData& about = states[s]->about();
    if (!std::equal(dims.begin(), dims.end(), about.dims.begin(), about.dims.end()))
      return mismatch(fmt::format("state \"{}\" is {}; the run made it {}", about.name,
                                  dims_text(about.dims), dims_text(dims)));
    return states[s]->next();
  }
  return internal_error(fmt::format("output {} is of no state", output));
}

/// A failure of the device's, not of the model, its inputs or the caller.
bool may_work_elsewhere(const Status& failure) {
  switch (failure.code()) {
    case HY_ERROR_DEVICE:
    case HY_ERROR_INTERNAL:
    case HY_ERROR_OUT_OF_MEMORY:
    case HY_ERROR_IO:
    case HY_ERROR_UNSUPPORTED:
    case HY_ERROR_CLOSED:
      return true;
    default:
      return false;
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
  s->adopt_compiled_options();
  HY_ASSIGN_OR_RETURN(const Model::Function* function, s->model_->function(s->options_.function));
  s->graph_ = function->graph;
  HY_RETURN_IF_ERROR(s->fix_shapes());
  if (s->options_.all_values) expose_values(s->graph_);
  HY_RETURN_IF_ERROR(s->find_devices());
  if (s->options_.refuse_stale) HY_RETURN_IF_ERROR(s->check_compiled_for());
  s->open_cache();
  HY_ASSIGN_OR_RETURN(s->program_, s->prepare(s->graph_));
  s->first_ = s->program_;
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

void Session::open_cache() {
  const Logger& logger = model_->registry()->host()->logger();
  CompileCache::Options options;
  options.model = model_->path();
  if (const auto& compiled = model_->compiled(); compiled != nullptr) {
    options.source = compiled;
    options.require_source = options_.refuse_stale;
    options.known_digests = [compiled](uint64_t id) { return compiled->weight_digest(id); };
  }
  const bool any = std::any_of(devices_.begin(), devices_.end(),
                               [](const auto& d) { return d->has_artifacts(); });
  store_ =
      core::open_cache(locate_cache(join(options_.cache, options_.settings.cache), logger), logger);
  if (any) options.store = store_;
  load_times();
  compile_cache_ = std::make_unique<CompileCache>(std::move(options), *model_->weights(), logger);
}

Result<std::vector<CacheOutcome>> Session::cache_outcomes() const {
  if (!options_.plan_only) return compile_cache_->outcomes();
  std::vector<CacheOutcome> out;
  const auto explain = [&](const Cluster&, Device& device, hy_bytes graph) -> Status {
    out.push_back(compile_cache_->explain(device, graph));
    return {};
  };
  HY_RETURN_IF_ERROR(for_each_cluster(plan(), explain));
  return out;
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
  options.compile_with = [this](Device& device, hy_bytes flat, const CompileProgress& progress) {
    return compile_cache_->load_or_compile(device, flat, progress);
  };
  options.progress = options_.progress;
  options.measured = &measured_;
  auto plan = make_plan(std::move(graph), devices_, options, weights, read, logger);
  HY_RETURN_IF_ERROR(compile_cache_->refusal());  // says more than that nobody could compile
  HY_RETURN_IF_ERROR(plan.status());
  return std::make_shared<Program>(std::move(plan).value(), model_->weights());
}

Result<std::shared_ptr<StateSet>> Session::make_states() const {
  return StateSet::create(graph_, model_->weights());
}

Session::InUse Session::in_use() const {
  const std::scoped_lock lock(mutex_);
  if (specialised_.empty()) return {number_, program_};
  return {specialised_.front().number, specialised_.front().program};
}

void Session::record(bool on) {
  {
    const std::scoped_lock lock(mutex_);
    if (on) trace_ = std::make_shared<Trace>();
    if (recording_ == on) return;
    recording_ = on;
  }
  if (!on) save_times();
}

std::string Session::trace() const {
  std::shared_ptr<Trace> trace;
  {
    const std::scoped_lock lock(mutex_);
    trace = trace_;
  }
  return trace != nullptr ? trace->json() : Trace().json();
}

/// A device whose process is gone is left out, and all that was placed with it is placed again.
Status Session::leave_lost_devices() {
  const auto lost = [](const auto& d) { return d->provider().lost().has_value(); };
  {
    const std::shared_lock lock(placing_);
    if (std::none_of(devices_.begin(), devices_.end(), lost)) return {};
  }
  const std::unique_lock placing(placing_);
  if (std::none_of(devices_.begin(), devices_.end(), lost)) return {};
  // A provider that was started again is there under its old name.
  const auto all = model_->registry()->providers();
  std::vector<std::shared_ptr<Device>> left;
  std::vector<Refusal> absent;
  for (const auto& d : devices_) {
    const auto loss = d->provider().lost();
    std::shared_ptr<Device> again = loss ? nullptr : d;
    const Device::Args& args = d->args();
    for (const auto& p : all) {
      if (!loss || p->id() != d->provider().id() || p->lost() || args.index >= p->devices().size())
        continue;
      auto opened = Device::open(p, args);
      if (opened.ok()) again = std::move(opened).value();
    }
    if (again != nullptr)
      left.push_back(std::move(again));
    else
      absent.push_back({d->provider().id(), loss->reason, loss->words});
  }
  if (exact_ != nullptr && exact_->provider().lost()) exact_.reset();
  return place_again(std::move(left), absent, "since the process of a provider is gone");
}

/// A device that a run failed on is left out, where the settings ask for that.
Status Session::leave_failed_device(const std::shared_ptr<Device>& device, const Status& failure) {
  const std::unique_lock placing(placing_);
  std::vector<std::shared_ptr<Device>> left = devices_;
  if (std::erase(left, device) == 0) return {};  // another run's failure has done it
  const std::string& id = device->provider().id();
  return place_again(std::move(left),
                     {{id, HY_REASON_OTHER, "a run failed on it: " + failure.message()}},
                     fmt::format("without {}, since a run failed on it", id));
}

/// With placing_ held: the devices that are left, and why others are not there any more. Where nothing can be
/// placed on them, all stays as it was.
Status Session::place_again(std::vector<std::shared_ptr<Device>> left,
                            const std::vector<Refusal>& gone, std::string_view why) {
  std::swap(devices_, left);
  const size_t known = absent_.size();
  absent_.insert(absent_.end(), gone.begin(), gone.end());
  auto program = prepare(graph_);
  if (!program.ok()) {
    std::swap(devices_, left);
    absent_.resize(known);
    return program.status();
  }
  log_plan((*program)->plan(), fmt::format("placed again, {}: ", why));
  const std::scoped_lock lock(mutex_);
  program_ = std::move(program).value();
  number_ = ++made_;
  specialised_.clear();
  return {};
}

Result<std::shared_ptr<Program>> Session::program_for(const std::vector<int64_t>& symbols) {
  HY_RETURN_IF_ERROR(leave_lost_devices());
  const std::shared_lock placing(placing_);
  {
    const std::scoped_lock lock(mutex_);
    if (!specialise_) return program_;
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
                    StateSet* states, hy_job& job) {
  if (options_.plan_only)
    return invalid_argument("the session was made to plan only; it has nothing compiled to run");
  std::shared_ptr<Device> failed;
  Status status = run_once(inputs, names, made, given, states, job, &failed);
  const bool retry =
      options_.settings.fallback.on_run_error == FallbackSettings::OnRunError::kRetry;
  if (status.ok() || !retry || failed == nullptr || !may_work_elsewhere(status)) return status;
  // What it began to change is neither as before nor as after.
  if (states != nullptr && !states->bind(graph_).ok()) return status;
  if (!failed->provider().lost()) {
    if (const Status placed = leave_failed_device(failed, status); !placed.ok())
      return status.with_context(
          fmt::format("there is no other way to run it ({})", placed.message()));
  }
  model_->registry()->host()->logger()->warn("{}: trying once more: {}", model_->path(),
                                             status.message());
  for (auto& m : made) m.reset();
  return run_once(inputs, names, made, given, states, job, &failed);
}

Status Session::run_once(std::span<const Named> inputs, std::span<const std::string_view> names,
                         std::span<std::unique_ptr<hy_tensor>> made,
                         std::span<hy_tensor* const> given, StateSet* states, hy_job& job,
                         std::shared_ptr<Device>* failed) {
  Program::Request request;
  HY_ASSIGN_OR_RETURN(request.inputs, match_inputs(inputs));
  HY_ASSIGN_OR_RETURN(request.symbols, bind_symbols(request.inputs));
  if (!graph_.states.empty()) {
    if (states == nullptr) return invalid_argument(needs_states(graph_));
    HY_ASSIGN_OR_RETURN(request.states, states->bind(graph_));
  }

  // Graph outputs in their order, each with the first tensor that was asked of it.
  const size_t plain = graph_.plain_outputs();
  std::vector<size_t> wanted(graph_.outputs.size(), names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    size_t o = 0;
    while (o < plain && graph_.values[graph_.outputs[o]].name != names[i]) ++o;
    if (o == plain) {
      std::vector<std::string> all;
      for (size_t k = 0; k < plain; ++k) all.push_back(graph_.values[graph_.outputs[k]].name);
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
    if (o >= plain) return state_memory(graph_, request.states, o, dims);
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
    request.measured = &measured_;
    span.run = request.run = trace->begin_run();
    span.name = fmt::format("run {}", span.run);
  }
  {
    const TraceScope scope(trace.get(), std::move(span));
    if (Status status = program->run(request, job); !status.ok()) {
      *failed = request.failed_on;
      return status;
    }
  }
  for (size_t o = 0; o < graph_.outputs.size(); ++o)
    if (request.outputs[o].value != nullptr && wanted[o] != names.size()) {
      HY_ASSIGN_OR_RETURN(made[wanted[o]], owned(*request.outputs[o].value));
    }
  return {};
}

}  // namespace halyard::core
