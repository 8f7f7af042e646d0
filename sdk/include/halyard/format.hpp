// Write a model format as one C++20 class. Header-only over abi/plugin.h; links nothing.
//
//   class Foo : public halyard::plugin::Format {
//     uint32_t probe(std::string_view path, hy_bytes head) override;
//     Result<std::unique_ptr<Model>> open(std::string_view path, Job&) override;
//   };
//   HALYARD_FORMAT(Foo, "foo", "1.0.0")
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "halyard/graph_builder.hpp"
#include "halyard/plugin.hpp"

namespace halyard::plugin {

/// Receives the parts of a model.
class ModelSink {
 public:
  explicit ModelSink(const hy_model_sink& sink) : sink_(sink) {}
  Status function(std::string_view name, std::span<const unsigned char> graph) {
    return check(sink_.function(sink_.ctx, str(name), {graph.data(), graph.size()}));
  }
  Status metadata(std::string_view key, std::string_view value) {
    return check(sink_.metadata(sink_.ctx, str(key), str(value)));
  }

 private:
  static Status check(hy_status code) {
    return code == HY_OK ? Status() : Status(code, "the host refused a part of the model");
  }
  hy_model_sink sink_;
};

/// A model that is open: its files stay mapped until it is destroyed. weight() from any thread.
class Model {
 public:
  virtual ~Model() = default;
  virtual Status read(ModelSink& sink, Job& job) = 0;
  virtual Result<hy_bytes> weight(uint64_t id) = 0;
};

/// A model format. One object a plugin. open() from any thread.
class Format {
 public:
  virtual ~Format() = default;
  /// 0 (not mine) to 100 (mine). head: the first bytes of a file, empty for a folder.
  virtual uint32_t probe(std::string_view path, hy_bytes head) = 0;
  /// A failure's message need not name the path: the core puts it before the message.
  virtual Result<std::unique_ptr<Model>> open(std::string_view path, Job& job) = 0;
  virtual const void* extension(std::string_view) { return nullptr; }
};

namespace detail {

struct FormatHolder {
  const hy_host* host;
  std::unique_ptr<Format> format;
};
struct ModelHolder {
  FormatHolder* owner;
  std::unique_ptr<Model> model;
};

template <class F>
struct FormatTrampolines {
  static hy_status create(const hy_host* host, hy_job* job, void** out) {
    const Job j(host, job);
    return guarded(j, [&]() -> Status {
      *out = new FormatHolder{host, std::make_unique<F>()};
      return {};
    });
  }
  static void destroy(void* f) { delete static_cast<FormatHolder*>(f); }
  static uint32_t probe(void* f, hy_str path, hy_bytes head) {
    try {
      return static_cast<FormatHolder*>(f)->format->probe(view(path), head);
    } catch (...) {
      return 0;
    }
  }
  static hy_status open(void* f, hy_job* job, const hy_import_args* theirs, void** out) {
    auto* h = static_cast<FormatHolder*>(f);
    Job j(h->host, job);
    return guarded(j, [&]() -> Status {
      const hy_import_args args = copy_in(theirs);
      HY_ASSIGN_OR_RETURN(auto model, h->format->open(view(args.path), j));
      *out = new ModelHolder{h, std::move(model)};
      return {};
    });
  }
  static hy_status read(void* m, hy_job* job, const hy_model_sink* sink) {
    auto* h = static_cast<ModelHolder*>(m);
    Job j(h->owner->host, job);
    return guarded(j, [&]() -> Status {
      ModelSink to(copy_in(sink));
      return h->model->read(to, j);
    });
  }
  static hy_status weight(void* m, hy_job* job, uint64_t id, hy_bytes* out) {
    auto* h = static_cast<ModelHolder*>(m);
    const Job j(h->owner->host, job);
    return guarded(j, [&]() -> Status {
      HY_ASSIGN_OR_RETURN(*out, h->model->weight(id));
      return {};
    });
  }
  static void close(void* m) { delete static_cast<ModelHolder*>(m); }
  static const void* extension(void* f, hy_str id) {
    return static_cast<FormatHolder*>(f)->format->extension(view(id));
  }
  static constexpr hy_format_api api() {
    hy_format_api a{};
    a.struct_size = sizeof(hy_format_api);
    a.create = create;
    a.destroy = destroy;
    a.probe = probe;
    a.open = open;
    a.read = read;
    a.weight = weight;
    a.close = close;
    a.extension = extension;
    return a;
  }
};

constexpr hy_plugin describe_format(std::string_view id, std::string_view version,
                                    const hy_format_api* api) {
  return {sizeof(hy_plugin),
          HY_PLUGIN_FORMAT,
          {id.data(), id.size()},
          {version.data(), version.size()},
          nullptr,
          api};
}

}  // namespace detail
}  // namespace halyard::plugin

/// Defines the plugin's one export. Class: default-constructible, derived from Format.
#define HALYARD_FORMAT(Class, id, version)                             \
  extern "C" HY_PLUGIN_EXPORT const hy_plugin* HY_PLUGIN_ENTRY(void) { \
    static constexpr hy_format_api api =                               \
        ::halyard::plugin::detail::FormatTrampolines<Class>::api();    \
    static constexpr hy_plugin plugin =                                \
        ::halyard::plugin::detail::describe_format(id, version, &api); \
    return &plugin;                                                    \
  }
