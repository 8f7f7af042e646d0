// The worker's side: loads one plugin and answers the host's calls.
#pragma once

#include "core/isolation/channel.hpp"

namespace halyard::core {

/// Serves until the host closes the channel, which it also does by dying. Each line gets a thread.
/// Nothing is destroyed then: the process is to end at once.
void serve_worker(Channel control);

}  // namespace halyard::core
