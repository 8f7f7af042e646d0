#include "core/cache/compiled_model.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/descriptor.hpp"

namespace halyard::core {
namespace {

using Json = nlohmann::ordered_json;
using namespace compiled_section;

constexpr std::string_view kSuffix = ".hyc";

ByteSpan span_of(hy_bytes b) {
  return {static_cast<const unsigned char*>(b.data), static_cast<size_t>(b.size)};
}

Json options_json(const CompiledOptions& o) {
  return {{"function", o.function},
          {"shapes", o.shapes},
          {"max_cluster_nodes", o.max_cluster_nodes},
          {"settings", o.settings}};
}

CompiledOptions read_options(const Json& j) {
  CompiledOptions o;
  o.function = j.value("function", std::string());
  o.shapes = j.value("shapes", std::string());
  o.max_cluster_nodes = j.value("max_cluster_nodes", 0u);
  o.settings = j.value("settings", decltype(o.settings)());
  return o;
}

}  // namespace

bool CompiledModel::is_compiled(const std::string& path) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  unsigned char head[8];
  if (!fd.valid()) return false;
  if (fd.read_all(head, sizeof head)) {
    if (Container::begins_as_container(head)) return true;
  } else if (errno == EISDIR) {
    return false;
  }
  return path.ends_with(kSuffix);
}

const std::string& CompiledModel::format_id() const {
  static const std::string id = "hyc";
  return id;
}

Result<std::shared_ptr<const CompiledModel>> CompiledModel::open(const std::string& path) {
  std::shared_ptr<CompiledModel> out(new CompiledModel);
  out->name_ = path;
  HY_ASSIGN_OR_RETURN(auto container, Container::open(path));
  HY_RETURN_IF_ERROR(out->read(std::move(container)).with_context(path));
  return std::shared_ptr<const CompiledModel>(std::move(out));
}

Result<std::shared_ptr<const CompiledModel>> CompiledModel::parse(ByteSpan bytes,
                                                                  const std::string& name) {
  std::shared_ptr<CompiledModel> out(new CompiledModel);
  out->name_ = name;
  HY_ASSIGN_OR_RETURN(auto container, Container::parse(bytes));
  HY_RETURN_IF_ERROR(out->read(std::move(container)).with_context(name));
  return std::shared_ptr<const CompiledModel>(std::move(out));
}

Status CompiledModel::read(std::shared_ptr<const Container> container) {
  container_ = std::move(container);
  const Section* info = container_->find(kInfo, 0);
  if (info == nullptr) return invalid_model("a compiled model without its information section");
  HY_RETURN_IF_ERROR(read_info(info->bytes));
  if (function_names_.empty()) return invalid_model("a compiled model without a function");
  for (size_t i = 0; i < function_names_.size(); ++i) {
    const Section* s = container_->find(kFunction, i);
    if (s == nullptr)
      return invalid_model(fmt::format("a compiled model without the graph of function {} (\"{}\")",
                                       i, function_names_[i]));
    functions_.push_back({function_names_[i], {s->bytes.begin(), s->bytes.end()}});
  }
  return read_artifacts();
}

Status CompiledModel::read_info(ByteSpan json) {
  try {
    const Json j = Json::parse(json.begin(), json.end());
    written_by_ = j.at("halyard").get<std::string>();
    origin_ = j.at("model").get<std::string>();
    function_names_ = j.at("functions").get<std::vector<std::string>>();
    metadata_ = j.at("metadata").get<std::map<std::string, std::string>>();
    options_ = read_options(j.at("options"));
    return {};
  } catch (const Json::exception& e) {
    return invalid_model(fmt::format("a compiled model with broken information: {}", e.what()));
  }
}

Status CompiledModel::read_artifacts() {
  for (const Section* s : container_->all(kArtifact)) {
    auto entry = decode_entry(s->bytes);
    if (!entry.ok()) return entry.status().with_context(fmt::format("artefact {}", s->number));
    artifacts_.push_back(std::move(entry).value());
  }
  return {};
}

Result<hy_bytes> CompiledModel::weight(uint64_t id) const {
  const Section* s = container_->find(kWeight, id);
  if (s == nullptr) return invalid_model(fmt::format("{} has no weight {}", name_, id));
  return hy_bytes{s->bytes.data(), s->bytes.size()};
}

std::optional<Digest> CompiledModel::weight_digest(uint64_t id) const {
  const Section* s = container_->find(kWeight, id);
  return s != nullptr ? std::optional(s->digest) : std::nullopt;
}

std::optional<ByteSpan> CompiledModel::find(const CacheKey& key) const {
  for (const EntryView& a : artifacts_)
    if (a.key == key) return a.payload;
  return std::nullopt;
}

std::vector<CacheKey> CompiledModel::keys() const {
  std::vector<CacheKey> out;
  for (const EntryView& a : artifacts_) out.push_back(a.key);
  return out;
}

std::string_view CompiledModel::plan() const {
  const Section* s = container_->find(kPlan, 0);
  if (s == nullptr) return {};
  return {reinterpret_cast<const char*>(s->bytes.data()), s->bytes.size()};
}

Status write_compiled_model(const std::string& path, const CompiledParts& parts) {
  HY_ASSIGN_OR_RETURN(const auto writer, ContainerWriter::create(path));
  Json info{{"halyard", HALYARD_VERSION},
            {"model", parts.origin},
            {"functions", Json::array()},
            {"metadata", parts.model->metadata()},
            {"options", options_json(parts.options)}};
  for (const auto& f : parts.model->functions()) info["functions"].push_back(f.name);
  const std::string info_text = info.dump(1, ' ', false, Json::error_handler_t::replace);
  HY_RETURN_IF_ERROR(writer->add(kInfo, 0, {bytes_of(info_text)}));
  HY_RETURN_IF_ERROR(writer->add(kPlan, 0, {bytes_of(parts.plan)}));
  for (size_t i = 0; i < parts.model->functions().size(); ++i)
    HY_RETURN_IF_ERROR(writer->add(kFunction, i, {parts.model->functions()[i].graph}));
  for (size_t i = 0; i < parts.artifacts.size(); ++i) {
    const CompiledParts::Artifact& a = parts.artifacts[i];
    const std::string head = encode_entry_head(a.key, a.notes, a.bytes);
    HY_RETURN_IF_ERROR(writer->add(kArtifact, i, {bytes_of(head), a.bytes}));
  }
  for (const uint64_t id : parts.weights) {
    HY_ASSIGN_OR_RETURN(const hy_bytes bytes, parts.model->weight(id));
    HY_RETURN_IF_ERROR(writer->add(kWeight, id, {span_of(bytes)}));
  }
  return writer->finish();
}

}  // namespace halyard::core
