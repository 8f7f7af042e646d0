#include <algorithm>

#include "core/config/resolve.hpp"
#include "halyard/opset.hpp"

namespace halyard::core::config {
namespace {

/// Typed values of fields that have been checked; what is not stated leaves the target as it is.
class Reader {
 public:
  explicit Reader(const Fields& fields) : fields_(fields) {}

  const Stated* stated(const std::string& path) const {
    const auto it = fields_.find(path);
    return it == fields_.end() ? nullptr : &it->second;
  }
  template <class T, class U>
  void take(const std::string& path, U* to) const {
    const Stated* s = stated(path);
    if (const T* value = s != nullptr ? std::get_if<T>(&s->value) : nullptr; value != nullptr)
      *to = static_cast<U>(*value);
  }
  void text(const std::string& path, std::string* to) const { take<std::string>(path, to); }
  void list(const std::string& path, std::vector<std::string>* to) const {
    take<std::vector<std::string>>(path, to);
  }
  /// A choice's number is its place among the choices of its row.
  template <class E>
  void choice(const std::string& path, std::string_view row, E* to) const {
    std::string name;
    text(path, &name);
    const auto names = choice_names(find_key(row)->choices);
    const auto it = std::find(names.begin(), names.end(), name);
    if (it != names.end()) *to = static_cast<E>(it - names.begin());
  }
  template <class E>
  void choice(const std::string& path, E* to) const {
    choice(path, path, to);
  }

 private:
  const Fields& fields_;
};

/// What is said about one provider, against what is said about all: `--threads 8` is stronger than a file's
/// number for one of them, but among settings of this run, or within one file, the closer one counts.
bool closer_wins(const Stated& own, const Stated& common) {
  return own.layer != common.layer ? own.layer > common.layer
                                   : own.layer >= Layer::kEnvironment || own.rank >= common.rank;
}

ProviderSettings provider_of(const Item& item, const Resolved& all) {
  ProviderSettings out;
  const Reader read(item.fields);
  read.text("id", &out.id);
  read.text("device", &out.device);
  read.choice("isolation", "providers[].isolation", &out.isolation);
  const Stated& common = all.scalars.at("threads");
  const Stated* own = read.stated("threads");
  const Value& threads = own != nullptr && closer_wins(*own, common) ? own->value : common.value;
  out.threads = static_cast<uint32_t>(std::get<int64_t>(threads));
  constexpr std::string_view kOptions = "options.";
  for (const auto& [name, stated] : item.fields)
    if (name.starts_with(kOptions))
      out.options.emplace_back(name.substr(kOptions.size()), std::get<std::string>(stated.value));
  const Stated* id = read.stated("id");
  out.must_exist = id != nullptr && id->layer >= Layer::kEnvironment;
  return out;
}

}  // namespace

Settings settings_of(const Resolved& all) {
  Settings out;
  const Reader read(all.scalars);
  for (const Item& item : all.providers) out.providers.push_back(provider_of(item, all));
  for (const Item& item : all.unlisted) out.unlisted.push_back(provider_of(item, all));
  read.text("compute_units", &out.compute_units);
  read.take<int64_t>("threads", &out.threads);

  read.choice("policy.placement", &out.policy.placement);
  read.choice("policy.objective", &out.policy.objective);
  read.choice("policy.precision", &out.policy.precision);
  std::vector<std::string> types;
  read.list("policy.relaxed_types", &types);
  out.policy.relaxed_types.clear();
  for (const std::string& t : types) out.policy.relaxed_types.push_back(dtype_from_name(t));
  read.take<double>("policy.min_gain_us", &out.policy.min_gain_us);
  read.take<int64_t>("policy.max_partitions", &out.policy.max_partitions);
  read.take<int64_t>("policy.memory_limit", &out.policy.memory_limit);

  read.text("require.provider", &out.require.provider);
  read.take<double>("require.min_share", &out.require.min_share);
  read.choice("require.on_violation", &out.require.on_violation);
  read.choice("fallback.on_compile_error", &out.fallback.on_compile_error);
  read.choice("fallback.on_run_error", &out.fallback.on_run_error);
  for (const Item& item : all.place) {
    PlaceRule& rule = out.place.emplace_back();
    const Reader fields(item.fields);
    fields.list("match.op", &rule.op);
    fields.list("match.name", &rule.name);
    fields.list("match.subgraph", &rule.subgraph);
    fields.text("provider", &rule.provider);
  }

  read.take<bool>("cache.enabled", &out.cache.enabled);
  read.take<bool>("cache.read_only", &out.cache.read_only);
  read.text("cache.dir", &out.cache.dir);
  read.take<int64_t>("cache.max", &out.cache.max);
  read.choice("log.level", &out.log.level);
  out.log.level_stated = all.scalars.at("log.level").layer != Layer::kDefault;
  read.text("log.file", &out.log.file);
  read.list("plugins.path", &out.plugins.path);
  read.list("plugins.allow", &out.plugins.allow);
  read.list("plugins.deny", &out.plugins.deny);
  return out;
}

}  // namespace halyard::core::config
