#include "core/plugin/format.hpp"

#include <fmt/format.h>

namespace halyard::core {
namespace {

template <class F>
Status call(hy_job& job, std::string_view what, F&& f) {
  try {
    const hy_status code = f();
    // A format says what is wrong with the model in its own words; no context of ours in front.
    const Status s = job.status(code, what);
    return s;
  } catch (...) {
    return internal_error(fmt::format("{}: the plugin let an exception out", what));
  }
}

}  // namespace

Result<std::shared_ptr<Format>> Format::create(const Manifest& manifest, const LoadedPlugin& plugin,
                                               std::shared_ptr<Host> host) {
  std::shared_ptr<Format> f(new Format);
  f->id_ = manifest.id;
  f->api_ = plugin.format;
  f->host_ = std::move(host);
  hy_job job;
  HY_RETURN_IF_ERROR(call(job, fmt::format("format {}: create", f->id_),
                          [&] { return f->api_.create(f->host_->table(), &job, &f->self_); }));
  return f;
}

Format::~Format() {
  if (self_ != nullptr) api_.destroy(self_);
}

uint32_t Format::probe(const std::string& path, hy_bytes head) const {
  try {
    return api_.probe(self_, str(path), head);
  } catch (...) {
    return 0;
  }
}

Result<std::shared_ptr<OpenModel>> OpenModel::open(std::shared_ptr<Format> format,
                                                   const std::string& path) {
  std::shared_ptr<OpenModel> m(new OpenModel);
  m->format_ = std::move(format);
  const hy_format_api& api = m->format_->api_;
  hy_import_args args = HY_INIT(hy_import_args);
  args.path = str(path);
  hy_job job;
  const std::string what = "loading " + path;
  HY_RETURN_IF_ERROR(
      call(job, what, [&] { return api.open(m->format_->self_, &job, &args, &m->self_); }));
  hy_model_sink sink = HY_INIT(hy_model_sink);
  sink.ctx = m.get();
  sink.function = [](void* ctx, hy_str name, hy_bytes graph) -> hy_status {
    const auto* b = static_cast<const unsigned char*>(graph.data);
    static_cast<OpenModel*>(ctx)->functions_.push_back(
        {std::string(view(name)), {b, b + graph.size}});
    return HY_OK;
  };
  sink.metadata = [](void* ctx, hy_str key, hy_str value) -> hy_status {
    static_cast<OpenModel*>(ctx)->metadata_[std::string(view(key))] = view(value);
    return HY_OK;
  };
  HY_RETURN_IF_ERROR(call(job, what, [&] { return api.read(m->self_, &job, &sink); }));
  if (m->functions_.empty())
    return invalid_model(fmt::format("{}: the model has no function", what));
  return m;
}

OpenModel::~OpenModel() {
  if (self_ != nullptr) format_->api_.close(self_);
}

Result<hy_bytes> OpenModel::weight(uint64_t id) const {
  hy_job job;
  hy_bytes out{};
  HY_RETURN_IF_ERROR(call(job, fmt::format("weight {}", id),
                          [&] { return format_->api_.weight(self_, &job, id, &out); }));
  return out;
}

}  // namespace halyard::core
