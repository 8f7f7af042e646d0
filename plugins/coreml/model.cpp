#include "model.hpp"

#include <algorithm>

#include "function.hpp"
#include "literal.hpp"
#include "package.hpp"

namespace halyard::coreml {
namespace {

Features by_name(const google::protobuf::RepeatedPtrField<schema::FeatureDescription>& list) {
  Features out;
  for (const auto& f : list) out[f.name()] = &f;
  return out;
}

constexpr int32_t kBgr = 30;  // ImageFeatureType.ColorSpace

}  // namespace

CoreMlModel::~CoreMlModel() = default;

Result<std::unique_ptr<CoreMlModel>> CoreMlModel::open(const std::string& path) {
  HY_ASSIGN_OR_RETURN(const Package package, find_package(path));
  std::unique_ptr<CoreMlModel> out(new CoreMlModel);
  HY_ASSIGN_OR_RETURN(out->model_, read_model(package.root));
  HY_RETURN_IF_ERROR(check_kind(out->model_));
  out->blobs_ = std::make_unique<Blobs>(package.model_path);
  return out;
}

Status CoreMlModel::read(plugin::ModelSink& sink, plugin::Job& job) {
  HY_RETURN_IF_ERROR(read_metadata(sink));
  const auto& description = model_.description();
  const auto& functions = model_.ml_program().functions();
  if (functions.empty()) return invalid_model("the program has no function");
  // The default one first, the others by name.
  std::vector<std::string> names;
  for (const auto& [name, function] : functions) names.push_back(name);
  std::sort(names.begin(), names.end());
  std::string first = description.default_function_name();
  if (first.empty()) first = functions.contains("main") ? "main" : names.front();
  if (!functions.contains(first))
    return invalid_model("the default function \"" + first + "\" is not among the program's");
  std::stable_partition(names.begin(), names.end(), [&](const auto& n) { return n == first; });
  for (const std::string& name : names) {
    HY_RETURN_IF_ERROR(job.poll());
    Features inputs = by_name(description.input());
    for (const auto& f : description.functions())
      if (f.name() == name) inputs = by_name(f.input());
    HY_ASSIGN_OR_RETURN(const auto graph,
                        import_function(name, functions.at(name), inputs, *blobs_, weights_));
    HY_RETURN_IF_ERROR(sink.function(name, graph));
  }
  return {};
}

Status CoreMlModel::read_metadata(plugin::ModelSink& sink) const {
  const auto& m = model_.description().metadata();
  const auto put = [&](std::string_view key, std::string_view text) {
    return text.empty() ? Status() : sink.metadata(key, text);
  };
  HY_RETURN_IF_ERROR(put("format", "coreml"));
  HY_RETURN_IF_ERROR(put("specification_version", std::to_string(model_.specification_version())));
  HY_RETURN_IF_ERROR(put("description", m.short_description()));
  HY_RETURN_IF_ERROR(put("version", m.version_string()));
  HY_RETURN_IF_ERROR(put("author", m.author()));
  HY_RETURN_IF_ERROR(put("license", m.license()));
  for (const auto& [key, value] : m.user_defined()) HY_RETURN_IF_ERROR(put(key, value));
  // Pictures come as they are, 0 to 255, in the order of channels that the model says.
  for (const auto& f : model_.description().input())
    if (f.type().has_image_type()) {
      HY_RETURN_IF_ERROR(put("image.scale", "1"));
      if (f.type().image_type().color_space() == kBgr)
        HY_RETURN_IF_ERROR(put("image.layout", "BGR"));
      break;
    }
  return {};
}

}  // namespace halyard::coreml
