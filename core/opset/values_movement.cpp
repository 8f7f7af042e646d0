#include "core/opset/shapes.hpp"
#include "core/opset/slice.hpp"
#include "core/opset/values.hpp"

namespace halyard::core {
namespace {

/// The number of elements of an output, where it is fixed and small.
std::optional<size_t> known_count(const InferContext& context, size_t output) {
  const Dim count = element_count(context.outputs[output].shape);
  if (!count.is_fixed() || count.value() < 0 || count.value() > kMaxKnownInts) return std::nullopt;
  return static_cast<size_t>(count.value());
}

/// The first element of operand i as a number.
std::optional<int64_t> single_number(const InferContext& context, size_t i) {
  const KnownInts& list = context.ints(i);
  if (!list || list->size() != 1 || !(*list)[0].is_fixed()) return std::nullopt;
  return (*list)[0].value();
}

}  // namespace

Status values_same(InferContext& context) {
  if (const KnownInts& x = context.ints(0)) context.set_ints(0, *x);
  return {};
}

Status values_concat(InferContext& context) {
  Dims out;
  for (size_t i = 0; i < context.input_count(); ++i) {
    const KnownInts part = contents(context, i);
    if (!part) return {};
    out.insert(out.end(), part->begin(), part->end());
  }
  context.set_ints(0, std::move(out));
  return {};
}

Status values_split(InferContext& context) {
  const KnownInts& x = context.ints(0);
  size_t at = 0;
  for (size_t i = 0; x && i < context.outputs.size(); ++i) {
    const auto count = known_count(context, i);
    if (!count || at + *count > x->size()) return {};
    const auto from = x->begin() + static_cast<std::ptrdiff_t>(at);
    context.set_ints(i, Dims(from, from + static_cast<std::ptrdiff_t>(*count)));
    at += *count;
  }
  return {};
}

Status values_slice(InferContext& context) {
  const KnownInts& x = context.ints(0);
  const auto start = single_number(context, 1);
  const auto step = context.has_input(4) ? single_number(context, 4) : 1;
  const auto count = known_count(context, 0);
  if (!x || !start || !step || !count || x->empty()) return {};
  const int64_t first = slice_first(static_cast<int64_t>(x->size()), *start, *step);
  Dims out;
  for (size_t i = 0; i < *count; ++i)
    out.push_back((*x)[static_cast<size_t>(first + static_cast<int64_t>(i) * *step)]);
  context.set_ints(0, std::move(out));
  return {};
}

Status values_gather(InferContext& context) {
  const KnownInts& data = context.ints(0);
  const auto indices = numbers(context.ints(1));
  if (!data || !indices || context.shape(0)->size() != 1) return {};
  const auto size = static_cast<int64_t>(data->size());
  Dims out;
  for (int64_t i : *indices) {
    if (i < 0) i += size;
    out.push_back(i >= 0 && i < size ? (*data)[static_cast<size_t>(i)] : Dim());
  }
  context.set_ints(0, std::move(out));
  return {};
}

Status values_expand(InferContext& context) {
  const KnownInts& x = context.ints(0);
  const auto count = known_count(context, 0);
  if (!x || !count) return {};
  if (x->size() == *count)
    context.set_ints(0, *x);
  else if (x->size() == 1)
    context.set_ints(0, Dims(*count, (*x)[0]));
  return {};
}

Status values_constant_of_shape(InferContext& context) {
  const auto count = known_count(context, 0);
  const auto& value = std::get<TensorAttr>(*context.node().attribute("value"));
  const KnownInts content = count ? context.tensor_ints(value) : std::nullopt;
  if (content && content->size() == 1) context.set_ints(0, Dims(*count, (*content)[0]));
  return {};
}

Status values_range(InferContext& context) {
  const KnownInts &start = context.ints(0), &delta = context.ints(2);
  const auto count = known_count(context, 0);
  if (!count || !start || !delta || start->size() != 1 || delta->size() != 1) return {};
  Dims out;
  for (size_t i = 0; i < *count; ++i)
    out.push_back((*start)[0] + (*delta)[0] * Dim::fixed(static_cast<int64_t>(i)));
  context.set_ints(0, std::move(out));
  return {};
}

}  // namespace halyard::core
