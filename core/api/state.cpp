#include <fmt/format.h>

#include "core/api/error.hpp"
#include "core/api/objects.hpp"
#include "halyard/halyard.h"

using namespace halyard;
using namespace halyard::core;

namespace {

/// Calls f with the contents, in their turn.
template <class F>
hy_status in_turn(hy_state* state, F&& f) {
  return guarded([&]() -> Status {
    if (state == nullptr) return invalid_argument("state is null");
    HY_RETURN_IF_ERROR(alive(state->mark));
    const hy_job job;
    HY_ASSIGN_OR_RETURN(const StateTurn turn, StateTurn::take(state->states, job));
    return f(*state->states);
  });
}

}  // namespace

extern "C" {

hy_status hy_session_make_state(hy_session* session, hy_state** state) {
  return guarded([&]() -> Status {
    if (session == nullptr || state == nullptr) return invalid_argument("session or state is null");
    *state = nullptr;
    HY_RETURN_IF_ERROR(alive(session->mark));
    HY_ASSIGN_OR_RETURN(auto states, session->session->make_states());
    *state = new hy_state{{}, std::move(states)};
    return {};
  });
}

void hy_state_destroy(hy_state* state) {
  if (state != nullptr && !state->mark.crossed()) delete state;
}

hy_status hy_state_reset(hy_state* state) {
  return in_turn(state, [](StateSet& s) { return s.reset(); });
}

hy_status hy_state_fork(hy_state* state, hy_state** copy) {
  return in_turn(state, [&](StateSet& s) -> Status {
    if (copy == nullptr) return invalid_argument("copy is null");
    *copy = nullptr;
    HY_ASSIGN_OR_RETURN(auto forked, s.fork());
    *copy = new hy_state{{}, std::move(forked)};
    return {};
  });
}

hy_status hy_state_truncate(hy_state* state, const char* name, uint32_t axis, uint64_t length) {
  return in_turn(
      state, [&](StateSet& s) { return s.truncate(name == nullptr ? "" : name, axis, length); });
}

hy_status hy_state_export(hy_state* state, const char* name, hy_tensor** tensor) {
  return in_turn(state, [&](StateSet& s) -> Status {
    if (name == nullptr || tensor == nullptr) return invalid_argument("name or tensor is null");
    *tensor = nullptr;
    HY_ASSIGN_OR_RETURN(StateContent * content, s.find(name));
    HY_ASSIGN_OR_RETURN(auto out, content->to_tensor());
    *tensor = out.release();
    return {};
  });
}

hy_status hy_state_import(hy_state* state, const char* name, const hy_tensor* tensor) {
  return in_turn(state, [&](StateSet& s) -> Status {
    if (name == nullptr || tensor == nullptr) return invalid_argument("name or tensor is null");
    HY_ASSIGN_OR_RETURN(StateContent * content, s.find(name));
    return content->from_tensor(*tensor);
  });
}

}  // extern "C"
