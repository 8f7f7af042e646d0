#include "core/plugin/probe.hpp"

#include <algorithm>

#include "core/plugin/provider.hpp"
#include "halyard/graph_builder.hpp"

namespace halyard::core {
namespace {

constexpr int64_t kRows = 2, kColumns = 2;  // square, so that one shape serves every operator below
constexpr size_t kElements = kRows * kColumns;

struct Sample {
  const char* op;
  uint32_t inputs;
};
// What nearly every provider has one of. One node each: the first that is taken is enough.
constexpr Sample kSamples[] = {{"Relu", 1}, {"Add", 2}, {"Mul", 2}, {"MatMul", 2}, {"Identity", 1}};

struct NoWeights final : hy_weights {
  Result<hy_bytes> get(uint64_t, uint32_t) override { return not_found("there are no weights"); }
};

Result<std::vector<unsigned char>> sample_graph(const Sample& sample) {
  GraphBuilder b;
  const uint32_t main = b.add_subgraph("probe");
  const ShapeSpec shape = std::vector<DimSpec>{DimSpec::fixed(kRows), DimSpec::fixed(kColumns)};
  NodeSpec node;
  node.op = sample.op;
  node.name = "probe";
  for (uint32_t i = 0; i < sample.inputs; ++i)
    node.inputs.push_back(b.add_input(main, i == 0 ? "a" : "b", HY_DTYPE_F32, shape));
  const uint32_t y = b.add_result(main, "y", HY_DTYPE_F32, shape);
  node.outputs = {y};
  b.add_node(main, std::move(node));
  b.add_output(main, y);
  return b.finish();
}

void run_sample(const Executable& executable, uint32_t inputs) {
  float values[3][kElements] = {{1, -2, 3, -4}, {5, 6, -7, 8}, {}};
  const int64_t dims[2] = {kRows, kColumns};
  std::vector<hy_binding> bindings;
  for (float(&v)[kElements] : values) {
    hy_binding binding = HY_INIT(hy_binding);
    binding.dtype = HY_DTYPE_F32;
    binding.rank = 2;
    binding.dims = dims;
    binding.data = v;
    binding.bytes = sizeof v;
    bindings.push_back(binding);
  }
  hy_run_args args = HY_INIT(hy_run_args);
  args.inputs = {bindings.data(), inputs, sizeof(hy_binding)};
  args.outputs = {&bindings[2], 1, sizeof(hy_binding)};
  hy_job job;
  (void)executable.run(job, args);
}

/// Until a sample ran, or the worker is gone.
void walk_device(const std::shared_ptr<Device>& device) {
  NoWeights weights;
  for (const Sample& sample : kSamples) {
    const auto flat = sample_graph(sample);
    if (!flat.ok()) continue;
    const hy_bytes graph{flat->data(), flat->size()};
    const auto verdicts = device->query(graph, &weights);
    if (!verdicts.ok() || verdicts->size() != 1 || !verdicts->front().supported) continue;
    const auto refused = device->confirm(graph, &weights);
    if (!refused.ok() || !refused->empty()) continue;
    const auto executable = device->compile(graph, &weights);
    if (!executable.ok()) return;
    run_sample(**executable, sample.inputs);
    return;
  }
}

}  // namespace

Probe probe_plugin(const Manifest& manifest, const std::filesystem::path& helper,
                   const WatchdogLimits& limits, const std::shared_ptr<Host>& host) {
  auto worker = Worker::start(helper, host->logger());
  if (!worker.ok()) return {{}, worker.status()};
  LoadedPlugin plugin;
  const Rejection rejection = load_in_worker(manifest, *worker, limits, &plugin);
  if (rejection.reason == kHelperUnfit) return {{}, Status(HY_ERROR_UNSUPPORTED, rejection.detail)};
  if (!rejection.rejected()) {
    if (const auto provider = Provider::create(manifest, plugin, host); provider.ok())
      for (const DeviceInfo& d : (*provider)->devices()) {
        if (!d.usable() || (*worker)->death()) continue;
        const auto device = Device::open(*provider, {.index = d.index, .threads = 1});
        if (device.ok()) walk_device(*device);
      }
  }
  return {(*worker)->death(), {}};
}

}  // namespace halyard::core
