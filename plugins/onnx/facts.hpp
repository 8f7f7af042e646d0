// What the importer itself must know of a value to normalise old operators.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "halyard/graph_builder.hpp"

namespace halyard::onnx {

/// Everything may be unknown; what is given is sure. The core infers all the rest.
struct ValueFacts {
  uint32_t dtype = HY_DTYPE_UNDEFINED;
  int64_t rank = -1;
  uint32_t constant = HY_NONE;  // the graph's constant, of a known value
};

/// The integers of a constant of type i32 or i64 with rank 0 or 1; nothing for others.
using IntsOf = std::function<std::optional<std::vector<int64_t>>(const ValueFacts&)>;

/// Facts of a node's outputs, from its row of the operator table and its inputs; those of an absent
/// input are empty. Operators without a row tell nothing.
std::vector<ValueFacts> infer_facts(const NodeSpec& node, std::span<const ValueFacts> inputs,
                                    const IntsOf& ints_of);

}  // namespace halyard::onnx
