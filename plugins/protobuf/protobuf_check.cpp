#include "protobuf_check.hpp"

#include <dlfcn.h>
#include <google/protobuf/stubs/common.h>

#include <string>

namespace halyard::plugin {

bool is_protobuf_library(std::string_view path, std::string_view soversion) {
  const std::string_view file = path.substr(path.rfind('/') + 1);  // npos + 1: all of it
  for (const char* stem : {"libprotobuf-lite.so.", "libprotobuf.so."}) {
    const std::string name = std::string(stem) + std::string(soversion);
    if (file == name || file.starts_with(name + ".")) return true;
  }
  return false;
}

Status check_protobuf(std::string_view files) {
  Dl_info info{};
  const auto function = reinterpret_cast<const void*>(&google::protobuf::internal::VerifyVersion);
  if (dladdr(function, &info) == 0 || info.dli_fname == nullptr) return {};
  if (is_protobuf_library(info.dli_fname, HALYARD_PROTOBUF_SOVERSION)) return {};
  return unsupported(std::string("this process takes protobuf from ") + info.dli_fname +
                     "; reading " + std::string(files) +
                     " needs libprotobuf-lite.so." HALYARD_PROTOBUF_SOVERSION
                     ". Do not export that copy's symbols, or build Halyard with its version");
}

}  // namespace halyard::plugin
