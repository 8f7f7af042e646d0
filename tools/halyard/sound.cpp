#include "sound.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "convert.hpp"
#include "halyard/opset.hpp"

namespace halyard::cli {
namespace {

enum Tag : uint32_t { kPcm = 1, kFloat = 3, kExtensible = 0xfffe };

uint32_t number(std::string_view bytes, size_t at, size_t width) {
  uint32_t v = 0;
  for (size_t i = 0; i < width; ++i)
    v |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return v;
}

struct Format {
  uint32_t tag = 0, channels = 0, rate = 0, align = 0, bits = 0;
};

Result<Format> parse_format(std::string_view chunk) {
  if (chunk.size() < 16) return invalid_argument("its format chunk is cut off");
  Format f{number(chunk, 0, 2), number(chunk, 2, 2), number(chunk, 4, 4), number(chunk, 12, 2),
           number(chunk, 14, 2)};
  if (f.tag == kExtensible) {
    if (chunk.size() < 26) return invalid_argument("its format chunk is cut off");
    f.tag = number(chunk, 24, 2);  // the subformat's first two bytes
  }
  const bool known = f.tag == kPcm ? f.bits == 8 || f.bits == 16 || f.bits == 24 || f.bits == 32
                                   : f.tag == kFloat && (f.bits == 32 || f.bits == 64);
  if (!known)
    return unsupported(fmt::format(
        "format {} of {} bits; PCM of 8, 16, 24 or 32 bits and floats of 32 or 64 are read", f.tag,
        f.bits));
  if (f.channels == 0 || f.rate == 0 || f.align != f.channels * f.bits / 8)
    return invalid_argument(
        fmt::format("{} channels, {} Hz, {} bytes a frame", f.channels, f.rate, f.align));
  return f;
}

float sample(std::string_view bytes, size_t at, const Format& f) {
  if (f.tag == kFloat && f.bits == 64) {
    double d = 0;
    std::memcpy(&d, bytes.data() + at, sizeof d);
    return static_cast<float>(d);
  }
  const uint32_t raw = number(bytes, at, f.bits / 8);
  if (f.tag == kFloat) {
    float v = 0;
    std::memcpy(&v, &raw, sizeof v);
    return v;
  }
  if (f.bits == 8) return static_cast<float>((static_cast<double>(raw) - 128) / 128);
  // The sample's sign in the sign of 32 bits.
  return static_cast<float>(static_cast<double>(static_cast<int32_t>(raw << (32 - f.bits))) *
                            0x1p-31);
}

struct Wanted {
  int64_t channels = 1, frames = -1;
  std::vector<int64_t> dims;  // the last is the frames
};

Result<Wanted> wanted(const Sound& sound, const std::vector<int64_t>& dims) {
  const auto refuse = [&](const char* why) {
    return invalid_argument(
        fmt::format("a sound of {} channels does not fit dims {}: {} (-1: open)", sound.channels,
                    dims_text(dims), why));
  };
  if (dims.empty() || dims.size() > 3)
    return refuse("[n], [channels,n] or [1,channels,n] is wanted");
  Wanted w{1, dims.back(), dims};
  if (dims.size() == 3 && dims[0] > 1) return refuse("one sound cannot fill a batch");
  if (dims.size() >= 2) {
    const int64_t channels = dims[dims.size() - 2];
    if (channels > 1 && channels != sound.channels) return refuse("it has other channels");
    w.channels = channels > 1 ? channels : 1;
  }
  for (int64_t& d : w.dims)
    if (d < 0) d = 1;
  w.dims.back() = sound.frames;
  if (w.frames >= 0 && w.frames != sound.frames)
    return invalid_argument(
        fmt::format("the sound has {} samples; the input takes {}", sound.frames, w.frames));
  return w;
}

}  // namespace

Result<Sound> parse_wav(std::string_view bytes) {
  if (bytes.size() < 12 || !bytes.starts_with("RIFF") || bytes.substr(8, 4) != "WAVE")
    return invalid_argument("not a WAV file");
  std::optional<Format> format;
  for (size_t at = 12; at + 8 <= bytes.size();) {
    const std::string_view name = bytes.substr(at, 4);
    const size_t size = number(bytes, at + 4, 4), left = bytes.size() - at - 8;
    const bool open = name == "data" && size == UINT32_MAX;
    if (size > left && !open)
      return invalid_argument(
          fmt::format("it is cut off: chunk \"{}\" has {} of {} bytes", name, left, size));
    const std::string_view chunk = bytes.substr(at + 8, open ? left : size);
    if (name == "fmt ") {
      HY_ASSIGN_OR_RETURN(format, parse_format(chunk));
    } else if (name == "data") {
      if (!format) return invalid_argument("its samples come before their format");
      const size_t frames = chunk.size() / format->align, width = format->bits / 8;
      Sound out{format->rate, format->channels, static_cast<int64_t>(frames), {}};
      out.samples.reserve(frames * format->channels);
      for (size_t i = 0; i < frames * format->channels; ++i)
        out.samples.push_back(sample(chunk, i * width, *format));
      return out;
    }
    at += 8 + size + size % 2;
  }
  return invalid_argument("it has no samples");
}

Result<HostTensor> sound_tensor(const Sound& sound, const std::vector<int64_t>& dims,
                                uint32_t dtype, int64_t rate) {
  if (rate > 0 && rate != sound.rate)
    return invalid_argument(fmt::format(
        "the sound has {} samples a second and the model wants {}; nothing is resampled "
        "here: convert the file first (sox IN.wav -r {} OUT.wav)",
        sound.rate, rate, rate));
  if (!is_float(dtype) && dtype != HY_DTYPE_I16 && dtype != HY_DTYPE_I32)
    return invalid_argument(
        fmt::format("a sound cannot be {}; floats, i16 and i32 can take it", dtype_name(dtype)));
  HY_ASSIGN_OR_RETURN(const Wanted to, wanted(sound, dims));
  const Wide scale = dtype == HY_DTYPE_I16 ? 0x1p15L : dtype == HY_DTYPE_I32 ? 0x1p31L : 1;
  std::vector<Wide> values(static_cast<size_t>(to.channels * sound.frames));
  for (int64_t f = 0; f < sound.frames; ++f) {
    const float* frame = sound.samples.data() + f * sound.channels;
    if (to.channels > 1) {
      for (int64_t c = 0; c < to.channels; ++c)
        values[static_cast<size_t>(c * sound.frames + f)] = static_cast<Wide>(frame[c]) * scale;
      continue;
    }
    double sum = 0;
    for (int64_t c = 0; c < sound.channels; ++c) sum += static_cast<double>(frame[c]);
    values[static_cast<size_t>(f)] =
        static_cast<Wide>(sum / static_cast<double>(sound.channels)) * scale;
  }
  return from_wide(values, to.dims, dtype);
}

}  // namespace halyard::cli
