// A node that the core's executor runs itself: it chooses, copies or references, and computes nothing.
#pragma once

#include <memory>

#include "halyard/status.hpp"

namespace halyard::core {

class Executor;

/// Made once for an executor and run in each of its runs, on its thread.
class CoreNode {
 public:
  virtual ~CoreNode() = default;
  virtual Status run(Executor& executor) = 0;
};

/// The node of a cluster whose device is kCoreDevice.
std::unique_ptr<CoreNode> make_core_node(Executor& executor, uint32_t cluster);

}  // namespace halyard::core
