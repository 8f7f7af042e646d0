#include "core/plugin/worker.hpp"

#include <fmt/format.h>

#include <cstring>

namespace halyard::core {
namespace {

// A process that closed its end is about to be gone; one that does not go was never going to.
constexpr std::chrono::milliseconds kLastBreath{2000};

}  // namespace

Result<std::shared_ptr<Worker>> Worker::start(const std::filesystem::path& helper, Logger logger) {
  HY_ASSIGN_OR_RETURN(auto ends, Channel::pair());
  const Descriptor theirs = std::move(ends.second).take();
  HY_ASSIGN_OR_RETURN(auto process, Process::start(helper.string(), theirs));
  return std::shared_ptr<Worker>(
      new Worker(std::move(process), std::move(ends.first), std::move(logger)));
}

std::optional<Worker::Death> Worker::death() const {
  const std::scoped_lock lock(mutex_);
  return death_;
}

Status Worker::gone() const { return device_error(death_->words); }

Result<std::unique_ptr<Worker::Line>> Worker::take_line() {
  const std::scoped_lock lock(mutex_);
  if (death_) return gone();
  if (!idle_.empty()) {
    auto out = std::move(idle_.back());
    idle_.pop_back();
    return out;
  }
  HY_ASSIGN_OR_RETURN(auto ends, Channel::pair());
  const int theirs = ends.second.socket();
  // Where this fails the first call on the line tells.
  (void)control_.send(static_cast<uint32_t>(Ask::kConnect), {}, {&theirs, 1});
  return std::make_unique<Line>(Line{std::move(ends.first)});
}

void Worker::give_back(std::unique_ptr<Line> line) {
  const std::scoped_lock lock(mutex_);
  if (!death_) idle_.push_back(std::move(line));
}

Status Worker::die(bool hung, const Call& call) {
  const std::scoped_lock lock(mutex_);
  if (death_) return gone();
  Death death;
  death.stage = call.stage;
  const Ending ending = process_->end(hung ? std::chrono::milliseconds(0) : kLastBreath);
  if (hung) {
    death.reason = HY_REASON_TIMEOUT;
    death.words = fmt::format("its process gave no sign of life for {} ms in {} and was killed",
                              call.limit.count(), call.stage);
  } else {
    death.from_outside = ending.from_outside();
    death.words = fmt::format("its process ended in {}: {}", call.stage, ending.text());
  }
  death_ = std::move(death);
  idle_.clear();
  return gone();
}

Result<Worker::Reply> Worker::call(const Call& call) {
  HY_ASSIGN_OR_RETURN(auto line, take_line());
  auto reply = this->call(*line, call);
  give_back(std::move(line));
  return reply;
}

Result<Worker::Reply> Worker::call(Line& line, const Call& call) {
  // Gone already or not: receiving tells.
  const bool sent = line.channel.send(static_cast<uint32_t>(call.ask), call.request, call.files);
  if (!sent && errno == E2BIG)
    return Status(HY_ERROR_UNSUPPORTED,
                  fmt::format("{}: too many files in one message", call.stage));
  Reply reply;
  for (;;) {
    std::optional<Channel::Clock::time_point> until;
    if (call.limit.count() > 0) until = Channel::Clock::now() + call.limit;
    Message message;
    const auto got = line.channel.receive(&message, until, process_->ended());
    if (got != Channel::Got::kMessage) return die(got == Channel::Got::kTimeout, call);
    if (message.kind != static_cast<uint32_t>(Tell::kReply)) {
      if (!answer(line, call, message, &reply)) return die(false, call);
      continue;
    }
    WireReader read(message.payload);
    const auto code = read.number<hy_status>();
    std::string words(read.text());
    if (code != HY_OK) return Status(code, std::move(words));
    const size_t head = sizeof code + sizeof(uint64_t) + words.size();
    message.payload.erase(message.payload.begin(),
                          message.payload.begin() + static_cast<ptrdiff_t>(head));
    reply.payload = std::move(message.payload);
    reply.files = std::move(message.files);
    return reply;
  }
}

bool Worker::answer(Line& line, const Call& call, const Message& message, Reply* reply) {
  WireReader read(message.payload);
  switch (static_cast<Tell>(message.kind)) {
    case Tell::kLog: {
      const auto level = read.number<uint32_t>();
      logger_->log(log_level(level), "{}", read.text());
      return true;
    }
    case Tell::kPoll: {
      const auto progress = read.number<double>();
      WireWriter write;
      hy_status code = call.job == nullptr ? HY_OK : call.job->interruption();
      if (code == HY_OK && call.job != nullptr && call.job->on_poll)
        code = call.job->on_poll(progress);
      write.number(code);
      return line.channel.send(kAnswer, write.bytes());
    }
    case Tell::kWeight:
      return answer_weight(line, call, read);
    case Tell::kOutput:
      return answer_output(line, call, read, reply);
    default:
      return false;
  }
}

bool Worker::answer_weight(Line& line, const Call& call, WireReader& read) {
  const auto id = read.number<uint64_t>();
  const Result<hy_bytes> bytes = call.weights == nullptr
                                     ? Result<hy_bytes>(not_found("the call has no weights"))
                                     : call.weights->get(id, 1);
  WireWriter write;
  write.number<hy_status>(bytes.ok() ? HY_OK : bytes.status().code());
  write.number<uint64_t>(bytes.ok() ? bytes->size : 0);
  if (!bytes.ok()) return line.channel.send(kAnswer, write.bytes());
  const ByteSpan span{static_cast<const unsigned char*>(bytes->data), bytes->size};
  if (bytes->size <= kSmallWeight) {
    write.raw(span);
    return line.channel.send(kAnswer, write.bytes());
  }
  const auto file = file_with(span);
  if (!file.ok()) {
    WireWriter failed;
    failed.number<hy_status>(file.status().code());
    failed.number<uint64_t>(0);
    return line.channel.send(kAnswer, failed.bytes());
  }
  const int fd = file->get();
  return line.channel.send(kAnswer, write.bytes(), {&fd, 1});
}

bool Worker::answer_output(Line& line, const Call& call, WireReader& read, Reply* reply) {
  const auto port = read.number<uint32_t>();
  const std::vector<int64_t> dims = get_dims(read);
  const auto bytes = read.number<uint64_t>();
  void* data = nullptr;
  uint64_t handle = 0;
  Status status = invalid_argument("outputs can be asked for in run alone");
  if (call.job != nullptr && call.job->output)
    status = call.job->output(port, dims, bytes, &data, &handle);
  if (!status.ok() && call.job != nullptr) call.job->refuse(status);
  if (status.ok()) reply->outputs.emplace_back(data, bytes);
  WireWriter write;
  write.number<hy_status>(status.code());
  write.text(status.message());
  return line.channel.send(kAnswer, write.bytes());
}

}  // namespace halyard::core
