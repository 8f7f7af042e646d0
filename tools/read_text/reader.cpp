#include "tools/read_text/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "tools/halyard/ranking.hpp"

namespace halyard::read_text {
namespace {

constexpr size_t kBatch = 256;  // the most candidates of one run

Status no_reader(const std::string& why) {
  return invalid_model("the model is no reader of single characters: " + why);
}

/// The frame around columns and rows of the turned page, in the picture.
Box place(const Turn& turn, int left, int top, int right, int bottom) {
  Box out{1e9, 1e9, -1e9, -1e9};
  for (const int x : {left, right})
    for (const int y : {top, bottom}) {
      double px = 0, py = 0;
      turn.to_picture(x, y, px, py);
      out = {std::min(out.left, px), std::min(out.top, py), std::max(out.right, px),
             std::max(out.bottom, py)};
    }
  return out;
}

class Clock {
 public:
  /// Milliseconds since it was made or last asked.
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double, std::milli> took = now - last_;
    last_ = now;
    return took.count();
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace

Reader::Reader(Session session, Port input, Port output, std::vector<std::string> labels)
    : session_(std::move(session)),
      input_(std::move(input)),
      output_(std::move(output)),
      labels_(std::move(labels)) {}

Result<Reader> Reader::create(const Runtime& runtime, const std::string& model_path) {
  HY_ASSIGN_OR_RETURN(const Model model, runtime.load(model_path));
  const auto labels = model.metadata("labels");
  if (!labels.ok()) return no_reader("its metadata has no \"labels\"").with_context(model_path);
  HY_ASSIGN_OR_RETURN(Session session, model.session());
  const auto inputs = session.inputs(), outputs = session.outputs();
  const std::vector<int64_t> wanted = {-1, 1, kPatch, kPatch};
  if (inputs.size() != 1 || inputs[0].dtype != HY_DTYPE_F32 || inputs[0].dims != wanted)
    return no_reader(fmt::format("one input, f32 [N,1,{},{}], is wanted", kPatch, kPatch))
        .with_context(model_path);
  auto names = cli::split_labels(*labels);
  const auto classes = static_cast<int64_t>(names.size()) + 1;
  if (outputs.size() != 1 || outputs[0].dtype != HY_DTYPE_F32 || outputs[0].dims.size() != 2 ||
      outputs[0].dims[1] != classes)
    return no_reader(
               fmt::format("one output, f32 [N,{}], is wanted, one more than labels", classes))
        .with_context(model_path);
  return Reader(std::move(session), inputs[0], outputs[0], std::move(names));
}

/// The network's probabilities for all candidates of a line, row by row.
Result<std::vector<float>> Reader::classify(const Page& page, const Line& line,
                                            const std::vector<Candidate>& candidates) const {
  std::vector<float> out;
  for (size_t first = 0; first < candidates.size(); first += kBatch) {
    const size_t count = std::min(kBatch, candidates.size() - first);
    HY_ASSIGN_OR_RETURN(
        const Tensor batch,
        Tensor::create(HY_DTYPE_F32, {static_cast<int64_t>(count), 1, kPatch, kPatch}));
    const auto patches = batch.as<float>();
    for (size_t i = 0; i < count; ++i)
      page.write_patch(line, candidates[first + i], patches.data() + i * kPatch * kPatch);
    HY_ASSIGN_OR_RETURN(const auto results, session_.run({{input_.name, &batch}}, {output_.name}));
    const auto rows = results[0].as<const float>();
    out.insert(out.end(), rows.begin(), rows.end());
  }
  return out;
}

Result<Reading> Reader::read(const cli::Picture& picture) const {
  Reading out;
  Clock clock;
  const Ink ink = find_ink(picture);
  out.slope = find_slope(ink);
  const Turn turn(ink.width, ink.height, out.slope);
  const Page page(turn.apply(ink));
  out.find_ms = clock.lap();
  for (const Line& line : page.lines()) {
    const auto candidates = Page::candidates(line);
    out.candidates += candidates.size();
    HY_ASSIGN_OR_RETURN(const auto probabilities, classify(page, line, candidates));
    PlacedLine placed;
    placed.line = decode(line, candidates, probabilities, labels_);
    for (const Character& c : placed.line.characters)
      placed.characters.push_back(place(turn, c.left, line.top, c.right, line.bottom));
    const auto& all = placed.line.characters;
    placed.box = place(turn, all.front().left, line.top, all.back().right, line.bottom);
    out.lines.push_back(std::move(placed));
  }
  out.network_ms = clock.lap();
  out.total_ms = out.find_ms + out.network_ms;
  return out;
}

}  // namespace halyard::read_text
