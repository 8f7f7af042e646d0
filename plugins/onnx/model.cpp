#include "model.hpp"

#include "importer.hpp"
#include "metadata.hpp"
#include "proto_reader.hpp"

namespace halyard::onnx {

Result<std::unique_ptr<OnnxModel>> OnnxModel::open(const std::string& path) {
  HY_ASSIGN_OR_RETURN(MappedFile file, MappedFile::open(path));
  std::unique_ptr<OnnxModel> model(new OnnxModel(std::move(file), path));
  HY_RETURN_IF_ERROR(model->import());
  return model;
}

Status OnnxModel::import() {
  const std::string_view bytes = file_.bytes();
  if (bytes.empty()) return invalid_model("the file is empty");
  const Result<proto::Model> model = read_model(bytes);
  if (!model.ok()) return model.status().with_context("not an ONNX model, or a damaged one");
  if (!model->has_graph) return invalid_model("no graph in it: not an ONNX model, or cut short");
  HY_ASSIGN_OR_RETURN(graph_, Importer(*model, external_, weights_).run());
  metadata_ = metadata_of(*model);
  return {};
}

Status OnnxModel::read(plugin::ModelSink& sink, plugin::Job&) {
  HY_RETURN_IF_ERROR(sink.function("main", graph_));
  for (const auto& [key, value] : metadata_) HY_RETURN_IF_ERROR(sink.metadata(key, value));
  return {};
}

}  // namespace halyard::onnx
