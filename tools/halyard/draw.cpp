#include "draw.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "convert.hpp"

namespace halyard::cli {
namespace {

constexpr Colour kColours[] = {{255, 64, 0},  {0, 160, 255}, {64, 200, 0},
                               {255, 0, 160}, {255, 192, 0}, {128, 64, 255}};
constexpr double kMaskStrength = 0.5;

const Colour& colour_of(size_t index) { return kColours[index % std::size(kColours)]; }

Status config(std::string m) { return {HY_ERROR_CONFIG, std::move(m)}; }

Result<double> parse_number(std::string_view key, std::string_view text) {
  double v = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (text.empty() || error != std::errc() || end != text.data() + text.size())
    return config(fmt::format("--draw {}={}: a number is wanted", key, text));
  return v;
}

Result<BoxFormat> parse_format(std::string_view text) {
  if (text == "xyxy") return BoxFormat::kXyxy;
  if (text == "xywh") return BoxFormat::kXywh;
  if (text == "cxcywh") return BoxFormat::kCxcywh;
  if (text == "yxyx") return BoxFormat::kYxyx;
  return config(fmt::format("--draw format={}: xyxy, xywh, cxcywh or yxyx is wanted", text));
}

Status set(DrawSpec& spec, std::string_view key, std::string_view value) {
  if (key == "boxes") return spec.boxes = value, Status();
  if (key == "scores") return spec.scores = value, Status();
  if (key == "mask") return spec.mask = value, Status();
  if (key == "normalised") return spec.normalised = true, Status();
  if (key == "format") {
    HY_ASSIGN_OR_RETURN(spec.format, parse_format(value));
    return {};
  }
  if (key == "threshold" || key == "nms" || key == "class") {
    HY_ASSIGN_OR_RETURN(const double v, parse_number(key, value));
    if (key == "class")
      spec.score_class = static_cast<int64_t>(std::clamp(v, 0.0, 1e9));
    else
      (key == "nms" ? spec.overlap : spec.threshold) = v;
    return {};
  }
  return config(
      fmt::format("--draw: \"{}\" is not one of boxes, scores, class, threshold, nms, "
                  "format, normalised and mask",
                  key));
}

Result<const HostTensor*> find(const NamedTensors& outputs, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [n, t] : outputs) {
    if (n == name) {
      if (is_numeric(t.dtype)) return &t;
      return config(fmt::format("--draw: output \"{}\" is {}", name, describe(t)));
    }
    names.push_back(n);
  }
  return config(fmt::format("--draw: the model has no output \"{}\"; its outputs are {}", name,
                            fmt::join(names, ", ")));
}

struct Box {
  double left = 0, top = 0, right = 0, bottom = 0, score = 1;
  size_t label = 0;
};

Box from(const double* v, BoxFormat format) {
  switch (format) {
    case BoxFormat::kXywh:
      return {v[0], v[1], v[0] + v[2], v[1] + v[3]};
    case BoxFormat::kCxcywh:
      return {v[0] - v[2] / 2, v[1] - v[3] / 2, v[0] + v[2] / 2, v[1] + v[3] / 2};
    case BoxFormat::kYxyx:
      return {v[1], v[0], v[3], v[2]};
    case BoxFormat::kXyxy:
      break;
  }
  return {v[0], v[1], v[2], v[3]};
}

double area(const Box& b) {
  return std::max(0.0, b.right - b.left) * std::max(0.0, b.bottom - b.top);
}

double overlap(const Box& a, const Box& b) {
  const Box both{std::max(a.left, b.left), std::max(a.top, b.top), std::min(a.right, b.right),
                 std::min(a.bottom, b.bottom)};
  const double shared = area(both), all = area(a) + area(b) - shared;
  return all > 0 ? shared / all : 0;
}

Result<std::vector<Box>> read_boxes(const NamedTensors& outputs, const DrawSpec& spec) {
  HY_ASSIGN_OR_RETURN(const HostTensor* t, find(outputs, spec.boxes));
  const int64_t width = t->dims.empty() ? 0 : t->dims.back();
  if (width < 4)
    return config(fmt::format("--draw: output \"{}\" is {}; boxes need a last dim of 4", spec.boxes,
                              describe(*t)));
  const std::vector<double> values = to_doubles(*t);
  std::vector<Box> out;
  for (size_t at = 0; at + static_cast<size_t>(width) <= values.size();
       at += static_cast<size_t>(width))
    out.push_back(from(values.data() + at, spec.format));
  if (spec.scores.empty() || out.empty()) return out;

  HY_ASSIGN_OR_RETURN(const HostTensor* s, find(outputs, spec.scores));
  const std::vector<double> scores = to_doubles(*s);
  const size_t classes = scores.size() / out.size();
  if (classes == 0 || scores.size() % out.size() != 0 ||
      (spec.score_class >= 0 && static_cast<size_t>(spec.score_class) >= classes))
    return config(fmt::format(
        "--draw: output \"{}\" is {}, which has no score {}for each of {} boxes", spec.scores,
        describe(*s), spec.score_class < 0 ? "" : fmt::format("of class {} ", spec.score_class),
        out.size()));
  for (size_t i = 0; i < out.size(); ++i) {
    const double* row = scores.data() + i * classes;
    out[i].label = spec.score_class >= 0
                       ? static_cast<size_t>(spec.score_class)
                       : static_cast<size_t>(std::max_element(row, row + classes) - row);
    out[i].score = row[out[i].label];
  }
  // A comparison that a NaN fails, too.
  std::erase_if(out, [&](const Box& b) { return !(b.score >= spec.threshold); });
  std::stable_sort(out.begin(), out.end(),
                   [](const Box& a, const Box& b) { return a.score > b.score; });
  return out;
}

int64_t draw_boxes(Picture& p, const std::vector<Box>& boxes, const DrawSpec& spec, double scale_x,
                   double scale_y) {
  std::vector<const Box*> drawn;
  for (const Box& b : boxes) {
    const bool hidden = std::any_of(drawn.begin(), drawn.end(),
                                    [&](const Box* d) { return overlap(*d, b) > spec.overlap; });
    if (hidden) continue;
    drawn.push_back(&b);
    draw_frame(p, b.left * scale_x, b.top * scale_y, b.right * scale_x, b.bottom * scale_y,
               colour_of(b.label));
  }
  return static_cast<int64_t>(drawn.size());
}

/// Channels, height, width and how far apart neighbours of each are.
struct MaskLayout {
  int64_t channels = 1, height = 0, width = 0, channel_step = 0, step = 1;
};

std::optional<MaskLayout> mask_layout(std::vector<int64_t> dims) {
  while (dims.size() > 3 && dims.front() == 1) dims.erase(dims.begin());
  if (dims.size() == 2) return MaskLayout{1, dims[0], dims[1], 0, 1};
  if (dims.size() != 3) return std::nullopt;
  if (dims[2] == 1) return MaskLayout{1, dims[0], dims[1], 0, 1};  // [H,W,1]
  if (dims[0] == 1 || dims[0] <= dims[2])
    return MaskLayout{dims[0], dims[1], dims[2], dims[1] * dims[2], 1};
  return MaskLayout{dims[2], dims[0], dims[1], 1, dims[2]};  // [H,W,C]
}

Status draw_mask(Picture& p, const NamedTensors& outputs, const DrawSpec& spec) {
  HY_ASSIGN_OR_RETURN(const HostTensor* t, find(outputs, spec.mask));
  const auto layout = mask_layout(t->dims);
  if (!layout || layout->height <= 0 || layout->width <= 0 || layout->channels <= 0)
    return config(
        fmt::format("--draw: output \"{}\" is {}; a mask is [H,W], [C,H,W] or [H,W,C], with "
                    "a batch of 1 or without",
                    spec.mask, describe(*t)));
  const std::vector<double> values = to_doubles(*t);
  const bool classes = !is_float(t->dtype) && t->dtype != HY_DTYPE_BOOL;
  const auto label_at = [&](int64_t x, int64_t y) -> int64_t {
    const double* v = values.data() + (y * layout->width + x) * layout->step;
    if (layout->channels == 1) return classes ? static_cast<int64_t>(v[0]) : v[0] > 0.5 ? 1 : 0;
    int64_t best = 0;
    for (int64_t c = 1; c < layout->channels; ++c)
      if (v[c * layout->channel_step] > v[best * layout->channel_step]) best = c;
    return best;
  };
  for (int y = 0; y < p.height; ++y)
    for (int x = 0; x < p.width; ++x) {
      const int64_t label = label_at(x * layout->width / p.width, y * layout->height / p.height);
      if (label > 0) tint(p, x, y, colour_of(static_cast<size_t>(label) - 1), kMaskStrength);
    }
  return {};
}

}  // namespace

Result<DrawSpec> parse_draw(std::string_view text) {
  DrawSpec spec;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    const std::string_view part = text.substr(at, end - at);
    const size_t eq = std::min(part.find('='), part.size());
    HY_RETURN_IF_ERROR(set(spec, part.substr(0, eq), part.substr(std::min(eq + 1, part.size()))));
    at = end + 1;
  }
  if (spec.boxes.empty() == spec.mask.empty())
    return config(fmt::format("--draw {}: either boxes=NAME or mask=NAME is wanted", text));
  return spec;
}

Result<int64_t> draw(Picture& picture, const NamedTensors& outputs, const DrawSpec& spec,
                     int64_t input_width, int64_t input_height) {
  if (!spec.mask.empty()) {
    HY_RETURN_IF_ERROR(draw_mask(picture, outputs, spec));
    return int64_t{1};
  }
  HY_ASSIGN_OR_RETURN(const std::vector<Box> boxes, read_boxes(outputs, spec));
  const double w = spec.normalised ? 1 : static_cast<double>(std::max<int64_t>(input_width, 1));
  const double h = spec.normalised ? 1 : static_cast<double>(std::max<int64_t>(input_height, 1));
  return draw_boxes(picture, boxes, spec, picture.width / w, picture.height / h);
}

}  // namespace halyard::cli
