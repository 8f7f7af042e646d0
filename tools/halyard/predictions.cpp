#include "predictions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "convert.hpp"
#include "input_value.hpp"

namespace halyard::cli {
namespace {

const Port* find(const std::vector<Port>& ports, std::string_view name) {
  const auto it =
      std::find_if(ports.begin(), ports.end(), [&](const Port& p) { return p.name == name; });
  return it != ports.end() ? &*it : nullptr;
}

Status unknown_name(std::string_view name, const std::vector<Port>& ports) {
  std::vector<std::string> names;
  for (const Port& p : ports) names.push_back(p.name);
  return not_found(fmt::format("the model has no input \"{}\"; its inputs are {}", name,
                               names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
}

/// One --input, taken apart.
struct Assignment {
  const Port* port = nullptr;
  std::string value;
};

/// The name may hold "=" where an input of that name is there.
Result<Assignment> split(const std::string& text, const std::vector<Port>& ports) {
  const size_t first = text.find('=');
  if (first == std::string::npos)
    return invalid_argument(fmt::format("--input \"{}\" is not NAME=VALUE", text));
  for (size_t eq = first; eq != std::string::npos; eq = text.find('=', eq + 1))
    if (const Port* port = find(ports, std::string_view(text).substr(0, eq)); port != nullptr)
      return Assignment{port, text.substr(eq + 1)};
  return unknown_name(std::string_view(text).substr(0, first), ports);
}

void set(NamedTensors& values, const std::string& name, HostTensor value) {
  for (auto& [existing, tensor] : values)
    if (existing == name) {
      tensor = std::move(value);
      return;
    }
  values.emplace_back(name, std::move(value));
}

}  // namespace

Result<NamedTensors> gather_inputs(const std::vector<Port>& ports, NamedTensors archive,
                                   const std::vector<std::string>& texts,
                                   const ValueOptions& options) {
  NamedTensors out;
  for (auto& [name, tensor] : archive) {
    const Port* port = find(ports, name);
    if (port == nullptr) return unknown_name(name, ports);
    auto value =
        port->dtype == HY_DTYPE_UNDEFINED ? std::move(tensor) : convert(tensor, port->dtype);
    if (!value.ok()) return value.status().with_context(fmt::format("input \"{}\"", name));
    set(out, name, std::move(value).value());
  }
  for (const std::string& text : texts) {
    HY_ASSIGN_OR_RETURN(const Assignment a, split(text, ports));
    auto value = parse_value(a.value, *a.port, options);
    if (!value.ok()) return value.status().with_context(fmt::format("input \"{}\"", a.port->name));
    set(out, a.port->name, std::move(value).value());
  }
  return out;
}

Result<std::vector<std::string>> fill_missing(const std::vector<Port>& ports,
                                              NamedTensors* values) {
  std::vector<std::string> made_up;
  for (const Port& p : ports) {
    const bool given = std::any_of(values->begin(), values->end(),
                                   [&](const auto& v) { return v.first == p.name; });
    if (given || p.optional) continue;
    auto value = random_value(p, 0);
    if (!value.ok()) return value.status().with_context(fmt::format("input \"{}\"", p.name));
    values->emplace_back(p.name, std::move(value).value());
    made_up.push_back(p.name);
  }
  return made_up;
}

Result<Tensor> to_tensor(HostTensor& t) {
  if (t.kind != HY_TYPE_TENSOR) {
    std::vector<Tensor> children;
    for (HostTensor& c : t.children) {
      HY_ASSIGN_OR_RETURN(Tensor child, to_tensor(c));
      children.push_back(std::move(child));
    }
    return Tensor::compose(t.kind, t.dtype, children);
  }
  if (t.dtype == HY_DTYPE_STRING) return Tensor::strings(t.dims, t.strings);
  return Tensor::borrow(t.dtype, t.dims, t.bytes.data(), t.bytes.size());
}

Result<Bound> bind_values(const std::vector<Port>& outputs, NamedTensors& values) {
  Bound out;
  for (auto& [name, value] : values) {
    HY_ASSIGN_OR_RETURN(Tensor t, to_tensor(value));
    out.tensors.push_back(std::move(t));
  }
  for (size_t i = 0; i < out.tensors.size(); ++i)
    out.inputs.emplace_back(values[i].first, &out.tensors[i]);
  for (const Port& p : outputs) out.outputs.push_back(p.name);
  return out;
}

Result<HostTensor> to_host(const Tensor& tensor) {
  HostTensor out;
  out.dtype = tensor.dtype();
  out.kind = tensor.kind();
  for (uint64_t i = 0; i < tensor.child_count(); ++i) {
    HY_ASSIGN_OR_RETURN(const Tensor child, tensor.child(i));
    HY_ASSIGN_OR_RETURN(HostTensor part, to_host(child));
    out.children.push_back(std::move(part));
  }
  if (out.kind != HY_TYPE_TENSOR) return out;
  out.dims = tensor.dims();
  if (out.dtype == HY_DTYPE_STRING) {
    for (uint64_t i = 0; i < tensor.count(); ++i) {
      HY_ASSIGN_OR_RETURN(std::string s, tensor.string(i));
      out.strings.push_back(std::move(s));
    }
    return out;
  }
  const auto* data = static_cast<const unsigned char*>(tensor.data());
  if (data != nullptr) out.bytes.assign(data, data + tensor.bytes());
  return out;
}

Status append_host(const std::string& name, const Tensor& tensor, NamedTensors* to) {
  if (tensor.kind() == HY_TYPE_TENSOR) {
    HY_ASSIGN_OR_RETURN(HostTensor t, to_host(tensor));
    to->emplace_back(name, std::move(t));
    return {};
  }
  for (uint64_t i = 0; i < tensor.child_count(); ++i) {
    HY_ASSIGN_OR_RETURN(const Tensor child, tensor.child(i));
    std::string part = name;
    if (tensor.kind() == HY_TYPE_SEQUENCE) part += "." + std::to_string(i);
    if (tensor.kind() == HY_TYPE_MAP) part += i == 0 ? ".keys" : ".values";
    HY_RETURN_IF_ERROR(append_host(part, child, to));
  }
  return {};
}

Result<std::shared_ptr<State>> fresh_state(const Session& session) {
  if (session.states().empty()) return std::shared_ptr<State>();
  HY_ASSIGN_OR_RETURN(State state, session.make_state());
  return std::make_shared<State>(std::move(state));
}

}  // namespace halyard::cli
