// A whole model format: a text file "halyard-lines" whose first line gives the dims and each further line
// the name of an operator with one operand, applied in turn. Copy it and change it.
#include "halyard/format.hpp"

#include <fstream>
#include <sstream>

namespace hy = halyard::plugin;
using halyard::Result, halyard::Status;

namespace {

constexpr std::string_view kMagic = "halyard-lines ";

class Lines : public hy::Model {
 public:
  Lines(std::vector<int64_t> dims, std::vector<std::string> ops)
      : dims_(std::move(dims)), ops_(std::move(ops)) {}

  Status read(hy::ModelSink& sink, hy::Job&) override {
    halyard::GraphBuilder b;
    const uint32_t main = b.add_subgraph("main");
    std::vector<halyard::DimSpec> shape;
    for (int64_t d : dims_) shape.push_back(halyard::DimSpec::fixed(d));
    uint32_t at = b.add_input(main, "X", HY_DTYPE_F32, shape);
    for (size_t i = 0; i < ops_.size(); ++i) {
      // Types and dims of results may be left out: the core infers them.
      const uint32_t next = b.add_result(main, i + 1 < ops_.size() ? "v" + std::to_string(i) : "Y");
      b.add_node(main, {"", ops_[i], "line" + std::to_string(i + 2), {at}, {next}, {}, {}});
      at = next;
    }
    b.add_output(main, at);
    HY_ASSIGN_OR_RETURN(const std::vector<unsigned char> graph, b.finish());
    HY_RETURN_IF_ERROR(sink.metadata("format", "halyard-lines"));
    return sink.function("main", graph);
  }
  /// Of the constants added with add_weight_constant: their bytes, wherever they are mapped.
  Result<hy_bytes> weight(uint64_t id) override {
    return halyard::not_found("there is no weight " + std::to_string(id));
  }

 private:
  const std::vector<int64_t> dims_;
  const std::vector<std::string> ops_;
};

class LinesFormat : public hy::Format {
 public:
  uint32_t probe(std::string_view, hy_bytes head) override {
    return std::string_view(static_cast<const char*>(head.data), head.size).starts_with(kMagic)
               ? 100
               : 0;
  }
  Result<std::unique_ptr<hy::Model>> open(std::string_view path, hy::Job&) override {
    std::ifstream file{std::string(path)};
    std::string line;
    if (!std::getline(file, line) || !line.starts_with(kMagic))
      return halyard::invalid_model("the first line is not \"halyard-lines DIM DIM ...\"");
    std::istringstream words(line.substr(kMagic.size()));
    std::vector<int64_t> dims;
    for (int64_t d; words >> d;) dims.push_back(d);
    std::vector<std::string> ops;
    while (std::getline(file, line)) ops.push_back(line);
    return std::make_unique<Lines>(std::move(dims), std::move(ops));
  }
};

}  // namespace

HALYARD_FORMAT(LinesFormat, "lines", "1.0.0")
