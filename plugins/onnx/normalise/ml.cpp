// Old forms of ai.onnx.ml.
#include <numeric>

#include "normalise/table.hpp"

namespace halyard::onnx {

/// Version 1 had one list of strings: a string maps to its place in it, a place to the string.
Status label_encoder_1(Rewriter& node) {
  if (!node.has("classes_strings")) return node.finish();
  std::optional<AttributeValue> classes = node.take_any("classes_strings");
  const auto* names = classes ? std::get_if<std::vector<std::string>>(&*classes) : nullptr;
  if (names == nullptr) return invalid_model("attribute \"classes_strings\" is no list of strings");
  std::vector<int64_t> places(names->size());
  std::iota(places.begin(), places.end(), int64_t{0});
  Attributes attributes = node.rest();
  const bool from_places = node.facts(node.input(0)).dtype == HY_DTYPE_I64;
  attributes.emplace_back(from_places ? "keys_int64s" : "values_int64s", std::move(places));
  attributes.emplace_back(from_places ? "values_strings" : "keys_strings", *names);
  return node.finish("LabelEncoder", node.inputs(), std::move(attributes));
}

}  // namespace halyard::onnx
