// A format plugin's objects, owned: format and open model.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/plugin/host.hpp"
#include "core/plugin/library.hpp"
#include "core/plugin/model_source.hpp"

namespace halyard::core {

/// A created format plugin. Any thread.
class Format {
 public:
  static Result<std::shared_ptr<Format>> create(const Manifest& manifest,
                                                const LoadedPlugin& plugin,
                                                std::shared_ptr<Host> host);
  ~Format();
  Format(const Format&) = delete;
  const std::string& id() const { return id_; }
  uint32_t probe(const std::string& path, hy_bytes head) const;

 private:
  friend class OpenModel;
  Format() = default;
  std::string id_;
  hy_format_api api_{};
  std::shared_ptr<Host> host_;
  void* self_ = nullptr;
};

/// A model that a format holds open. Any thread.
class OpenModel final : public ModelSource {
 public:
  static Result<std::shared_ptr<OpenModel>> open(std::shared_ptr<Format> format,
                                                 const std::string& path);
  ~OpenModel() override;
  OpenModel(const OpenModel&) = delete;

  const std::string& format_id() const override { return format_->id(); }
  const std::vector<Function>& functions() const override { return functions_; }
  const std::map<std::string, std::string>& metadata() const override { return metadata_; }
  Result<hy_bytes> weight(uint64_t id) const override;

 private:
  OpenModel() = default;
  std::shared_ptr<Format> format_;
  void* self_ = nullptr;
  std::vector<Function> functions_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace halyard::core
