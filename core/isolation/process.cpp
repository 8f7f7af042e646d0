#include "core/isolation/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>

extern char** environ;

namespace halyard::core {
namespace {

constexpr off_t kMaxOutput = 64 << 10;

/// Where the process writes to: full after kMaxOutput bytes, so that it cannot eat the memory.
Descriptor make_output() {
  Descriptor file(memfd_create("halyard-output", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.valid() || ftruncate(file.get(), kMaxOutput) != 0 ||
      fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0)
    return Descriptor(open("/dev/null", O_RDWR | O_CLOEXEC));
  return file;
}

struct Actions {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  Actions() {
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
  }
  ~Actions() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
  Actions(const Actions&) = delete;
};

}  // namespace

bool Ending::from_outside() const {
  return by_signal && (number == SIGKILL || number == SIGTERM || number == SIGINT ||
                       number == SIGHUP || number == SIGQUIT);
}

std::string Ending::text() const {
  const char* name = by_signal ? sigdescr_np(number) : nullptr;
  std::string out = by_signal
                        ? fmt::format("signal {} ({})", number, name != nullptr ? name : "unknown")
                        : fmt::format("exit code {}", number);
  if (!last_words.empty()) out += fmt::format("; it wrote \"{}\"", last_words);
  return out;
}

Result<std::unique_ptr<Process>> Process::start(const std::string& program,
                                                const Descriptor& socket) {
  std::unique_ptr<Process> out(new Process);
  out->output_ = make_output();
  Actions actions;
  posix_spawn_file_actions_addopen(&actions.files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions.files, out->output_.get(), 1);
  posix_spawn_file_actions_adddup2(&actions.files, out->output_.get(), 2);
  // dup2 of a descriptor onto itself would leave it to be closed by exec.
  const Descriptor high(fcntl(socket.get(), F_DUPFD_CLOEXEC, kSocket + 1));
  posix_spawn_file_actions_adddup2(&actions.files, high.get(), kSocket);
  posix_spawn_file_actions_addclosefrom_np(&actions.files, kSocket + 1);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&actions.attributes, &none);
  posix_spawnattr_setsigdefault(&actions.attributes, &all);
  // A group of its own: the terminal's interrupt is for the host, which then lets its processes go.
  posix_spawnattr_setpgroup(&actions.attributes, 0);
  posix_spawnattr_setflags(&actions.attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::string name = program;
  char* arguments[] = {name.data(), nullptr};
  const int error = posix_spawn(&out->id_, program.c_str(), &actions.files, &actions.attributes,
                                arguments, environ);
  if (error != 0) {
    out->reaped_ = true;
    return io_error(fmt::format("starting {}: {}", program, ::strerror(error)));
  }
  out->pidfd_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, out->id_, 0)));
  return out;
}

Process::~Process() {
  if (!mark_.crossed()) (void)end(std::chrono::milliseconds(0));
}

std::string Process::read_output() const {
  std::string text(static_cast<size_t>(kMaxOutput), '\0');
  const ssize_t n = pread(output_.get(), text.data(), text.size(), 0);
  text.resize(n > 0 ? static_cast<size_t>(n) : 0);
  text.resize(std::min(text.find('\0'), text.size()));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  text.erase(0, text.rfind('\n') + 1);
  return text;
}

Ending Process::end(std::chrono::milliseconds patience) {
  if (reaped_) return ending_;
  pollfd wait{pidfd_.get(), POLLIN, 0};
  if (!pidfd_.valid() || poll(&wait, 1, static_cast<int>(patience.count())) != 1)
    ::kill(id_, SIGKILL);
  siginfo_t info{};
  int result = 0;
  do result = waitid(P_PID, static_cast<id_t>(id_), &info, WEXITED);
  while (result != 0 && errno == EINTR);
  reaped_ = true;
  // Where the host takes every child's status for itself, nobody can say how this one ended.
  if (result == 0) {
    ending_.by_signal = info.si_code != CLD_EXITED;
    ending_.number = info.si_status;
  }
  ending_.last_words = read_output();
  return ending_;
}

}  // namespace halyard::core
