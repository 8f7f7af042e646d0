// One thing that is wrong with a configuration, and where it stands.
#pragma once

#include <cstdint>
#include <string>

namespace halyard::core::config {

/// A place in a source: a file, an environment variable or an option of the command line.
struct Where {
  std::string source;             // "a.yaml", "HALYARD_THREADS", "--set"
  uint32_t line = 0, column = 0;  // from 1, in characters; 0: not a file

  /// "a.yaml:3:7"; without a line the source alone.
  std::string text() const {
    return line == 0 ? source : source + ":" + std::to_string(line) + ":" + std::to_string(column);
  }
};

struct Issue {
  Where where;
  std::string key;         // "policy.precision"; empty: the whole source
  std::string message;     // what is wrong, with the value and the limit
  std::string suggestion;  // the next step; may be empty
  bool note = false;       // worth knowing, and no error

  /// "a.yaml:3:7: error: policy.precision: message; suggestion"
  std::string text() const {
    std::string out = where.text() + (note ? ": note: " : ": error: ");
    if (!key.empty()) out += key + ": ";
    out += message;
    if (!suggestion.empty()) out += "; " + suggestion;
    return out;
  }
};

}  // namespace halyard::core::config
