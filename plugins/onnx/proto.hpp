// The messages of an ONNX file as the importer works on them. Data are views into the file's map, texts
// views into the parsed message, which the model keeps. Field meanings: onnx.proto of onnx/onnx.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace halyard::onnx::proto {

using Entries = std::vector<std::pair<std::string_view, std::string_view>>;
using Texts = std::vector<std::string_view>;

/// A piece of a repeated number field: packed elements, or a single one.
struct Chunk {
  uint32_t field;
  std::string_view bytes;  // varints, or fixed-size elements
};

enum TensorField : uint32_t {
  kFloatData = 4,
  kInt32Data = 5,
  kInt64Data = 7,
  kDoubleData = 10,
  kUint64Data = 11
};

struct Tensor {
  std::string_view name;
  std::vector<int64_t> dims;
  int64_t data_type = 0;
  bool has_raw = false;
  bool external = false;
  std::string_view raw;
  std::vector<Chunk> typed;  // of the fields of TensorField
  Texts strings;
  Entries external_data;
};

struct Graph;

enum AttributeType : uint32_t {
  kUndefined = 0,
  kFloat = 1,
  kInt = 2,
  kString = 3,
  kTensor = 4,
  kGraph = 5,
  kFloats = 6,
  kInts = 7,
  kStrings = 8,
  kTensors = 9,
  kGraphs = 10,
  kSparseTensor = 11,
  kSparseTensors = 12,
  kTypeProto = 13,
  kTypeProtos = 14
};

struct Dim {
  bool has_value = false;
  int64_t value = 0;
  std::string_view param;
};

enum class TypeKind { kNone, kTensor, kSequence, kMap, kOptional, kOther };

struct ValueInfo {
  std::string_view name;
  TypeKind kind = TypeKind::kNone;
  TypeKind inner = TypeKind::kNone;  // what an optional may hold
  int64_t elem_type = 0;             // of a sequence or an optional: its tensors'
  bool has_shape = false;
  std::vector<Dim> dims;
};

struct Attribute {
  std::string_view name, ref_name;  // ref_name: of an attribute of the enclosing function
  uint32_t type = kUndefined;
  float f = 0;
  int64_t i = 0;
  std::string_view s;
  std::unique_ptr<Tensor> t;
  std::unique_ptr<ValueInfo> tp;
  std::unique_ptr<Graph> g;
  std::vector<float> floats;
  std::vector<int64_t> ints;
  Texts strings;
};

struct Node {
  std::string_view name, op, domain, overload;
  Texts inputs, outputs;
  std::vector<Attribute> attributes;
};

struct Graph {
  std::string_view name, doc;
  std::vector<Node> nodes;
  std::vector<Tensor> initializers;
  Texts sparse_initializers;  // their names
  std::vector<ValueInfo> inputs, outputs, value_infos;
};

using Opsets = std::vector<std::pair<std::string_view, int64_t>>;

struct Function {
  std::string_view name, domain, overload;
  Texts inputs, outputs;
  std::vector<Attribute> defaults;
  std::vector<Node> nodes;
  Opsets opsets;
};

struct Model {
  int64_t ir_version = 0;
  int64_t model_version = 0;
  std::string_view producer_name, producer_version, domain, doc;
  bool has_graph = false;
  Graph graph;
  Opsets opsets;
  Entries metadata;
  std::vector<Function> functions;
  std::shared_ptr<const void> message;  // what the texts are views into
};

}  // namespace halyard::onnx::proto
