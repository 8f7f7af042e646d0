// How far a long compilation is, on a terminal.
#pragma once

#include <functional>
#include <string_view>

namespace halyard::cli {

/// For SessionOptions::progress: one line on stderr, from the second second on, which goes again at the end. Null where
/// stderr is no terminal.
std::function<void(std::string_view what, double done)> terminal_progress();

}  // namespace halyard::cli
