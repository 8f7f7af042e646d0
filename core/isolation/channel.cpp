#include "core/isolation/channel.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <climits>
#include <cstring>

#include "core/isolation/shared_memory.hpp"

namespace halyard::core {
namespace {

// Well below what a socket takes at once by default. What is longer goes into an anonymous file.
constexpr size_t kMaxInline = 32 << 10;
constexpr size_t kMaxFiles = 250;  // the kernel takes 253

struct Header {
  uint32_t kind = 0;
  uint32_t in_file = 0;  // 1: the payload is the first file
  uint64_t size = 0;     // of the payload
};

int poll_timeout(std::optional<Channel::Clock::time_point> until) {
  if (!until) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*until - Channel::Clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, INT_MAX));
}

/// The payload of a message that came in a file.
bool read_file(int file, uint64_t size, std::vector<unsigned char>* out) {
  struct stat s {};
  if (fstat(file, &s) != 0 || static_cast<uint64_t>(s.st_size) < size) return false;
  out->resize(size);
  for (uint64_t done = 0; done < size;) {
    const ssize_t n = pread(file, out->data() + done, size - done, static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += static_cast<uint64_t>(n);
  }
  return true;
}

}  // namespace

Result<std::pair<Channel, Channel>> Channel::pair() {
  int ends[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return io_error(fmt::format("making a pair of sockets: {}", std::strerror(errno)));
  return std::pair(Channel(Descriptor(ends[0])), Channel(Descriptor(ends[1])));
}

bool Channel::send(uint32_t kind, ByteSpan payload, std::span<const int> files) {
  Header header{kind, payload.size() > kMaxInline ? 1u : 0u, payload.size()};
  std::vector<int> all;
  Descriptor file;
  if (header.in_file != 0) {
    auto made = file_with(payload);
    if (!made.ok()) return false;
    file = std::move(made).value();
    all.push_back(file.get());
  }
  all.insert(all.end(), files.begin(), files.end());
  if (all.size() > kMaxFiles) {
    errno = E2BIG;
    return false;
  }
  iovec parts[2] = {{&header, sizeof header},
                    {const_cast<unsigned char*>(payload.data()),
                     header.in_file != 0 ? size_t{0} : payload.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMaxFiles)];
  if (!all.empty()) {
    std::memset(control, 0, sizeof control);
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * all.size());
    cmsghdr* c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * all.size());
    std::memcpy(CMSG_DATA(c), all.data(), sizeof(int) * all.size());
  }
  ssize_t sent = 0;
  do sent = sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

bool Channel::read_one(Message* out) {
  Header header;
  std::vector<unsigned char> bytes(kMaxInline);
  iovec parts[2] = {{&header, sizeof header}, {bytes.data(), bytes.size()}};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMaxFiles)];
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got = 0;
  do got = recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  out->files.clear();
  for (cmsghdr* c = got > 0 ? CMSG_FIRSTHDR(&message) : nullptr; c != nullptr;
       c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    for (size_t i = 0; CMSG_LEN(sizeof(int) * (i + 1)) <= c->cmsg_len; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + sizeof(int) * i, sizeof fd);
      out->files.emplace_back(fd);
    }
  }
  if (got < static_cast<ssize_t>(sizeof header) || (message.msg_flags & MSG_TRUNC) != 0)
    return false;
  out->kind = header.kind;
  bytes.resize(static_cast<size_t>(got) - sizeof header);
  if (header.in_file == 0) {
    out->payload = std::move(bytes);
    return out->payload.size() == header.size;
  }
  if (out->files.empty()) return false;
  const Descriptor file = std::move(out->files.front());
  out->files.erase(out->files.begin());
  return read_file(file.get(), header.size, &out->payload);
}

Channel::Got Channel::receive(Message* out, std::optional<Clock::time_point> until, int ended) {
  for (;;) {
    pollfd waits[2] = {{socket_.get(), POLLIN, 0}, {ended, POLLIN, 0}};
    const int n = poll(waits, 2, poll_timeout(until));
    if (n < 0 && errno != EINTR) return Got::kClosed;
    // What was sent before the end comes first.
    if (n > 0 && waits[0].revents != 0) return read_one(out) ? Got::kMessage : Got::kClosed;
    if (n > 0 && waits[1].revents != 0) return Got::kClosed;
    if (until && Clock::now() >= *until) return Got::kTimeout;
  }
}

}  // namespace halyard::core
