#include "core/plan/work.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace halyard::core {
namespace {

using Sizes = std::vector<double>;

std::vector<int64_t> smallest(const Graph& graph) {
  std::vector<int64_t> out;
  for (const Symbol& s : graph.symbols) out.push_back(std::max<int64_t>(1, s.min));
  return out;
}

/// The dims of values, as far as they are known; notes where one had to be assumed.
class Measure {
 public:
  explicit Measure(const Graph& graph) : graph_(graph), symbols_(smallest(graph)) {}

  Sizes dims(ValueId v) {
    Sizes out;
    const Shape& shape = graph_.values[v].type.shape;
    if (!shape) {
      assumed = true;
      return out;
    }
    for (const Dim& d : *shape) {
      assumed = assumed || !d.is_fixed();
      out.push_back(static_cast<double>(std::max<int64_t>(0, d.evaluate(symbols_).value_or(1))));
    }
    return out;
  }
  double elements(ValueId v) {
    double n = 1;
    for (const double d : dims(v)) n *= d;
    return n;
  }
  double bytes(ValueId v) {
    const TensorType& type = graph_.values[v].type;
    return type.is_tensor() ? elements(v) * dtype_bits(type.dtype) / 8 : 0;
  }
  /// The i-th dim of the k-th input, counted from the end where i is negative; 1 where there is none.
  double dim(const NodeData& node, size_t k, int i) {
    if (!node.has_input(k)) return 1;
    const Sizes d = dims(node.inputs[k]);
    const int at = i < 0 ? static_cast<int>(d.size()) + i : i;
    return at >= 0 && at < static_cast<int>(d.size()) ? d[static_cast<size_t>(at)] : 1;
  }
  double inputs(const NodeData& node, size_t k) {
    return node.has_input(k) ? elements(node.inputs[k]) : 0;
  }
  double outputs(const NodeData& node) {
    double n = 0;
    for (const ValueId v : node.outputs)
      if (v != kNone) n += elements(v);
    return n;
  }

  bool assumed = false;

 private:
  const Graph& graph_;
  std::vector<int64_t> symbols_;
};

using Count = double (*)(const NodeData&, Measure&);

double none(const NodeData&, Measure&) { return 0; }
double products(const NodeData& n, Measure& m) { return 2 * m.outputs(n) * m.dim(n, 0, -1); }
double gemm(const NodeData& n, Measure& m) {
  return 2 * m.outputs(n) * m.dim(n, 0, n.attr_int("transA") != 0 ? 0 : 1);
}
/// A weight of [outputs, inputs of a group, kernel...]: as many products for each output as a filter has
/// elements.
double convolution(size_t weight, const NodeData& n, Measure& m) {
  return 2 * m.outputs(n) * m.inputs(n, weight) / std::max(1.0, m.dim(n, weight, 0));
}
double conv(const NodeData& n, Measure& m) { return convolution(1, n, m); }
double qlinear_conv(const NodeData& n, Measure& m) { return convolution(3, n, m); }
double conv_transpose(const NodeData& n, Measure& m) {
  return 2 * m.inputs(n, 0) * m.inputs(n, 1) / std::max(1.0, m.dim(n, 1, 0));
}
double pool(const NodeData& n, Measure& m) {
  double window = 1;
  for (const int64_t k : n.attr_ints("kernel_shape")) window *= static_cast<double>(k);
  return window * m.outputs(n);
}
double reads(const NodeData& n, Measure& m) { return m.inputs(n, 0); }
/// Exponentials and the like are about so many plain operations.
double transcendental(const NodeData& n, Measure& m) { return 10 * m.outputs(n); }
double normalisation(const NodeData& n, Measure& m) { return 8 * m.inputs(n, 0); }
/// [sequence, batch, input] by weights of [directions, gates, input] and [directions, gates, hidden].
double recurrent(const NodeData& n, Measure& m) {
  return 2 * m.dim(n, 0, 0) * m.dim(n, 0, 1) * (m.inputs(n, 1) + m.inputs(n, 2));
}
/// Two products of [queries, keys, head] for each batch and head.
double attention(const NodeData& n, Measure& m) { return 4 * m.inputs(n, 0) * m.dim(n, 1, -2); }
/// Each output element sums over what the inputs have and it has not.
double einsum(const NodeData& n, Measure& m) {
  double all = 1;
  for (size_t i = 0; i < n.inputs.size(); ++i) all *= std::max(1.0, m.inputs(n, i));
  const double out = std::max(1.0, m.outputs(n));
  return 2 * std::max(out, all / out);
}

struct Row {
  std::string_view op;
  Count count;
};

/// Operators that are not one operation for each element of the results.
constexpr Row kRows[] = {
    {"MatMul", products},
    {"MatMulInteger", products},
    {"QLinearMatMul", products},
    {"Gemm", gemm},
    {"Conv", conv},
    {"ConvInteger", conv},
    {"DeformConv", conv},
    {"QLinearConv", qlinear_conv},
    {"ConvTranspose", conv_transpose},
    {"AveragePool", pool},
    {"MaxPool", pool},
    {"LpPool", pool},
    {"GlobalAveragePool", reads},
    {"GlobalMaxPool", reads},
    {"GlobalLpPool", reads},
    {"ReduceSum", reads},
    {"ReduceMean", reads},
    {"ReduceMax", reads},
    {"ReduceMin", reads},
    {"ReduceProd", reads},
    {"ReduceL1", reads},
    {"ReduceL2", reads},
    {"ReduceSumSquare", reads},
    {"ReduceLogSum", reads},
    {"ReduceLogSumExp", transcendental},
    {"ArgMax", reads},
    {"ArgMin", reads},
    {"TopK", normalisation},
    {"CumSum", reads},
    {"NonZero", reads},
    {"Unique", normalisation},
    {"Exp", transcendental},
    {"Log", transcendental},
    {"Tanh", transcendental},
    {"Sigmoid", transcendental},
    {"Erf", transcendental},
    {"Gelu", transcendental},
    {"Mish", transcendental},
    {"Softplus", transcendental},
    {"Sin", transcendental},
    {"Cos", transcendental},
    {"Pow", transcendental},
    {"Softmax", normalisation},
    {"LogSoftmax", normalisation},
    {"LayerNormalization", normalisation},
    {"RMSNormalization", normalisation},
    {"GroupNormalization", normalisation},
    {"InstanceNormalization", normalisation},
    {"BatchNormalization", reads},
    {"LSTM", recurrent},
    {"GRU", recurrent},
    {"RNN", recurrent},
    {"Attention", attention},
    {"Einsum", einsum},
    {"Identity", none},
    {"Reshape", none},
    {"Squeeze", none},
    {"Unsqueeze", none},
    {"Flatten", none},
    {"Transpose", none},
    {"Concat", none},
    {"Split", none},
    {"Slice", none},
    {"Gather", none},
    {"Expand", none},
    {"Tile", none},
    {"Pad", none},
    {"Shape", none},
    {"Size", none},
};

}  // namespace

Work node_work(const Graph& graph, const NodeData& node) {
  Measure m(graph);
  Work out;
  for (const ValueId v : node.inputs)
    if (v != kNone) out.bytes += m.bytes(v);
  for (const ValueId v : node.outputs)
    if (v != kNone) out.bytes += m.bytes(v);
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [&](const Row& r) { return r.op == node.op; });
  out.operations = row == std::end(kRows) ? m.outputs(node) : row->count(node, m);
  out.assumed = m.assumed;
  return out;
}

double value_bytes(const Graph& graph, ValueId value) { return Measure(graph).bytes(value); }

}  // namespace halyard::core
