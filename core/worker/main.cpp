// halyard-worker: the process that a plugin runs in when it must not run in the host's. Started by the
// library alone; what it does is core/plugin/worker_server.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/isolation/process.hpp"
#include "core/plugin/worker_server.hpp"

int main() {
  using namespace halyard::core;
  // A crash here is told to the host; a file of it for each would only fill the disk.
  const rlimit none{0, 0};
  (void)setrlimit(RLIMIT_CORE, &none);
  // What a plugin starts must not keep the line to the host open.
  (void)fcntl(Process::kSocket, F_SETFD, FD_CLOEXEC);
  serve_worker(Channel(Descriptor(Process::kSocket)));
  // Not exit(): the plugin's threads may still be at work, and what they use must not be torn down.
  _exit(0);
}
