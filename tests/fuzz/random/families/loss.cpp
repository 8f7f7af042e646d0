// Losses over classes.
#include "tests/fuzz/random/reference/loss.hpp"

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

void add_loss(Builder& b, const char* op, bool softmax) {
  const int x = b.operand(only(Type::f32) | only(Type::f64), 2, 4);
  const int64_t classes = b.dims_of(x)[1];
  Dims dims = b.dims_of(x);
  dims.erase(dims.begin() + 1);
  reference::LossCall call;
  if (b.chance(40)) call.ignored = b.pick(0, classes - 1);
  Array labels{dims, {}};
  for (int64_t i = 0; i < count_of(dims); ++i)
    labels.data.push_back(static_cast<double>(b.pick(0, classes - 1)));
  // A mean over nothing is no number.
  labels.data[0] = static_cast<double>(call.ignored == 0 && classes > 1 ? 1 : 0);
  if (call.ignored == 0 && classes == 1) return;
  const int l = b.constant(b.chance(50) ? Type::i64 : Type::i32, labels);
  std::vector<int> inputs = {x, l};
  if (b.chance(50)) {
    const int w = b.parameter(b.type(x), {classes}, 0.25, 2);
    inputs.push_back(w);
    call.weights = &b.array(w);
  }
  call.reduction = static_cast<reference::Reduction>(b.pick(0, 2));
  static const char* const kNames[] = {"none", "mean", "sum"};
  std::vector<Attribute> attributes = {{"reduction", kNames[static_cast<size_t>(call.reduction)]}};
  if (call.ignored != reference::kNoneIgnored) attributes.push_back({"ignore_index", call.ignored});
  Array logs = softmax ? reference::softmax(b.array(x), 1, true) : b.array(x);
  const auto n = static_cast<double>(count_of(dims));
  Result y{b.type(x), reference::loss(logs, labels, call)};
  y.gain = 16 * n;
  y.work = 4 * n * (b.top(x) + 3);
  std::vector<Result> results = {std::move(y)};
  if (softmax && b.chance(50)) results.push_back({b.type(x), std::move(logs), 2});
  b.finish(op, inputs, attributes, std::move(results));
}

}  // namespace

std::vector<Operator> loss_operators() {
  return {{"NegativeLogLikelihoodLoss",
           [](Builder& b) { add_loss(b, "NegativeLogLikelihoodLoss", false); }},
          {"SoftmaxCrossEntropyLoss",
           [](Builder& b) { add_loss(b, "SoftmaxCrossEntropyLoss", true); }}};
}

}  // namespace halyard::fuzz
