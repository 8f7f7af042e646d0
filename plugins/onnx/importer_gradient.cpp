// The importer's part for Gradient, which names values of its graph by attributes.
#include <algorithm>

#include "gradient.hpp"
#include "importer.hpp"
#include "node_order.hpp"
#include "text.hpp"

namespace halyard::onnx {
namespace {

Result<std::string> take_one(Attributes& attributes, std::string_view name) {
  for (auto& [key, value] : attributes)
    if (key == name)
      if (auto* text = std::get_if<std::string>(&value)) return std::move(*text);
  return invalid_model("attribute " + quote(name) + " is missing or no text; Gradient needs it");
}

Result<std::vector<std::string>> take_list(Attributes& attributes, std::string_view name,
                                           bool needed) {
  for (auto& [key, value] : attributes)
    if (key == name)
      if (auto* list = std::get_if<std::vector<std::string>>(&value)) return std::move(*list);
  if (needed)
    return invalid_model("attribute " + quote(name) +
                         " is missing or no list of texts; Gradient needs it");
  return std::vector<std::string>();
}

}  // namespace

Status Importer::rewrite_gradient(Scope& scope, SourceNode& source) {
  HY_ASSIGN_OR_RETURN(const auto xs, take_list(source.attributes, "xs", true));
  HY_ASSIGN_OR_RETURN(const auto zs, take_list(source.attributes, "zs", false));
  HY_ASSIGN_OR_RETURN(const std::string y, take_one(source.attributes, "y"));
  if (source.inputs.size() != xs.size() + zs.size() || source.outputs.size() > xs.size())
    return invalid_model("it has " + std::to_string(source.inputs.size()) + " inputs and " +
                         std::to_string(source.outputs.size()) + " outputs for " +
                         std::to_string(xs.size()) + " names in \"xs\" and " +
                         std::to_string(zs.size()) + " in \"zs\"");
  const auto find = [&](const std::string& name, std::string_view attribute) -> Result<uint32_t> {
    const auto value = value_of(scope, name);
    if (!value || *value == HY_NONE)
      return invalid_model("attribute " + quote(attribute) + " names value " + quote(name) +
                           ", which its graph does not define");
    return *value;
  };
  std::vector<uint32_t> at, fixed;
  for (size_t i = 0; i < xs.size() + zs.size(); ++i) {
    const bool is_x = i < xs.size();
    const std::string& name = is_x ? xs[i] : zs[i - xs.size()];
    HY_ASSIGN_OR_RETURN(const uint32_t value, find(name, is_x ? "xs" : "zs"));
    if (source.inputs[i] != value)
      return unsupported(
          "input " + std::to_string(i) + " is another value than " + quote(name) +
          ", at which to differentiate; only the values of the graph itself are taken");
    (is_x ? at : fixed).push_back(value);
  }
  HY_ASSIGN_OR_RETURN(const uint32_t target, find(y, "y"));
  Rewriter rewriter(writer_, source);
  rewriter.use_standard_set();
  // A copy: what is written from here on is no part of what is differentiated.
  const std::vector<NodeSpec> nodes = writer_.nodes(source.subgraph);
  HY_ASSIGN_OR_RETURN(const auto derivatives, differentiate(rewriter, nodes, target, at, fixed));
  for (size_t i = 0; i < source.outputs.size(); ++i) {
    if (source.outputs[i].name.empty()) continue;
    HY_RETURN_IF_ERROR(rewriter.finish_output(i, "Identity", {derivatives[i]}, {}));
  }
  return {};
}

}  // namespace halyard::onnx
