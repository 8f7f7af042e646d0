// A helper process that holds one plugin, and the calls into it.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/isolation/channel.hpp"
#include "core/isolation/process.hpp"
#include "core/isolation/shared_memory.hpp"
#include "core/plugin/host.hpp"
#include "core/plugin/worker_protocol.hpp"

namespace halyard::core {

/// Any thread: calls run at once, each on a line of its own. Killed with the object.
class Worker {
 public:
  /// Why it is gone, for ever.
  struct Death {
    uint32_t reason = HY_REASON_CRASHED;  // or TIMEOUT
    std::string stage;                    // "compile"
    std::string words;                    // "its process ended in compile: signal 11 (...)"
    bool from_outside = false;            // somebody else killed it
  };

  static Result<std::shared_ptr<Worker>> start(const std::filesystem::path& helper, Logger logger);
  ~Worker() = default;
  Worker(const Worker&) = delete;

  /// A way to talk, and the memory that its runs share.
  struct Line {
    Channel channel;
    SharedMemory memory = {};
  };
  struct Call {
    Ask ask = Ask::kLoad;
    const char* stage = "";
    std::chrono::milliseconds limit{0};  // without a sign of life; 0: no limit
    ByteSpan request = {};
    std::vector<int> files = {};
    hy_job* job = nullptr;          // cancels it, gives its outputs
    hy_weights* weights = nullptr;  // of the graph
  };
  /// payload: what follows the status. outputs: those the call asked for, in the order of the files.
  struct Reply {
    std::vector<unsigned char> payload;
    std::vector<Descriptor> files;
    std::vector<std::pair<void*, uint64_t>> outputs;
  };
  /// The worker's own status with its words, or DEVICE where it is gone: see death().
  Result<Reply> call(const Call& call);
  Result<Reply> call(Line& line, const Call& call);

  Result<std::unique_ptr<Line>> take_line();
  void give_back(std::unique_ptr<Line> line);

  std::optional<Death> death() const;

 private:
  Worker(std::unique_ptr<Process> process, Channel control, Logger logger)
      : logger_(std::move(logger)), control_(std::move(control)), process_(std::move(process)) {}
  Status die(bool hung, const Call& call);
  Status gone() const;
  bool answer(Line& line, const Call& call, const Message& message, Reply* reply);
  bool answer_weight(Line& line, const Call& call, WireReader& read);
  bool answer_output(Line& line, const Call& call, WireReader& read, Reply* reply);

  const Logger logger_;
  mutable std::mutex mutex_;  // guards what follows
  Channel control_;
  std::unique_ptr<Process> process_;
  std::vector<std::unique_ptr<Line>> idle_;
  std::optional<Death> death_;
};

}  // namespace halyard::core
