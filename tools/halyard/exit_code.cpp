#include "exit_code.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace halyard::cli {

ExitCode exit_code(hy_status code, Stage stage) {
  switch (code) {
    case HY_OK:
      return kOk;
    case HY_ERROR_CANCELLED:
      return kCancelled;
    case HY_ERROR_DEVICE:
    case HY_ERROR_OUT_OF_MEMORY:
    case HY_ERROR_INTERNAL:
    case HY_ERROR_BUSY:
    case HY_ERROR_CLOSED:
    case HY_ERROR_DEADLINE:
      return kDevice;
    case HY_ERROR_CONFIG:
      return kUsage;
    case HY_ERROR_INVALID_MODEL:
      return kBadModel;
    case HY_ERROR_UNPLACED:
    case HY_ERROR_STALE:  // nothing here runs what the file holds, and compiling was refused
      return kUnplaced;
    default:
      break;
  }
  switch (stage) {
    case Stage::kModel:
      return kBadModel;
    // An operator or a shape that nothing here is able to run.
    case Stage::kPlacement:
    case Stage::kRun:
      if (code == HY_ERROR_UNSUPPORTED) return kUnplaced;
      // Of a run: bytes of the model that were read only now.
      if (code == HY_ERROR_IO) return kBadModel;
      return kUsage;
    case Stage::kArguments:
      break;
  }
  return kUsage;
}

int fail(const Status& status, Stage stage) {
  std::fflush(stdout);
  // The errors of a configuration are lines that begin with their place, as editors like them.
  const bool lines =
      status.code() == HY_ERROR_CONFIG && status.message().find(": error: ") != std::string::npos;
  fmt::print(stderr, "{}{}\n", lines ? "" : "halyard: ", status.message());
  return exit_code(status.code(), stage);
}

}  // namespace halyard::cli
