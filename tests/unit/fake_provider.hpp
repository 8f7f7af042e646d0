// A provider for unit tests, made in the test's own process: it takes the operators it is told to take,
// computes Relu, Neg and Add on f32, and fails where it is told to fail.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/plugin/provider.hpp"
#include "core/runtime/weights.hpp"
#include "halyard/provider.hpp"

namespace halyard::core::test {

struct FakeConfig {
  std::set<std::string> ops;             // what it takes
  std::set<std::string> fail_compile;    // a cluster that holds one of these fails at compile
  std::set<std::string> fail_run;        // and at run
  std::set<std::string> own_cluster;     // asked for as clusters of their own
  double est_us = 10;                    // of each node; negative: it does not say
  std::map<std::string, double> est_of;  // of the nodes of some operators, before est_us
  // A memory of its own, behind a link of these figures.
  bool own_memory = false;
  double launch_us = 0, copy_latency_us = 0, copy_us_per_byte = 0;
  // What its runs would have taken on the hardware that it stands for: launches, nodes and copies.
  std::atomic<double> clock_us{0};
  bool symbolic = true;
  bool concurrent = true;
  bool states = false;  // takes graphs with states
  std::string resource_group;
  std::function<Status(const plugin::Job&)>
      on_run;                    // called by each run, before it computes; null: nothing
  bool liar_about_dims = false;  // gives an output that was bound empty the wrong rank
  std::atomic<int> compiled{0}, live{0}, ran{0};
};

/// One configuration a slot: the SDK makes the provider object by its default constructor.
template <int Slot>
FakeConfig& fake_config() {
  static FakeConfig config;
  return config;
}

template <int Slot>
class FakeProvider : public plugin::Provider {
 public:
  Status devices(plugin::Job&, std::vector<plugin::Device>& out) override {
    plugin::Device d;
    d.name = "fake " + std::to_string(Slot);
    d.flags = config().own_memory ? 0 : HY_DEVICE_HOST_MEMORY;
    d.launch_us = config().launch_us;
    d.copy_latency_us = config().copy_latency_us;
    d.copy_bandwidth = config().copy_us_per_byte > 0 ? 1e6 / config().copy_us_per_byte : 0;
    d.resource_group = config().resource_group;
    if (config().symbolic) d.flags |= HY_DEVICE_SYMBOLIC_SHAPES;
    if (config().concurrent) d.flags |= HY_DEVICE_CONCURRENT_RUNS;
    if (config().states) d.flags |= HY_DEVICE_STATES;
    out.push_back(d);
    return {};
  }

  plugin::Verdict supports(const Node& node, const plugin::OpenDevice&) override {
    const std::string op(node.op());
    if (!config().ops.contains(op)) return plugin::reject(plugin::Reason::op_unknown);
    auto verdict = plugin::accept().est_us(cost_of(op));
    return config().own_cluster.contains(op) ? verdict.cluster(node.index()) : verdict;
  }

  Result<std::unique_ptr<plugin::Executable>> compile(const halyard::Graph& graph,
                                                      plugin::OpenDevice&, plugin::Job&) override {
    auto exe = std::make_unique<Exe>();
    const Subgraph main = graph.main();
    for (uint32_t i = 0; i < main.node_count(); ++i) {
      const Node n = main.node(i);
      if (config().fail_compile.contains(std::string(n.op())))
        return device_error("told to fail at compile");
      Step s{std::string(n.op()), {}, n.output(0).index()};
      for (uint32_t k = 0; k < n.input_count(); ++k) s.inputs.push_back(n.input(k).index());
      exe->steps.push_back(s);
    }
    for (uint32_t i = 0; i < main.value_count(); ++i)
      if (const auto c = main.value(i).constant(); c && c->is_inline()) {
        const auto* f = static_cast<const float*>(c->inline_bytes().data);
        exe->constants.emplace_back(main.value(i).index(),
                                    std::vector<float>(f, f + c->bytes() / 4));
      }
    for (uint32_t i = 0; i < main.input_count(); ++i) exe->inputs.push_back(main.input(i).index());
    for (uint32_t i = 0; i < main.output_count(); ++i)
      exe->outputs.push_back(main.output(i).index());
    // Their ports are the last ones.
    for (uint32_t i = graph.state_count(); i-- > 0;) {
      exe->states.insert(exe->states.begin(), {exe->inputs.back(), exe->outputs.back()});
      exe->inputs.pop_back();
      exe->outputs.pop_back();
    }
    ++config().compiled;
    ++config().live;
    return exe;
  }

  const void* extension(std::string_view id) override {
    return config().own_memory && id == HY_EXT_MEMORY ? &memory() : nullptr;
  }

 private:
  static FakeConfig& config() { return fake_config<Slot>(); }
  static double cost_of(const std::string& op) {
    const auto it = config().est_of.find(op);
    return it != config().est_of.end() ? it->second : config().est_us;
  }
  static void spend(double us) { config().clock_us.fetch_add(us); }
  static void spend_copy(uint64_t bytes) {
    spend(config().copy_latency_us + config().copy_us_per_byte * static_cast<double>(bytes));
  }

  /// A handle is an address in a memory that only these functions look into.
  static void* address(uint64_t handle) { return reinterpret_cast<void*>(handle); }
  static const hy_memory_ext& memory() {
    static const hy_memory_ext table = [] {
      hy_memory_ext t = HY_INIT(hy_memory_ext);
      t.alignment = 64;
      t.alloc = [](void*, hy_job*, uint64_t bytes, uint64_t* handle) -> hy_status {
        *handle = reinterpret_cast<uint64_t>(new char[bytes]);
        return HY_OK;
      };
      t.free = [](void*, uint64_t handle) { delete[] static_cast<char*>(address(handle)); };
      t.write = [](void*, hy_job*, uint64_t handle, uint64_t offset, const void* from,
                   uint64_t bytes) -> hy_status {
        spend_copy(bytes);
        std::memcpy(static_cast<char*>(address(handle)) + offset, from, bytes);
        return HY_OK;
      };
      t.read = [](void*, hy_job*, uint64_t handle, uint64_t offset, void* to,
                  uint64_t bytes) -> hy_status {
        spend_copy(bytes);
        std::memcpy(to, static_cast<char*>(address(handle)) + offset, bytes);
        return HY_OK;
      };
      return t;
    }();
    return table;
  }

  struct Step {
    std::string op;
    std::vector<uint32_t> inputs;
    uint32_t output;
  };

  struct Exe : plugin::Executable {
    ~Exe() override { --config().live; }
    std::vector<Step> steps;
    std::vector<std::pair<uint32_t, std::vector<float>>> constants;
    std::vector<uint32_t> inputs, outputs;
    std::vector<std::pair<uint32_t, uint32_t>> states;  // before, after

    Status run(plugin::Run& run) override {
      ++config().ran;
      spend(config().launch_us);
      if (config().on_run) HY_RETURN_IF_ERROR(config().on_run(run.job()));
      std::map<uint32_t, std::vector<float>> values(constants.begin(), constants.end());
      std::map<uint32_t, std::vector<int64_t>> dims;
      for (uint32_t i = 0; i < inputs.size(); ++i) {
        const hy_binding b = run.input(i);
        const auto* f = static_cast<const float*>(b.data != nullptr ? b.data : address(b.handle));
        values[inputs[i]].assign(f, f + b.bytes / 4);
        dims[inputs[i]].assign(b.dims, b.dims + b.rank);
      }
      for (uint32_t i = 0; i < states.size(); ++i) {
        const hy_binding b = run.state(i);
        const auto* f = static_cast<const float*>(b.data != nullptr ? b.data : address(b.handle));
        values[states[i].first].assign(f, f + b.bytes / 4);
        dims[states[i].first].assign(b.dims, b.dims + b.rank);
      }
      for (const Step& s : steps) {
        if (config().fail_run.contains(s.op)) return device_error("told to fail at run");
        spend(cost_of(s.op));
        const std::vector<float>& a = values[s.inputs[0]];
        dims[s.output] = dims[s.inputs[0]];
        std::vector<float> y(a.size());
        for (size_t i = 0; i < a.size(); ++i) {
          if (s.op == "Relu") y[i] = std::max(a[i], 0.0f);
          if (s.op == "Neg") y[i] = -a[i];
          if (s.op == "Add") y[i] = a[i] + values[s.inputs[1]][i % values[s.inputs[1]].size()];
          if (s.op == "NonZero") y[i] = a[i];
        }
        values[s.output] = std::move(y);
      }
      for (uint32_t i = 0; i < states.size(); ++i) {
        const hy_binding b = run.state(i);
        const std::vector<float>& y = values[states[i].second];
        void* data = b.data != nullptr ? b.data : address(b.handle);
        std::copy(y.begin(), y.end(), static_cast<float*>(data));
      }
      for (uint32_t i = 0; i < outputs.size(); ++i) {
        const hy_binding b = run.output(i);
        const std::vector<float>& y = values[outputs[i]];
        void* data = b.data != nullptr ? b.data : address(b.handle);
        if ((b.flags & HY_BINDING_EMPTY) != 0) {
          std::vector<int64_t> d = dims[outputs[i]];
          if (config().liar_about_dims) d.push_back(1);
          HY_ASSIGN_OR_RETURN(data, run.allocate(i, d, y.size() * 4));
        } else if (b.bytes != y.size() * 4) {
          return internal_error("an output was bound with another size");
        }
        std::copy(y.begin(), y.end(), static_cast<float*>(data));
      }
      return {};
    }
  };
};

/// Resets the slot's configuration, but for what its device's memory and link are, and opens its device.
template <int Slot>
std::shared_ptr<Device> open_fake(const std::string& id, std::set<std::string> ops,
                                  bool symbolic = true, bool exact = false,
                                  const std::string& group = {}) {
  FakeConfig& c = fake_config<Slot>();
  c.ops = std::move(ops);
  c.fail_compile.clear();
  c.fail_run.clear();
  c.own_cluster.clear();
  c.est_us = 10;
  c.est_of.clear();
  c.clock_us = 0;
  c.resource_group = group;
  c.on_run = nullptr;
  c.symbolic = symbolic;
  c.concurrent = true;
  c.liar_about_dims = false;
  c.compiled = c.ran = 0;
  Manifest manifest;
  manifest.id = id;
  manifest.exact = exact;
  LoadedPlugin loaded;
  loaded.provider = plugin::detail::Trampolines<FakeProvider<Slot>>::api();
  auto host = std::make_shared<Host>(make_logger(nullptr, nullptr, 0));
  auto provider = core::Provider::create(manifest, loaded, host);
  if (!provider.ok()) return nullptr;
  auto device = core::Device::open(*provider, {.threads = 1});
  return device.ok() ? *device : nullptr;
}

/// Builds graphs of f32 values with dims that are numbers or symbols.
class GraphMaker {
 public:
  explicit GraphMaker(std::vector<Dim> dims) : dims_(std::move(dims)) {
    for (const Dim& d : dims_)
      if (!d.is_fixed() && g.symbols.empty()) g.symbols.push_back({"n"});
  }
  ValueId input(const std::string& name) {
    g.values.push_back({name, {HY_DTYPE_F32, dims_}, HY_VALUE_INPUT, kNone});
    g.inputs.push_back(static_cast<ValueId>(g.values.size() - 1));
    return g.inputs.back();
  }
  ValueId node(const std::string& op, std::vector<ValueId> inputs) {
    const ValueId v = g.add_result(op + std::to_string(g.nodes.size()), {HY_DTYPE_F32, dims_});
    NodeData n;
    n.op = op;
    n.name = op + std::to_string(g.nodes.size());
    n.inputs = std::move(inputs);
    n.outputs = {v};
    n.origins = {n.name};
    if (const OperatorDecl* decl = find_operator("", op)) n.signature = decl->digest;
    g.nodes.push_back(std::move(n));
    return v;
  }
  void output(ValueId v) { g.outputs.push_back(v); }
  /// The input that is its content before a run; end with becomes(), in the order of states, after all else.
  ValueId state(const std::string& name, uint32_t growth_axis = kNone) {
    StateData s;
    s.name = name;
    s.dtype = HY_DTYPE_F32;
    for (const Dim& d : dims_) s.dims.push_back(d.value());
    s.growth_axis = growth_axis;
    s.read = true;
    g.states.push_back(std::move(s));
    return input(name);
  }
  void becomes(ValueId v) {
    size_t next = 0;
    while (g.states[next].written) ++next;
    g.states[next].written = true;
    g.outputs.push_back(v);
  }
  Graph g;

 private:
  std::vector<Dim> dims_;
};

/// No weights: every constant of these tests is inline.
struct NoWeights : hy_weights {
  Result<hy_bytes> get(uint64_t, uint32_t) override { return not_found("no weights here"); }
};

inline Result<hy_bytes> read_inline(const ConstantData& c) {
  return hy_bytes{c.bytes->data(), c.size};
}

}  // namespace halyard::core::test
