#include "tests/unit/runtime/compiled.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/opset/infer.hpp"
#include "core/plan/planner.hpp"
#include "core/plugin/provider.hpp"

extern "C" const hy_plugin* HY_PLUGIN_ENTRY(void);

namespace halyard::core::test {
namespace {

/// Every constant of these tests is inline.
struct NoWeights final : hy_weights {
  Result<hy_bytes> get(uint64_t, uint32_t) override { return not_found("no weights here"); }
};

Result<hy_bytes> inline_bytes(const ConstantData& c) { return hy_bytes{c.bytes->data(), c.size}; }

Result<std::shared_ptr<Device>> open_cpu() {
  Manifest manifest;
  manifest.id = "cpu";
  LoadedPlugin loaded;
  loaded.provider = copy_record<hy_provider_api>(HY_PLUGIN_ENTRY()->provider);
  auto host = std::make_shared<Host>(make_logger(nullptr, nullptr, 0));
  HY_ASSIGN_OR_RETURN(auto provider, Provider::create(manifest, loaded, host));
  return Device::open(provider, {.threads = 1});
}

Result<Plan> plan(Graph graph) {
  static NoWeights weights;
  HY_RETURN_IF_ERROR(infer_graph(graph, inline_bytes).status());
  HY_ASSIGN_OR_RETURN(auto cpu, open_cpu());
  return make_plan(std::move(graph), {std::move(cpu)}, {}, weights, inline_bytes,
                   make_logger(nullptr, nullptr, 0));
}

/// The same value with the caller's memory: nothing but the caller keeps it.
Value borrowed(const hy_tensor& from) {
  auto out = std::make_shared<hy_tensor>(from);
  out->owner.reset();
  for (auto& child : out->children) child = borrowed(*child);
  return out;
}

std::string code_text(hy_status code) {
  switch (code) {
    case HY_ERROR_MISMATCH:
      return "MISMATCH";
    case HY_ERROR_INVALID_MODEL:
      return "INVALID_MODEL";
    case HY_ERROR_CANCELLED:
      return "CANCELLED";
    case HY_ERROR_UNSUPPORTED:
      return "UNSUPPORTED";
    default:
      return fmt::format("status {}", static_cast<int>(code));
  }
}

}  // namespace

Compiled::Compiled(const NestedGraph& graph) {
  auto made = plan(graph.graph);
  status_ = made.status();
  if (made.ok()) program_ = std::make_unique<Program>(std::move(made).value(), nullptr);
}

Result<std::vector<int64_t>> Compiled::symbols_of(const std::vector<Value>& inputs) const {
  const Graph& graph = program_->plan().graph;
  std::vector<int64_t> out(graph.symbols.size(), -1);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const TensorType& type = graph.values[graph.inputs[i]].type;
    if (!type.is_tensor() || !type.shape) continue;
    if (type.shape->size() != inputs[i]->dims.size())
      return invalid_argument(fmt::format("input {} has another rank", i));
    for (size_t d = 0; d < type.shape->size(); ++d)
      for (uint32_t s = 0; s < out.size(); ++s)
        if (same((*type.shape)[d], Dim::symbol(s))) out[s] = inputs[i]->dims[d];
  }
  return out;
}

Result<std::string> Compiled::outputs_of(const std::vector<Value>& inputs, hy_job& job) {
  HY_RETURN_IF_ERROR(status_);
  const Graph& graph = program_->plan().graph;
  if (inputs.size() != graph.inputs.size())
    return invalid_argument(fmt::format("{} inputs for {}", inputs.size(), graph.inputs.size()));
  Program::Request request;
  HY_ASSIGN_OR_RETURN(request.symbols, symbols_of(inputs));
  for (const Value& in : inputs) {
    request.inputs.push_back({in->dtype, in->dims, in->data, in->bytes});
    if (in->kind != HY_TYPE_TENSOR) request.inputs.back().value = borrowed(*in);
  }
  request.outputs.resize(graph.outputs.size());
  std::vector<Value> made(graph.outputs.size());
  request.allocate = [&](size_t o, uint32_t dtype, std::span<const int64_t> dims,
                         uint64_t bytes) -> Result<void*> {
    HY_ASSIGN_OR_RETURN(made[o], hy_tensor::create(dtype, dims, bytes));
    if (bytes != 0) std::memset(made[o]->data, 0xcd, bytes);  // not what any test wants
    return made[o]->data;
  };
  HY_RETURN_IF_ERROR(program_->run(request, job));
  std::string text;
  for (size_t o = 0; o < made.size(); ++o) {
    const hy_tensor* t = request.outputs[o].value ? request.outputs[o].value.get() : made[o].get();
    if (t == nullptr) return internal_error(fmt::format("output {} was not made", o));
    text += (o == 0 ? "" : "; ") + text_of(*t);
  }
  return text;
}

std::string Compiled::run(const std::vector<Value>& inputs) {
  hy_job job;
  return run(inputs, job);
}

std::string Compiled::run(const std::vector<Value>& inputs, hy_job& job) {
  const auto text = outputs_of(inputs, job);
  return text.ok() ? *text : code_text(text.status().code()) + ": " + text.status().message();
}

bool says(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::all_of(words.begin(), words.end(),
                     [&](std::string_view w) { return text.find(w) != std::string::npos; });
}

}  // namespace halyard::core::test
