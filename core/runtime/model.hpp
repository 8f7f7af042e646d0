// A model that was read: its functions as validated graphs, its weights and its metadata.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/cache/compiled_model.hpp"
#include "core/graph/graph.hpp"
#include "core/plugin/registry.hpp"
#include "core/runtime/weights.hpp"

namespace halyard::core {

/// Constant once loaded; any thread. Sessions share it.
class Model {
 public:
  struct Function {
    std::string name;
    Graph graph;  // inferred
  };
  static Result<std::shared_ptr<Model>> load(std::shared_ptr<Registry> registry,
                                             const std::string& path);

  const std::string& path() const { return path_; }
  const std::vector<Function>& functions() const { return functions_; }
  /// The default function for an empty name. NOT_FOUND lists the names that there are.
  Result<const Function*> function(const std::string& name) const;
  const ModelSource& source() const { return *source_; }
  /// The compiled model that it was read from, or null.
  const std::shared_ptr<const CompiledModel>& compiled() const { return compiled_; }
  const std::shared_ptr<WeightStore>& weights() const { return weights_; }
  const std::shared_ptr<Registry>& registry() const { return registry_; }

 private:
  Model() = default;
  std::string path_;
  std::shared_ptr<Registry> registry_;
  std::shared_ptr<const ModelSource> source_;
  std::shared_ptr<WeightStore> weights_;
  std::vector<Function> functions_;
  std::shared_ptr<const CompiledModel> compiled_;
};

}  // namespace halyard::core
