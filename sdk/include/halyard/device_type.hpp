// Names of the device types, for reports and configuration.
#pragma once

#include "halyard/abi/plugin.h"

namespace halyard {

/// "cpu", "gpu", "npu"; "other" for an unknown code.
inline const char* device_type_name(uint32_t type) {
  switch (type) {
    case HY_DEVICE_TYPE_CPU:
      return "cpu";
    case HY_DEVICE_TYPE_GPU:
      return "gpu";
    case HY_DEVICE_TYPE_NPU:
      return "npu";
    default:
      return "other";
  }
}

}  // namespace halyard
