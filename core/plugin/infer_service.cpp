#include "core/plugin/infer_service.hpp"

#include "core/graph/flat.hpp"
#include "core/opset/infer.hpp"
#include "core/plugin/host.hpp"

namespace halyard::core {
namespace {

Result<std::vector<unsigned char>> infer_flat(hy_bytes bytes) {
  HY_ASSIGN_OR_RETURN(Graph graph, read_flat(bytes));
  const auto read = [](const ConstantData& c) -> Result<hy_bytes> {
    if (c.bytes == nullptr) return not_found("only inline constants are known here");
    return hy_bytes{c.bytes->data(), c.size};
  };
  HY_RETURN_IF_ERROR(infer_graph(graph, read).status());
  return write_flat(graph);
}

}  // namespace

hy_status infer_service(hy_job* job, hy_bytes graph, void* ctx,
                        hy_status (*sink)(void*, hy_bytes)) {
  if (sink == nullptr) return HY_ERROR_INVALID_ARGUMENT;
  const Result<std::vector<unsigned char>> out = infer_flat(graph);
  if (out.ok()) return sink(ctx, {out->data(), out->size()});
  if (job != nullptr) job->fail(out.status().code(), out.status().message());
  return out.status().code();
}

}  // namespace halyard::core
