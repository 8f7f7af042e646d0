// Classical models (ai.onnx.ml): most take rows of features and give a row each.
#include <fmt/format.h>

#include "core/opset/shapes.hpp"

namespace halyard::core {
namespace {

/// How many elements a list attribute has; 0 where it is absent.
size_t list_size(const InferContext& context, std::string_view name) {
  const AttributeValue* value = context.node().attribute(name);
  if (value == nullptr) return 0;
  if (const auto* ints = std::get_if<std::vector<int64_t>>(value)) return ints->size();
  if (const auto* floats = std::get_if<std::vector<double>>(value)) return floats->size();
  if (const auto* texts = std::get_if<std::vector<std::string>>(value)) return texts->size();
  return 0;
}

/// The rows of an input: rank 1 is one row. Unknown where the rank is.
Result<Dim> row_count(const InferContext& context, size_t operand = 0) {
  const Shape& x = context.shape(operand);
  if (!x) return Dim();
  if (x->size() == 1) return Dim::fixed(1);
  if (x->size() == 2) return (*x)[0];
  return context.error(fmt::format("operand {} is {}; it must be [features] or [rows,features]",
                                   operand, context.shape_text(operand)));
}

/// [rows, columns]
Status rows_of(InferContext& context, size_t output, uint32_t dtype, Dim columns) {
  HY_ASSIGN_OR_RETURN(Dim rows, row_count(context));
  context.set_output(output, dtype, Dims{std::move(rows), std::move(columns)});
  return {};
}

size_t label_count(const InferContext& context, std::string_view ints, std::string_view strings) {
  const size_t texts = list_size(context, strings);
  return texts != 0 ? texts : list_size(context, ints);
}

/// Labels [rows] and scores [rows, columns].
Status classified(InferContext& context, std::string_view strings, Dim columns) {
  HY_ASSIGN_OR_RETURN(Dim rows, row_count(context));
  const bool texts = list_size(context, strings) != 0;
  context.set_output(0, texts ? HY_DTYPE_STRING : HY_DTYPE_I64, Dims{rows});
  context.set_output(1, HY_DTYPE_F32, Dims{rows, std::move(columns)});
  return {};
}

Dim fixed(size_t n) { return Dim::fixed(static_cast<int64_t>(n)); }

/// The element type of keys or values of a LabelEncoder.
uint32_t item_type(const InferContext& context, const std::string& kind) {
  const AttributeValue* tensor = context.node().attribute(kind + "_tensor");
  if (tensor != nullptr) {
    const auto* t = std::get_if<TensorAttr>(tensor);
    if (t != nullptr && t->constant < context.graph().constants.size())
      return context.graph().constants[t->constant].dtype;
  }
  if (list_size(context, kind + "_int64s") != 0) return HY_DTYPE_I64;
  if (list_size(context, kind + "_floats") != 0) return HY_DTYPE_F32;
  if (list_size(context, kind + "_strings") != 0) return HY_DTYPE_STRING;
  return HY_DTYPE_UNDEFINED;
}

}  // namespace

Status infer_array_feature_extractor(InferContext& context) {
  const Shape &x = context.shape(0), &at = context.shape(1);
  Shape out;
  if (x && x->empty()) return context.error("operand \"X\" is a scalar");
  if (x) {
    Dim count = at ? Dim::fixed(1) : Dim();
    for (size_t i = 0; at && i < at->size(); ++i) count = count * (*at)[i];
    out = *x;
    if (x->size() == 1)
      out = Dims{Dim::fixed(1), count};
    else
      out->back() = count;
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

Status infer_category_mapper(InferContext& context) {
  const uint32_t x = context.dtype(0);
  const uint32_t y = x == HY_DTYPE_STRING ? HY_DTYPE_I64
                     : x == HY_DTYPE_I64  ? HY_DTYPE_STRING
                                          : HY_DTYPE_UNDEFINED;
  context.set_output(0, y, context.shape(0));
  return {};
}

Status infer_feature_vectorizer(InferContext& context) {
  const std::vector<int64_t> widths = context.node().attr_ints("inputdimensions");
  Dim columns = Dim::fixed(0);
  for (size_t i = 0; i < context.input_count(); ++i) {
    const Shape& x = context.shape(i);
    if (i < widths.size())
      columns = columns + Dim::fixed(std::max<int64_t>(widths[i], 0));
    else
      columns = x && !x->empty() ? columns + x->back() : Dim();
    if (columns.is_unknown()) break;
  }
  return rows_of(context, 0, HY_DTYPE_F32, columns);
}

Status infer_label_encoder(InferContext& context) {
  const uint32_t values = item_type(context, "values");
  if (values == HY_DTYPE_UNDEFINED || item_type(context, "keys") == HY_DTYPE_UNDEFINED)
    return context.error("it has no keys or no values");
  context.set_output(0, values, context.shape(0));
  return {};
}

Status infer_linear_classifier(InferContext& context) {
  const size_t labels = label_count(context, "classlabels_ints", "classlabels_strings");
  size_t classes = list_size(context, "intercepts");
  if (classes == 0) classes = std::max<size_t>(labels, 1);
  return classified(context, "classlabels_strings",
                    fixed(classes == 1 && labels == 2 ? 2 : classes));
}

Status infer_linear_regressor(InferContext& context) {
  return rows_of(context, 0, HY_DTYPE_F32, Dim::fixed(context.node().attr_int("targets", 1)));
}

Status infer_same_f32(InferContext& context) {
  context.set_output(0, HY_DTYPE_F32, context.shape(0));
  return {};
}

Status infer_one_hot_encoder(InferContext& context) {
  const size_t categories =
      list_size(context, context.dtype(0) == HY_DTYPE_STRING ? "cats_strings" : "cats_int64s");
  Shape out = context.shape(0);
  if (out) out->push_back(context.dtype(0) == HY_DTYPE_UNDEFINED ? Dim() : fixed(categories));
  context.set_output(0, HY_DTYPE_F32, std::move(out));
  return {};
}

Status infer_svm_classifier(InferContext& context) {
  const size_t n = label_count(context, "classlabels_ints", "classlabels_strings");
  const bool vectors = list_size(context, "support_vectors") != 0;
  const bool pairs = vectors && list_size(context, "prob_a") == 0 && n > 2;
  return classified(context, "classlabels_strings", fixed(pairs ? n * (n - 1) / 2 : n));
}

Status infer_svm_regressor(InferContext& context) {
  return rows_of(context, 0, HY_DTYPE_F32, Dim::fixed(1));
}

Status infer_tree_classifier(InferContext& context) {
  const size_t n = label_count(context, "classlabels_int64s", "classlabels_strings");
  return classified(context, "classlabels_strings", fixed(n));
}

Status infer_tree_regressor(InferContext& context) {
  return rows_of(context, 0, HY_DTYPE_F32, Dim::fixed(context.node().attr_int("n_targets", 1)));
}

Status infer_tree_ensemble(InferContext& context) {
  return rows_of(context, 0, context.dtype(0), Dim::fixed(context.node().attr_int("n_targets", 1)));
}

}  // namespace halyard::core
