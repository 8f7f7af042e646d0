// Operators on strings.
#include <fmt/format.h>

#include <algorithm>

#include "core/opset/shapes.hpp"

namespace halyard::core {
namespace {

/// Fails where the rank is known and is neither 1 nor 2.
Status expect_row_or_rows(const InferContext& context, std::string_view dims) {
  const Shape& x = context.shape(0);
  if (!x || x->size() == 1 || x->size() == 2) return {};
  return context.error(
      fmt::format("operand \"X\" is {}; it must be {}", context.shape_text(0), dims));
}

}  // namespace

Status infer_string_normalizer(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_row_or_rows(context, "[words] or [1,words]"));
  Shape out = context.shape(0);
  if (out) {
    if (out->size() == 2 && (*out)[0].is_fixed() && !(*out)[0].is_fixed(1))
      return context.error(fmt::format("operand \"X\" is {}; it must be [words] or [1,words]",
                                       context.shape_text(0)));
    const AttributeValue* words = context.node().attribute("stopwords");
    const auto* list = words != nullptr ? std::get_if<std::vector<std::string>>(words) : nullptr;
    const bool drops = list != nullptr && !list->empty();
    // Where no word is left, an empty one is given.
    out->back() = drops ? Dim() : max(out->back(), Dim::fixed(1));
    if (out->size() == 2) out->front() = Dim::fixed(1);
  }
  context.set_output(0, HY_DTYPE_STRING, std::move(out));
  return {};
}

Status infer_string_split(InferContext& context) {
  Shape parts = context.shape(0);
  if (parts) parts->emplace_back();
  context.set_output(0, HY_DTYPE_STRING, std::move(parts));
  context.set_output(1, HY_DTYPE_I64, context.shape(0));
  return {};
}

Status infer_tf_idf_vectorizer(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_row_or_rows(context, "[items] or [rows,items]"));
  int64_t columns = 0;
  for (int64_t i : context.node().attr_ints("ngram_indexes")) {
    if (i < 0 || i == INT64_MAX)
      return context.error(fmt::format("attribute \"ngram_indexes\" has the element {}", i));
    columns = std::max(columns, i + 1);
  }
  Shape out = context.shape(0);
  if (out) out->back() = Dim::fixed(columns);
  context.set_output(0, HY_DTYPE_F32, std::move(out));
  return {};
}

}  // namespace halyard::core
