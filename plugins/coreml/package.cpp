#include "package.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "file_map.hpp"

namespace halyard::coreml {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kManifest = "Manifest.json";
constexpr const char* kManifestVersion = "1.0.0";
constexpr uint64_t kMaxManifest = 16 << 20;
constexpr int kMaxNesting = 400;  // of messages: four for each block within a block

Result<Json> read_manifest(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error) return invalid_model(file.string() + ": " + error.message());
  if (size > kMaxManifest)
    return invalid_model(file.string() + " has " + std::to_string(size) + " bytes; " +
                         std::to_string(kMaxManifest) + " are read");
  std::ifstream in(file, std::ios::binary);
  Json out = Json::parse(in, nullptr, false);
  if (!out.is_object()) return invalid_model(file.string() + " is no JSON object");
  return out;
}

/// The file that an entry names, which must lie in the package and not be reached through links.
Result<fs::path> inside(const fs::path& package, const std::string& relative) {
  const fs::path part(relative);
  bool leaves = part.empty() || part.is_absolute();
  for (const fs::path& step : part) leaves = leaves || step == "..";
  if (leaves)
    return invalid_model("the manifest names \"" + relative + "\", which is not in the package");
  fs::path at = package / "Data";
  for (const fs::path& step : part) {
    at /= step;
    std::error_code error;
    if (fs::is_symlink(at, error))
      return invalid_model("the manifest names \"" + relative + "\", which is behind a link");
  }
  return at;
}

Result<Package> open_package(const fs::path& path) {
  HY_ASSIGN_OR_RETURN(const Json manifest, read_manifest(path / kManifest));
  const auto text = [](const Json& j, const char* key) {
    return j.is_object() && j.contains(key) && j[key].is_string() ? j[key].get<std::string>()
                                                                  : std::string();
  };
  if (const std::string version = text(manifest, "fileFormatVersion"); version != kManifestVersion)
    return unsupported("the manifest is of version \"" + version + "\"; " + kManifestVersion +
                       " is read");
  const std::string id = text(manifest, "rootModelIdentifier");
  const Json items = manifest.value("itemInfoEntries", Json::object());
  if (!items.is_object() || !items.contains(id))
    return invalid_model("the manifest has no entry for its root model \"" + id + "\"");
  HY_ASSIGN_OR_RETURN(const fs::path root, inside(path, text(items[id], "path")));
  return Package{root.string(), root.parent_path().string()};
}

}  // namespace

Result<Package> find_package(const std::string& path) {
  std::error_code error;
  const fs::path given = path;
  if (!fs::exists(given, error)) return not_found("there is no such file or folder");
  if (!fs::is_directory(given, error)) return Package{path, given.parent_path().string()};
  if (fs::exists(given / kManifest, error)) return open_package(given);
  if (fs::exists(given / "model.mil", error))
    return unsupported(
        "is a compiled model (.mlmodelc); the .mlpackage that it was made from is read");
  if (fs::exists(given / "model.espresso.net", error))
    return unsupported(
        "is a compiled neural network (Espresso); the .mlmodel that it was made from is needed");
  return invalid_model(std::string("the folder has no ") + kManifest);
}

Result<schema::Model> read_model(const std::string& file) {
  HY_ASSIGN_OR_RETURN(const FileMap map, FileMap::open(file));
  const std::string_view bytes = map.bytes();
  if (bytes.size() > std::numeric_limits<int>::max())
    return invalid_model(file + " has " + std::to_string(bytes.size()) +
                         " bytes; a specification has at most 2 GiB");
  schema::Model model;
  google::protobuf::io::ArrayInputStream raw(bytes.data(), static_cast<int>(bytes.size()));
  google::protobuf::io::CodedInputStream in(&raw);
  in.SetRecursionLimit(kMaxNesting);
  if (!model.ParseFromCodedStream(&in) || !in.ConsumedEntireMessage())
    return invalid_model(
        file + " is no Core ML specification: it is cut short, damaged, or nested more than " +
        std::to_string(kMaxNesting) + " messages deep");
  if (model.type_case() == schema::Model::TYPE_NOT_SET)
    return invalid_model(file + " is no Core ML specification: it holds no model");
  return model;
}

Status check_kind(const schema::Model& model) {
  using M = schema::Model;
  const auto later = [](const char* what) {
    return unsupported(std::string("is ") + what +
                       ", which is not read yet; models of the kind mlProgram are");
  };
  const auto never = [](const char* what) {
    return unsupported(std::string("is ") + what +
                       ", whose weights or code only Apple's systems have");
  };
  switch (model.type_case()) {
    case M::kMlProgram:
      return {};
    case M::kNeuralNetwork:
    case M::kNeuralNetworkClassifier:
    case M::kNeuralNetworkRegressor:
      return later("a network of layers (neuralNetwork)");
    case M::kPipeline:
    case M::kPipelineClassifier:
    case M::kPipelineRegressor:
      return later("a pipeline");
    case M::kTreeEnsembleClassifier:
    case M::kTreeEnsembleRegressor:
      return later("a tree ensemble");
    case M::kGlmClassifier:
    case M::kGlmRegressor:
      return later("a generalised linear model");
    case M::kSupportVectorClassifier:
    case M::kSupportVectorRegressor:
      return later("a support-vector model");
    case M::kKNearestNeighborsClassifier:
      return later("a nearest-neighbour model");
    case M::kBayesianProbitRegressor:
      return later("a Bayesian probit model");
    case M::kItemSimilarityRecommender:
      return later("a recommender");
    case M::kOneHotEncoder:
    case M::kImputer:
    case M::kFeatureVectorizer:
    case M::kDictVectorizer:
    case M::kScaler:
    case M::kCategoricalMapping:
    case M::kNormalizer:
    case M::kArrayFeatureExtractor:
    case M::kNonMaximumSuppression:
    case M::kIdentity:
      return later("a feature transform");
    case M::kCustomModel:
      return never("a custom model");
    case M::kLinkedModel:
      return unsupported("is a link to another compiled model");
    case M::kTextClassifier:
      return never("a text classifier");
    case M::kWordTagger:
      return never("a word tagger");
    case M::kWordEmbedding:
      return never("a word embedding");
    case M::kGazetteer:
      return never("a gazetteer");
    case M::kVisionFeaturePrint:
      return never("a vision feature print");
    case M::kAudioFeaturePrint:
      return never("an audio feature print");
    case M::kSoundAnalysisPreprocessing:
      return never("a sound preprocessor");
    default:
      return unsupported("is a model of a kind that is not known (field " +
                         std::to_string(static_cast<int>(model.type_case())) + ")");
  }
}

}  // namespace halyard::coreml
