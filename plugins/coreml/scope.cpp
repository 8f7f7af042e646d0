#include "scope.hpp"

#include <cstring>

namespace halyard::coreml {
namespace {

constexpr uint64_t kInlineBytes = 512;

/// Strings as a graph has them: offsets, then text.
std::string string_bytes(const std::vector<std::string>& strings) {
  std::vector<uint64_t> offsets{0};
  std::string text;
  for (const std::string& s : strings) {
    text += s;
    offsets.push_back(text.size());
  }
  std::string out(reinterpret_cast<const char*>(offsets.data()), offsets.size() * sizeof(uint64_t));
  return out + text;
}

}  // namespace

ShapeSpec shape_of(const Type& type) {
  if (!type.has_rank || type.kind == Type::Kind::kList) return std::nullopt;
  std::vector<DimSpec> out;
  for (const int64_t d : type.dims)
    out.push_back(d == kUnknownDim ? DimSpec::unknown() : DimSpec::fixed(d));
  return out;
}

Named* Scope::find(const std::string& name) {
  if (const auto it = names_.find(name); it != names_.end()) return &it->second;
  Named* outside = parent_ == nullptr ? nullptr : parent_->find(name);
  if (outside == nullptr) return nullptr;
  Named copy = *outside;
  copy.value = HY_NONE;
  if (copy.constant == nullptr && copy.state.empty()) {
    captured_.push_back(name);
    copy.value = builder_.add_input(subgraph_, name, copy.type.dtype, shape_of(copy.type));
  }
  return &(names_[name] = std::move(copy));
}

uint32_t Scope::add_constant(std::string_view name, const Tensor& t) {
  uint32_t constant = HY_NONE;
  if (t.dtype == HY_DTYPE_STRING) {
    const std::string bytes = string_bytes(t.strings);
    constant = builder_.add_inline_constant(t.dtype, t.dims, bytes.data(), bytes.size());
  } else if (t.bytes.size() <= kInlineBytes) {
    constant = builder_.add_inline_constant(t.dtype, t.dims, t.bytes.data(), t.bytes.size());
  } else {
    constant = builder_.add_weight_constant(t.dtype, t.dims, weights_.add(t.bytes), t.bytes.size());
  }
  return builder_.add_constant_value(subgraph_, name, constant);
}

Result<uint32_t> Scope::value(const std::string& name) {
  Named* named = find(name);
  if (named == nullptr) return invalid_model("nothing is called \"" + name + "\"");
  if (named->value != HY_NONE) return named->value;
  if (!named->state.empty()) return invalid_model("state \"" + name + "\" is used as a value");
  if (named->constant == nullptr) return invalid_model("\"" + name + "\" is no tensor");
  const Constant& c = *named->constant;
  if (!c.weight) return named->value = add_constant(name, c.tensor);
  const uint64_t bytes = bytes_of(c.tensor.dtype, c.tensor.dims);
  return named->value = builder_.add_constant_value(
             subgraph_, name,
             builder_.add_weight_constant(c.tensor.dtype, c.tensor.dims, *c.weight, bytes));
}

Result<Tensor> Scope::tensor(const Named& named) const {
  if (named.constant == nullptr) return invalid_model("no constant");
  Tensor out = named.constant->tensor;
  if (named.constant->weight) {
    HY_ASSIGN_OR_RETURN(const hy_bytes bytes, weights_.get(*named.constant->weight));
    out.bytes = {static_cast<const char*>(bytes.data), static_cast<size_t>(bytes.size)};
  }
  return out;
}

}  // namespace halyard::coreml
