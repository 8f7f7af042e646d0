#include "providers/cpu/dnnl/engine.hpp"

namespace halyard::cpu::dnn {

const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::memory::desc plain(std::span<const int64_t> dims) {
  dnnl::memory::dims sizes(dims.begin(), dims.end()), strides(dims.size());
  int64_t stride = 1;
  for (size_t i = dims.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= dims[i];
  }
  return {sizes, dnnl::memory::data_type::f32, strides};
}

dnnl::memory::desc blocked(std::span<const int64_t> dims, int64_t block) {
  using Tag = dnnl::memory::format_tag;
  constexpr Tag kTags[2][3] = {{Tag::nCw8c, Tag::nChw8c, Tag::nCdhw8c},
                               {Tag::nCw16c, Tag::nChw16c, Tag::nCdhw16c}};
  return {dnnl::memory::dims(dims.begin(), dims.end()), dnnl::memory::data_type::f32,
          kTags[block == 16 ? 1 : 0][dims.size() - 3]};
}

int64_t block_of(const dnnl::memory::desc& desc, std::span<const int64_t> dims) {
  for (int64_t block : {8, 16})
    if (desc == blocked(dims, block)) return block;
  return 0;
}

dnnl::primitive_attr attributes() {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attr.set_fpmath_mode(dnnl::fpmath_mode::strict);
  return attr;
}

Status execute(Context& context, const dnnl::primitive& primitive,
               const dnnl::memory::desc& scratchpad,
               std::unordered_map<int, dnnl::memory> arguments) {
  if (const size_t bytes = scratchpad.get_size(); bytes != 0) {
    HY_ASSIGN_OR_RETURN(void* memory, context.scratch(bytes));
    arguments.emplace(DNNL_ARG_SCRATCHPAD, dnnl::memory(scratchpad, cpu_engine(), memory));
  }
  dnnl::stream stream(cpu_engine());
  primitive.execute(stream, arguments);
  stream.wait();
  return {};
}

Status reorder(Context& context, const dnnl::memory& from, dnnl::memory& to) {
  const dnnl::reorder::primitive_desc pd(cpu_engine(), from.get_desc(), cpu_engine(), to.get_desc(),
                                         attributes());
  return execute(context, dnnl::reorder(pd), pd.scratchpad_desc(),
                 {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
}

Result<dnnl::memory> room_for(Context& context, const dnnl::memory::desc& plain_desc, void* data,
                              const dnnl::memory::desc& wanted) {
  if (wanted == plain_desc) return dnnl::memory(wanted, cpu_engine(), data);
  HY_ASSIGN_OR_RETURN(void* memory, context.scratch(wanted.get_size()));
  return dnnl::memory(wanted, cpu_engine(), memory);
}

Result<dnnl::memory> in_layout(Context& context, const dnnl::memory::desc& from, void* data,
                               const dnnl::memory::desc& wanted) {
  HY_ASSIGN_OR_RETURN(dnnl::memory to, room_for(context, from, data, wanted));
  if (wanted == from) return to;
  HY_RETURN_IF_ERROR(reorder(context, dnnl::memory(from, cpu_engine(), data), to));
  return to;
}

Result<dnnl::memory> PackedWeights::get(Context& context, const dnnl::memory::desc& from,
                                        const float* plain_weights,
                                        const dnnl::memory::desc& wanted) const {
  const dnnl::memory source(from, cpu_engine(), const_cast<float*>(plain_weights));
  if (wanted == from) return source;
  const std::lock_guard lock(mutex_);
  for (const dnnl::memory& m : packed_)
    if (m.get_desc() == wanted) return m;
  dnnl::memory packed(wanted, cpu_engine());
  HY_RETURN_IF_ERROR(reorder(context, source, packed));
  packed_.push_back(packed);
  return packed;
}

}  // namespace halyard::cpu::dnn
