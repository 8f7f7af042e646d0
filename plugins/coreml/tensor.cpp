#include "tensor.hpp"

#include <cstring>

#include "half.hpp"
#include "halyard/opset.hpp"

namespace halyard::coreml {
namespace {

struct TypeRow {
  int32_t mil;
  uint32_t dtype;
  const char* word;
};
// MIL.proto's DataType.
constexpr TypeRow kTypes[] = {{1, HY_DTYPE_BOOL, "bool"},
                              {2, HY_DTYPE_STRING, "string"},
                              {10, HY_DTYPE_F16, "fp16"},
                              {11, HY_DTYPE_F32, "fp32"},
                              {12, HY_DTYPE_F64, "fp64"},
                              {13, HY_DTYPE_BF16, "bf16"},
                              {21, HY_DTYPE_I8, "int8"},
                              {22, HY_DTYPE_I16, "int16"},
                              {23, HY_DTYPE_I32, "int32"},
                              {24, HY_DTYPE_I64, "int64"},
                              {25, HY_DTYPE_I4, "int4"},
                              {31, HY_DTYPE_U8, "uint8"},
                              {32, HY_DTYPE_U16, "uint16"},
                              {33, HY_DTYPE_U32, "uint32"},
                              {34, HY_DTYPE_U64, "uint64"},
                              {35, HY_DTYPE_U4, "uint4"},
                              {36, HY_DTYPE_U2, "uint2"},
                              {37, HY_DTYPE_U1, "uint1"},
                              {38, HY_DTYPE_U6, "uint6"},
                              {39, HY_DTYPE_U3, "uint3"},
                              {40, HY_DTYPE_F8E4M3FN, "fp8e4m3fn"},
                              {41, HY_DTYPE_F8E5M2, "fp8e5m2"}};

template <class T>
T load(std::string_view bytes, int64_t i) {
  T out;
  std::memcpy(&out, bytes.data() + static_cast<size_t>(i) * sizeof(T), sizeof out);
  return out;
}

}  // namespace

bool Type::is_static() const {
  for (const int64_t d : dims)
    if (d == kUnknownDim) return false;
  return has_rank;
}

uint32_t dtype_of(int32_t data_type) {
  for (const TypeRow& r : kTypes)
    if (r.mil == data_type) return r.dtype;
  return HY_DTYPE_UNDEFINED;
}

uint32_t dtype_of(std::string_view word) {
  for (const TypeRow& r : kTypes)
    if (r.word == word) return r.dtype;
  return HY_DTYPE_UNDEFINED;
}

Result<Type> read_type(const schema::ValueType& type) {
  Type out;
  switch (type.type_case()) {
    case schema::ValueType::kTensorType: {
      const schema::TensorType& t = type.tensor_type();
      out.dtype = dtype_of(t.data_type());
      if (out.dtype == HY_DTYPE_UNDEFINED)
        return invalid_model("no element type has the number " + std::to_string(t.data_type()));
      out.has_rank = t.rank() >= 0;
      for (const schema::Dimension& d : t.dimensions()) {
        if (d.dimension_case() != schema::Dimension::kConstant) {
          out.has_rank = out.has_rank && !d.unknown().variadic();
          out.dims.push_back(kUnknownDim);
        } else if (d.constant().size() > (uint64_t{1} << 40)) {
          return invalid_model("a dim of " + std::to_string(d.constant().size()));
        } else {
          out.dims.push_back(static_cast<int64_t>(d.constant().size()));
        }
      }
      if (out.has_rank && t.rank() != out.rank())
        return invalid_model("a type of rank " + std::to_string(t.rank()) + " has " +
                             std::to_string(out.rank()) + " dims");
      return out;
    }
    case schema::ValueType::kListType: {
      HY_ASSIGN_OR_RETURN(out, read_type(type.list_type().type()));
      out.kind = Type::Kind::kList;
      return out;
    }
    case schema::ValueType::kStateType: {
      HY_ASSIGN_OR_RETURN(out, read_type(type.state_type().wrapped_type()));
      if (out.kind != Type::Kind::kTensor) return invalid_model("a state of what is no tensor");
      out.kind = Type::Kind::kState;
      return out;
    }
    case schema::ValueType::kTupleType:
      out.kind = Type::Kind::kTuple;
      return out;
    case schema::ValueType::kDictionaryType:
      out.kind = Type::Kind::kDictionary;
      return out;
    default:
      return invalid_model("a value without a type");
  }
}

uint32_t bits_of(uint32_t dtype) { return dtype_bits(dtype); }

uint64_t bytes_of(uint32_t dtype, const std::vector<int64_t>& dims) {
  uint64_t n = bits_of(dtype);
  for (const int64_t d : dims) n *= static_cast<uint64_t>(d);
  return (n + 7) / 8;
}

std::string dims_text(const std::vector<int64_t>& dims) {
  std::string out = "[";
  for (const int64_t d : dims)
    out += (out.size() > 1 ? "," : "") + (d == kUnknownDim ? std::string("?") : std::to_string(d));
  return out + "]";
}

int64_t Tensor::count() const {
  int64_t n = 1;
  for (const int64_t d : dims) n *= d;
  return n;
}

int64_t Tensor::integer(int64_t i) const {
  switch (dtype) {
    case HY_DTYPE_I8:
      return load<int8_t>(bytes, i);
    case HY_DTYPE_BOOL:
    case HY_DTYPE_U8:
      return load<uint8_t>(bytes, i);
    case HY_DTYPE_I16:
      return load<int16_t>(bytes, i);
    case HY_DTYPE_U16:
      return load<uint16_t>(bytes, i);
    case HY_DTYPE_I32:
      return load<int32_t>(bytes, i);
    case HY_DTYPE_U32:
      return load<uint32_t>(bytes, i);
    case HY_DTYPE_I64:
      return load<int64_t>(bytes, i);
    case HY_DTYPE_U64:
      return static_cast<int64_t>(load<uint64_t>(bytes, i));
    case HY_DTYPE_F16:
    case HY_DTYPE_F32:
    case HY_DTYPE_F64:
      return static_cast<int64_t>(number(i));
    default: {
      // Packed from the lowest bit up; an element may lie across two bytes.
      const uint32_t bits = bits_of(dtype);
      int64_t out = 0;
      for (uint32_t b = 0; b < bits; ++b) {
        const uint64_t at = static_cast<uint64_t>(i) * bits + b;
        out |= int64_t{static_cast<unsigned char>(bytes[at / 8]) >> (at % 8) & 1} << b;
      }
      if (dtype == HY_DTYPE_I4 && out >= 8) out -= 16;
      if (dtype == HY_DTYPE_I2 && out >= 2) out -= 4;
      return out;
    }
  }
}

double Tensor::number(int64_t i) const {
  switch (dtype) {
    case HY_DTYPE_F16:
      return from_half(load<uint16_t>(bytes, i));
    case HY_DTYPE_F32:
      return load<float>(bytes, i);
    case HY_DTYPE_F64:
      return load<double>(bytes, i);
    default:
      return static_cast<double>(integer(i));
  }
}

}  // namespace halyard::coreml
