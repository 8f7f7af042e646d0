#include "core/runtime/devices.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace halyard::core {
namespace {

Status config_error(std::string message) { return Status(HY_ERROR_CONFIG, std::move(message)); }

/// One selection. Its steps are the methods, in order.
class Chooser {
 public:
  Chooser(Registry& registry, const Settings& settings)
      : settings_(settings), logger_(registry.host()->logger()), all_(registry.providers()) {
    for (const PluginRecord& r : registry.records())
      if (r.quarantined)
        out_.absent.push_back({r.manifest.id, HY_REASON_QUARANTINED,
                               fmt::format("{}: {}", r.rejection.reason, r.rejection.detail)});
  }

  Result<DeviceChoice> choose() {
    HY_RETURN_IF_ERROR(find_wanted());
    for (const Wanted& w : wanted_) HY_RETURN_IF_ERROR(open_device(w));
    choose_exact();
    return std::move(out_);
  }

 private:
  struct Wanted {
    std::shared_ptr<Provider> provider;
    ProviderSettings settings;
  };

  std::shared_ptr<Provider> find(const std::string& id) const {
    const auto it =
        std::find_if(all_.begin(), all_.end(), [&](const auto& p) { return p->id() == id; });
    return it == all_.end() ? nullptr : *it;
  }

  std::string ids() const {
    std::string out;
    for (const auto& p : all_) out += (out.empty() ? "" : ", ") + p->id();
    return out.empty() ? "none" : out;
  }

  Status find_wanted() {
    std::vector<std::string> missing;
    for (const ProviderSettings& p : settings_.providers) {
      if (auto provider = find(p.id); provider != nullptr)
        wanted_.push_back({std::move(provider), p});
      else if (p.must_exist)
        return config_error(
            fmt::format("there is no usable provider \"{}\"; there are: {} (see `halyard plugins` "
                        "for those that "
                        "are not used, and why)",
                        p.id, ids()));
      else
        missing.push_back(p.id);
    }
    if (wanted_.empty() && !missing.empty())
      return config_error(
          fmt::format("none of the listed providers ({}) can be used; there are: {}",
                      fmt::join(missing, ", "), ids()));
    for (const std::string& id : missing) {
      const char* why = "the provider is listed, and there is no usable one of this name";
      logger_->warn("provider {}: {}", id, why);
      out_.absent.push_back({id, HY_REASON_NO_DEVICE, why});
    }
    const std::string& required = settings_.require.provider;
    if (!required.empty() && find(required) == nullptr)
      return config_error(
          fmt::format("the required provider \"{}\" is not there; there are: {}", required, ids()));
    named_ = !wanted_.empty();
    for (const auto& p : all_) {
      if (!named_)
        wanted_.push_back({p, settings_.about(p->id())});
      else if (std::none_of(wanted_.begin(), wanted_.end(),
                            [&](const auto& w) { return w.provider == p; }))
        out_.absent.push_back({p->id(), HY_REASON_POLICY_DENIED,
                               "it is not among the providers that were asked for"});
    }
    return {};
  }

  /// Why the device cannot stand for its provider; empty where it can.
  std::string objection(const DeviceInfo& d, const ProviderSettings& asked,
                        uint32_t* reason) const {
    *reason = HY_REASON_NO_DEVICE;
    if (!d.usable())
      return fmt::format("device \"{}\": {}: {}", d.name, reason_name(d.reject_reason),
                         d.reject_detail);
    if ((d.flags & HY_DEVICE_SOFTWARE) != 0 && !named_)
      return fmt::format("device \"{}\" is software: name the provider to use it", d.name);
    if (settings_.allows_type(d.type)) return {};
    *reason = HY_REASON_POLICY_DENIED;
    return fmt::format("compute_units is {}, which leaves out device \"{}\" of {}",
                       settings_.compute_units, d.name, asked.id);
  }

  static bool meant(const DeviceInfo& d, const std::string& device) {
    return device.empty() || device == std::to_string(d.index) || glob_matches(device, d.name);
  }

  /// The first device that can be used stands for its provider.
  Status open_device(const Wanted& w) {
    const ProviderSettings& asked = w.settings;
    if (const auto loss = w.provider->lost()) {
      out_.absent.push_back({w.provider->id(), loss->reason, loss->words});
      return {};
    }
    uint32_t reason = HY_REASON_NO_DEVICE;
    std::string why, names;
    for (const DeviceInfo& d : w.provider->devices()) {
      names += fmt::format("{}{} \"{}\"", names.empty() ? "" : ", ", d.index, d.name);
      if (!meant(d, asked.device)) continue;
      why = objection(d, asked, &reason);
      if (!why.empty()) continue;
      auto opened = Device::open(w.provider, args_of(d.index, asked));
      if (opened.ok()) {
        out_.devices.push_back(std::move(opened).value());
        return {};
      }
      if (opened.status().code() == HY_ERROR_CONFIG) return opened.status();
      why = opened.status().message();
    }
    if (why.empty())
      why = names.empty()
                ? "the provider lists no device"
                : fmt::format("no device is meant by \"{}\"; there are: {}", asked.device, names);
    out_.absent.push_back({w.provider->id(), reason, why});
    return {};
  }

  Device::Args args_of(uint32_t index, const ProviderSettings& asked) const {
    const auto& policy = settings_.policy;
    uint32_t types = 0;
    for (const uint32_t t : policy.relaxed_types) types |= 1u << t;
    // Relaxed to no type at all is strict.
    const bool relaxed = policy.precision == HY_PRECISION_RELAXED && types != 0;
    return {index, asked.threads, relaxed ? HY_PRECISION_RELAXED : HY_PRECISION_STRICT,
            asked.options, relaxed ? types : 0};
  }

  void choose_exact() {
    for (const auto& d : out_.devices)
      if (d->provider().exact() && out_.exact == nullptr) out_.exact = d;
    for (const auto& p : all_) {
      if (out_.exact != nullptr || !p->exact() || p->devices().empty() || !p->devices()[0].usable())
        continue;
      const ProviderSettings about = settings_.about(p->id());
      auto opened = Device::open(p, args_of(0, about));
      if (opened.ok()) out_.exact = std::move(opened).value();
    }
  }

  const Settings& settings_;
  const Logger& logger_;
  const std::vector<std::shared_ptr<Provider>> all_;
  std::vector<Wanted> wanted_;
  bool named_ = false;  // software is used where it is named
  DeviceChoice out_;
};

}  // namespace

Result<DeviceChoice> choose_devices(Registry& registry, const Settings& settings) {
  return Chooser(registry, settings).choose();
}

}  // namespace halyard::core
