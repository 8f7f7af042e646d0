// The session's border: names, types and dims of inputs against what the model declares.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/runtime/session.hpp"

namespace halyard::core {
namespace {

/// The symbol that a dim consists of, or kNone.
uint32_t sole_symbol(const Dim& d) {
  const auto terms = d.postfix();
  return terms.size() == 1 && terms[0].op == HY_EXPR_SYMBOL ? static_cast<uint32_t>(terms[0].value)
                                                            : kNone;
}

std::string port_text(const Graph& graph, const ValueData& value) {
  return fmt::format("{} {}", dtype_name(value.type.dtype),
                     shape_text(value.type.shape, graph.symbol_names()));
}

Status bad_dims(const Graph& graph, const ValueData& value, const std::vector<int64_t>& dims,
                std::string_view more) {
  return mismatch(fmt::format("input \"{}\" has the dims {}; the model wants {}{}", value.name,
                              dims_text(dims), shape_text(value.type.shape, graph.symbol_names()),
                              more));
}

Status check_symbol(const Symbol& s, int64_t size) {
  if (size < s.min)
    return mismatch(fmt::format("{} is {}; at least {} is wanted", s.name, size, s.min));
  if (s.max >= 0 && size > s.max)
    return mismatch(fmt::format("{} is {}; at most {} is allowed", s.name, size, s.max));
  if (s.multiple_of > 1 && size % s.multiple_of != 0)
    return mismatch(
        fmt::format("{} is {}; a multiple of {} is wanted", s.name, size, s.multiple_of));
  return {};
}

/// Sets the symbols that stand alone as dims of this input, and checks those that are set already.
Status bind_one(const Graph& graph, const ValueData& value, const std::vector<int64_t>& dims,
                std::vector<int64_t>* symbols) {
  if (!value.type.shape || !value.type.is_tensor()) return {};
  if (value.type.shape->size() != dims.size())
    return bad_dims(graph, value, dims,
                    fmt::format(": rank {} instead of {}", value.type.shape->size(), dims.size()));
  for (size_t i = 0; i < dims.size(); ++i) {
    const Dim& d = (*value.type.shape)[i];
    if (d.is_fixed() && d.value() != dims[i])
      return bad_dims(graph, value, dims, fmt::format(": dim {} differs", i));
    const uint32_t symbol = d.is_fixed() ? kNone : sole_symbol(d);
    if (symbol == kNone || symbol >= symbols->size()) continue;
    int64_t& size = (*symbols)[symbol];
    if (size >= 0 && size != dims[i])
      return bad_dims(graph, value, dims,
                      fmt::format(": {} is {} here and {} elsewhere", graph.symbols[symbol].name,
                                  dims[i], size));
    if (Status s = check_symbol(graph.symbols[symbol], dims[i]); !s.ok())
      return bad_dims(graph, value, dims, ": " + s.message());
    size = dims[i];
  }
  return {};
}

Result<std::vector<int64_t>> parse_dims(std::string_view text) {
  std::vector<int64_t> dims;
  const std::string_view whole = text;
  while (!text.empty()) {
    int64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    const auto used = static_cast<size_t>(end - text.data());
    const bool more = used < text.size();
    if (error != std::errc() || n < 0 || (more && (text[used] != 'x' || used + 1 == text.size())))
      return Status(HY_ERROR_CONFIG,
                    fmt::format("\"{}\" is not a list of dims; write 1x3x224x224", whole));
    dims.push_back(n);
    text.remove_prefix(more ? used + 1 : used);
  }
  return dims;
}

/// The same value whose memory is the caller's: it may change after the run.
std::shared_ptr<const hy_tensor> borrowed(const hy_tensor& from) {
  auto out = std::make_shared<hy_tensor>(from);
  out->owner.reset();
  for (auto& child : out->children) child = borrowed(*child);
  return out;
}

}  // namespace

Status Session::fix_shapes() {
  std::string_view rest = options_.shapes;
  std::vector<int64_t> symbols(graph_.symbols.size(), -1);
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view one = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const size_t eq = one.rfind('=');
    if (eq == std::string_view::npos)
      return Status(HY_ERROR_CONFIG,
                    fmt::format("shape \"{}\" has no \"=\"; write NAME=1x3x224x224", one));
    const std::string_view name = one.substr(0, eq);
    const auto plain_end = graph_.inputs.begin() + static_cast<ptrdiff_t>(graph_.plain_inputs());
    const auto input = std::find_if(graph_.inputs.begin(), plain_end,
                                    [&](ValueId v) { return graph_.values[v].name == name; });
    if (input == plain_end) {
      std::vector<std::string> names;
      for (auto it = graph_.inputs.begin(); it != plain_end; ++it)
        names.push_back(graph_.values[*it].name);
      return Status(HY_ERROR_CONFIG,
                    fmt::format("a shape is given for \"{}\"; the model's inputs are {}", name,
                                fmt::join(names, ", ")));
    }
    HY_ASSIGN_OR_RETURN(const auto dims, parse_dims(one.substr(eq + 1)));
    HY_RETURN_IF_ERROR(bind_one(graph_, graph_.values[*input], dims, &symbols));
    // A dim without a name, or an unknown rank, is fixed as it stands.
    Shape& shape = graph_.values[*input].type.shape;
    if (!shape) shape.emplace(dims.size());
    for (size_t i = 0; i < dims.size(); ++i)
      if (!(*shape)[i].is_fixed()) (*shape)[i] = Dim::fixed(dims[i]);
  }
  for (ValueData& v : graph_.values)
    if (v.type.shape)
      for (Dim& d : *v.type.shape) d = d.substitute(symbols);
  return {};
}

Result<std::vector<PortTensor>> Session::match_inputs(std::span<const Named> inputs) const {
  const size_t plain = graph_.plain_inputs();  // states are bound by themselves
  std::vector<PortTensor> out(graph_.inputs.size());
  std::vector<bool> given(plain);
  for (const Named& in : inputs) {
    size_t i = 0;
    while (i < plain && graph_.values[graph_.inputs[i]].name != in.name) ++i;
    if (i == plain) {
      std::vector<std::string> names;
      for (size_t k = 0; k < plain; ++k) names.push_back(graph_.values[graph_.inputs[k]].name);
      return not_found(
          fmt::format("the model has no input \"{}\"; its inputs are {}", in.name,
                      names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
    }
    const ValueData& value = graph_.values[graph_.inputs[i]];
    if (given[i]) return invalid_argument(fmt::format("input \"{}\" is given twice", in.name));
    if (in.tensor == nullptr)
      return invalid_argument(fmt::format("input \"{}\" has a null tensor", in.name));
    if (value.type.dtype != HY_DTYPE_UNDEFINED && in.tensor->dtype != value.type.dtype)
      return mismatch(fmt::format("input \"{}\" is {} {}; the model wants {}", in.name,
                                  dtype_name(in.tensor->dtype), dims_text(in.tensor->dims),
                                  port_text(graph_, value)));
    if (in.tensor->kind != value.type.kind)
      return mismatch(fmt::format("input \"{}\" is {}; the model wants {}", in.name,
                                  value_kind_name(in.tensor->kind),
                                  value_kind_name(value.type.kind)));
    given[i] = true;
    out[i] = {in.tensor->dtype, in.tensor->dims, in.tensor->data,
              in.tensor->bytes, nullptr,         nullptr};
    if (!value.type.is_tensor()) out[i].value = borrowed(*in.tensor);
  }
  for (size_t i = 0; i < given.size(); ++i)
    if (!given[i]) {
      const ValueData& value = graph_.values[graph_.inputs[i]];
      return not_found(
          fmt::format("input \"{}\" ({}) has no value", value.name, port_text(graph_, value)));
    }
  return out;
}

Result<std::vector<int64_t>> Session::bind_symbols(const std::vector<PortTensor>& inputs) const {
  std::vector<int64_t> symbols(graph_.symbols.size(), -1);
  const size_t plain = graph_.plain_inputs();
  for (size_t i = 0; i < plain; ++i)
    HY_RETURN_IF_ERROR(bind_one(graph_, graph_.values[graph_.inputs[i]], inputs[i].dims, &symbols));
  // Dims that are expressions can be checked only when every symbol is set.
  for (size_t i = 0; i < plain; ++i) {
    const ValueData& value = graph_.values[graph_.inputs[i]];
    for (size_t d = 0; value.type.shape && d < inputs[i].dims.size(); ++d)
      if (const auto wanted = (*value.type.shape)[d].evaluate(symbols);
          wanted && *wanted != inputs[i].dims[d])
        return bad_dims(graph_, value, inputs[i].dims,
                        fmt::format(": dim {} must be {} here", d, *wanted));
  }
  return symbols;
}

}  // namespace halyard::core
