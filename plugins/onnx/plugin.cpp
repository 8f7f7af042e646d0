// The format plugin "onnx".
#include "halyard/format.hpp"
#include "model.hpp"
#include "protobuf_check.hpp"

namespace halyard::onnx {
namespace {

constexpr uint32_t kBySuffix = 90, kByContent = 30, kNo = 0;

/// A ModelProto most often begins with its first field, the IR version; so do other protobuf files.
bool begins_like_a_model(hy_bytes head) {
  const auto* bytes = static_cast<const unsigned char*>(head.data);
  return head.size >= 3 && bytes[0] == 0x08 && bytes[1] >= 1 && bytes[1] < 0x40;
}

class OnnxFormat : public plugin::Format {
 public:
  uint32_t probe(std::string_view path, hy_bytes head) override {
    if (path.ends_with(".onnx")) return kBySuffix;
    return begins_like_a_model(head) ? kByContent : kNo;
  }
  Result<std::unique_ptr<plugin::Model>> open(std::string_view path, plugin::Job& job) override {
    HY_RETURN_IF_ERROR(job.poll());
    HY_RETURN_IF_ERROR(plugin::check_protobuf("ONNX files"));
    HY_ASSIGN_OR_RETURN(std::unique_ptr<plugin::Model> model, OnnxModel::open(std::string(path)));
    return model;
  }
};

}  // namespace
}  // namespace halyard::onnx

HALYARD_FORMAT(halyard::onnx::OnnxFormat, "onnx", "0.1.0")
