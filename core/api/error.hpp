// The border of the C API: exceptions stop here, and the words of a failure are kept for its thread.
#pragma once

#include <exception>
#include <new>

#include "halyard/status.hpp"

namespace halyard::core {

/// Keeps the message for hy_last_error and gives the code.
hy_status report(const Status& status);
const char* last_error();

/// Runs a callable that returns Status; no exception leaves.
template <class F>
hy_status guarded(F&& body) noexcept {
  try {
    return report(body());
  } catch (const std::bad_alloc&) {
    return report(Status(HY_ERROR_OUT_OF_MEMORY, "out of memory"));
  } catch (const std::exception& e) {
    return report(internal_error(e.what()));
  } catch (...) {
    return report(internal_error("an unknown exception"));
  }
}

}  // namespace halyard::core
