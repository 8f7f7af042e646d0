#include "tools/read_text/layout.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tools/halyard/resize.hpp"

namespace halyard::read_text {
namespace {

// In heights of the line unless said otherwise.
constexpr double kSpeck = 0.05;       // smaller than this each way: dirt
constexpr double kThinBand = 0.35;    // of the tallest: dots, dashes and quotes beside their line
constexpr double kBandGap = 0.5;      // of the tallest: how far from it they may lie
constexpr double kSameColumn = 0.5;   // of the narrower: one above the other
constexpr double kMayHoldTwo = 0.45;  // wide enough to be cut
constexpr double kLeastPiece = 0.12;
constexpr double kValley = 0.65;    // of the lower of the two peaks beside it
constexpr double kWidest = 1.45;    // a character
constexpr double kInnerGap = 0.25;  // between two pieces of one character
constexpr size_t kMostPieces = 7;   // of one character
constexpr int kLeastPixels = 3, kSpread = 2, kLeastRows = 5;
constexpr size_t kMostParts = 2000;  // of a line; more is a pattern, not text

int overlap(int a0, int a1, int b0, int b1) { return std::min(a1, b1) - std::max(a0, b0); }

}  // namespace

Page::Page(Ink ink) : ink_(std::move(ink)), labels_(ink_.width, ink_.height) {
  label();
  find_lines();
  spread_labels();
}

/// Connected components, pixels touching by a side or a corner.
void Page::label() {
  std::vector<std::pair<int, int>> open;
  for (int y = 0; y < ink_.height; ++y)
    for (int x = 0; x < ink_.width; ++x) {
      if (labels_.at(x, y) != 0 || ink_.at(x, y) < kInkThreshold) continue;
      const int name = static_cast<int>(components_.size()) + 1;
      Component c{x, y, x + 1, y + 1};
      labels_.at(x, y) = name;
      open.assign(1, {x, y});
      while (!open.empty()) {
        const auto [px, py] = open.back();
        open.pop_back();
        c = {std::min(c.left, px), std::min(c.top, py), std::max(c.right, px + 1),
             std::max(c.bottom, py + 1)};
        for (int ny = std::max(0, py - 1); ny <= std::min(ink_.height - 1, py + 1); ++ny)
          for (int nx = std::max(0, px - 1); nx <= std::min(ink_.width - 1, px + 1); ++nx)
            if (labels_.at(nx, ny) == 0 && ink_.at(nx, ny) >= kInkThreshold) {
              labels_.at(nx, ny) = name;
              open.emplace_back(nx, ny);
            }
      }
      components_.push_back(c);
    }
}

/// The faint edge of a letter belongs to the letter.
void Page::spread_labels() {
  for (int round = 0; round < kSpread; ++round) {
    const Grid<int> before = labels_;
    for (int y = 0; y < ink_.height; ++y)
      for (int x = 0; x < ink_.width; ++x) {
        if (before.at(x, y) != 0) continue;
        for (const auto& [dx, dy] : {std::pair(-1, 0), {1, 0}, {0, -1}, {0, 1}}) {
          const int nx = x + dx, ny = y + dy;
          if (nx < 0 || ny < 0 || nx >= ink_.width || ny >= ink_.height) continue;
          if (const int name = before.at(nx, ny); name != 0) labels_.at(x, y) = name;
        }
      }
  }
}

void Page::find_lines() {
  struct Band {
    int top, bottom;
    int height() const { return bottom - top; }
  };
  std::vector<char> inked(static_cast<size_t>(ink_.height));
  const auto enough = [](const Component& c) { return c.width() * c.height() >= kLeastPixels; };
  for (const Component& c : components_)
    if (enough(c)) std::fill(inked.begin() + c.top, inked.begin() + c.bottom, 1);
  std::vector<Band> bands;
  for (int y = 0; y < ink_.height; ++y) {
    if (inked[static_cast<size_t>(y)] == 0) continue;
    if (!bands.empty() && bands.back().bottom == y)
      ++bands.back().bottom;
    else
      bands.push_back({y, y + 1});
  }
  int tallest = 0;
  for (const Band& b : bands) tallest = std::max(tallest, b.height());
  // A dot or a dash is no line: it goes to the nearer of the bands beside it.
  for (size_t i = 0; i < bands.size();) {
    const int none = std::numeric_limits<int>::max();
    const int above = i > 0 ? bands[i].top - bands[i - 1].bottom : none;
    const int below = i + 1 < bands.size() ? bands[i + 1].top - bands[i].bottom : none;
    const bool thin = bands[i].height() < kThinBand * tallest;
    if (!thin || std::min(above, below) > kBandGap * tallest) {
      ++i;
      continue;
    }
    if (above <= below)
      bands[i - 1].bottom = bands[i].bottom;
    else
      bands[i + 1].top = bands[i].top;
    bands.erase(bands.begin() + static_cast<std::ptrdiff_t>(i));
    if (above <= below) --i;
  }
  for (const Band& band : bands) {
    Line line{ink_.height, 0, {}};
    std::vector<int> parts;
    for (size_t i = 0; i < components_.size(); ++i) {
      const Component& c = components_[i];
      const int middle = (c.top + c.bottom) / 2;
      if (!enough(c) || middle < band.top || middle >= band.bottom ||
          std::max(c.width(), c.height()) < kSpeck * band.height())
        continue;
      parts.push_back(static_cast<int>(i) + 1);
      line.top = std::min(line.top, c.top);
      line.bottom = std::max(line.bottom, c.bottom);
    }
    if (parts.empty() || parts.size() > kMostParts || line.height() < kLeastRows) continue;
    fill(line, parts);
    lines_.push_back(std::move(line));
  }
}

/// Components that stand one above the other become one piece; wide ones are cut.
void Page::fill(Line& line, const std::vector<int>& parts) const {
  std::vector<Piece> pieces;
  for (const int name : parts) {
    const Component& c = components_[static_cast<size_t>(name) - 1];
    pieces.push_back({c.left, c.right, {name}});
  }
  const auto by_left = [](const Piece& a, const Piece& b) {
    return a.left != b.left ? a.left < b.left : a.right < b.right;
  };
  std::sort(pieces.begin(), pieces.end(), by_left);
  for (bool joined = true; joined;) {
    joined = false;
    for (size_t i = 0; i + 1 < pieces.size() && !joined; ++i)
      for (size_t k = i + 1; k < pieces.size() && pieces[k].left < pieces[i].right; ++k) {
        Piece& a = pieces[i];
        const Piece& b = pieces[k];
        const int narrower = std::min(a.right - a.left, b.right - b.left);
        if (overlap(a.left, a.right, b.left, b.right) <= kSameColumn * narrower) continue;
        a.left = std::min(a.left, b.left);
        a.right = std::max(a.right, b.right);
        a.parts.insert(a.parts.end(), b.parts.begin(), b.parts.end());
        pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(k));
        joined = true;
        break;
      }
  }
  std::sort(pieces.begin(), pieces.end(), by_left);
  for (Piece& p : pieces) add_cut(line, std::move(p), line.pieces);
}

/// Cuts a wide piece where its ink is thin, from the thinnest column on.
void Page::add_cut(const Line& line, Piece piece, std::vector<Piece>& out) const {
  const int width = piece.right - piece.left;
  if (width < kMayHoldTwo * line.height()) {
    out.push_back(std::move(piece));
    return;
  }
  std::vector<double> ink(static_cast<size_t>(width));
  for (int x = 0; x < width; ++x)
    for (int y = line.top; y < line.bottom; ++y) {
      const int name = labels_.at(piece.left + x, y);
      if (std::find(piece.parts.begin(), piece.parts.end(), name) != piece.parts.end())
        ink[static_cast<size_t>(x)] += static_cast<double>(ink_.at(piece.left + x, y));
    }
  std::vector<int> columns(static_cast<size_t>(width));
  for (int x = 0; x < width; ++x) columns[static_cast<size_t>(x)] = x;
  std::stable_sort(columns.begin(), columns.end(), [&](int a, int b) {
    return ink[static_cast<size_t>(a)] < ink[static_cast<size_t>(b)];
  });
  const int least = std::max(2, static_cast<int>(std::lround(kLeastPiece * line.height())));
  std::vector<int> cuts = {0, width};
  for (const int x : columns) {
    const bool close =
        std::any_of(cuts.begin(), cuts.end(), [&](int cut) { return std::abs(cut - x) < least; });
    if (close) continue;
    const auto here = ink.begin() + x;
    const auto before = *std::max_element(here - least, here);
    const auto after = *std::max_element(here, here + least);
    if (*here < kValley * std::min(before, after)) cuts.push_back(x);
  }
  std::sort(cuts.begin(), cuts.end());
  for (size_t i = 0; i + 1 < cuts.size(); ++i)
    out.push_back({piece.left + cuts[i], piece.left + cuts[i + 1], piece.parts});
}

std::vector<Candidate> Page::candidates(const Line& line) {
  std::vector<Candidate> out;
  for (size_t first = 0; first < line.pieces.size(); ++first)
    for (size_t last = first + 1; last <= std::min(first + kMostPieces, line.pieces.size());
         ++last) {
      const Candidate candidate{first, last};
      const auto [left, right] = columns(line, candidate);
      if (last > first + 1) {
        const int gap = line.pieces[last - 1].left - line.pieces[last - 2].right;
        if (right - left > kWidest * line.height() || gap > kInnerGap * line.height()) break;
      }
      out.push_back(candidate);
    }
  return out;
}

std::pair<int, int> Page::columns(const Line& line, const Candidate& candidate) {
  int left = std::numeric_limits<int>::max(), right = 0;
  for (size_t i = candidate.first; i < candidate.last; ++i) {
    left = std::min(left, line.pieces[i].left);
    right = std::max(right, line.pieces[i].right);
  }
  return {left, right};
}

void Page::write_patch(const Line& line, const Candidate& candidate, float* patch) const {
  std::vector<int> mine;
  for (size_t i = candidate.first; i < candidate.last; ++i)
    mine.insert(mine.end(), line.pieces[i].parts.begin(), line.pieces[i].parts.end());
  auto [left, right] = columns(line, candidate);
  left = std::max(0, left - 1);
  right = std::min(ink_.width, right + 1);
  const int top = std::max(0, line.top - 1), bottom = std::min(ink_.height, line.bottom + 1);
  cli::Pixels pixels;
  pixels.width = right - left;
  pixels.height = bottom - top;
  pixels.channels = 1;
  for (int y = top; y < bottom; ++y)
    for (int x = left; x < right; ++x) {
      const int name = labels_.at(x, y);
      const bool shown = name == 0 || std::find(mine.begin(), mine.end(), name) != mine.end();
      pixels.values.push_back(shown ? ink_.at(x, y) : 0);
    }
  const double scale = static_cast<double>(kInkRows) / (bottom - top);
  const auto width = std::clamp<int64_t>(std::lround((right - left) * scale), 1, kPatch);
  const cli::Pixels scaled = cli::resize(std::move(pixels), width, kInkRows);
  std::fill(patch, patch + kPatch * kPatch, 0.f);
  const int64_t x0 = (kPatch - width) / 2, y0 = (kPatch - kInkRows) / 2;
  for (int64_t y = 0; y < kInkRows; ++y)
    for (int64_t x = 0; x < width; ++x)
      patch[(y0 + y) * kPatch + x0 + x] =
          std::clamp(scaled.values[static_cast<size_t>(y * width + x)], 0.f, 1.f);
}

}  // namespace halyard::read_text
