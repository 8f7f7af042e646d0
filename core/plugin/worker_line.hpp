// One line of a worker, seen from inside: what the plugin asks of the host while it is called.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "core/isolation/channel.hpp"
#include "core/isolation/shared_memory.hpp"
#include "core/plugin/host.hpp"

namespace halyard::core {

/// The bytes of weights that a call was given. Alive with the executable that the call made.
class WorkerWeights {
 public:
  Result<hy_bytes> keep(std::vector<unsigned char> bytes, uint32_t alignment);
  Result<hy_bytes> keep(SharedMemory memory, uint64_t bytes);

 private:
  struct Free {
    void operator()(void* p) const;
  };
  std::vector<std::unique_ptr<void, Free>> copies_;
  std::vector<SharedMemory> maps_;
};

/// A line during one call. The plugin may use it from several threads.
class WorkerLine final : public hy_weights {
 public:
  explicit WorkerLine(Channel channel) : channel_(std::move(channel)) {}

  /// The next call; false: the host is gone or let the line go.
  bool next(Message* ask) { return channel_.receive(ask) == Channel::Got::kMessage; }
  bool reply(const Status& status, ByteSpan payload, std::span<const int> files);

  /// Starts the next call's weights.
  void begin_call() { weights_ = std::make_shared<WorkerWeights>(); }
  std::shared_ptr<WorkerWeights> weights() const { return weights_; }

  Result<hy_bytes> get(uint64_t id, uint32_t alignment) override;
  hy_status poll(double progress);
  Status output(uint32_t port, std::span<const int64_t> dims, uint64_t bytes);
  void log(uint32_t level, std::string_view text);

  /// The memory that runs of this line share with the host.
  SharedMemory memory;

 private:
  Result<Message> ask(uint32_t kind, ByteSpan payload);

  std::mutex mutex_;  // guards what follows: one question at a time
  Channel channel_;
  std::chrono::steady_clock::time_point polled_{};
  hy_status last_poll_ = HY_OK;
  std::map<uint64_t, hy_bytes> known_;
  std::shared_ptr<WorkerWeights> weights_ = std::make_shared<WorkerWeights>();
};

}  // namespace halyard::core
