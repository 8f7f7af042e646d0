// A format of models with states, for the tests of what is kept from run to run: see README.md.
#include <fstream>

#include "halyard/format.hpp"

namespace hy = halyard::plugin;
using halyard::DimSpec;
using halyard::GraphBuilder;
using halyard::NodeSpec;
using halyard::Result;
using halyard::ShapeSpec;
using halyard::Status;

namespace {

constexpr std::string_view kMagic = "halyard-stateful ";
constexpr int64_t kRows = 8, kWidth = 4;

ShapeSpec shape(std::initializer_list<int64_t> dims) {
  std::vector<DimSpec> out;
  for (const int64_t d : dims) out.push_back(DimSpec::fixed(d));
  return out;
}

/// The row x goes into the cache at `at`. Gives what the cache becomes; `before` is its content.
uint32_t write_row(GraphBuilder& b, uint32_t g, uint32_t before, uint32_t x, uint32_t at) {
  const uint32_t after = b.add_result(g, "cache_after", HY_DTYPE_F32, shape({1, kRows, kWidth}));
  NodeSpec scatter{"", "TensorScatter", "scatter", {before, x, at}, {after}, {}, {}};
  b.add_node(g, std::move(scatter));
  return after;
}

uint32_t sum_rows(GraphBuilder& b, uint32_t g, uint32_t cache) {
  const int64_t one = 1;
  const uint32_t axes =
      b.add_constant_value(g, "axes", b.add_inline_constant(HY_DTYPE_I64, {1}, &one, sizeof one));
  const uint32_t y = b.add_result(g, "y", HY_DTYPE_F32, shape({1, kWidth}));
  NodeSpec sum{"", "ReduceSum", "sum", {cache, axes}, {y}, {{"keepdims", int64_t{0}}}, {}};
  b.add_node(g, std::move(sum));
  return y;
}

Result<std::vector<unsigned char>> cache_graph(bool writes, bool reads) {
  GraphBuilder b;
  const uint32_t g = b.add_subgraph("main");
  uint32_t x = HY_NONE, at = HY_NONE, inputs = 0, outputs = 0;
  if (writes) {
    x = b.add_input(g, "x", HY_DTYPE_F32, shape({1, 1, kWidth}));
    at = b.add_input(g, "at", HY_DTYPE_I64, shape({1}));
    inputs = 2;
  }
  uint32_t cache = b.add_input(g, "cache", HY_DTYPE_F32, shape({1, kRows, kWidth}));
  if (writes) cache = write_row(b, g, cache, x, at);
  if (reads) {
    b.add_output(g, sum_rows(b, g, cache));
    outputs = 1;
  }
  if (writes) b.add_output(g, cache);
  b.add_state("cache", HY_DTYPE_F32, {1, kRows, kWidth}, HY_NONE, 1, inputs,
              writes ? outputs : HY_NONE);
  return b.finish();
}

Result<std::vector<unsigned char>> recurrent_graph() {
  GraphBuilder b;
  const float start[kWidth] = {0.5f, 0.5f, 0.5f, 0.5f};
  const uint32_t initial = b.add_inline_constant(HY_DTYPE_F32, {1, kWidth}, start, sizeof start);
  const uint32_t g = b.add_subgraph("main");
  const ShapeSpec row = shape({1, kWidth});
  const uint32_t x = b.add_input(g, "x", HY_DTYPE_F32, row);
  const uint32_t h = b.add_input(g, "h", HY_DTYPE_F32, row);
  const uint32_t sum = b.add_result(g, "sum", HY_DTYPE_F32, row);
  const uint32_t y = b.add_result(g, "y", HY_DTYPE_F32, row);
  b.add_node(g, {"", "Add", "add", {h, x}, {sum}, {}, {}});
  b.add_node(g, {"", "Tanh", "tanh", {sum}, {y}, {}, {}});
  b.add_output(g, y);
  b.add_output(g, y);
  b.add_state("h", HY_DTYPE_F32, {1, kWidth}, initial, HY_NONE, 1, 1);
  return b.finish();
}

class Stateful : public hy::Model {
 public:
  explicit Stateful(std::string word) : word_(std::move(word)) {}
  Status read(hy::ModelSink& sink, hy::Job&) override {
    if (word_ == "both") {
      HY_ASSIGN_OR_RETURN(const auto write, cache_graph(true, false));
      HY_RETURN_IF_ERROR(sink.function("write", write));
      HY_ASSIGN_OR_RETURN(const auto sum, cache_graph(false, true));
      return sink.function("read", sum);
    }
    HY_ASSIGN_OR_RETURN(const auto graph,
                        word_ == "cache" ? cache_graph(true, true) : recurrent_graph());
    return sink.function("main", graph);
  }
  Result<hy_bytes> weight(uint64_t) override { return halyard::not_found("there are no weights"); }

 private:
  const std::string word_;
};

class StatefulFormat : public hy::Format {
 public:
  uint32_t probe(std::string_view, hy_bytes head) override {
    return std::string_view(static_cast<const char*>(head.data), head.size).starts_with(kMagic)
               ? 100
               : 0;
  }
  Result<std::unique_ptr<hy::Model>> open(std::string_view path, hy::Job&) override {
    std::ifstream file{std::string(path)};
    std::string line;
    std::getline(file, line);
    const std::string word = line.substr(std::min(kMagic.size(), line.size()));
    if (word != "cache" && word != "recurrent" && word != "both")
      return halyard::invalid_model("there is no model \"" + word + "\"");
    return std::make_unique<Stateful>(word);
  }
};

}  // namespace

HALYARD_FORMAT(StatefulFormat, "stateful", "1.0.0")
