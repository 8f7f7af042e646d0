// A compiled model file (.hyc): a model, its weights, the plan that it was compiled by, and an artefact for each
// cluster of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/cache/artifact_source.hpp"
#include "core/cache/container.hpp"
#include "core/plugin/model_source.hpp"

namespace halyard::core {

/// What a session was asked for when the model was compiled; holds again where nothing else is asked for.
struct CompiledOptions {
  std::string function, shapes;
  uint32_t max_cluster_nodes = 0;
  std::vector<std::pair<std::string, std::string>> settings;  // config::placement_statements
};

/// The parts of such a file: what save() takes and open() gives.
namespace compiled_section {
enum : uint32_t { kInfo = 1, kFunction = 2, kWeight = 3, kPlan = 4, kArtifact = 5 };
}

/// Constant once open; any thread. All of the file is checked when it is opened: sizes, places and checksums here,
/// the graphs by whoever reads them. The weights are used where the map of the file lies.
class CompiledModel final : public ModelSource, public ArtifactSource {
 public:
  /// By its first bytes, or, where those are not there, by its name.
  static bool is_compiled(const std::string& path);
  /// INVALID_MODEL names the section and what is wrong with it.
  static Result<std::shared_ptr<const CompiledModel>> open(const std::string& path);
  /// Of bytes that the caller keeps alive: for tests.
  static Result<std::shared_ptr<const CompiledModel>> parse(ByteSpan bytes,
                                                            const std::string& name);

  const std::string& format_id() const override;
  const std::vector<Function>& functions() const override { return functions_; }
  const std::map<std::string, std::string>& metadata() const override { return metadata_; }
  Result<hy_bytes> weight(uint64_t id) const override;

  std::optional<ByteSpan> find(const CacheKey& key) const override;
  std::vector<CacheKey> keys() const override;
  const std::string& name() const override { return name_; }

  /// Of a weight, as the digest of all its bytes; verified when the file was opened.
  std::optional<Digest> weight_digest(uint64_t id) const;
  const CompiledOptions& options() const { return options_; }
  /// As `plan --json` has it.
  std::string_view plan() const;
  /// The version of the library that wrote it, and the model that it was made from.
  const std::string& written_by() const { return written_by_; }
  const std::string& origin() const { return origin_; }
  size_t artifact_count() const { return artifacts_.size(); }

 private:
  CompiledModel() = default;
  Status read(std::shared_ptr<const Container> container);
  Status read_info(ByteSpan json);
  Status read_artifacts();

  std::shared_ptr<const Container> container_;
  std::string name_, written_by_, origin_;
  std::vector<std::string> function_names_;
  std::vector<Function> functions_;
  std::map<std::string, std::string> metadata_;
  CompiledOptions options_;
  std::vector<EntryView> artifacts_;
};

/// What makes up such a file.
struct CompiledParts {
  std::string origin;
  const ModelSource* model = nullptr;
  std::vector<uint64_t> weights;  // the ids that the functions refer to, each once
  CompiledOptions options;
  std::string plan;
  struct Artifact {
    CacheKey key;
    std::string notes;
    std::vector<unsigned char> bytes;
  };
  std::vector<Artifact> artifacts;
};
/// Writes it beside the file and renames it. IO names the file and what the system said.
Status write_compiled_model(const std::string& path, const CompiledParts& parts);

}  // namespace halyard::core
