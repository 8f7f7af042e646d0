// Random graphs hold against a plain evaluation in double precision: with passes on and off, whole and in
// clusters of one node, with dims that are known and that are not.
//
//   random_graphs COUNT [FIRST_SEED]      default: 10000 graphs from seed 1
//   random_graphs --show SEED             prints the graph and runs it
//   random_graphs --operators             how many nodes of each operator 10000 graphs hold
//
// Exit 1 at the first graph that differs or fails, with its seed and its text, or where a covered operator
// has no row in the table or, in 10000 graphs, no node.

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <string>

#include "halyard/halyard.hpp"
#include "halyard/opset.hpp"
#include "tests/fuzz/random/elements.hpp"
#include "tests/fuzz/random/generator.hpp"
#include "tests/fuzz/random/model_bytes.hpp"

namespace {

using namespace halyard;
using namespace halyard::fuzz;

constexpr uint64_t kAllGraphs = 10000;
constexpr uint64_t kLeastNodes = 10;  // of each operator, in so many graphs

uint32_t dtype_of(Type t) {
  constexpr uint32_t kTypes[] = {HY_DTYPE_F16, HY_DTYPE_F32, HY_DTYPE_F64, HY_DTYPE_I8,
                                 HY_DTYPE_U8,  HY_DTYPE_I32, HY_DTYPE_I64, HY_DTYPE_BOOL};
  return kTypes[static_cast<size_t>(t)];
}

/// Empty, or what differs.
std::string difference(const Tensor& got, const Value& want, int number) {
  if (got.dtype() != dtype_of(want.type) || got.dims() != want.array.dims) {
    std::string dims;
    for (const int64_t d : got.dims()) dims += " " + std::to_string(d);
    return value_name(number) + ": another type or other dims:" + dims;
  }
  for (size_t i = 0; i < want.array.data.size(); ++i) {
    const double g = element(want.type, got.data(), i), w = want.array.data[i];
    if (std::fabs(g - w) <= want.error) continue;
    char text[200];
    std::snprintf(text, sizeof text, "%s[%zu] is %.9g, expected %.9g within %.2g",
                  value_name(number).c_str(), i, g, w, want.error);
    return text;
  }
  return {};
}

struct Way {
  const char* name;
  bool passes;
  uint32_t max_cluster_nodes;
  ModelForm form;
};
// Where every inner value is an output it is compared, which also keeps anything from being fused away.
constexpr Way kWays[] = {{"passes, whole", true, 0, {}},
                         {"no passes, whole", false, 0, {}},
                         {"passes, clusters of one node", true, 1, {}},
                         {"no passes, every value an output", false, 0, {true, false}},
                         {"passes, open dims", true, 0, {false, true}}};

std::string check(const Runtime& runtime, const RandomGraph& graph, const Way& way,
                  const std::string& path) {
  {
    std::ofstream file(path, std::ios::binary);
    file << model_bytes(graph, way.form);
  }
  const auto model = runtime.load(path);
  if (!model.ok()) return model.status().message();
  SessionOptions options;
  options.threads = 1;
  options.passes = way.passes;
  options.max_cluster_nodes = way.max_cluster_nodes;
  const auto session = model->session(options);
  if (!session.ok()) return session.status().message();
  std::vector<Tensor> tensors;
  std::vector<std::pair<std::string, const Tensor*>> inputs;
  tensors.reserve(graph.values.size());
  for (size_t i = 0; i < graph.values.size(); ++i) {
    const Value& v = graph.values[i];
    if (v.source != Value::Source::input || !v.used) continue;
    auto t = Tensor::create(dtype_of(v.type), v.array.dims);
    if (!t.ok()) return t.status().message();
    const std::string bytes = bytes_of(v.type, v.array.data);
    std::memcpy(t->data(), bytes.data(), bytes.size());
    tensors.push_back(std::move(*t));
    inputs.emplace_back(value_name(static_cast<int>(i)), &tensors.back());
  }
  const std::vector<int> wanted = output_values(graph, way.form.all_outputs);
  std::vector<std::string> names;
  for (const int i : wanted) names.push_back(value_name(i));
  const auto results = session->run(inputs, names);
  if (!results.ok()) return results.status().message();
  for (size_t i = 0; i < wanted.size(); ++i) {
    const Value& want = graph.values[static_cast<size_t>(wanted[i])];
    if (const auto d = difference((*results)[i], want, wanted[i]); !d.empty()) return d;
  }
  return {};
}

bool hold(const Runtime& runtime, const RandomGraph& graph, uint64_t seed,
          const std::string& path) {
  if (graph.nodes.empty()) return true;
  for (const Way& way : kWays) {
    const std::string what = check(runtime, graph, way, path);
    if (what.empty()) continue;
    std::printf("FAIL seed %llu (%s): %s\n%s", static_cast<unsigned long long>(seed), way.name,
                what.c_str(), describe(graph).c_str());
    std::printf("again: random_graphs --show %llu\n", static_cast<unsigned long long>(seed));
    return false;
  }
  return true;
}

/// Every covered name has a row; says how many have.
bool covered() {
  size_t rows = 0, standard = 0;
  for (const hy_operator& row : hy_operators) {
    if (*row.domain != 0) continue;
    ++standard;
    rows += covered_operators().count(row.name);
  }
  std::printf("%zu of %zu operators of the default domain\n", rows, standard);
  if (rows == covered_operators().size()) return true;
  std::printf("FAIL a covered operator has no row\n");
  return false;
}

/// Nodes by operator.
using Tally = std::map<std::string, uint64_t>;

bool enough(const Tally& tally) {
  bool good = true;
  for (const std::string& op : covered_operators()) {
    const auto found = tally.find(op);
    if (found != tally.end() && found->second >= kLeastNodes) continue;
    std::printf("FAIL the graphs hold %llu nodes of %s; at least %llu are wanted\n",
                static_cast<unsigned long long>(found == tally.end() ? 0 : found->second),
                op.c_str(), static_cast<unsigned long long>(kLeastNodes));
    good = false;
  }
  return good;
}

void add(Tally& tally, const RandomGraph& graph) {
  for (const Node& n : graph.nodes) ++tally[n.op];
}

int list_operators() {
  Tally tally;
  for (uint64_t seed = 1; seed <= kAllGraphs; ++seed) add(tally, make_graph(seed));
  for (const auto& [op, n] : tally)
    std::printf("%6llu %s\n", static_cast<unsigned long long>(n), op.c_str());
  return covered() && enough(tally) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--operators") == 0) return list_operators();
  const bool show = argc == 3 && std::strcmp(argv[1], "--show") == 0;
  const uint64_t count = show ? 1 : argc > 1 ? std::strtoull(argv[1], nullptr, 10) : kAllGraphs;
  const uint64_t first = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  const auto runtime = Runtime::create();
  if (!runtime.ok()) return std::printf("FAIL %s\n", runtime.status().message().c_str()), 1;
  if (show) std::printf("%s", describe(make_graph(first)).c_str());
  if (!covered()) return 1;
  const std::string path = "/tmp/random_graphs." + std::to_string(getpid()) + ".onnx";
  bool good = true;
  uint64_t done = 0, nodes = 0;
  Tally tally;
  for (; good && done < count; ++done) {
    const RandomGraph graph = make_graph(first + done);
    good = hold(*runtime, graph, first + done, path);
    nodes += graph.nodes.size();
    add(tally, graph);
  }
  unlink(path.c_str());
  std::printf("seeds %llu to %llu: %llu nodes\n", static_cast<unsigned long long>(first),
              static_cast<unsigned long long>(first + done - 1),
              static_cast<unsigned long long>(nodes));
  if (good && done >= kAllGraphs) good = enough(tally);
  return good ? 0 : 1;
}
