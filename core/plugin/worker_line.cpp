#include "core/plugin/worker_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "core/plugin/worker_protocol.hpp"

namespace halyard::core {
namespace {

// A plugin may poll in its innermost loop; the host need not hear of each.
constexpr std::chrono::milliseconds kPollEvery{20};
constexpr uint64_t kPage = 4096;

}  // namespace

void WorkerWeights::Free::operator()(void* p) const { std::free(p); }

Result<hy_bytes> WorkerWeights::keep(std::vector<unsigned char> bytes, uint32_t alignment) {
  const size_t unit = std::max<size_t>(alignment, 64);
  std::unique_ptr<void, Free> copy(std::aligned_alloc(unit, (bytes.size() / unit + 1) * unit));
  if (copy == nullptr)
    return Status(HY_ERROR_OUT_OF_MEMORY, fmt::format("a weight of {} bytes", bytes.size()));
  if (!bytes.empty()) std::memcpy(copy.get(), bytes.data(), bytes.size());
  const hy_bytes out{copy.get(), bytes.size()};
  copies_.push_back(std::move(copy));
  return out;
}

Result<hy_bytes> WorkerWeights::keep(SharedMemory memory, uint64_t bytes) {
  const hy_bytes out{memory.data(), bytes};
  memory.drop_file();
  maps_.push_back(std::move(memory));
  return out;
}

bool WorkerLine::reply(const Status& status, ByteSpan payload, std::span<const int> files) {
  WireWriter write;
  write.number<hy_status>(status.code());
  write.text(status.message());
  write.raw(payload);
  const std::scoped_lock lock(mutex_);
  known_.clear();
  return channel_.send(static_cast<uint32_t>(Tell::kReply), write.bytes(), files);
}

Result<Message> WorkerLine::ask(uint32_t kind, ByteSpan payload) {
  Message answer;
  if (!channel_.send(kind, payload) || channel_.receive(&answer) != Channel::Got::kMessage ||
      answer.kind != kAnswer)
    return internal_error("the host does not answer");
  return answer;
}

Result<hy_bytes> WorkerLine::get(uint64_t id, uint32_t alignment) {
  const std::scoped_lock lock(mutex_);
  const auto fits = [&](const hy_bytes& b) {
    return reinterpret_cast<uintptr_t>(b.data) % alignment == 0;
  };
  if (const auto it = known_.find(id); it != known_.end() && fits(it->second)) return it->second;
  WireWriter write;
  write.number(id);
  HY_ASSIGN_OR_RETURN(Message answer, ask(static_cast<uint32_t>(Tell::kWeight), write.bytes()));
  WireReader read(answer.payload);
  const auto code = read.number<hy_status>();
  const auto size = read.number<uint64_t>();
  if (code != HY_OK) return Status(code, fmt::format("weight {} cannot be had", id));
  Result<hy_bytes> out = internal_error("no bytes");
  if (!answer.files.empty() && alignment <= kPage) {
    HY_ASSIGN_OR_RETURN(auto map, SharedMemory::map(std::move(answer.files.front()), size));
    out = weights_->keep(std::move(map), size);
  } else {
    const ByteSpan bytes = read.raw(size);
    out = weights_->keep(std::vector<unsigned char>(bytes.begin(), bytes.end()), alignment);
  }
  if (out.ok()) known_[id] = *out;
  return out;
}

hy_status WorkerLine::poll(double progress) {
  const std::scoped_lock lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now - polled_ < kPollEvery) return last_poll_;
  polled_ = now;
  WireWriter write;
  write.number(progress);
  const auto answer = ask(static_cast<uint32_t>(Tell::kPoll), write.bytes());
  last_poll_ = answer.ok() ? WireReader(answer->payload).number<hy_status>() : HY_ERROR_CLOSED;
  return last_poll_;
}

Status WorkerLine::output(uint32_t port, std::span<const int64_t> dims, uint64_t bytes) {
  WireWriter write;
  write.number(port);
  write.block({reinterpret_cast<const unsigned char*>(dims.data()), dims.size_bytes()});
  write.number(bytes);
  const std::scoped_lock lock(mutex_);
  HY_ASSIGN_OR_RETURN(const Message answer,
                      ask(static_cast<uint32_t>(Tell::kOutput), write.bytes()));
  WireReader read(answer.payload);
  const auto code = read.number<hy_status>();
  return code == HY_OK ? Status() : Status(code, std::string(read.text()));
}

void WorkerLine::log(uint32_t level, std::string_view text) {
  WireWriter write;
  write.number(level);
  write.text(text);
  const std::scoped_lock lock(mutex_);
  (void)channel_.send(static_cast<uint32_t>(Tell::kLog), write.bytes());
}

}  // namespace halyard::core
