// The elements of a TensorProto as bytes in canonical layout.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "external_data.hpp"
#include "halyard/status.hpp"
#include "proto.hpp"
#include "weight_store.hpp"

namespace halyard::onnx {

/// A tensor whose bytes lie in a mapped file, or in the store where they had to be decoded.
struct TensorData {
  uint32_t dtype = 0;
  std::vector<int64_t> dims;
  std::string_view bytes;
};

/// The product of dims. Fails with INVALID_MODEL on negative dims, a rank over the graph form's limit,
/// and a product over it.
Result<int64_t> element_count(std::span<const int64_t> dims);

/// Reads a tensor. Bytes that are there in canonical layout are not copied: raw data, external data,
/// and packed floats. Fails with INVALID_MODEL on unknown types, bad dims and bytes that are not as
/// many as type and dims need.
Result<TensorData> read_tensor(const proto::Tensor& tensor, ExternalData& external,
                               WeightStore& store);

}  // namespace halyard::onnx
