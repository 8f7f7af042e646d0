#include "tests/unit/cpu/run_node.hpp"

#include "halyard/abi/graph_validate.h"
#include "providers/cpu/executable.hpp"
#include "providers/cpu/support.hpp"

namespace halyard::cpu::testing {

namespace {

/// The memory that the host gives for outputs bound empty.
struct FakeHost {
  std::vector<TestTensor> outputs;
  std::vector<std::vector<unsigned char>> aligned;

  static hy_status output(void* self, hy_job*, uint32_t port, uint32_t rank, const int64_t* dims,
                          uint64_t bytes, void** data, uint64_t*) {
    TestTensor& t = static_cast<FakeHost*>(self)->outputs.at(port);
    t.dims.assign(dims, dims + rank);
    t.bytes.assign(bytes, 0xcd);
    *data = t.bytes.data();
    return HY_OK;
  }
  static void fail(void*, hy_job*, hy_status, hy_str) {}
  static hy_status poll(void*, hy_job*, double) { return HY_OK; }

  hy_host table() {
    hy_host h = HY_INIT(hy_host);
    h.self = this;
    h.output = output;
    h.fail = fail;
    h.poll = poll;
    return h;
  }
};

Status run_once(plugin::Executable& exe, FakeHost& host, const std::vector<TestTensor>& inputs,
                const std::vector<uint32_t>& output_types) {
  const hy_host table = host.table();
  const plugin::Job job(&table, nullptr);
  std::vector<hy_binding> in, out;
  for (const TestTensor& t : inputs) {
    hy_binding b = HY_INIT(hy_binding);
    b.dtype = t.dtype;
    b.rank = static_cast<uint32_t>(t.dims.size());
    b.dims = t.dims.data();
    b.data = const_cast<unsigned char*>(t.bytes.data());
    b.bytes = t.bytes.size();
    in.push_back(b);
  }
  host.outputs.assign(output_types.size(), {});
  for (size_t i = 0; i < output_types.size(); ++i) {
    hy_binding b = HY_INIT(hy_binding);
    b.dtype = host.outputs[i].dtype = output_types[i];
    b.flags = HY_BINDING_EMPTY;
    out.push_back(b);
  }
  hy_run_args args = HY_INIT(hy_run_args);
  args.inputs = {in.data(), static_cast<uint32_t>(in.size()), sizeof(hy_binding)};
  args.outputs = {out.data(), static_cast<uint32_t>(out.size()), sizeof(hy_binding)};
  plugin::Run run(job, args);
  return exe.run(run);
}

/// "ai.onnx.ml:Scaler": domain and name; without a colon the domain is the standard one.
std::pair<std::string, std::string> split_name(const std::string& op) {
  const size_t colon = op.find(':');
  if (colon == std::string::npos) return {"", op};
  return {op.substr(0, colon), op.substr(colon + 1)};
}

/// The output types that the operator's row implies, without inference: T of the first input that
/// shares the variable, a fixed type, or Cast's attribute.
uint32_t output_dtype(const std::string& op, uint32_t i, const Attributes& attributes,
                      const std::vector<std::optional<TestTensor>>& inputs,
                      const RunOptions& options) {
  if (i < options.output_types.size()) return options.output_types[i];
  const auto [domain, name] = split_name(op);
  const OperatorDecl* decl = find_operator(domain, name);
  const OperandDecl* out = OperatorDecl::at(decl->outputs, i);
  for (const auto& [attribute, value] : attributes)
    if (attribute == "to") return static_cast<uint32_t>(std::get<int64_t>(value));
  for (size_t k = 0; k < inputs.size(); ++k)
    if (inputs[k] && OperatorDecl::at(decl->inputs, k)->type == out->type) return inputs[k]->dtype;
  if (options.attribute_tensor) return options.attribute_tensor->dtype;
  if (out->type == "U") return HY_DTYPE_F32;
  return dtype_from_name(out->type);
}

Result<std::vector<unsigned char>> build(const std::string& op, const Attributes& attributes,
                                         const std::vector<std::optional<TestTensor>>& inputs,
                                         const RunOptions& options) {
  GraphBuilder b;
  const uint32_t main = b.add_subgraph("main");
  const auto [domain, name] = split_name(op);
  NodeSpec node{domain, name, "node", {}, {}, attributes, {}};
  for (const auto& t : inputs) {
    if (!t) {
      node.inputs.push_back(HY_NONE);
    } else if (t->constant) {
      const uint32_t c = b.add_inline_constant(t->dtype, t->dims, t->bytes.data(), t->bytes.size());
      node.inputs.push_back(b.add_constant_value(main, "constant", c));
    } else {
      std::vector<DimSpec> dims;
      for (int64_t d : t->dims) dims.push_back(DimSpec::fixed(d));
      node.inputs.push_back(b.add_input(main, "in", t->dtype, dims));
    }
  }
  if (options.attribute_tensor) {
    const TestTensor& t = *options.attribute_tensor;
    const uint32_t c = b.add_inline_constant(t.dtype, t.dims, t.bytes.data(), t.bytes.size());
    node.attributes.emplace_back(options.attribute_tensor_name, TensorAttr{c});
  }
  for (const auto& [attribute, t] : options.attribute_tensors) {
    const uint32_t c = b.add_inline_constant(t.dtype, t.dims, t.bytes.data(), t.bytes.size());
    node.attributes.emplace_back(attribute, TensorAttr{c});
  }
  for (uint32_t i = 0; i < options.outputs; ++i) {
    const bool wanted = options.wanted.empty() || options.wanted[i];
    const uint32_t type = output_dtype(op, i, attributes, inputs, options);
    node.outputs.push_back(wanted ? b.add_result(main, "out", type) : HY_NONE);
  }
  for (uint32_t v : node.outputs)
    if (v != HY_NONE) b.add_output(main, v);
  b.add_node(main, std::move(node));
  return b.finish();
}

}  // namespace

std::vector<double> TestTensor::numbers() const {
  std::vector<double> out;
  const auto take = [&](auto tag) {
    for (auto v : values<decltype(tag)>()) out.push_back(static_cast<double>(v));
  };
  switch (dtype) {
    case HY_DTYPE_F32:
      take(float{});
      break;
    case HY_DTYPE_F64:
      take(double{});
      break;
    case HY_DTYPE_F16:
      for (F16 v : values<F16>()) out.push_back(static_cast<float>(v));
      break;
    case HY_DTYPE_BF16:
      for (BF16 v : values<BF16>()) out.push_back(static_cast<float>(v));
      break;
    case HY_DTYPE_I8:
      take(int8_t{});
      break;
    case HY_DTYPE_I16:
      take(int16_t{});
      break;
    case HY_DTYPE_I32:
      take(int32_t{});
      break;
    case HY_DTYPE_I64:
      take(int64_t{});
      break;
    case HY_DTYPE_U8:
    case HY_DTYPE_BOOL:
      take(uint8_t{});
      break;
    case HY_DTYPE_U16:
      take(uint16_t{});
      break;
    case HY_DTYPE_U32:
      take(uint32_t{});
      break;
    case HY_DTYPE_U64:
      take(uint64_t{});
      break;
    default:
      break;
  }
  return out;
}

std::vector<std::string> TestTensor::texts() const {
  std::vector<uint64_t> offsets(static_cast<size_t>(count()) + 1);
  std::memcpy(offsets.data(), bytes.data(), offsets.size() * sizeof(uint64_t));
  const char* text =
      reinterpret_cast<const char*>(bytes.data()) + offsets.size() * sizeof(uint64_t);
  std::vector<std::string> out;
  for (size_t i = 0; i + 1 < offsets.size(); ++i)
    out.emplace_back(text + offsets[i], offsets[i + 1] - offsets[i]);
  return out;
}

TestTensor ints(std::vector<int64_t> dims, const std::vector<int64_t>& values) {
  TestTensor t{HY_DTYPE_I64, std::move(dims), {}, false};
  t.bytes.resize(values.size() * sizeof(int64_t));
  if (!values.empty()) std::memcpy(t.bytes.data(), values.data(), t.bytes.size());
  return t;
}

TestTensor strings(std::vector<int64_t> dims, const std::vector<std::string>& values) {
  TestTensor t{HY_DTYPE_STRING, std::move(dims), {}, false};
  std::vector<uint64_t> offsets{0};
  std::string text;
  for (const std::string& s : values) {
    text += s;
    offsets.push_back(text.size());
  }
  t.bytes.resize(offsets.size() * sizeof(uint64_t) + text.size());
  std::memcpy(t.bytes.data(), offsets.data(), offsets.size() * sizeof(uint64_t));
  if (!text.empty())
    std::memcpy(t.bytes.data() + offsets.size() * sizeof(uint64_t), text.data(), text.size());
  return t;
}

Result<std::vector<TestTensor>> run_graph(const std::vector<unsigned char>& bytes,
                                          const std::vector<TestTensor>& inputs, int threads,
                                          int repeat) {
  char message[256];
  if (hy_graph_validate(bytes.data(), bytes.size(), message, sizeof message) != HY_OK)
    return invalid_model(message);
  Graph graph;
  HY_RETURN_IF_ERROR(Graph::open({bytes.data(), bytes.size()}, &graph));
  FakeHost host;
  const hy_host table = host.table();
  plugin::Job job(&table, nullptr);
  HY_ASSIGN_OR_RETURN(const auto exe, compile(graph, threads, job));
  std::vector<uint32_t> types;
  for (uint32_t i = 0; i < graph.main().output_count(); ++i)
    types.push_back(graph.main().output(i).dtype());
  std::vector<TestTensor> first;
  for (int r = 0; r < repeat; ++r) {
    HY_RETURN_IF_ERROR(run_once(*exe, host, inputs, types));
    if (r == 0) first = host.outputs;
    for (size_t i = 0; i < first.size(); ++i)
      if (first[i].dims != host.outputs[i].dims || first[i].bytes != host.outputs[i].bytes)
        return internal_error("run " + std::to_string(r) + " gave another output " +
                              std::to_string(i));
  }
  return first;
}

Result<std::vector<TestTensor>> run_node(const std::string& op, const Attributes& attributes,
                                         const std::vector<std::optional<TestTensor>>& inputs,
                                         const RunOptions& options) {
  HY_ASSIGN_OR_RETURN(const auto bytes, build(op, attributes, inputs, options));
  std::vector<TestTensor> bound;
  for (const auto& t : inputs)
    if (t && !t->constant) bound.push_back(*t);
  HY_ASSIGN_OR_RETURN(auto wanted, run_graph(bytes, bound, options.threads, options.repeat));
  std::vector<TestTensor> out;
  for (uint32_t i = 0, next = 0; i < options.outputs; ++i) {
    const bool there = options.wanted.empty() || options.wanted[i];
    out.push_back(there ? wanted[next++] : TestTensor{});
  }
  return out;
}

uint32_t verdict_of(const std::string& op, const Attributes& attributes,
                    const std::vector<std::optional<TestTensor>>& inputs, uint32_t outputs) {
  RunOptions options;
  options.outputs = outputs;
  const auto bytes = build(op, attributes, inputs, options);
  Graph graph;
  if (!bytes.ok() || !Graph::open({bytes->data(), bytes->size()}, &graph).ok())
    return HY_REASON_OTHER;
  return supports(graph.main().node(0), 0, 0).reason();
}

}  // namespace halyard::cpu::testing
