// The plugin: one device, the processor this runs on.
#include <oneapi/dnnl/dnnl.h>

#include "halyard/provider.hpp"
#include "providers/cpu/executable.hpp"
#include "providers/cpu/processor.hpp"
#include "providers/cpu/support.hpp"

namespace halyard::cpu {

namespace {

/// Constant once open.
struct CpuDevice final : plugin::OpenDevice {
  explicit CpuDevice(const plugin::OpenDevice& args) : OpenDevice(args) {}
  Processor processor;
};

std::string driver_text(const Processor& p) {
  const dnnl_version_t* v = dnnl_version();
  return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." +
         std::to_string(v->patch) + ", " + p.instructions;
}

/// See plugin::Provider. Thread rule of abi/plugin.h, rule 10; keeps nothing but its devices.
class CpuProvider final : public plugin::Provider, public plugin::Profiling {
 public:
  Status devices(plugin::Job&, std::vector<plugin::Device>& out) override {
    const Processor p = this_processor();
    plugin::Device d;
    d.name = p.name;
    d.type = HY_DEVICE_TYPE_CPU;
    d.flags = HY_DEVICE_SYMBOLIC_SHAPES | HY_DEVICE_CONCURRENT_RUNS | HY_DEVICE_HOST_MEMORY |
              HY_DEVICE_STATES;
    d.resource_group = "cpu";
    d.driver = driver_text(p);
    d.memory_bytes = p.memory_bytes;
    d.flops = p.flops;
    d.bandwidth = p.bandwidth;
    d.properties = {{"cores", std::to_string(p.cores)}, {"instructions", p.instructions}};
    out.push_back(std::move(d));
    return {};
  }

  Result<std::unique_ptr<plugin::OpenDevice>> open(const plugin::OpenDevice& args,
                                                   plugin::Job&) override {
    if (args.index != 0)
      return invalid_argument("there is one device, and index " + std::to_string(args.index) +
                              " was asked for");
    auto device = std::make_unique<CpuDevice>(args);
    device->processor = this_processor();
    if (device->threads == 0) device->threads = static_cast<uint32_t>(device->processor.cores);
    return std::unique_ptr<plugin::OpenDevice>(std::move(device));
  }

  plugin::Verdict supports(const Node& node, const plugin::OpenDevice& device) override {
    const Processor& p = static_cast<const CpuDevice&>(device).processor;
    return cpu::supports(node, p.flops, p.bandwidth);
  }

  Result<std::unique_ptr<plugin::Executable>> compile(const Graph& graph,
                                                      plugin::OpenDevice& device,
                                                      plugin::Job& job) override {
    HY_ASSIGN_OR_RETURN(auto executable,
                        cpu::compile(graph, static_cast<int>(device.threads), job));
    return std::unique_ptr<plugin::Executable>(std::move(executable));
  }
};

}  // namespace

}  // namespace halyard::cpu

HALYARD_PROVIDER(halyard::cpu::CpuProvider, "cpu", "0.1.0")
