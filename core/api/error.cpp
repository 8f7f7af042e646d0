#include "core/api/error.hpp"

#include "halyard/halyard.h"
#include "halyard/opset.hpp"

namespace halyard::core {
namespace {

std::string& message() {
  thread_local std::string text;
  return text;
}

}  // namespace

hy_status report(const Status& status) {
  message() = status.message();
  return status.code();
}

const char* last_error() { return message().c_str(); }

}  // namespace halyard::core

extern "C" {

const char* hy_version(void) { return HALYARD_VERSION; }
const char* hy_last_error(void) { return halyard::core::last_error(); }
const char* hy_dtype_name(uint32_t dtype) { return halyard::dtype_name(dtype); }
uint32_t hy_dtype_from_name(const char* name) {
  return name == nullptr ? static_cast<uint32_t>(HY_DTYPE_UNDEFINED)
                         : halyard::dtype_from_name(name);
}
uint32_t hy_dtype_bits(uint32_t dtype) { return halyard::dtype_bits(dtype); }

}  // extern "C"
