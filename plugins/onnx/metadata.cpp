#include "metadata.hpp"

#include "text.hpp"

namespace halyard::onnx {

std::vector<std::pair<std::string, std::string>> metadata_of(const proto::Model& model) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto add = [&](std::string_view key, std::string_view value) {
    if (!key.empty() && !value.empty() && is_utf8(key) && is_utf8(value))
      out.emplace_back(key, value);
  };
  add("onnx.ir_version", std::to_string(model.ir_version));
  for (const auto& [domain, version] : model.opsets)
    add("onnx.opset." + std::string(domain.empty() ? "ai.onnx" : domain), std::to_string(version));
  if (model.model_version != 0) add("onnx.model_version", std::to_string(model.model_version));
  add("onnx.domain", model.domain);
  add("producer", model.producer_name);
  add("producer_version", model.producer_version);
  add("description", model.doc);
  add("graph_description", model.graph.doc);
  for (const auto& [key, value] : model.metadata) add(key, value);
  return out;
}

}  // namespace halyard::onnx
