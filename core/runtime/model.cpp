#include "core/runtime/model.hpp"

#include <fmt/format.h>

#include "core/graph/flat.hpp"
#include "core/opset/infer.hpp"

namespace halyard::core {
namespace {

/// The weights must be as long as the graph says before anybody reads them.
Status check_weights(const Graph& graph, WeightStore& weights) {
  for (size_t i = 0; i < graph.constants.size(); ++i) {
    const ConstantData& c = graph.constants[i];
    HY_ASSIGN_OR_RETURN(const hy_bytes bytes, weights.read(c));
    if (bytes.size < c.size)
      return invalid_model(
          fmt::format("constant {} is {} bytes long; the model holds {}", i, c.size, bytes.size));
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<Model>> Model::load(std::shared_ptr<Registry> registry,
                                           const std::string& path) {
  std::shared_ptr<Model> m(new Model);
  m->path_ = path;
  m->registry_ = std::move(registry);
  if (CompiledModel::is_compiled(path)) {
    HY_ASSIGN_OR_RETURN(m->compiled_, CompiledModel::open(path));
    m->source_ = m->compiled_;
  } else {
    HY_ASSIGN_OR_RETURN(m->source_, m->registry_->open_model(path));
  }
  m->weights_ = std::make_shared<WeightStore>(m->source_);
  const ConstantReader read = [&](const ConstantData& c) { return m->weights_->read(c); };
  for (const ModelSource::Function& f : m->source_->functions()) {
    const std::string what = fmt::format("{}: function \"{}\"", path, f.name);
    auto graph = read_flat({f.graph.data(), f.graph.size()});
    if (!graph.ok()) return graph.status().with_context(what);
    if (Status s = check_weights(*graph, *m->weights_); !s.ok()) return s.with_context(what);
    if (Status s = infer_graph(*graph, read).status(); !s.ok()) return s.with_context(what);
    m->functions_.push_back({f.name, std::move(graph).value()});
  }
  return m;
}

Result<const Model::Function*> Model::function(const std::string& name) const {
  std::string names;
  for (const Function& f : functions_) {
    if (name.empty() || f.name == name) return &f;
    names += (names.empty() ? "" : ", ") + f.name;
  }
  return not_found(fmt::format("{} has no function \"{}\"; it has {}", path_, name, names));
}

}  // namespace halyard::core
