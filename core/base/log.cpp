#include "core/base/log.hpp"

#include <fmt/format.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/null_sink.h>

#include <algorithm>
#include <mutex>

namespace halyard::core {
namespace {

/// Calls the application outside of any lock of ours: the callback may call the library.
class CallbackSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  CallbackSink(hy_log_fn callback, void* user) : callback_(callback), user_(user) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const uint32_t level = std::min<uint32_t>(static_cast<uint32_t>(message.level), 4);
    callback_(user_, level, {message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

  hy_log_fn callback_;
  void* user_;
};

}  // namespace

spdlog::level::level_enum log_level(uint32_t level) {
  return static_cast<spdlog::level::level_enum>(std::min<uint32_t>(level, 4));
}

Logger make_logger(hy_log_fn callback, void* user, uint32_t level) {
  spdlog::sink_ptr sink;
  if (callback != nullptr)
    sink = std::make_shared<CallbackSink>(callback, user);
  else
    sink = std::make_shared<spdlog::sinks::null_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>("halyard", std::move(sink));
  logger->set_level(callback != nullptr ? log_level(level) : spdlog::level::off);
  return logger;
}

Result<Logger> make_logger(hy_log_fn callback, void* user, uint32_t level,
                           const std::string& file) {
  Logger logger = make_logger(callback, user, level);
  if (file.empty()) return logger;
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
    sink->set_pattern("%Y-%m-%d %H:%M:%S.%e %l [%t] %v");
    logger->sinks().push_back(std::move(sink));
    // A full disk is no reason to print: the library never does.
    logger->set_error_handler([](const std::string&) {});
    logger->set_level(log_level(level));
    // Lines are few, and the last one before a crash is the one that is wanted.
    logger->flush_on(spdlog::level::trace);
  } catch (const std::exception& e) {
    return io_error(fmt::format("log.file {}: {}", file, e.what()));
  }
  return logger;
}

}  // namespace halyard::core
