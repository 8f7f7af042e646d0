// The format plugin "coreml".
#include <sys/stat.h>

#include <string>

#include "halyard/format.hpp"
#include "model.hpp"
#include "protobuf_check.hpp"

namespace halyard::coreml {
namespace {

constexpr uint32_t kSurely = 95, kNo = 0;

bool has_file(std::string_view folder, const char* name) {
  struct stat s {};
  return stat((std::string(folder) + "/" + name).c_str(), &s) == 0;
}

class CoreMlFormat : public plugin::Format {
 public:
  uint32_t probe(std::string_view path, hy_bytes) override {
    while (path.ends_with('/')) path.remove_suffix(1);
    for (const char* suffix : {".mlpackage", ".mlmodel", ".mlmodelc"})
      if (path.ends_with(suffix)) return kSurely;
    return has_file(path, "Manifest.json") && has_file(path, "Data") ? kSurely : kNo;
  }
  Result<std::unique_ptr<plugin::Model>> open(std::string_view path, plugin::Job& job) override {
    HY_RETURN_IF_ERROR(job.poll());
    HY_RETURN_IF_ERROR(plugin::check_protobuf("Core ML models"));
    HY_ASSIGN_OR_RETURN(std::unique_ptr<plugin::Model> model, CoreMlModel::open(std::string(path)));
    return model;
  }
};

}  // namespace
}  // namespace halyard::coreml

HALYARD_FORMAT(halyard::coreml::CoreMlFormat, "coreml", "0.1.0")
