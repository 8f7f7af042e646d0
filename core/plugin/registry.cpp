#include "core/plugin/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/config/settings.hpp"

namespace halyard::core {
namespace fs = std::filesystem;

Registry::Registry(std::vector<std::string> folders, std::shared_ptr<Host> host,
                   PluginFilter filter, std::shared_ptr<Isolation> isolation)
    : host_(std::move(host)), filter_(std::move(filter)), isolation_(std::move(isolation)) {
  for (const std::string& folder : folders) find(folder);
}

void Registry::find(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".json") files.push_back(it->path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    PluginRecord record;
    record.rejection = read_manifest(file, &record.manifest);
    // What the user excluded is no surprise, whatever else is wrong with it.
    const Rejection excluded = filtered(record.manifest.id);
    if (excluded.rejected()) record.rejection = excluded;
    if (!record.rejection.rejected())
      for (const PluginRecord& other : records_)
        if (!other.rejection.rejected() && other.manifest.id == record.manifest.id)
          record.rejection = {"DUPLICATE", fmt::format("{} has the same id and was found first",
                                                       other.manifest.file.string())};
    if (record.rejection.rejected() && !excluded.rejected())
      host_->logger()->warn("plugin {} is not used: {}: {}", file.string(), record.rejection.reason,
                            record.rejection.detail);
    records_.push_back(std::move(record));
  }
}

Rejection Registry::filtered(const std::string& id) const {
  for (const std::string& glob : filter_.deny)
    if (glob_matches(glob, id)) return {"EXCLUDED", fmt::format("plugins.deny has \"{}\"", glob)};
  if (any_glob_matches(filter_.allow, id)) return {};
  return {"EXCLUDED", fmt::format("plugins.allow has {} only", fmt::join(filter_.allow, ", "))};
}

void Registry::load_provider(PluginRecord& r) {
  Isolation::Loaded loaded;
  if (isolation_ != nullptr)
    loaded = isolation_->load(r.manifest);
  else
    loaded.rejection = load_library(r.manifest, &loaded.plugin);
  r.rejection = loaded.rejection;
  r.quarantined = loaded.quarantined;
  r.in_worker = loaded.plugin.worker != nullptr;
  if (r.rejection.rejected()) return;
  auto provider = Provider::create(r.manifest, loaded.plugin, host_, loaded.guard);
  if (provider.ok())
    providers_.push_back(std::move(provider).value());
  else
    r.rejection = {"CREATE_FAILED", provider.status().message()};
}

void Registry::load_format(PluginRecord& r) {
  LoadedPlugin plugin;
  r.rejection = load_library(r.manifest, &plugin);
  if (r.rejection.rejected()) return;
  auto format = Format::create(r.manifest, plugin, host_);
  if (format.ok())
    formats_.push_back(std::move(format).value());
  else
    r.rejection = {"CREATE_FAILED", format.status().message()};
}

/// A provider whose process is gone gets another one, as often as the options allow.
void Registry::restart_lost() {
  for (std::shared_ptr<Provider>& p : providers_) {
    const auto loss = p->lost();
    if (!loss || isolation_ == nullptr || restarts_[p->id()] >= isolation_->options().restarts)
      continue;
    ++restarts_[p->id()];
    for (const PluginRecord& r : records_) {
      if (!r.loaded || r.manifest.id != p->id()) continue;
      Isolation::Loaded loaded = isolation_->load(r.manifest);
      if (loaded.rejection.rejected()) continue;
      auto again = Provider::create(r.manifest, loaded.plugin, host_, loaded.guard);
      if (again.ok()) p = std::move(again).value();
    }
  }
}

Status Registry::release(const std::string& id) {
  const std::scoped_lock lock(mutex_);
  bool known = false;
  for (PluginRecord& r : records_) {
    if (r.manifest.id != id || r.rejection.reason == "DUPLICATE") continue;
    known = true;
    if (isolation_ == nullptr || !isolation_->release(r.manifest)) continue;
    if (r.quarantined) r.rejection = {};
    r.quarantined = false;
    return {};
  }
  return not_found(known ? fmt::format("plugin \"{}\" is not quarantined", id)
                         : fmt::format("there is no plugin \"{}\" (see `halyard plugins`)", id));
}

void Registry::load_kind(uint32_t kind) {
  bool& done = kind == HY_PLUGIN_PROVIDER ? providers_loaded_ : formats_loaded_;
  if (done) return;
  done = true;
  for (PluginRecord& r : records_) {
    if (r.manifest.kind != kind || r.rejection.rejected()) continue;
    if (kind == HY_PLUGIN_PROVIDER)
      load_provider(r);
    else
      load_format(r);
    r.loaded = !r.rejection.rejected();
    if (r.rejection.rejected())
      host_->logger()->warn("plugin {} is not used: {}: {}", r.manifest.id, r.rejection.reason,
                            r.rejection.detail);
  }
  if (kind != HY_PLUGIN_PROVIDER) return;
  std::stable_sort(providers_.begin(), providers_.end(), [](const auto& a, const auto& b) {
    return a->rank() != b->rank() ? a->rank() > b->rank() : a->id() < b->id();
  });
  for (const auto& p : providers_) {
    if (p->devices().empty())
      rejected_.push_back({p->id(), "NO_DEVICE", "the provider lists no device"});
    for (const DeviceInfo& d : p->devices())
      if (!d.usable())
        rejected_.push_back({p->id(), reason_name(d.reject_reason), d.reject_detail});
  }
}

std::vector<std::shared_ptr<Provider>> Registry::providers() {
  const std::scoped_lock lock(mutex_);
  load_kind(HY_PLUGIN_PROVIDER);
  restart_lost();
  return providers_;
}

std::vector<PluginRecord> Registry::records() {
  const std::scoped_lock lock(mutex_);
  std::vector<PluginRecord> out = records_;
  // Those that were not opened yet may be known from earlier processes.
  for (PluginRecord& r : out) {
    if (isolation_ == nullptr || r.loaded || r.rejection.rejected() ||
        r.manifest.kind != HY_PLUGIN_PROVIDER)
      continue;
    const auto quarantine = isolation_->quarantine(r.manifest);
    r.quarantined = quarantine.has_value();
    if (quarantine) r.rejection = *quarantine;
  }
  return out;
}

std::vector<RejectedDevice> Registry::rejected_devices() {
  const std::scoped_lock lock(mutex_);
  load_kind(HY_PLUGIN_PROVIDER);
  return rejected_;
}

std::vector<config::PluginInfo> Registry::plugin_infos() {
  const std::scoped_lock lock(mutex_);
  std::vector<config::PluginInfo> out;
  for (const PluginRecord& r : records_) {
    if (r.rejection.reason == "DUPLICATE") continue;
    config::PluginInfo& info = out.emplace_back();
    info.id = r.manifest.id;
    info.provider = r.manifest.kind == HY_PLUGIN_PROVIDER;
    if (r.rejection.rejected()) info.unusable = r.rejection.reason + ": " + r.rejection.detail;
    info.options = r.manifest.options;
    for (const auto& p : providers_)
      if (!info.options && p->id() == info.id) info.options = p->options();
  }
  return out;
}

Result<std::shared_ptr<OpenModel>> Registry::open_model(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error))
    return invalid_model(fmt::format("{}: no such file or folder", path));
  std::string head(256, '\0');
  if (fs::is_regular_file(path, error)) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return io_error(fmt::format("{}: cannot be opened for reading", path));
    in.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<size_t>(in.gcount()));
  } else {
    head.clear();
  }
  std::shared_ptr<Format> best;
  std::string ids;
  {
    const std::scoped_lock lock(mutex_);
    load_kind(HY_PLUGIN_FORMAT);
    uint32_t score = 0;
    for (const auto& f : formats_) {
      ids += (ids.empty() ? "" : ", ") + f->id();
      if (const uint32_t s = f->probe(path, {head.data(), head.size()}); s > score) {
        score = s;
        best = f;
      }
    }
  }
  if (best == nullptr)
    return invalid_model(fmt::format("{}: no format plugin takes it; loaded are: {}", path,
                                     ids.empty() ? "none (see `halyard plugins`)" : ids));
  return OpenModel::open(std::move(best), path);
}

}  // namespace halyard::core
