#include "tools/read_text/decode.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <string_view>

namespace halyard::read_text {
namespace {

constexpr float kLeastProbability = 1e-6f;
// Spaces, in heights of the line.
constexpr double kSurelyNoSpace = 0.15, kSurelySpace = 0.55, kUsualSpace = 0.24;
constexpr double kSamePitch = 0.14;     // of the pitch: how far a fixed-width font may stray
constexpr double kMostlyPitched = 0.9;  // of the distances
constexpr double kFavour = 3;           // what a neighbour's kind is worth, as a logarithm
constexpr std::string_view kAlike[] = {"Il1|", "Oo0"};

double log_of(float p) { return std::log(std::max(kLeastProbability, p)); }

struct Choice {
  size_t candidate = 0, label = 0;
};

/// Best cover of the pieces, by dynamic programming over where a character ends.
std::vector<Choice> best_cover(const Line& line, std::span<const Candidate> candidates,
                               std::span<const float> probabilities, size_t classes) {
  const size_t pieces = line.pieces.size();
  const double never = -std::numeric_limits<double>::infinity();
  std::vector<double> score(pieces + 1, never);
  std::vector<Choice> last(pieces + 1);
  score[0] = 0;
  // Candidates come by where they begin, so that score[first] is final when it is read.
  for (size_t i = 0; i < candidates.size(); ++i) {
    const auto row = probabilities.subspan(i * classes, classes - 1);
    const auto best = std::max_element(row.begin(), row.end());
    const Candidate& c = candidates[i];
    const double s = score[c.first] + static_cast<double>(c.last - c.first) * log_of(*best);
    if (s <= score[c.last]) continue;
    score[c.last] = s;
    last[c.last] = {i, static_cast<size_t>(best - row.begin())};
  }
  std::vector<Choice> out;
  for (size_t at = pieces; at > 0; at = candidates[out.back().candidate].first)
    out.push_back(last[at]);
  std::reverse(out.begin(), out.end());
  return out;
}

/// Centres of a fixed-width font's characters lie at multiples of one pitch; 0 for another font.
double pitch_of(const std::vector<double>& distances) {
  if (distances.size() < 4) return 0;
  std::vector<double> sorted = distances;
  std::sort(sorted.begin(), sorted.end());
  const double pitch = sorted[sorted.size() * 2 / 5];
  if (pitch <= 0) return 0;
  double regular = 0;
  for (const double d : distances) {
    const double times = std::round(d / pitch);
    regular += times >= 1 && std::abs(d - times * pitch) < kSamePitch * pitch ? 1 : 0;
  }
  return regular >= kMostlyPitched * static_cast<double>(distances.size()) ? pitch : 0;
}

/// The gap from which on it is a space: between the two groups that the gaps fall into.
double space_from(std::vector<double> gaps, double height) {
  std::sort(gaps.begin(), gaps.end());
  double widest = 0, at = kUsualSpace * height;
  for (size_t i = 0; i + 1 < gaps.size(); ++i) {
    const double low = std::max(gaps[i], 0.0), high = gaps[i + 1];
    const double middle = (low + high) / 2;
    if (middle < kSurelyNoSpace * height || middle > kSurelySpace * height) continue;
    // A jump counts by how much it grows, and more near the usual width.
    const double jump = (high - low) / (std::abs(middle - kUsualSpace * height) + 0.2 * height);
    if (jump > widest) widest = jump, at = middle;
  }
  return at;
}

/// Whether a space stands before each character but the first.
std::vector<bool> spaces(const std::vector<Character>& characters, double height) {
  std::vector<double> gaps, distances;
  for (size_t i = 0; i + 1 < characters.size(); ++i) {
    const Character &a = characters[i], &b = characters[i + 1];
    gaps.push_back(b.left - a.right);
    distances.push_back((b.left + b.right - a.left - a.right) / 2.0);
  }
  std::vector<bool> out(characters.size());
  const double pitch = pitch_of(distances), from = space_from(gaps, height);
  for (size_t i = 0; i < gaps.size(); ++i)
    out[i + 1] = pitch > 0 ? std::lround(distances[i] / pitch) >= 2 : gaps[i] > from;
  return out;
}

/// The group of labels that look like this one; empty for others.
std::string_view alike(const std::string& text) {
  for (const std::string_view group : kAlike)
    if (text.size() == 1 && group.find(text[0]) != std::string_view::npos) return group;
  return {};
}

enum class Kind { kNone, kLower, kUpper, kDigit, kOther };

Kind kind_of(std::string_view text) {
  if (text.empty()) return Kind::kNone;
  const auto c = static_cast<unsigned char>(text[0]);
  if (std::islower(c) != 0) return Kind::kLower;
  if (std::isupper(c) != 0) return Kind::kUpper;
  return std::isdigit(c) != 0 ? Kind::kDigit : Kind::kOther;
}

/// How well a character goes with the one before and the one after it in its word.
double fits(char c, Kind before, Kind after) {
  const bool begins = before == Kind::kNone || before == Kind::kOther;
  const bool letters = before == Kind::kLower || before == Kind::kUpper || after == Kind::kLower ||
                       after == Kind::kUpper;
  const bool digits = before == Kind::kDigit || after == Kind::kDigit;
  switch (kind_of(std::string_view(&c, 1))) {
    case Kind::kDigit:
      return digits ? 1 : letters ? -1 : 0;
    case Kind::kUpper:
      if (digits && !letters) return -1;
      if (before == Kind::kUpper || after == Kind::kUpper) return before == Kind::kLower ? 0 : 1;
      return begins ? (c == 'I' && after == Kind::kLower ? 0 : 0.5) : -1;
    case Kind::kLower:
      if (digits && !letters) return -1;
      return before == Kind::kLower || (after == Kind::kLower && before != Kind::kUpper) ? 1 : 0;
    default:
      return -1;
  }
}

}  // namespace

ReadLine decode(const Line& line, std::span<const Candidate> candidates,
                std::span<const float> probabilities, std::span<const std::string> labels) {
  const size_t classes = labels.size() + 1;
  const auto choices = best_cover(line, candidates, probabilities, classes);
  ReadLine out;
  for (const Choice& c : choices) {
    const auto [left, right] = Page::columns(line, candidates[c.candidate]);
    out.characters.push_back(
        {labels[c.label], probabilities[c.candidate * classes + c.label], left, right});
  }
  const auto space = spaces(out.characters, line.height());
  for (size_t i = 0; i < choices.size(); ++i) {
    Character& here = out.characters[i];
    const std::string_view group = alike(here.text);
    if (group.empty()) continue;
    // The one before is decided; one after that is not says nothing.
    const bool first = i == 0 || space[i], last = i + 1 == choices.size() || space[i + 1];
    const Kind before = first ? Kind::kNone : kind_of(out.characters[i - 1].text);
    const Kind after = last || !alike(out.characters[i + 1].text).empty()
                           ? Kind::kNone
                           : kind_of(out.characters[i + 1].text);
    double best = -std::numeric_limits<double>::infinity();
    for (size_t label = 0; label < labels.size(); ++label) {
      if (alike(labels[label]) != group) continue;
      const float p = probabilities[choices[i].candidate * classes + label];
      const double s = log_of(p) + kFavour * fits(labels[label][0], before, after);
      if (s <= best) continue;
      best = s;
      here.text = labels[label];
      here.confidence = p;
    }
  }
  for (size_t i = 0; i < out.characters.size(); ++i) {
    if (space[i]) out.text += ' ';
    out.text += out.characters[i].text;
    out.confidence += out.characters[i].confidence / static_cast<float>(out.characters.size());
  }
  return out;
}

}  // namespace halyard::read_text
