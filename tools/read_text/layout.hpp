// Where the lines are, and what in them may be a character.
#pragma once

#include <utility>
#include <vector>

#include "tools/read_text/ink.hpp"

namespace halyard::read_text {

/// The patch that the network reads: kPatch x kPatch; the line's ink fills kInkRows of its rows.
constexpr int kPatch = 32, kInkRows = 26;

/// Ink that hangs together in a line, or a piece of it between two cuts. Columns [left, right).
struct Piece {
  int left = 0, right = 0;
  std::vector<int> parts;  // the connected components, by label
};

/// One line of text. Rows [top, bottom) hold all its ink.
struct Line {
  int top = 0, bottom = 0;
  std::vector<Piece> pieces;  // from left to right

  int height() const { return bottom - top; }
};

/// Consecutive pieces [first, last) that may be one character together.
struct Candidate {
  size_t first = 0, last = 0;
};

/// A page whose lines lie flat.
class Page {
 public:
  explicit Page(Ink ink);

  const std::vector<Line>& lines() const { return lines_; }

  /// Every run of pieces that is narrow enough for a character, by where it begins. At least each piece
  /// alone.
  static std::vector<Candidate> candidates(const Line& line);

  /// Columns [left, right) of a candidate.
  static std::pair<int, int> columns(const Line& line, const Candidate& candidate);

  /// What the network wants to see of it, kPatch * kPatch values of 0..1: the line's rows scaled to
  /// kInkRows, the columns by the same factor (at most kPatch of them), in the middle; ink of other
  /// components left out.
  void write_patch(const Line& line, const Candidate& candidate, float* patch) const;

 private:
  struct Component {
    int left = 0, top = 0, right = 0, bottom = 0;
    int height() const { return bottom - top; }
    int width() const { return right - left; }
  };

  void label();
  void spread_labels();
  void find_lines();
  void fill(Line& line, const std::vector<int>& parts) const;
  void add_cut(const Line& line, Piece piece, std::vector<Piece>& out) const;

  Ink ink_;
  Grid<int> labels_;                   // 0: no component
  std::vector<Component> components_;  // by label - 1
  std::vector<Line> lines_;
};

}  // namespace halyard::read_text
