// Is the protobuf that answers in this process the one that this library was built with?
#pragma once

#include <string_view>

#include "halyard/status.hpp"

namespace halyard::plugin {

/// Whether a file is the protobuf library (full or lite) of that version of its binary interface: by name.
bool is_protobuf_library(std::string_view path, std::string_view soversion);

/// UNSUPPORTED, naming both, where an executable or library that was loaded before exports another
/// version's functions under the same names. files: what cannot be read, "ONNX files". Any thread.
Status check_protobuf(std::string_view files);

}  // namespace halyard::plugin
