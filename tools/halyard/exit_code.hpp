// Exit codes: part of the contract.
#pragma once

#include "halyard/status.hpp"

namespace halyard::cli {

enum ExitCode {
  kOk = 0,
  kDifferent = 1,  // outputs differ from what was expected
  kUsage = 2,      // usage or configuration
  kBadModel = 3,   // the model is invalid or unreadable
  kUnplaced = 4,   // something cannot be placed
  kDevice = 5,     // a device failed
  kCancelled = 130
};

/// What failed decides what a status means: a file that is not there is usage, unless it is the
/// model.
enum class Stage { kArguments, kModel, kPlacement, kRun };

ExitCode exit_code(hy_status code, Stage stage);

/// Prints "halyard: message" to stderr and gives the exit code.
int fail(const Status& status, Stage stage);

}  // namespace halyard::cli
