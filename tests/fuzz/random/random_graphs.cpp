// Random graphs hold against a plain evaluation in double precision, with passes on and off, whole and in
// clusters of one node.
//
//   random_graphs COUNT [FIRST_SEED]      default: 10000 graphs from seed 1
//   random_graphs --show SEED             prints the graph and runs it
//
// Exit 1 at the first graph that differs or fails, with its seed and its text.

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>

#include "halyard/halyard.hpp"
#include "halyard/opset.hpp"
#include "tests/fuzz/random/generator.hpp"
#include "tests/fuzz/random/model_bytes.hpp"

namespace {

using namespace halyard;
using namespace halyard::fuzz;

// Roundings of one operator in units of its type: sums of up to 600 products, and the few units of a
// vectorised exp, log or erf. A value's scale carries them through the graph.
constexpr double kUnits = 32;

uint32_t dtype_of(Type t) {
  return t == Type::f32   ? HY_DTYPE_F32
         : t == Type::f64 ? HY_DTYPE_F64
         : t == Type::i32 ? HY_DTYPE_I32
                          : HY_DTYPE_I64;
}

double element(const Tensor& t, Type type, size_t i) {
  switch (type) {
    case Type::f32:
      return static_cast<double>(t.as<float>()[i]);
    case Type::f64:
      return t.as<double>()[i];
    case Type::i32:
      return t.as<int32_t>()[i];
    case Type::i64:
      return static_cast<double>(t.as<int64_t>()[i]);
  }
  return 0;
}

void fill(Tensor& t, const Value& v) {
  for (size_t i = 0; i < v.array.data.size(); ++i) {
    const double x = v.array.data[i];
    if (v.type == Type::f32) t.as<float>()[i] = static_cast<float>(x);
    if (v.type == Type::f64) t.as<double>()[i] = x;
    if (v.type == Type::i32) t.as<int32_t>()[i] = static_cast<int32_t>(x);
    if (v.type == Type::i64) t.as<int64_t>()[i] = static_cast<int64_t>(x);
  }
}

double tolerance(const Value& v) {
  if (!is_float(v.type)) return 0;
  const double unit = v.type == Type::f32
                          ? static_cast<double>(std::numeric_limits<float>::epsilon())
                          : std::numeric_limits<double>::epsilon();
  return kUnits * unit * v.scale;
}

/// Empty, or what differs.
std::string difference(const Tensor& got, const Value& want, int number) {
  if (got.dtype() != dtype_of(want.type) || got.dims() != want.array.dims)
    return value_name(number) + ": another type or other dims";
  for (size_t i = 0; i < want.array.data.size(); ++i) {
    const double g = element(got, want.type, i), w = want.array.data[i];
    if (std::fabs(g - w) <= tolerance(want)) continue;
    char text[200];
    std::snprintf(text, sizeof text, "%s[%zu] is %.9g, expected %.9g within %.2g",
                  value_name(number).c_str(), i, g, w, tolerance(want));
    return text;
  }
  return {};
}

struct Way {
  const char* name;
  bool passes;
  uint32_t max_cluster_nodes;
  bool
      all_outputs;  // every inner value is compared, which also keeps anything from being fused away
};
constexpr Way kWays[] = {{"passes, whole", true, 0, false},
                         {"no passes, whole", false, 0, false},
                         {"passes, clusters of one node", true, 1, false},
                         {"no passes, every value an output", false, 0, true}};

std::string check(const Runtime& runtime, const RandomGraph& graph, const Way& way,
                  const std::string& path) {
  {
    std::ofstream file(path, std::ios::binary);
    file << model_bytes(graph, way.all_outputs);
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
    if (!v.is_input || !v.used) continue;
    auto t = Tensor::create(dtype_of(v.type), v.array.dims);
    if (!t.ok()) return t.status().message();
    fill(*t, v);
    tensors.push_back(std::move(*t));
    inputs.emplace_back(value_name(static_cast<int>(i)), &tensors.back());
  }
  const std::vector<int> wanted = output_values(graph, way.all_outputs);
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

bool hold(const Runtime& runtime, uint64_t seed, const std::string& path) {
  const RandomGraph graph = make_graph(seed);
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

}  // namespace

int main(int argc, char** argv) {
  const bool show = argc == 3 && std::strcmp(argv[1], "--show") == 0;
  const uint64_t count = show ? 1 : argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10000;
  const uint64_t first = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  const auto runtime = Runtime::create();
  if (!runtime.ok()) return std::printf("FAIL %s\n", runtime.status().message().c_str()), 1;
  if (show) std::printf("%s", describe(make_graph(first)).c_str());
  if (!covered()) return 1;
  const std::string path = "/tmp/random_graphs." + std::to_string(getpid()) + ".onnx";
  bool good = true;
  uint64_t done = 0, nodes = 0;
  for (; good && done < count; ++done) {
    good = hold(*runtime, first + done, path);
    nodes += make_graph(first + done).nodes.size();
  }
  unlink(path.c_str());
  std::printf("seeds %llu to %llu: %llu nodes\n", static_cast<unsigned long long>(first),
              static_cast<unsigned long long>(first + done - 1),
              static_cast<unsigned long long>(nodes));
  return good ? 0 : 1;
}
