// The library's one log sink: an spdlog logger that hands its lines to the application's callback.
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>

#include "halyard/halyard.h"
#include "halyard/status.hpp"

namespace halyard::core {

using Logger = std::shared_ptr<spdlog::logger>;

/// Without a callback the logger drops every line. Any thread may log.
Logger make_logger(hy_log_fn callback, void* user, uint32_t level);
/// The same, and lines are added to a file too: "2026-11-28 07:29:21.123 warn [thread] ...". IO where it cannot
/// be opened for that. An empty path: no file.
Result<Logger> make_logger(hy_log_fn callback, void* user, uint32_t level, const std::string& file);

/// The ABI's level (0 trace ... 4 error) as spdlog's.
spdlog::level::level_enum log_level(uint32_t level);

}  // namespace halyard::core
