#include "case_values.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "value_proto.hpp"

namespace halyard::conformance {
namespace {

using cli::HostTensor;
using nlohmann::json;

uint32_t element_type(const std::string& name) {
  static const std::pair<const char*, uint32_t> kNames[] = {
      {"float32", HY_DTYPE_F32}, {"float64", HY_DTYPE_F64}, {"float16", HY_DTYPE_F16},
      {"int8", HY_DTYPE_I8},     {"int16", HY_DTYPE_I16},   {"int32", HY_DTYPE_I32},
      {"int64", HY_DTYPE_I64},   {"uint8", HY_DTYPE_U8},    {"uint16", HY_DTYPE_U16},
      {"uint32", HY_DTYPE_U32},  {"uint64", HY_DTYPE_U64},  {"bool", HY_DTYPE_BOOL}};
  for (const auto& [text, dtype] : kNames)
    if (name == text) return dtype;
  return HY_DTYPE_UNDEFINED;
}

/// RFC 4648, with padding or without; stops at what is no digit.
std::vector<unsigned char> from_base64(std::string_view text) {
  static const std::array<int, 256> kDigits = [] {
    std::array<int, 256> d{};
    d.fill(-1);
    const std::string_view all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < all.size(); ++i)
      d[static_cast<unsigned char>(all[i])] = static_cast<int>(i);
    return d;
  }();
  std::vector<unsigned char> out;
  uint32_t bits = 0;
  int held = 0;
  for (char c : text) {
    const int digit = kDigits[static_cast<unsigned char>(c)];
    if (digit < 0) break;
    bits = (bits << 6) | static_cast<uint32_t>(digit);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out.push_back(static_cast<unsigned char>(bits >> held));
    }
  }
  return out;
}

Result<Value> parse_record(const json& spec) {
  Value v;
  v.name = spec.at("name").get<std::string>();
  const auto type = spec.at("type").get<std::string>();
  v.tensor.dtype = element_type(type);
  if (v.tensor.dtype == HY_DTYPE_UNDEFINED)
    return unsupported(fmt::format("\"{}\": type {} is not read", v.name, type));
  v.tensor.dims = spec.at("dims").get<std::vector<int64_t>>();
  v.tensor.bytes = from_base64(spec.at("b64").get_ref<const std::string&>());
  HY_ASSIGN_OR_RETURN(const size_t wanted, cli::dense_bytes(v.tensor.dtype, v.tensor.dims));
  if (v.tensor.bytes.size() != wanted)
    return invalid_argument(fmt::format("\"{}\": {} bytes of data for {}", v.name,
                                        v.tensor.bytes.size(), cli::describe(v.tensor)));
  return v;
}

}  // namespace

Result<Value> read_value(const json& spec) {
  const auto kind = spec.at("kind").get<std::string>();
  const auto file = spec.at("file").get<std::string>();
  const uint32_t code = kind == "tensor"     ? HY_TYPE_TENSOR
                        : kind == "sequence" ? HY_TYPE_SEQUENCE
                        : kind == "optional" ? HY_TYPE_OPTIONAL
                                             : HY_TYPE_MAP;
  if (code == HY_TYPE_MAP) return unsupported(fmt::format("{}: a value of kind {}", file, kind));
  HY_ASSIGN_OR_RETURN(const std::string bytes, cli::read_file(file));
  auto tensor = cli::parse_value_proto(bytes, code);
  if (!tensor.ok()) return tensor.status().with_context(file);
  return Value{{}, std::move(tensor).value()};
}

Result<DataSet> read_record(const std::string& path) {
  HY_ASSIGN_OR_RETURN(const std::string text, cli::read_file(path));
  const json record = json::parse(text, nullptr, false);
  if (record.is_discarded()) return invalid_argument(path + " is not JSON");
  DataSet out;
  for (const json& spec : record.at("inputs")) {
    HY_ASSIGN_OR_RETURN(Value v, parse_record(spec));
    out.inputs.push_back(std::move(v));
  }
  for (const json& spec : record.at("outputs")) {
    HY_ASSIGN_OR_RETURN(Value v, parse_record(spec));
    out.outputs.push_back(std::move(v));
  }
  return out;
}

Result<HostTensor> ramp(const Port& port) {
  HostTensor t;
  t.dtype = HY_DTYPE_F32;
  t.dims = port.dims;
  const int64_t count = cli::element_count(t.dims);
  if (!port.has_rank || count < 0)
    return unsupported(fmt::format("input \"{}\" has dims that are not known", port.name));
  t.bytes.resize(static_cast<size_t>(count) * sizeof(float));
  for (int64_t i = 0; i < count; ++i) {
    const float v = static_cast<float>(i) / static_cast<float>(count);
    std::memcpy(t.bytes.data() + static_cast<size_t>(i) * sizeof v, &v, sizeof v);
  }
  return t;
}

}  // namespace halyard::conformance
