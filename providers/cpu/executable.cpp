#include "providers/cpu/executable.hpp"

#include <omp.h>

#include <cstring>

#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/run_state.hpp"

namespace halyard::cpu {

namespace {

/// Compiles one graph into a Program.
class Compiler final : public CompileContext {
 public:
  Compiler(const Graph& graph, plugin::Job& job, Program& program)
      : graph_(graph), main_(graph.main()), job_(job), program_(program) {}

  Status compile() {
    HY_RETURN_IF_ERROR(add_values());
    count_readers();
    for (uint32_t i = 0; i < main_.node_count(); ++i) {
      const Node node = main_.node(i);
      HY_RETURN_IF_ERROR(job_.poll(static_cast<double>(i) / main_.node_count()));
      HY_ASSIGN_OR_RETURN(const bool absorbed, absorb(node));
      if (!absorbed) HY_RETURN_IF_ERROR(add_step(node).with_context(label(node)));
    }
    find_layouts();
    find_deaths();
    return {};
  }

  Result<Tensor> tensor(const Constant& c) override {
    if (c.encoding() != HY_ENCODING_DENSE) return unsupported("a constant is compressed");
    Tensor t{c.dtype(), Dims(), nullptr, c.bytes()};
    for (int64_t d : c.dims()) t.dims.push_back(d);
    if (!c.is_inline()) {
      HY_ASSIGN_OR_RETURN(const hy_bytes bytes, job_.weight(c.weight_id(), 64));
      if (bytes.size < t.bytes) return invalid_model("a weight is shorter than its shape");
      t.data = const_cast<void*>(bytes.data);
      return t;
    }
    // The graph's bytes live until compile returns; over-allocated for alignment.
    auto copy = std::make_unique<std::byte[]>(t.bytes + kAlignment);
    const auto at =
        (reinterpret_cast<uintptr_t>(copy.get()) + kAlignment - 1) / kAlignment * kAlignment;
    t.data = reinterpret_cast<void*>(at);
    if (t.bytes != 0) std::memcpy(t.data, c.inline_bytes().data, t.bytes);
    program_.owned.push_back(std::move(copy));
    return t;
  }
  int threads() const override { return program_.threads; }

 private:
  static std::string label(const Node& node) {
    return (node.name().empty() ? "#" + std::to_string(node.index()) : std::string(node.name())) +
           " (" + std::string(node.op()) + ")";
  }
  uint32_t local(const Value& value) const { return value.index() - main_.first_value(); }

  Status add_values() {
    program_.values.resize(main_.value_count());
    for (uint32_t i = 0; i < main_.value_count(); ++i) {
      const Value v = main_.value(i);
      program_.values[i].kind = v.kind();
      if (v.kind() != HY_VALUE_CONSTANT) continue;
      HY_ASSIGN_OR_RETURN(program_.values[i].constant, tensor(*v.constant()));
    }
    for (uint32_t i = 0; i < main_.input_count(); ++i)
      program_.values[local(main_.input(i))].input_port = i;
    for (uint32_t i = 0; i < main_.output_count(); ++i)
      program_.values[local(main_.output(i))].output_ports.push_back(i);
    add_states();
    return {};
  }

  /// Their ports are bound as states, not as inputs and outputs.
  void add_states() {
    for (uint32_t i = 0; i < graph_.state_count(); ++i) {
      const hy_graph_state s = graph_.state(i);
      program_.states.push_back(HY_NONE);
      if (s.input != HY_NONE) {
        Program::Value& before = program_.values[local(main_.input(s.input))];
        before.input_port = HY_NONE;
        before.state = i;
      }
      if (s.output == HY_NONE) continue;
      const uint32_t after = local(main_.output(s.output));
      program_.states.back() = after;
      program_.values[after].kept = true;
      std::erase(program_.values[after].output_ports, s.output);
    }
  }

  void count_readers() {
    readers_.resize(main_.value_count(), 0);
    producers_.resize(main_.value_count(), -1);
    for (uint32_t i = 0; i < main_.node_count(); ++i)
      for (uint32_t k = 0; k < main_.node(i).input_count(); ++k)
        if (main_.node(i).has_input(k)) ++readers_[local(main_.node(i).input(k))];
  }

  /// Gives a node to the kernel before it, where that one takes it.
  Result<bool> absorb(const Node& node) {
    const bool has_chain = node.domain().empty() && node.input_count() > 0 && node.has_input(0) &&
                           node.output_count() == 1 && node.has_output(0);
    if (!has_chain) return false;
    const uint32_t link = local(node.input(0));
    const int32_t before = producers_[link];
    const Program::Value& linked = program_.values[link];
    if (before < 0 || readers_[link] != 1 || !linked.output_ports.empty() || linked.kept)
      return false;
    Program::Step& step = program_.steps[static_cast<size_t>(before)];
    if (step.outputs.size() != 1) return false;
    HY_ASSIGN_OR_RETURN(const bool taken, step.kernel->absorb(node, *this));
    if (!taken) return false;
    step.label += " + " + label(node);
    step.outputs[0] = local(node.output(0));
    producers_[step.outputs[0]] = before;
    return true;
  }

  Status add_step(const Node& node) {
    const KernelEntry* entry = find_kernel(node.domain(), node.op());
    if (entry == nullptr) return unsupported("there is no kernel for it");
    Program::Step step;
    step.label = label(node);
    step.node = node.index();
    for (uint32_t i = 0; i < node.input_count(); ++i)
      step.inputs.push_back(node.has_input(i) ? local(node.input(i)) : HY_NONE);
    for (uint32_t i = 0; i < node.output_count(); ++i)
      step.outputs.push_back(node.has_output(i) ? local(node.output(i)) : HY_NONE);
    HY_ASSIGN_OR_RETURN(step.kernel, entry->create(node, *this));
    for (uint32_t v : step.outputs)
      if (v != HY_NONE) producers_[v] = static_cast<int32_t>(program_.steps.size());
    program_.steps.push_back(std::move(step));
    return {};
  }

  /// A value may be blocked where its producer can and a reader gains: from the last step to the first.
  void find_layouts() {
    std::vector<bool> gains(program_.values.size(), false);
    for (size_t i = program_.steps.size(); i-- > 0;) {
      const Program::Step& step = program_.steps[i];
      const Layouts layouts = step.kernel->layouts();
      if (layouts == Layouts::kPlain || step.outputs.empty() || step.inputs.empty()) continue;
      bool blocked = false;
      if (const uint32_t out = step.outputs[0]; out != HY_NONE)
        blocked = program_.values[out].blocked =
            gains[out] && program_.values[out].output_ports.empty() && !program_.values[out].kept;
      for (size_t k = 0; k < step.inputs.size(); ++k)
        if (step.inputs[k] != HY_NONE && (layouts == Layouts::kBlocked ? k == 0 : blocked))
          gains[step.inputs[k]] = true;
    }
  }

  void find_deaths() {
    for (size_t i = 0; i < program_.steps.size(); ++i) {
      for (uint32_t v : program_.steps[i].inputs)
        if (v != HY_NONE) program_.values[v].last_use = static_cast<int32_t>(i);
      for (uint32_t v : program_.steps[i].outputs)  // for results that nobody reads
        if (v != HY_NONE) program_.values[v].last_use = static_cast<int32_t>(i);
    }
    for (uint32_t v = 0; v < program_.values.size(); ++v) {
      const Program::Value& value = program_.values[v];
      const bool counted = value.kind == HY_VALUE_RESULT || value.state != HY_NONE;
      if (counted && !value.kept && value.last_use >= 0)
        program_.steps[static_cast<size_t>(value.last_use)].dying.push_back(v);
    }
  }

  const Graph& graph_;
  const Subgraph main_;
  plugin::Job& job_;
  Program& program_;
  std::vector<uint32_t> readers_;   // nodes that read a value
  std::vector<int32_t> producers_;  // step that computes a value, or -1
};

/// libgomp keeps the number of threads per calling thread: set for a run, then as it was.
class ThreadCount {
 public:
  explicit ThreadCount(int threads) : before_(omp_get_max_threads()) {
    omp_set_num_threads(threads);
  }
  ~ThreadCount() { omp_set_num_threads(before_); }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;

 private:
  const int before_;
};

}  // namespace

CpuExecutable::CpuExecutable(std::unique_ptr<const Program> program)
    : program_(std::move(program)) {}
CpuExecutable::~CpuExecutable() = default;

Status CpuExecutable::run(plugin::Run& run) {
  std::unique_ptr<RunState> state;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      state = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (state == nullptr) state = std::make_unique<RunState>(*program_);
  const ThreadCount threads(program_->threads);
  std::vector<plugin::ProfileEvent> events;
  const bool timed = profiled_.load(std::memory_order_relaxed);
  Status status = state->run(run, timed ? &events : nullptr);
  const std::lock_guard lock(mutex_);
  if (timed && profiled_ && status.ok()) events_[run.job().raw()] = std::move(events);
  idle_.push_back(std::move(state));
  return status;
}

Status CpuExecutable::profile(bool on) {
  const std::lock_guard lock(mutex_);
  profiled_ = on;
  if (!on) events_.clear();
  return {};
}

Status CpuExecutable::events(const plugin::Job& job, std::vector<plugin::ProfileEvent>& out) {
  const std::lock_guard lock(mutex_);
  const auto node = events_.extract(job.raw());
  if (!node.empty()) out = std::move(node.mapped());
  return {};
}

Result<std::unique_ptr<CpuExecutable>> compile(const Graph& graph, int threads, plugin::Job& job) {
  const ThreadCount count(threads);
  auto program = std::make_unique<Program>();
  program->threads = threads;
  HY_RETURN_IF_ERROR(Compiler(graph, job, *program).compile());
  return std::make_unique<CpuExecutable>(std::move(program));
}

}  // namespace halyard::cpu
