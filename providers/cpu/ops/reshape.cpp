// Reshape Flatten Squeeze Unsqueeze: other dims for the same elements, of any type.
#include <algorithm>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

class Reshape final : public Kernel {
 public:
  explicit Reshape(const Node& node) : allow_zero_(node.attr_int("allowzero") != 0) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const Dims shape, list_operand(*context.input(1), "shape"));
    HY_ASSIGN_OR_RETURN(const Dims dims, dims_for(x, shape));
    return context.alias(0, 0, dims);
  }

 private:
  /// 0 is the dim at that place, unless allowzero; one -1 is what is left.
  Result<Dims> dims_for(const Tensor& x, const Dims& shape) const {
    Dims dims = shape;
    int64_t open = -1;
    for (size_t i = 0; i < dims.size(); ++i) {
      if (dims[i] == 0 && !allow_zero_) {
        if (i >= x.dims.size())
          return does_not_fit(x, shape, "a 0 stands where the input has no dim");
        dims[i] = x.dims[i];
      } else if (dims[i] == -1) {
        if (open >= 0) return does_not_fit(x, shape, "only one dim may be -1");
        open = static_cast<int64_t>(i);
        dims[i] = 1;
      } else if (dims[i] < 0) {
        return does_not_fit(x, shape, "a dim is less than -1");
      }
    }
    HY_RETURN_IF_ERROR(check_dims(dims));
    const int64_t known = count_of(dims), all = x.count();
    if (open >= 0) {
      if (known == 0) return does_not_fit(x, shape, "-1 beside a dim of 0 can be anything");
      dims[static_cast<size_t>(open)] = all / known;
    }
    if (count_of(dims) != all)
      return does_not_fit(
          x, shape, std::to_string(all) + " elements against " + std::to_string(count_of(dims)));
    return dims;
  }
  static Status does_not_fit(const Tensor& x, const Dims& shape, const std::string& why) {
    return invalid_argument("cannot reshape " + dims_text(x.dims) + " to " + dims_text(shape) +
                            ": " + why);
  }

  const bool allow_zero_;
};

class Flatten final : public Kernel {
 public:
  explicit Flatten(const Node& node) : axis_(node.attr_int("axis", 1)) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    const int64_t rank = x.rank(), axis = axis_ < 0 ? axis_ + rank : axis_;
    if (axis < 0 || axis > rank)
      return invalid_argument("axis " + std::to_string(axis_) + " is outside [" +
                              std::to_string(-rank) + ", " + std::to_string(rank) + "]");
    const int64_t dims[] = {product(x.dims, 0, axis), product(x.dims, axis, rank)};
    return context.alias(0, 0, dims);
  }

 private:
  const int64_t axis_;
};

class Squeeze final : public Kernel {
 public:
  explicit Squeeze(const Node&) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    Dims axes;
    if (const Tensor* given = context.input(1)) {
      HY_ASSIGN_OR_RETURN(const Dims list, list_operand(*given, "axes"));
      HY_ASSIGN_OR_RETURN(axes, normal_axes(list, x.rank()));
    }
    Dims dims;
    for (int64_t i = 0; i < x.rank(); ++i) {
      const bool named = std::find(axes.begin(), axes.end(), i) != axes.end();
      if (named && x.dim(i) != 1)
        return invalid_argument("cannot squeeze axis " + std::to_string(i) + " of " +
                                dims_text(x.dims) + ": it is not 1");
      const bool all = context.input(1) == nullptr;
      if (!(named || (all && x.dim(i) == 1))) dims.push_back(x.dim(i));
    }
    return context.alias(0, 0, dims);
  }
};

class Unsqueeze final : public Kernel {
 public:
  explicit Unsqueeze(const Node&) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const Dims list, list_operand(*context.input(1), "axes"));
    const int64_t rank = x.rank() + static_cast<int64_t>(list.size());
    HY_ASSIGN_OR_RETURN(const Dims axes, normal_axes(list, rank));
    Dims dims;
    for (int64_t i = 0, from = 0; i < rank; ++i) {
      const bool added = std::find(axes.begin(), axes.end(), i) != axes.end();
      dims.push_back(added ? 1 : x.dim(from++));
    }
    return context.alias(0, 0, dims);
  }
};

constexpr KernelEntry kEntries[] = {
    {"Reshape", create_kernel<Reshape>},
    {"Flatten", create_kernel<Flatten>},
    {"Squeeze", create_kernel<Squeeze>},
    {"Unsqueeze", create_kernel<Unsqueeze>},
};

}  // namespace

std::span<const KernelEntry> reshape_kernels() { return kEntries; }

}  // namespace halyard::cpu
