#include "tests/fuzz/random/reference/loss.hpp"

#include "tests/fuzz/random/reference/position.hpp"

namespace halyard::fuzz::reference {

Array loss(const Array& logs, const Array& labels, const LossCall& call) {
  Array each{labels.dims, {}};
  double sum = 0, weights = 0;
  for (int64_t i = 0; i < count_of(labels.dims); ++i) {
    const auto label = static_cast<int64_t>(labels.data[static_cast<size_t>(i)]);
    if (label == call.ignored) {
      each.data.push_back(0);
      continue;
    }
    Dims p = position(i, labels.dims);
    p.insert(p.begin() + 1, label);
    const double w = call.weights ? call.weights->data[static_cast<size_t>(label)] : 1;
    each.data.push_back(-w * at(logs, p));
    sum += each.data.back();
    weights += w;
  }
  if (call.reduction == Reduction::none) return each;
  return {{}, {call.reduction == Reduction::mean ? sum / weights : sum}};
}

}  // namespace halyard::fuzz::reference
