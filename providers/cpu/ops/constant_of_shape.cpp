// ConstantOfShape.
#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/strided_copy.hpp"

namespace halyard::cpu {

namespace {

class ConstantOfShape final : public Kernel {
 public:
  explicit ConstantOfShape(Tensor value) : value_(std::move(value)) {}
  Status run(Context& context) const override {
    HY_ASSIGN_OR_RETURN(const Dims dims, list_operand(*context.input(0), "shape"));
    HY_RETURN_IF_ERROR(check_dims(dims));
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, value_.dtype, dims));
    fill(context.threads(), y.data, value_.data, dtype_bits(y.dtype) / 8, y.count());
    return {};
  }

 private:
  const Tensor value_;  // one element
};

Result<std::unique_ptr<Kernel>> create(const Node& node, CompileContext& context) {
  const std::optional<Constant> value = node.attr_tensor("value");
  if (!value) return invalid_model("attribute value is missing");
  HY_ASSIGN_OR_RETURN(Tensor t, context.tensor(*value));
  if (t.count() != 1)
    return invalid_model("attribute value has dims " + dims_text(t.dims) +
                         "; it must have one element");
  return std::unique_ptr<Kernel>(std::make_unique<ConstantOfShape>(std::move(t)));
}

Verdict supports(const Node& node) {
  const std::optional<Constant> value = node.attr_tensor("value");
  if (value && value->encoding() != HY_ENCODING_DENSE)
    return reject(Reason::encoding).got("a compressed value").limit("dense constants");
  if (value && (dtype_bits(value->dtype()) < 8))
    return reject(Reason::dtype)
        .operand(1)
        .got(dtype_name(value->dtype()))
        .limit("numbers of 8 bits or more, bool");
  return accept();
}

constexpr KernelEntry kEntries[] = {{"ConstantOfShape", create, supports}};

}  // namespace

std::span<const KernelEntry> constant_of_shape_kernels() { return kEntries; }

}  // namespace halyard::cpu
