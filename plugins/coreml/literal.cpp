#include "literal.hpp"

#include <cstring>
#include <filesystem>

namespace halyard::coreml {
namespace {

constexpr std::string_view kModelPath = "@model_path/";

template <class To, class List>
std::string packed(const List& values) {
  std::string out(static_cast<size_t>(values.size()) * sizeof(To), '\0');
  size_t at = 0;
  for (const auto v : values) {
    const auto to = static_cast<To>(v);
    std::memcpy(out.data() + at, &to, sizeof to);
    at += sizeof to;
  }
  return out;
}

std::string integers(const schema::TensorValue::RepeatedInts& list, uint32_t dtype) {
  switch (dtype) {
    case HY_DTYPE_I8:
    case HY_DTYPE_U8:
      return packed<int8_t>(list.values());
    case HY_DTYPE_I16:
    case HY_DTYPE_U16:
      return packed<int16_t>(list.values());
    default:
      return packed<int32_t>(list.values());
  }
}

/// The bytes of the elements; of strings nothing.
std::string immediate_bytes(const schema::TensorValue& v, uint32_t dtype) {
  switch (v.value_case()) {
    case schema::TensorValue::kFloats:
      return packed<float>(v.floats().values());
    case schema::TensorValue::kInts:
      return integers(v.ints(), dtype);
    case schema::TensorValue::kBools:
      return packed<uint8_t>(v.bools().values());
    case schema::TensorValue::kLongInts:
      return packed<int64_t>(v.long_ints().values());
    case schema::TensorValue::kDoubles:
      return packed<double>(v.doubles().values());
    case schema::TensorValue::kBytes:
      return v.bytes().values();
    default:
      return {};
  }
}

Result<Tensor> read_immediate(const schema::TensorValue& v, const Type& type, Weights& weights) {
  if (!type.is_static()) return invalid_model("a constant whose dims are not known");
  Tensor out{type.dtype, type.dims, {}, {}, false};
  if (type.dtype == HY_DTYPE_STRING) {
    for (const std::string& s : v.strings().values()) out.strings.push_back(s);
    if (static_cast<int64_t>(out.strings.size()) != out.count())
      return invalid_model("a constant " + dims_text(type.dims) + " with " +
                           std::to_string(out.strings.size()) + " strings");
    return out;
  }
  std::string bytes = immediate_bytes(v, type.dtype);
  if (const uint64_t wanted = bytes_of(type.dtype, type.dims); bytes.size() != wanted)
    return invalid_model("a constant " + dims_text(type.dims) + " with " +
                         std::to_string(bytes.size()) + " bytes; it needs " +
                         std::to_string(wanted));
  out.bytes = weights.keep(std::move(bytes));
  return out;
}

Result<Tensor> read_list(const schema::ListValue& list, Blobs& blobs, Weights& weights) {
  Tensor out;
  std::string bytes;
  for (const schema::Value& v : list.values()) {
    HY_ASSIGN_OR_RETURN(const Tensor one, read_literal(v, blobs, weights));
    if (one.count() != 1 || (out.dtype != HY_DTYPE_UNDEFINED && out.dtype != one.dtype))
      return unsupported("a list of what is no scalars of one type");
    out.dtype = one.dtype;
    out.strings.insert(out.strings.end(), one.strings.begin(), one.strings.end());
    bytes += one.bytes;
  }
  out.dims = {list.values_size()};
  out.bytes = weights.keep(std::move(bytes));
  return out;
}

}  // namespace

Result<const BlobFile*> Blobs::open(const std::string& name) {
  if (const auto it = files_.find(name); it != files_.end()) return it->second.get();
  if (!name.starts_with(kModelPath))
    return invalid_model("a constant lies in \"" + name + "\"; a file below " +
                         std::string(kModelPath) + " is expected");
  const std::filesystem::path relative(name.substr(kModelPath.size()));
  for (const auto& step : relative)
    if (step == "..")
      return invalid_model("a constant lies in \"" + name + "\", outside of the package");
  if (relative.empty() || relative.is_absolute())
    return invalid_model("a constant lies in \"" + name + "\", outside of the package");
  auto file = BlobFile::open((std::filesystem::path(model_path_) / relative).string());
  if (!file.ok() && file.status().code() == HY_ERROR_NOT_FOUND)
    return invalid_model("the weights are missing: " + file.status().message());
  if (!file.ok()) return file.status();
  return (files_[name] = std::make_unique<BlobFile>(std::move(file).value())).get();
}

Result<Tensor> read_literal(const schema::Value& value, Blobs& blobs, Weights& weights) {
  if (value.value_case() == schema::Value::kImmediateValue &&
      value.immediate_value().value_case() == schema::Value::ImmediateValue::kList)
    return read_list(value.immediate_value().list(), blobs, weights);
  HY_ASSIGN_OR_RETURN(const Type type, read_type(value.type()));
  if (type.kind != Type::Kind::kTensor)
    return unsupported("a constant that is no tensor and no list");
  if (value.value_case() == schema::Value::kBlobFileValue) {
    const auto& blob = value.blob_file_value();
    if (!type.is_static()) return invalid_model("a constant whose dims are not known");
    HY_ASSIGN_OR_RETURN(const BlobFile* file, blobs.open(blob.file_name()));
    HY_ASSIGN_OR_RETURN(const std::string_view bytes,
                        file->find(blob.offset(), type.dtype, type.dims));
    return Tensor{type.dtype, type.dims, bytes, {}, true};
  }
  if (value.value_case() != schema::Value::kImmediateValue ||
      value.immediate_value().value_case() != schema::Value::ImmediateValue::kTensor)
    return invalid_model("a constant without a value");
  return read_immediate(value.immediate_value().tensor(), type, weights);
}

}  // namespace halyard::coreml
