// Operators that draw random numbers.
#include <fmt/format.h>

#include <cstdlib>

#include "core/opset/check.hpp"
#include "core/opset/shapes.hpp"

namespace halyard::core {
namespace {

/// The output's type: attribute dtype, else its default, else that of operand 0. Fails where the operator's
/// row forbids it.
Result<uint32_t> drawn_type(const InferContext& context) {
  const OperatorDecl& decl = *find_operator("", context.node().op);
  const AttributeDecl& attribute = *decl.attribute("dtype");
  const bool copied = context.node().attribute("dtype") == nullptr && !attribute.has_default;
  const int64_t fixed = std::strtoll(std::string(attribute.text).c_str(), nullptr, 10);
  const int64_t dtype =
      copied ? int64_t{context.dtype(0)} : context.node().attr_int("dtype", fixed);
  if (copied && dtype == HY_DTYPE_UNDEFINED) return uint32_t{HY_DTYPE_UNDEFINED};
  const auto code = static_cast<uint32_t>(dtype);
  if (dtype != code || !contains(decl.outputs[0].types, code))
    return context.error(fmt::format(
        "{} is {}; its output may be {}",
        copied ? "operand 0, whose type it takes," : "attribute \"dtype\"",
        copied ? dtype_name(code) : std::to_string(dtype), types_text(decl.outputs[0].types)));
  return code;
}

Status set_drawn(InferContext& context, Shape shape) {
  HY_ASSIGN_OR_RETURN(const uint32_t dtype, drawn_type(context));
  context.set_output(0, dtype, std::move(shape));
  return {};
}

}  // namespace

Status infer_random(InferContext& context) {
  Dims dims;
  for (const int64_t d : context.node().attr_ints("shape")) {
    if (d < 0)
      return context.error(fmt::format("attribute \"shape\" holds {}; a dim is 0 or more", d));
    dims.push_back(Dim::fixed(d));
  }
  return set_drawn(context, std::move(dims));
}

Status infer_random_like(InferContext& context) { return set_drawn(context, context.shape(0)); }

Status infer_multinomial(InferContext& context) {
  HY_RETURN_IF_ERROR(expect_rank(context, 0, 2, "X"));
  const int64_t samples = context.node().attr_int("sample_size", 1);
  if (samples < 0)
    return context.error(fmt::format("attribute \"sample_size\" is {}; it is 0 or more", samples));
  const Shape& x = context.shape(0);
  return set_drawn(context, Dims{x ? (*x)[0] : Dim(), Dim::fixed(samples)});
}

}  // namespace halyard::core
