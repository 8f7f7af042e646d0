// Sounds as tensors.
#pragma once

#include <optional>
#include <string_view>

#include "host_tensor.hpp"

namespace halyard::cli {

/// What a WAV file holds: samples from -1 to 1, channel after channel in each frame.
struct Sound {
  int64_t rate = 0, channels = 0, frames = 0;
  std::vector<float> samples;  // frames * channels
};

/// PCM of 8, 16, 24 or 32 bits, or 32- and 64-bit floats; WAVE_FORMAT_EXTENSIBLE too. A data chunk of
/// unknown length (0xffffffff) goes to the end of the file.
Result<Sound> parse_wav(std::string_view bytes);

/// A sound for a port with these dims (-1: not fixed): [n], [1,n] or [1,1,n] is one channel, to which
/// several are mixed; [c,n] or [1,c,n] with c of 2 or more is the file's channels. Floats are samples
/// from -1 to 1; i16 and i32 take the full range of the type. rate: what the model wants, 0 where it
/// does not say; another is an error, nothing is resampled.
Result<HostTensor> sound_tensor(const Sound& sound, const std::vector<int64_t>& dims,
                                uint32_t dtype, int64_t rate);

}  // namespace halyard::cli
