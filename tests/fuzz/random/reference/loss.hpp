// The negative log likelihood of labels.
#pragma once

#include "tests/fuzz/random/value.hpp"

namespace halyard::fuzz::reference {

enum class Reduction { none, mean, sum };
constexpr int64_t kNoneIgnored = -100;

struct LossCall {
  const Array* weights = nullptr;  // [classes], or null
  int64_t ignored = kNoneIgnored;
  Reduction reduction = Reduction::mean;
};

/// logs [N, classes, ...], labels [N, ...]. The mean is over the weights of what counts.
Array loss(const Array& logs, const Array& labels, const LossCall& call);

}  // namespace halyard::fuzz::reference
