// The VALUE of --input NAME=VALUE.
#pragma once

#include <string>

#include "halyard/halyard.hpp"
#include "host_tensor.hpp"
#include "image.hpp"

namespace halyard::cli {

/// @file.npy, @file.pb, @picture.png, random[:SEED], a literal (literal.hpp), or text for string
/// inputs. The result has the port's type; its dims are those of the value, which may not fit the
/// port.
Result<HostTensor> parse_value(const std::string& text, const Port& port,
                               const ImageOptions& images);

/// Uniform in [0, 1); integers and bool 0 or 1; strings of eight letters. Dims that are open are 1.
/// The same seed gives the same values everywhere.
Result<HostTensor> random_value(const Port& port, uint64_t seed);

}  // namespace halyard::cli
