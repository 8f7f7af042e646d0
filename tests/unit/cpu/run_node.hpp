// Runs one operator through the provider's own compile and run, with a host made of a few lambdas.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "halyard/graph_builder.hpp"
#include "halyard/opset.hpp"
#include "providers/cpu/half.hpp"

namespace halyard::cpu::testing {

template <class T>
constexpr uint32_t dtype_of() {
  if constexpr (std::is_same_v<T, float>) return HY_DTYPE_F32;
  if constexpr (std::is_same_v<T, double>) return HY_DTYPE_F64;
  if constexpr (std::is_same_v<T, F16>) return HY_DTYPE_F16;
  if constexpr (std::is_same_v<T, BF16>) return HY_DTYPE_BF16;
  if constexpr (std::is_same_v<T, int8_t>) return HY_DTYPE_I8;
  if constexpr (std::is_same_v<T, int16_t>) return HY_DTYPE_I16;
  if constexpr (std::is_same_v<T, int32_t>) return HY_DTYPE_I32;
  if constexpr (std::is_same_v<T, int64_t>) return HY_DTYPE_I64;
  if constexpr (std::is_same_v<T, uint8_t>) return HY_DTYPE_U8;
  if constexpr (std::is_same_v<T, uint16_t>) return HY_DTYPE_U16;
  if constexpr (std::is_same_v<T, uint32_t>) return HY_DTYPE_U32;
  if constexpr (std::is_same_v<T, uint64_t>) return HY_DTYPE_U64;
  if constexpr (std::is_same_v<T, bool>) return HY_DTYPE_BOOL;
}

/// A tensor that owns its bytes.
struct TestTensor {
  uint32_t dtype = HY_DTYPE_UNDEFINED;
  std::vector<int64_t> dims;
  std::vector<unsigned char> bytes;
  bool constant = false;  // given to the graph as a constant, not as an input

  int64_t count() const {
    int64_t n = 1;
    for (int64_t d : dims) n *= d;
    return n;
  }
  template <class T>
  std::vector<T> values() const {
    std::vector<T> out(static_cast<size_t>(count()));
    if (!out.empty())
      std::memcpy(static_cast<void*>(out.data()), bytes.data(), out.size() * sizeof(T));
    return out;
  }
  /// Every element as a double, whatever the type.
  std::vector<double> numbers() const;
  /// Elements of a string tensor.
  std::vector<std::string> texts() const;
  TestTensor as_constant() const {
    TestTensor t = *this;
    t.constant = true;
    return t;
  }
};

/// tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6}); values may be doubles for any T but bool's bytes.
template <class T>
TestTensor tensor(std::vector<int64_t> dims, const std::vector<double>& values) {
  TestTensor t{dtype_of<T>(), std::move(dims), {}, false};
  for (double v : values) {
    T e;
    if constexpr (std::is_same_v<T, F16> || std::is_same_v<T, BF16>)
      e = T(static_cast<float>(v));
    else
      e = static_cast<T>(v);
    const auto* p = reinterpret_cast<const unsigned char*>(&e);
    t.bytes.insert(t.bytes.end(), p, p + sizeof(T));
  }
  return t;
}
/// For i64 and u64 values that a double does not hold.
TestTensor ints(std::vector<int64_t> dims, const std::vector<int64_t>& values);
TestTensor strings(std::vector<int64_t> dims, const std::vector<std::string>& values);

using Attributes = std::vector<std::pair<std::string, AttributeValue>>;

/// What a run_node() call differs in from the usual.
struct RunOptions {
  uint32_t outputs = 1;
  std::vector<bool> wanted;                    // per output; empty: all
  std::optional<TestTensor> attribute_tensor;  // with its name below
  std::string attribute_tensor_name;
  std::vector<std::pair<std::string, TestTensor>> attribute_tensors;  // more of them
  std::vector<uint32_t>
      output_types;  // the first outputs'; those that the operator's row leaves open
  int threads = 2;
  int repeat = 2;  // runs of the one executable; their outputs must agree
};

/// Builds a graph of the one node ("Relu", "ai.onnx.ml:Scaler"), compiles and runs it. nullopt inputs are absent operands. Outputs are
/// bound empty, as dims need not be known. Unwanted outputs are left undefined in the answer.
Result<std::vector<TestTensor>> run_node(const std::string& op, const Attributes& attributes,
                                         const std::vector<std::optional<TestTensor>>& inputs,
                                         const RunOptions& options = {});

/// A verdict on the node as the provider gives it: reason code (HY_REASON_NONE: supported).
uint32_t verdict_of(const std::string& op, const Attributes& attributes,
                    const std::vector<std::optional<TestTensor>>& inputs, uint32_t outputs = 1);

/// A prefix of the bytes of a graph, compiled and run with many nodes: see executable_test.cpp.
Result<std::vector<TestTensor>> run_graph(const std::vector<unsigned char>& bytes,
                                          const std::vector<TestTensor>& inputs, int threads = 2,
                                          int repeat = 2);

}  // namespace halyard::cpu::testing
