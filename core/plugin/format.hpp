// A format plugin's objects, owned: format and open model.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/plugin/host.hpp"
#include "core/plugin/library.hpp"

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
class OpenModel {
 public:
  struct Function {
    std::string name;
    std::vector<unsigned char> graph;  // flat; not validated
  };
  static Result<std::shared_ptr<OpenModel>> open(std::shared_ptr<Format> format,
                                                 const std::string& path);
  ~OpenModel();
  OpenModel(const OpenModel&) = delete;

  const Format& format() const { return *format_; }
  const std::vector<Function>& functions() const { return functions_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  Result<hy_bytes> weight(uint64_t id) const;

 private:
  OpenModel() = default;
  std::shared_ptr<Format> format_;
  void* self_ = nullptr;
  std::vector<Function> functions_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace halyard::core
