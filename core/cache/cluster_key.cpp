#include "core/cache/cluster_key.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <thread>

#include "halyard/abi/graph_reader.h"
#include "halyard/graph.hpp"
#include "halyard/opset.hpp"

namespace halyard::core {
namespace {

/// "x f32[1,3,64,64], y i64[?]"
std::string inputs_text(const halyard::Graph& graph) {
  std::string out;
  const auto main = graph.main();
  for (uint32_t i = 0; i < main.input_count(); ++i) {
    const Value v = main.input(i);
    std::string dims = "?";
    if (v.has_rank()) {
      dims.clear();
      for (uint32_t d = 0; d < v.rank(); ++d)
        dims += (d == 0 ? "" : ",") +
                (v.dim(d).is_static() ? std::to_string(v.dim(d).value()) : std::string("?"));
    }
    out +=
        fmt::format("{}{} {}[{}]", out.empty() ? "" : ", ", v.name(), dtype_name(v.dtype()), dims);
  }
  return out;
}

struct GraphDigests {
  Digest graph, weights;
};

/// Of the graph with every weight's id taken out, and of the weights in their order.
Result<GraphDigests> digests(hy_bytes flat, WeightDigests& weights) {
  hy_graph_view view;
  if (const char* problem = hy_graph_open(flat.data, flat.size, &view); problem != nullptr)
    return internal_error(fmt::format("a cluster's graph: {}", problem));
  const auto* begin = static_cast<const unsigned char*>(flat.data);
  std::vector<unsigned char> copy(begin, begin + flat.size);
  const hy_graph_table& table = view.tables[HY_SECTION_CONSTANTS];
  Hasher hasher;
  for (uint32_t i = 0; i < table.count; ++i) {
    const hy_graph_constant c = hy_graph_constant_at(&view, i);
    if (c.storage != HY_STORAGE_WEIGHT) continue;
    HY_ASSIGN_OR_RETURN(const Digest d, weights.of(c.offset));
    hasher.add(c.bytes);
    hasher.add(d.high);
    hasher.add(d.low);
    const auto at = static_cast<size_t>(table.data - begin) + size_t{i} * table.stride +
                    offsetof(hy_graph_constant, offset);
    std::fill_n(copy.begin() + static_cast<std::ptrdiff_t>(at), sizeof c.offset, '\0');
  }
  return GraphDigests{digest_of(copy), hasher.digest()};
}

}  // namespace

Result<CacheKey> cluster_key(const Device& device, hy_bytes flat, WeightDigests& weights) {
  const Provider& provider = device.provider();
  const auto library = provider.library_digest();
  if (!library)
    return unsupported(fmt::format("provider {}: {} is not the file that was loaded", provider.id(),
                                   provider.identity().file.string()));
  halyard::Graph graph;
  HY_RETURN_IF_ERROR(halyard::Graph::open(flat, &graph));
  HY_ASSIGN_OR_RETURN(const GraphDigests d, digests(flat, weights));
  const DeviceInfo& info = device.info();
  CacheKey key;
  key.add("format", kClusterFormat);
  key.add("halyard", HALYARD_VERSION);
  key.add("provider", provider.id());
  key.add("provider.version", provider.identity().version);
  key.add("provider.build", provider.identity().build_id);
  key.add("provider.library", library->hex());
  key.add("device",
          fmt::format("{} {} type {} flags {}", info.index, info.name, info.type, info.flags));
  key.add("driver", info.driver);
  key.add("precision", device.precision() == HY_PRECISION_STRICT
                           ? "strict"
                           : fmt::format("relaxed, types {:x}", device.args().relaxed_types));
  key.add("threads", device.threads() != 0
                         ? std::to_string(device.threads())
                         : fmt::format("all {}", std::thread::hardware_concurrency()));
  key.add("options", device.artifact_options());
  key.add("inputs", inputs_text(graph));
  key.add("graph", d.graph.hex());
  key.add("weights", d.weights.hex());
  return key;
}

}  // namespace halyard::core
