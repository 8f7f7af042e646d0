// The VALUE of --input NAME=VALUE.
#pragma once

#include <string>

#include "halyard/halyard.hpp"
#include "host_tensor.hpp"
#include "image.hpp"

namespace halyard::cli {

/// How files become values.
struct ValueOptions {
  ImageOptions images = {};
  int64_t sample_rate = 0;  // of sounds, in Hz; 0: whatever the file has
  /// Receives a line about what was read, where that is worth knowing; null: nobody does.
  std::vector<std::string>* notes = nullptr;
};

/// @file.npy, @file.pb, @picture.png, @sound.wav, @text.txt, random[:SEED], a literal (literal.hpp),
/// or text for string inputs. A .txt file is one string for an input of one element, else a string a
/// line. The result has the port's type; its dims are those of the value, which may not fit the port.
Result<HostTensor> parse_value(const std::string& text, const Port& port,
                               const ValueOptions& options);

/// Uniform in [0, 1); integers and bool 0 or 1; strings of eight letters. Dims that are open are 1.
/// The same seed gives the same values everywhere.
Result<HostTensor> random_value(const Port& port, uint64_t seed);

}  // namespace halyard::cli
