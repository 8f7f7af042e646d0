// What a file says of a value's type, as the graph has it.
#pragma once

#include "graph_writer.hpp"
#include "halyard/status.hpp"
#include "proto.hpp"

namespace halyard::onnx {

/// Type and shape of an input of the model. Dims without a size become symbols: one for each name, and
/// one of its own, "input.axis", for each dim without a name. Fails with INVALID_MODEL on an unknown
/// element type and on bad dims, and with UNSUPPORTED on maps, sparse tensors and nested sequences.
struct InputType {
  uint32_t dtype = HY_DTYPE_UNDEFINED;
  ShapeSpec shape;
  uint32_t type = HY_TYPE_TENSOR;
  uint32_t key = 0;  // of an optional: what it may hold
};
Result<InputType> input_type(const proto::ValueInfo& info, GraphWriter& writer);

/// What may be believed of any value: its element type and rank, where they are said.
ValueFacts declared_facts(const proto::ValueInfo& info);
/// HY_TYPE_*. Maps read as tensors of which nothing is known: the graph says more than the file does.
uint32_t declared_type(const proto::ValueInfo& info);

}  // namespace halyard::onnx
