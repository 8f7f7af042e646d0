#include "skeleton.hpp"

#include "halyard/abi/graph.h"
#include "wire_reader.hpp"

namespace halyard::onnx {
namespace {

/// The messages that are walked into, for tensors or because a damaged one should be found by position.
enum class Kind {
  kModel,
  kGraph,
  kFunction,
  kNode,
  kAttribute,
  kSparse,
  kTensor,
  kValueInfo,
  kType,
  kTensorType,
  kShape,
  kElement,
  kFlat,  // a message of plain fields
};

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::kModel:
      return "ModelProto";
    case Kind::kGraph:
      return "GraphProto";
    case Kind::kFunction:
      return "FunctionProto";
    case Kind::kNode:
      return "NodeProto";
    case Kind::kAttribute:
      return "AttributeProto";
    case Kind::kSparse:
      return "SparseTensorProto";
    case Kind::kTensor:
      return "TensorProto";
    case Kind::kValueInfo:
      return "ValueInfoProto";
    default:
      return "TypeProto";
  }
}

/// Field numbers of onnx.proto whose payload is a message.
struct Child {
  Kind of;
  uint32_t field;
  Kind is;
};
constexpr Child kChildren[] = {
    {Kind::kModel, 7, Kind::kGraph},         {Kind::kModel, 8, Kind::kFlat},
    {Kind::kModel, 14, Kind::kFlat},         {Kind::kModel, 25, Kind::kFunction},
    {Kind::kGraph, 1, Kind::kNode},          {Kind::kGraph, 5, Kind::kTensor},
    {Kind::kGraph, 11, Kind::kValueInfo},    {Kind::kGraph, 12, Kind::kValueInfo},
    {Kind::kGraph, 13, Kind::kValueInfo},    {Kind::kGraph, 15, Kind::kSparse},
    {Kind::kFunction, 7, Kind::kNode},       {Kind::kFunction, 9, Kind::kFlat},
    {Kind::kFunction, 11, Kind::kAttribute}, {Kind::kNode, 5, Kind::kAttribute},
    {Kind::kAttribute, 5, Kind::kTensor},    {Kind::kAttribute, 6, Kind::kGraph},
    {Kind::kAttribute, 14, Kind::kType},     {Kind::kSparse, 1, Kind::kTensor},
    {Kind::kSparse, 2, Kind::kTensor},       {Kind::kTensor, 13, Kind::kFlat},
    {Kind::kValueInfo, 2, Kind::kType},      {Kind::kType, 1, Kind::kTensorType},
    {Kind::kType, 4, Kind::kElement},        {Kind::kType, 5, Kind::kElement},
    {Kind::kType, 8, Kind::kTensorType},     {Kind::kType, 9, Kind::kElement},
    {Kind::kTensorType, 2, Kind::kShape},    {Kind::kElement, 2, Kind::kType},
    {Kind::kShape, 1, Kind::kFlat},
};

const Child* child_of(Kind kind, uint32_t field) {
  for (const Child& c : kChildren)
    if (c.of == kind && c.field == field) return &c;
  return nullptr;
}

/// The fields of TensorProto that hold elements.
bool is_data(uint32_t field) {
  return field == 4 || field == 5 || field == 6 || field == 7 || field == 9 || field == 10 ||
         field == 11;
}

constexpr uint32_t kPayloadField = 100000001;  // of TensorProto in schema/onnx.proto
constexpr int kDeepestType = 64;               // a sequence of optionals of ...
constexpr size_t kLengthBytes = 5;             // of a length that is written before it is known

/// What is large and nobody reads: training forms (ModelProto 20), lists of tensors and graphs.
bool is_dropped(Kind kind, uint32_t field) {
  if (kind == Kind::kModel) return field == 20;
  if (kind == Kind::kTensor) return field == kPayloadField;
  return kind == Kind::kAttribute && (field == 10 || field == 11 || field == 22 || field == 23);
}

class Scan {
 public:
  explicit Scan(std::string_view file) : file_(file) {}

  Status message(Kind kind, std::string_view bytes) {
    WireReader reader(bytes, file_);
    for (WireField f; reader.next(&f);) {
      if (is_dropped(kind, f.number)) continue;
      if (kind == Kind::kTensor && is_data(f.number)) {
        if (f.number == 9 && f.type != WireType::kBytes) return refuse(reader, kind, f, kWrongKind);
        payload(f);
        continue;
      }
      const Child* child = child_of(kind, f.number);
      // An element's field 1 is a type in all but a map, whose key is a number.
      const bool element = kind == Kind::kElement && f.number == 1 && f.type == WireType::kBytes;
      if (child == nullptr && !element) {
        verbatim(f);
        continue;
      }
      if (f.type != WireType::kBytes) return refuse(reader, kind, f, kWrongKind);
      HY_RETURN_IF_ERROR(descend(reader, kind, f, element ? Kind::kType : child->is));
    }
    return reader.status();
  }

  std::string take() { return std::move(out_); }

 private:
  static constexpr const char* kWrongKind = "is of another kind than ONNX says";

  static Status refuse(const WireReader& reader, Kind kind, const WireField& f,
                       const std::string& what) {
    return reader.broken(f.bytes.data(),
                         "field " + std::to_string(f.number) + " of " + name_of(kind) + " " + what);
  }

  Status descend(const WireReader& reader, Kind kind, const WireField& f, Kind inner) {
    int* depth = inner == Kind::kGraph ? &graphs_ : inner == Kind::kType ? &types_ : nullptr;
    const int limit = inner == Kind::kGraph ? HY_GRAPH_MAX_DEPTH : kDeepestType;
    if (depth != nullptr && *depth == limit)
      return refuse(reader, kind, f,
                    std::string("is a ") + (inner == Kind::kGraph ? "graph" : "type") +
                        " nested deeper than " + std::to_string(limit));
    if (depth != nullptr) ++*depth;
    varint(uint64_t{f.number} << 3 | static_cast<uint32_t>(WireType::kBytes));
    const size_t at = out_.size();
    out_.append(kLengthBytes, '\0');
    HY_RETURN_IF_ERROR(message(inner, f.bytes));
    // A varint of fixed width: longer than it must be is legal, and nothing has to move.
    uint64_t size = out_.size() - at - kLengthBytes;
    for (size_t i = 0; i < kLengthBytes; ++i, size >>= 7)
      out_[at + i] = static_cast<char>((size & 0x7f) | (i + 1 < kLengthBytes ? 0x80 : 0));
    if (depth != nullptr) --*depth;
    return {};
  }

  void payload(const WireField& f) {
    varint(uint64_t{kPayloadField} << 3 | static_cast<uint32_t>(WireType::kBytes));
    const size_t at = out_.size();
    out_ += '\0';  // a body of three numbers is shorter than 128 bytes
    number(1, f.number);
    number(2, static_cast<uint64_t>(f.bytes.data() - file_.data()));
    number(3, f.bytes.size());
    out_[at] = static_cast<char>(out_.size() - at - 1);
  }

  void verbatim(const WireField& f) {
    varint(uint64_t{f.number} << 3 | static_cast<uint32_t>(f.type));
    if (f.type == WireType::kBytes) varint(f.bytes.size());
    out_ += f.bytes;
  }

  void number(uint32_t field, uint64_t value) {
    varint(uint64_t{field} << 3);
    varint(value);
  }

  void varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
    out_ += static_cast<char>(value);
  }

  std::string_view file_;
  std::string out_;
  int graphs_ = 0, types_ = 0;  // how deep the walk is in them
};

}  // namespace

Result<std::string> skeleton_of(std::string_view file) {
  Scan scan(file);
  HY_RETURN_IF_ERROR(scan.message(Kind::kModel, file));
  return scan.take();
}

}  // namespace halyard::onnx
