// The reader: pictures in, text out, the network in between.
#pragma once

#include <string>
#include <vector>

#include "halyard/halyard.hpp"
#include "tools/read_text/decode.hpp"

namespace halyard::read_text {

/// Corners in the picture's pixels.
struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
};

struct PlacedLine {
  ReadLine line;
  Box box;
  std::vector<Box> characters;
};

struct Reading {
  std::vector<PlacedLine> lines;  // from the top
  double slope = 0;               // degrees, clockwise
  size_t candidates = 0;          // that the network looked at
  double find_ms = 0, network_ms = 0, total_ms = 0;
};

/// A compiled network for single characters: one input, f32 [N,1,32,32], one output, f32 [N,classes],
/// and metadata "labels" with the text of every class but the last, one a line.
class Reader {
 public:
  /// INVALID_MODEL where the model is no such network; what loading and placing say.
  static Result<Reader> create(const Runtime& runtime, const std::string& model_path);

  Result<Reading> read(const cli::Picture& picture) const;
  const Session& session() const { return session_; }

 private:
  Reader(Session session, Port input, Port output, std::vector<std::string> labels);

  Result<std::vector<float>> classify(const Page& page, const Line& line,
                                      const std::vector<Candidate>& candidates) const;

  Session session_;
  Port input_, output_;
  std::vector<std::string> labels_;
};

}  // namespace halyard::read_text
