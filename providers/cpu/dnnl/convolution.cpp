#include "providers/cpu/dnnl/convolution.hpp"

#include <algorithm>
#include <type_traits>

#include "providers/cpu/float_io.hpp"

namespace halyard::cpu::dnn {

using dnnl::memory;

/// A primitive for one shape, and the layouts it wants.
struct Convolution::Prepared {
  dnnl::primitive primitive;
  memory::desc x_plain, y_plain, weights_plain, bias;
  memory::desc x, y, weights, scratchpad;
  int64_t y_block = 0;  // y's channel block; 0: C order, or a layout without a name here
};

namespace {

dnnl::primitive_attr attributes_with(const Activation& activation) {
  dnnl::primitive_attr attr = attributes();
  dnnl::post_ops ops;
  if (activation.kind == Activation::kLeaky)
    ops.append_eltwise(1, dnnl::algorithm::eltwise_relu, activation.alpha, 0);
  if (activation.kind == Activation::kClip)
    ops.append_eltwise(1, dnnl::algorithm::eltwise_clip, activation.low, activation.high);
  attr.set_post_ops(ops);
  return attr;
}

memory::desc any_layout(const memory::desc& d) {
  return {d.dims(), memory::data_type::f32, memory::format_tag::any};
}

/// The weights as [groups, out, in, kernel...], whatever order ONNX keeps them in: a plain convolution
/// has [out, in / groups, ...], a transposed one [in, out / groups, ...].
memory::desc weights_desc(const ConvolutionCall& c, int64_t groups, bool transposed) {
  const int64_t out = c.y_dims[1] / groups, in = c.x.dim(1) / groups;
  const int64_t area = count_of(c.window.kernel);
  memory::dims dims{groups, out, in}, strides{out * in * area, in * area, area};
  if (transposed) strides = {in * out * area, area, out * area};
  int64_t stride = area;
  for (int64_t k : c.window.kernel) {
    stride /= k;
    dims.push_back(k);
    strides.push_back(stride);
  }
  if (groups == 1) {
    dims.erase(dims.begin());
    strides.erase(strides.begin());
  }
  return {dims, memory::data_type::f32, strides};
}

/// Fills in the primitive; Op is a forward convolution or deconvolution.
template <class Op, class P>
void create_primitive(P& p, const ConvolutionCall& c, dnnl::algorithm algorithm,
                      const dnnl::primitive_attr& attr) {
  const Window& w = c.window;
  memory::dims strides(w.strides.begin(), w.strides.end()), dilations;
  for (int64_t d : w.dilations) dilations.push_back(d - 1);
  const memory::dims begin(w.pads_begin.begin(), w.pads_begin.end());
  // The end's padding is what the output's dims need, which may be less than the node says.
  memory::dims end;
  for (size_t i = 0; i < w.input.size(); ++i) {
    const bool forward = std::is_same_v<Op, dnnl::convolution_forward>;
    const int64_t extent = (w.kernel[i] - 1) * w.dilations[i] + 1;
    const int64_t covered = forward ? (w.output[i] - 1) * w.strides[i] + extent - w.input[i]
                                    : (w.input[i] - 1) * w.strides[i] + extent - w.output[i];
    end.push_back(std::max<int64_t>(0, covered - w.pads_begin[i]));
  }
  const auto kind = dnnl::prop_kind::forward_inference;
  const auto desc =
      c.bias != nullptr
          ? typename Op::desc(kind, algorithm, any_layout(p.x_plain), any_layout(p.weights_plain),
                              p.bias, any_layout(p.y_plain), strides, dilations, begin, end)
          : typename Op::desc(kind, algorithm, any_layout(p.x_plain), any_layout(p.weights_plain),
                              any_layout(p.y_plain), strides, dilations, begin, end);
  const typename Op::primitive_desc pd(desc, attr, cpu_engine());
  p.x = pd.src_desc();
  p.y = pd.dst_desc();
  p.weights = pd.weights_desc();
  p.scratchpad = pd.scratchpad_desc();
  p.primitive = Op(pd);
}

}  // namespace

Result<std::shared_ptr<const Convolution::Prepared>> Convolution::prepare(
    const ConvolutionCall& c) const {
  Dims key = c.x.dims;
  key.push_back(c.bias != nullptr);
  for (const Dims* d : {&c.y_dims, &c.window.kernel, &c.window.pads_begin})
    key.insert(key.end(), d->begin(), d->end());
  return cache_.get(key, [&]() -> Result<std::shared_ptr<const Prepared>> {
    auto p = std::make_shared<Prepared>();
    p->x_plain = plain(c.x.dims);
    p->y_plain = plain(c.y_dims);
    p->weights_plain = weights_desc(c, groups_, transposed_);
    p->bias = plain(Dims{c.y_dims[1]});
    HY_RETURN_IF_ERROR(guarded("convolution", [&]() -> Status {
      const dnnl::primitive_attr attr = attributes_with(activation_);
      if (transposed_)
        create_primitive<dnnl::deconvolution_forward>(*p, c, dnnl::algorithm::deconvolution_direct,
                                                      attr);
      else
        create_primitive<dnnl::convolution_forward>(*p, c, dnnl::algorithm::convolution_direct,
                                                    attr);
      p->y_block = block_of(p->y, c.y_dims);
      return {};
    }));
    return std::shared_ptr<const Prepared>(std::move(p));
  });
}

Result<memory> Convolution::weights_for(Context& context, const Prepared& p,
                                        const ConvolutionCall& call) const {
  if (constant_weights_) return packed_.get(context, p.weights_plain, call.weights, p.weights);
  return in_layout(context, p.weights_plain, const_cast<float*>(call.weights), p.weights);
}

Status Convolution::run(Context& context, const ConvolutionCall& c) const {
  HY_ASSIGN_OR_RETURN(const auto p, prepare(c));
  return guarded("convolution", [&]() -> Status {
    memory::desc x_desc = p->x_plain;
    auto* x_data = c.x.as<float>();
    if (c.x.block != 0) {
      x_desc = blocked(c.x.dims, c.x.block);
    } else {
      HY_ASSIGN_OR_RETURN(const float* floats, read_f32(context, c.x));
      x_data = const_cast<float*>(floats);
    }
    HY_ASSIGN_OR_RETURN(const memory x, in_layout(context, x_desc, x_data, p->x));
    HY_ASSIGN_OR_RETURN(const memory weights, weights_for(context, *p, c));
    std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, weights}};
    if (c.bias != nullptr)
      arguments.emplace(DNNL_ARG_BIAS, memory(p->bias, cpu_engine(), const_cast<float*>(c.bias)));
    if (p->y_block != 0 && c.x.dtype == HY_DTYPE_F32 && context.wants_blocked(0)) {
      HY_ASSIGN_OR_RETURN(const Tensor y, context.output_blocked(0, c.y_dims, p->y_block));
      arguments.emplace(DNNL_ARG_DST, memory(p->y, cpu_engine(), y.data));
      return execute(context, p->primitive, p->scratchpad, std::move(arguments));
    }
    HY_ASSIGN_OR_RETURN(const F32Output out, F32Output::make(context, 0, c.x.dtype, c.y_dims));
    HY_ASSIGN_OR_RETURN(const memory y, room_for(context, p->y_plain, out.data(), p->y));
    arguments.emplace(DNNL_ARG_DST, y);
    HY_RETURN_IF_ERROR(execute(context, p->primitive, p->scratchpad, std::move(arguments)));
    if (p->y != p->y_plain) {
      memory plain_y(p->y_plain, cpu_engine(), out.data());
      HY_RETURN_IF_ERROR(reorder(context, y, plain_y));
    }
    out.finish(context);
    return {};
  });
}

}  // namespace halyard::cpu::dnn
