// Messages between two processes, with descriptors beside them.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "core/base/descriptor.hpp"
#include "halyard/status.hpp"

namespace halyard::core {

struct Message {
  uint32_t kind = 0;
  std::vector<unsigned char> payload;
  std::vector<Descriptor> files;
};

/// One end of a socket. Sending and receiving each by one thread at a time.
class Channel {
 public:
  explicit Channel(Descriptor socket) : socket_(std::move(socket)) {}
  /// Two connected ends; both are closed by exec().
  static Result<std::pair<Channel, Channel>> pair();

  using Clock = std::chrono::steady_clock;
  enum class Got { kMessage, kTimeout, kClosed };

  /// False: the other end is gone, or the system refuses (errno).
  bool send(uint32_t kind, ByteSpan payload, std::span<const int> files = {});
  /// Waits until a message is there, `until` is past (no value: for ever), or the other end is gone.
  /// ended: also give up when this is readable and no message is left; -1: none.
  Got receive(Message* out, std::optional<Clock::time_point> until = {}, int ended = -1);

  int socket() const { return socket_.get(); }
  Descriptor take() && { return std::move(socket_); }

 private:
  bool read_one(Message* out);
  Descriptor socket_;
};

}  // namespace halyard::core
