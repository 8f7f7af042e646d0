#include "tools/read_text/ink.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

namespace halyard::read_text {
namespace {

constexpr int kTerms = 6;  // 1, x, y, xx, xy, yy
using Terms = std::array<double, kTerms>;

constexpr int kFits = 4;  // of the paper, each without the pixels far from the one before
constexpr double kFarFromPaper = 1.5;  // standard deviations
constexpr int kSamples = 40000;        // pixels that a fit looks at, about
constexpr double kLeastContrast = 0.02, kLeastOverNoise = 3.5;
constexpr int kBins = 256;
constexpr double kMostSlope = 15, kCoarse = 0.5, kFine = 0.1;
constexpr double kClearer = 1.02;  // how much better a slope must be than none

Terms terms(double x, double y) { return {1, x, y, x * x, x * y, y * y}; }

double dot(const Terms& a, const Terms& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Solves the normal equations a x = b; a is symmetric, and lightly damped so that it has an inverse.
Terms solve(std::array<Terms, kTerms> a, Terms b) {
  for (int i = 0; i < kTerms; ++i) a[i][i] += 1e-9;
  for (int i = 0; i < kTerms; ++i)
    for (int row = i + 1; row < kTerms; ++row) {
      const double factor = a[row][i] / a[i][i];
      for (int k = i; k < kTerms; ++k) a[row][k] -= factor * a[i][k];
      b[row] -= factor * b[i];
    }
  Terms x{};
  for (int i = kTerms - 1; i >= 0; --i) {
    double rest = b[i];
    for (int k = i + 1; k < kTerms; ++k) rest -= a[i][k] * x[k];
    x[i] = rest / a[i][i];
  }
  return x;
}

Grid<float> brightness(const cli::Picture& p) {
  Grid<float> out(p.width, p.height);
  for (size_t i = 0; i < out.values.size(); ++i)
    out.values[i] =
        (0.299f * static_cast<float>(p.rgb[3 * i]) + 0.587f * static_cast<float>(p.rgb[3 * i + 1]) +
         0.114f * static_cast<float>(p.rgb[3 * i + 2])) /
        255;
  return out;
}

/// Coordinates within -1..1, so that the equations are well conditioned.
double relative(int i, int size) { return size > 1 ? 2.0 * i / (size - 1) - 1 : 0; }

/// Takes the paper away: what is left is 0 there.
void subtract_paper(Grid<float>& g) {
  const double pixels = static_cast<double>(g.width) * g.height;
  const int step = std::max(1, static_cast<int>(std::sqrt(pixels / kSamples)));
  Terms paper{};
  double limit = INFINITY;
  for (int fit = 0; fit < kFits; ++fit) {
    std::array<Terms, kTerms> a{};
    Terms b{};
    for (int y = 0; y < g.height; y += step)
      for (int x = 0; x < g.width; x += step) {
        const Terms t = terms(relative(x, g.width), relative(y, g.height));
        const double v = static_cast<double>(g.at(x, y));
        if (fit > 0 && std::abs(v - dot(paper, t)) > limit) continue;
        for (int i = 0; i < kTerms; ++i) {
          for (int k = 0; k < kTerms; ++k) a[i][k] += t[i] * t[k];
          b[i] += t[i] * v;
        }
      }
    paper = solve(a, b);
    double squares = 0, count = 0;
    for (int y = 0; y < g.height; y += step)
      for (int x = 0; x < g.width; x += step) {
        const double d = static_cast<double>(g.at(x, y)) -
                         dot(paper, terms(relative(x, g.width), relative(y, g.height)));
        if (std::abs(d) > limit) continue;
        squares += d * d;
        ++count;
      }
    limit = kFarFromPaper * std::sqrt(squares / std::max(1.0, count)) + 1e-6;
  }
  for (int y = 0; y < g.height; ++y)
    for (int x = 0; x < g.width; ++x)
      g.at(x, y) -=
          static_cast<float>(dot(paper, terms(relative(x, g.width), relative(y, g.height))));
}

/// The value that parts a list of values in 0..most into two with the largest variance between (Otsu).
float part(const std::vector<float>& values, float most) {
  std::array<double, kBins> count{};
  for (const float v : values)
    ++count[static_cast<size_t>(std::clamp(v / most, 0.f, 1.f) * (kBins - 1))];
  double total = 0, sum = 0;
  for (size_t i = 0; i < kBins; ++i) total += count[i], sum += count[i] * static_cast<double>(i);
  double below = 0, below_sum = 0, best = -1;
  size_t at = 0;
  for (size_t i = 0; i + 1 < kBins; ++i) {
    below += count[i];
    below_sum += count[i] * static_cast<double>(i);
    if (below == 0 || below == total) continue;
    const double apart = below_sum / below - (sum - below_sum) / (total - below);
    const double between = below * (total - below) * apart * apart;
    if (between > best) best = between, at = i;
  }
  return most * (static_cast<float>(at) + 1) / kBins;
}

float median(std::vector<float> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// A blur over three pixels each way, against noise.
Grid<float> softened(const Grid<float>& g) {
  Grid<float> rows(g.width, g.height), out(g.width, g.height);
  for (int y = 0; y < g.height; ++y)
    for (int x = 0; x < g.width; ++x)
      rows.at(x, y) =
          (g.at(std::max(0, x - 1), y) + 2 * g.at(x, y) + g.at(std::min(g.width - 1, x + 1), y)) /
          4;
  for (int y = 0; y < g.height; ++y)
    for (int x = 0; x < g.width; ++x)
      out.at(x, y) = (rows.at(x, std::max(0, y - 1)) + 2 * rows.at(x, y) +
                      rows.at(x, std::min(g.height - 1, y + 1))) /
                     4;
  return out;
}

/// Mean of the stronger half of what is at least `from`; 0 if nothing is.
float level(const std::vector<float>& values, float from) {
  std::vector<float> strong;
  for (const float v : values)
    if (v >= from) strong.push_back(v);
  if (strong.empty()) return 0;
  const float middle = median(strong);
  double sum = 0, count = 0;
  for (const float v : strong)
    if (v >= middle) sum += static_cast<double>(v), ++count;
  return static_cast<float>(sum / count);
}

/// How well the rows part into ink and gaps when they slope so: the sum of the squares of the rows' ink.
double clearness(const std::vector<std::array<float, 2>>& points, double degrees, double reach) {
  const double c = std::cos(degrees * std::numbers::pi / 180);
  const double s = std::sin(degrees * std::numbers::pi / 180);
  std::vector<double> rows(static_cast<size_t>(2 * reach) + 3);
  for (const auto& [x, y] : points)
    ++rows[static_cast<size_t>(static_cast<double>(y) * c - static_cast<double>(x) * s + reach) +
           1];
  return std::inner_product(rows.begin(), rows.end(), rows.begin(), 0.0);
}

}  // namespace

Ink find_ink(const cli::Picture& picture) {
  Ink ink = brightness(picture);
  subtract_paper(ink);
  const Ink soft = softened(ink);
  double cubes = 0;
  for (const float v : soft.values) cubes += std::pow(static_cast<double>(v), 3);
  const float sign = cubes < 0 ? -1.f : 1.f;

  std::vector<float> departure(soft.values.size());
  std::vector<float> noise(soft.values.size());
  for (size_t i = 0; i < departure.size(); ++i) {
    departure[i] = std::max(0.f, sign * soft.values[i]);
    noise[i] = std::abs(soft.values[i]);
  }
  const float most = *std::max_element(departure.begin(), departure.end());
  const float deviation = 1.4826f * median(std::move(noise));  // of a normal distribution
  const float strong = most > 0 ? level(departure, part(departure, most)) : 0;
  if (strong < static_cast<float>(kLeastContrast) ||
      strong < static_cast<float>(kLeastOverNoise) * deviation)
    return Ink(picture.width, picture.height);
  for (float& v : ink.values) v = std::clamp(sign * v / strong, 0.f, 1.f);
  return ink;
}

double find_slope(const Ink& ink) {
  std::vector<std::array<float, 2>> points;
  for (int y = 0; y < ink.height; ++y)
    for (int x = 0; x < ink.width; ++x)
      if (ink.at(x, y) >= kInkThreshold)
        points.push_back({static_cast<float>(x), static_cast<float>(y)});
  if (points.empty()) return 0;
  const double reach = std::hypot(ink.width, ink.height);
  double best = 0, most = clearness(points, 0, reach);
  const double flat = most;
  const auto look = [&](double from, double to, double step) {
    for (double d = from; d <= to + step / 2; d += step)
      if (const double c = clearness(points, d, reach); c > most) most = c, best = d;
  };
  look(-kMostSlope, kMostSlope, kCoarse);
  look(best - kCoarse, best + kCoarse, kFine);
  return most > flat * kClearer ? best : 0;
}

Turn::Turn(int width, int height, double degrees)
    : from_width_(width),
      from_height_(height),
      cos_(std::cos(degrees * std::numbers::pi / 180)),
      sin_(std::sin(degrees * std::numbers::pi / 180)) {
  width_ = static_cast<int>(std::ceil(width * cos_ + height * std::abs(sin_)));
  height_ = static_cast<int>(std::ceil(height * cos_ + width * std::abs(sin_)));
}

void Turn::to_picture(double x, double y, double& picture_x, double& picture_y) const {
  const double dx = x - width_ / 2.0, dy = y - height_ / 2.0;
  picture_x = from_width_ / 2.0 + dx * cos_ - dy * sin_;
  picture_y = from_height_ / 2.0 + dx * sin_ + dy * cos_;
}

Ink Turn::apply(const Ink& ink) const {
  if (sin_ == 0) return ink;
  Ink out(width_, height_);
  const auto value = [&](int x, int y) {
    return x < 0 || y < 0 || x >= ink.width || y >= ink.height ? 0.f : ink.at(x, y);
  };
  for (int y = 0; y < height_; ++y)
    for (int x = 0; x < width_; ++x) {
      double fx = 0, fy = 0;
      to_picture(x + 0.5, y + 0.5, fx, fy);
      const double left = std::floor(fx - 0.5), top = std::floor(fy - 0.5);
      const auto ax = static_cast<float>(fx - 0.5 - left), ay = static_cast<float>(fy - 0.5 - top);
      const int ix = static_cast<int>(left), iy = static_cast<int>(top);
      out.at(x, y) = (1 - ay) * ((1 - ax) * value(ix, iy) + ax * value(ix + 1, iy)) +
                     ay * ((1 - ax) * value(ix, iy + 1) + ax * value(ix + 1, iy + 1));
    }
  return out;
}

}  // namespace halyard::read_text
