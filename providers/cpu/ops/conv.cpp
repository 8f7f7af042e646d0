// Conv: oneDNN where it has the form, else the definition.
#include <algorithm>

#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/dnnl/convolution.hpp"
#include "providers/cpu/float_io.hpp"
#include "providers/cpu/ops/conv_operands.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

/// The definition, for any number of spatial axes: sums in f64.
template <class T>
void reference(const Window& w, int64_t batch, int64_t in, int64_t out, int64_t groups, const T* x,
               const T* weights, const T* bias, T* y, int threads) {
  const int64_t in_area = count_of(w.input), out_area = count_of(w.output),
                area = count_of(w.kernel);
  const int64_t in_group = in / groups, out_group = out / groups;
  parallel_for(threads, batch * out, 1, [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      const int64_t n = plane / out, c = plane % out;
      const T* from = x + (n * in + c / out_group * in_group) * in_area;
      T* to = y + plane * out_area;
      for_each_position(w.output, [&](const Dims& at) {
        double sum = bias != nullptr ? static_cast<double>(bias[c]) : 0;
        int64_t tap = 0;
        for_each_position(w.kernel, [&](const Dims& k) {
          const int64_t offset = input_offset(w, at, k);
          if (offset >= 0)
            for (int64_t i = 0; i < in_group; ++i)
              sum += static_cast<double>(from[i * in_area + offset]) *
                     static_cast<double>(weights[(c * in_group + i) * area + tap]);
          ++tap;
        });
        *to++ = static_cast<T>(sum);
      });
    }
  });
}

class Conv final : public Kernel {
 public:
  Conv(const Node& node, ConvConstants constants)
      : window_(node),
        groups_(node.attr_int("group", 1)),
        constants_(std::move(constants)),
        convolution_(false, groups_, constants_.weights != nullptr) {}

  Status run(Context& context) const override {
    const Tensor &x = *context.input(0), &weights = *context.input(1);
    if (x.rank() < 2 || weights.rank() != x.rank())
      return mismatch("X has rank " + std::to_string(x.rank()) + ", W " +
                      std::to_string(weights.rank()));
    const int64_t in = x.dim(1), out = weights.dim(0);
    if (weights.dim(1) * groups_ != in || out % groups_ != 0)
      return mismatch("X " + dims_text(x.dims) + " and W " + dims_text(weights.dims) +
                      " do not fit " + std::to_string(groups_) + " groups");
    HY_RETURN_IF_ERROR(check_bias(context.input(2), out));
    HY_ASSIGN_OR_RETURN(const Window w,
                        window_.resolve(x.shape().subspan(2), weights.shape().subspan(2)));
    Dims y_dims{x.dim(0), out};
    y_dims.insert(y_dims.end(), w.output.begin(), w.output.end());
    if (x.dtype == HY_DTYPE_F64) return run_f64(context, w, out, y_dims);
    return run_f32(context, w, out, y_dims);
  }

  Layouts layouts() const override { return Layouts::kBlocked; }

  Result<bool> absorb(const Node& next, CompileContext& context) override {
    if (activation_.kind != Activation::kNone) return false;
    if (next.op() == "BatchNormalization") return constants_.scale_by(next, context);
    HY_ASSIGN_OR_RETURN(activation_, Activation::from(next, context));
    convolution_.set_activation(activation_);
    return activation_.kind != Activation::kNone;
  }

 private:
  Status run_f64(Context& context, const Window& w, int64_t out, const Dims& y_dims) const {
    const Tensor &x = *context.input(0), &weights = *context.input(1);
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, x.dtype, y_dims));
    const double* bias =
        context.input(2) != nullptr ? context.input(2)->as<const double>() : nullptr;
    reference(w, x.dim(0), x.dim(1), out, groups_, x.as<const double>(), weights.as<const double>(),
              bias, y.as<double>(), context.threads());
    activation_.apply(y.as<double>(), y.count());
    return {};
  }

  Status run_f32(Context& context, const Window& w, int64_t out, const Dims& y_dims) const {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const ConvFloats f, constants_.floats(context));
    if (x.count() != 0 && count_of(y_dims) != 0 && dnnl_has(w)) {
      Status status = convolution_.run(context, {w, x, y_dims, f.weights, f.bias});
      if (status.code() != HY_ERROR_UNSUPPORTED) return status;
    }
    HY_ASSIGN_OR_RETURN(const float* from, read_f32(context, x));
    HY_ASSIGN_OR_RETURN(const F32Output y, F32Output::make(context, 0, x.dtype, y_dims));
    reference(w, x.dim(0), x.dim(1), out, groups_, from, f.weights, f.bias, y.data(),
              context.threads());
    activation_.apply(y.data(), y.count());
    y.finish(context);
    return {};
  }

  static bool dnnl_has(const Window& w) {
    const bool padded =
        std::all_of(w.pads_begin.begin(), w.pads_begin.end(), [](int64_t p) { return p >= 0; });
    return padded && !w.input.empty() && w.input.size() <= 3;
  }

  const WindowAttributes window_;
  const int64_t groups_;
  ConvConstants constants_;
  Activation activation_;
  dnn::Convolution convolution_;
};

Result<std::unique_ptr<Kernel>> create(const Node& node, CompileContext& context) {
  HY_ASSIGN_OR_RETURN(ConvConstants constants, ConvConstants::find(node, context));
  return std::unique_ptr<Kernel>(std::make_unique<Conv>(node, std::move(constants)));
}

double operations(const Node& node) {
  if (!node.input(1).is_static() || !node.output(0).is_static()) return -1;
  double n = 2;
  for (int64_t d : node.output(0).dims()) n *= static_cast<double>(d);
  const auto weights = node.input(1).dims();
  for (size_t i = 1; i < weights.size(); ++i) n *= static_cast<double>(weights[i]);
  return n;
}

constexpr KernelEntry kRows[] = {{"Conv", create, check_convolution, operations}};

}  // namespace

std::span<const KernelEntry> conv_kernels() { return kRows; }

}  // namespace halyard::cpu
