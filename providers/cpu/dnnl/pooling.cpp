#include "providers/cpu/dnnl/pooling.hpp"

#include <algorithm>

namespace halyard::cpu::dnn {

using dnnl::memory;

struct Pooling::Prepared {
  dnnl::primitive primitive;
  memory::desc x, y, scratchpad;
};

namespace {

dnnl::algorithm algorithm_of(Pooling::Kind kind) {
  if (kind == Pooling::kMax) return dnnl::algorithm::pooling_max;
  return kind == Pooling::kAverage ? dnnl::algorithm::pooling_avg_exclude_padding
                                   : dnnl::algorithm::pooling_avg_include_padding;
}

/// A window wholly in the padding has no maximum and no mean here; oneDNN defines neither.
bool is_served(const Window& w) {
  if (w.input.empty() || w.input.size() > 3 || count_of(w.input) == 0 || count_of(w.output) == 0)
    return false;
  for (size_t i = 0; i < w.input.size(); ++i) {
    const int64_t extent = (w.kernel[i] - 1) * w.dilations[i] + 1;
    const int64_t last = (w.output[i] - 1) * w.strides[i] - w.pads_begin[i];
    if (w.dilations[i] != 1 || w.pads_begin[i] < 0 || w.pads_begin[i] >= extent ||
        last >= w.input[i])
      return false;
  }
  return true;
}

}  // namespace

Result<std::shared_ptr<const Pooling::Prepared>> Pooling::prepare(const Tensor& x, const Dims& y,
                                                                  const Window& w) const {
  Dims key = x.dims;
  key.push_back(x.block);
  key.insert(key.end(), y.begin(), y.end());
  key.insert(key.end(), w.pads_begin.begin(), w.pads_begin.end());
  return cache_.get(key, [&]() -> Result<std::shared_ptr<const Prepared>> {
    auto p = std::make_shared<Prepared>();
    p->x = x.block != 0 ? blocked(x.dims, x.block) : plain(x.dims);
    p->y = x.block != 0 ? blocked(y, x.block) : plain(y);
    memory::dims strides(w.strides.begin(), w.strides.end()),
        kernel(w.kernel.begin(), w.kernel.end());
    const memory::dims begin(w.pads_begin.begin(), w.pads_begin.end());
    memory::dims end;
    for (size_t i = 0; i < w.input.size(); ++i)
      end.push_back(std::max<int64_t>(
          0, (w.output[i] - 1) * w.strides[i] + w.kernel[i] - w.input[i] - w.pads_begin[i]));
    HY_RETURN_IF_ERROR(guarded("pooling", [&]() -> Status {
      const dnnl::pooling_forward::desc desc(dnnl::prop_kind::forward_inference,
                                             algorithm_of(kind_), p->x, p->y, strides, kernel,
                                             begin, end);
      const dnnl::pooling_forward::primitive_desc pd(desc, attributes(), cpu_engine());
      p->scratchpad = pd.scratchpad_desc();
      p->primitive = dnnl::pooling_forward(pd);
      return {};
    }));
    return std::shared_ptr<const Prepared>(std::move(p));
  });
}

Status Pooling::run(Context& context, const Window& w) const {
  const Tensor& x = *context.input(0);
  if (x.count() == 0 || !is_served(w)) return unsupported("no such pool");
  Dims dims{x.dim(0), x.dim(1)};
  dims.insert(dims.end(), w.output.begin(), w.output.end());
  HY_ASSIGN_OR_RETURN(const auto p, prepare(x, dims, w));
  const bool keep = x.block != 0 && context.wants_blocked(0);
  auto made =
      keep ? context.output_blocked(0, dims, x.block) : context.output(0, HY_DTYPE_F32, dims);
  HY_ASSIGN_OR_RETURN(const Tensor y, std::move(made));
  return guarded("pooling", [&]() -> Status {
    const memory::desc y_desc = keep ? p->y : plain(dims);
    HY_ASSIGN_OR_RETURN(const memory room, room_for(context, y_desc, y.data, p->y));
    HY_RETURN_IF_ERROR(
        execute(context, p->primitive, p->scratchpad,
                {{DNNL_ARG_SRC, memory(p->x, cpu_engine(), x.data)}, {DNNL_ARG_DST, room}}));
    if (y_desc == p->y) return {};
    memory out(y_desc, cpu_engine(), y.data);
    return reorder(context, room, out);
  });
}

}  // namespace halyard::cpu::dnn
