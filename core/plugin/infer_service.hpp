// host->infer: shape inference for importers and providers.
#pragma once

#include "halyard/abi/plugin.h"

namespace halyard::core {

/// Reads the graph, infers every type and gives the result to the sink. Failures are told on the job.
hy_status infer_service(hy_job* job, hy_bytes graph, void* ctx,
                        hy_status (*sink)(void* ctx, hy_bytes graph));

}  // namespace halyard::core
