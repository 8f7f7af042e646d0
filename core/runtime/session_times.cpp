// What nodes were measured to take, kept beside the compiled artefacts: later plans reckon with it.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/runtime/session.hpp"

namespace halyard::core {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxWorks = 20'000;  // of one device: some megabytes

/// What the times of a device depend on, besides the work.
CacheKey times_key(const Device& device) {
  CacheKey key;
  key.add("format", "measured times 1");
  key.add("provider", device.provider().id());
  key.add("provider.version", device.provider().identity().version);
  key.add("device", device.info().name);
  key.add("driver", device.info().driver);
  key.add("threads", fmt::format("{}", device.threads()));
  key.add("precision", fmt::format("{} {:x}", device.precision(), device.args().relaxed_types));
  key.add("options", device.artifact_options());
  return key;
}

std::map<std::string, double> read_times(ByteSpan bytes) {
  const Json j = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
  std::map<std::string, double> out;
  if (!j.is_object()) return out;
  for (const auto& [work, us] : j.items())
    if (us.is_number()) out[work] = us.get<double>();
  return out;
}

}  // namespace

void Session::load_times() {
  if (store_ == nullptr) return;
  for (const auto& d : devices_)
    if (const auto entry = store_->find(times_key(*d)))
      measured_.add(*d, read_times(entry->payload()));
}

void Session::save_times() const {
  if (store_ == nullptr) return;
  for (const auto& d : devices_) {
    auto times = measured_.of(*d);
    if (times.empty()) continue;
    const CacheKey key = times_key(*d);
    const FileLock lock = store_->lock(key);
    // Another process may have measured meanwhile; of two times the lesser one counts.
    if (const auto entry = store_->find(key))
      for (const auto& [work, us] : read_times(entry->payload())) {
        const auto [at, added] = times.emplace(work, us);
        if (!added) at->second = std::min(at->second, us);
      }
    while (times.size() > kMaxWorks) times.erase(std::prev(times.end()));
    const std::string text = Json(times).dump(-1, ' ', false, Json::error_handler_t::replace);
    store_->publish(key, R"({"model":"what nodes were measured to take"})", bytes_of(text));
  }
}

}  // namespace halyard::core
