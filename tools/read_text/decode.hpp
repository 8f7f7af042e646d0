// From the network's opinions on candidates to a line of text.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/read_text/layout.hpp"

namespace halyard::read_text {

struct Character {
  std::string text;
  float confidence = 0;     // the network's probability, 0..1
  int left = 0, right = 0;  // columns of the page
};

struct ReadLine {
  std::string text;      // with spaces between words
  float confidence = 0;  // the mean of the characters'
  std::vector<Character> characters;
};

/// Chooses the characters of a line: the sequence of candidates that covers every piece once and whose
/// probabilities, each to the power of its pieces, have the largest product. What only its neighbours
/// tell apart (I, l, 1 and |; O, o and 0) is decided by them; wide gaps become spaces.
///
/// probabilities: for each candidate, labels.size() + 1 values, the last for "no single character".
ReadLine decode(const Line& line, std::span<const Candidate> candidates,
                std::span<const float> probabilities, std::span<const std::string> labels);

}  // namespace halyard::read_text
