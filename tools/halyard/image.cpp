#include "image.hpp"

#include <fmt/format.h>

#include <charconv>
#include <memory>

#include "convert.hpp"
#include "resize.hpp"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_MAX_DIMENSIONS 32768
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace halyard::cli {
namespace {

constexpr int64_t kMaxArea = int64_t{1} << 27;  // of a decoded picture

Result<Pixels> decode(const std::string& path, int channels) {
  HY_ASSIGN_OR_RETURN(const std::string bytes, read_file(path));
  if (bytes.size() > INT32_MAX) return unsupported(path + ": pictures of over 2 GiB are not read");
  int width = 0, height = 0, found = 0;
  const auto* data = reinterpret_cast<const stbi_uc*>(bytes.data());
  const int size = static_cast<int>(bytes.size());
  if (stbi_info_from_memory(data, size, &width, &height, &found) == 0)
    return invalid_argument(path + ": not a PNG or JPEG picture");
  if (int64_t{width} * height > kMaxArea)
    return unsupported(
        fmt::format("{}: {}x{} pixels; up to {} are read", path, width, height, kMaxArea));
  const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load_from_memory(data, size, &width, &height, &found, channels), stbi_image_free);
  if (pixels == nullptr)
    return invalid_argument(
        fmt::format("{}: the picture is damaged: {}", path, stbi_failure_reason()));
  const int64_t count = int64_t{width} * height * channels;
  return Pixels{width, height, channels, {pixels.get(), pixels.get() + count}};
}

struct Layout {
  bool channels_first = true;
  int64_t channels = 3, height = -1, width = -1;
};

Result<Layout> find_layout(const std::vector<int64_t>& dims) {
  const bool batch = dims.size() == 4;
  const auto channels = [](int64_t d) { return d == 1 || d == 3 || d == 4; };
  const auto at = [&](size_t i) { return dims[i + (batch ? 1 : 0)]; };
  if (batch && dims[0] > 1)
    return invalid_argument(fmt::format("one picture cannot fill a batch of {}", dims[0]));
  if (batch || dims.size() == 3) {
    if (channels(at(0))) return Layout{true, at(0), at(1), at(2)};
    if (channels(at(2))) return Layout{false, at(2), at(0), at(1)};
  }
  return invalid_argument(
      fmt::format("a picture does not fit dims {}: [N,C,H,W] or [N,H,W,C] with 1, 3 or 4 channels "
                  "is wanted (-1: open)",
                  dims_text(dims)));
}

/// The number of a channel from a list of one or of all.
double of_channel(const std::vector<double>& list, int64_t c, double fallback) {
  return list.empty() ? fallback : list.size() == 1 ? list[0] : list[static_cast<size_t>(c)];
}

/// In the model's order, layout and range.
std::vector<Wide> scaled(const Pixels& p, const Layout& layout, const ImageOptions& o,
                         double default_scale) {
  const int64_t area = p.width * p.height;
  std::vector<Wide> out(static_cast<size_t>(area * p.channels));
  for (int64_t c = 0; c < p.channels; ++c) {
    const int64_t source = o.bgr && p.channels >= 3 && c < 3 ? 2 - c : c;
    const double mean = of_channel(o.mean, c, 0), scale = of_channel(o.scale, c, default_scale);
    for (int64_t i = 0; i < area; ++i) {
      const double v = p.values[static_cast<size_t>(i * p.channels + source)];
      out[static_cast<size_t>(layout.channels_first ? c * area + i : i * p.channels + c)] =
          (v - mean) * scale;
    }
  }
  return out;
}

}  // namespace

Result<std::vector<double>> parse_factors(std::string_view text) {
  const auto bad = [&] {
    return Status(HY_ERROR_CONFIG,
                  fmt::format("\"{}\" is not a number, a/b, or a list of them: write 0.0039, "
                              "1/255 or 123.7,116.3,103.5",
                              text));
  };
  const auto number = [](std::string_view s, double* out) {
    while (s.starts_with(' ')) s.remove_prefix(1);
    while (s.ends_with(' ')) s.remove_suffix(1);
    const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), *out);
    return !s.empty() && error == std::errc() && end == s.data() + s.size();
  };
  std::vector<double> out;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    const std::string_view part = text.substr(at, end - at);
    const size_t slash = part.find('/');
    double a = 0, b = 1;
    if (!number(part.substr(0, slash), &a)) return bad();
    if (slash != std::string_view::npos && (!number(part.substr(slash + 1), &b) || b == 0))
      return bad();
    out.push_back(a / b);
    at = end + 1;
  }
  return out;
}

Result<HostTensor> load_image(const std::string& path, const std::vector<int64_t>& dims,
                              uint32_t dtype, const ImageOptions& options) {
  HY_ASSIGN_OR_RETURN(const Layout layout, find_layout(dims));
  if (!is_numeric(dtype)) return invalid_argument(path + ": the model wants no numbers here");
  for (const auto& [what, list] :
       {std::pair("mean", &options.mean), std::pair("scale", &options.scale)})
    if (list->size() > 1 && list->size() != static_cast<size_t>(layout.channels))
      return invalid_argument(fmt::format("the image {} has {} numbers for {} channels", what,
                                          list->size(), layout.channels));
  if (layout.width == 0 || layout.height == 0)
    return invalid_argument(fmt::format("a picture does not fit dims {}", dims_text(dims)));
  HY_ASSIGN_OR_RETURN(Pixels pixels, decode(path, static_cast<int>(layout.channels)));
  const int64_t height = layout.height < 0 ? pixels.height : layout.height;
  const int64_t width = layout.width < 0 ? pixels.width : layout.width;
  std::vector<int64_t> out{height, width};
  out.insert(layout.channels_first ? out.begin() : out.end(), layout.channels);
  if (dims.size() == 4) out.insert(out.begin(), 1);
  // Before it is made: an absurd size is an error, not a crash. Doubles, as the largest step has
  // them.
  HY_RETURN_IF_ERROR(dense_bytes(HY_DTYPE_C128, out).status());
  pixels = resize(std::move(pixels), width, height);
  return from_wide(scaled(pixels, layout, options, is_float(dtype) ? 1.0 / 255 : 1), out, dtype);
}

std::pair<int64_t, int64_t> picture_size(const std::vector<int64_t>& dims) {
  const auto layout = find_layout(dims);
  return layout.ok() ? std::pair(layout->width, layout->height) : std::pair<int64_t, int64_t>();
}

}  // namespace halyard::cli
