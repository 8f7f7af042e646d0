#include "core/plugin/library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <boost/dll/shared_library.hpp>
#include <cstring>

#include "core/plugin/host.hpp"

namespace halyard::core {
namespace {

// Boost.DLL has no name for RTLD_NODELETE; its modes are the loader's own flags.
constexpr auto kMode =
    static_cast<boost::dll::load_mode::type>(RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

std::string missing(std::initializer_list<std::pair<const char*, bool>> functions) {
  for (const auto& [name, present] : functions)
    if (!present) return fmt::format("the mandatory function {} is null", name);
  return {};
}

Rejection check_tables(LoadedPlugin* p) {
  std::string problem;
  if (p->plugin.kind == HY_PLUGIN_PROVIDER) {
    if (p->plugin.provider == nullptr) return {"TABLE", "the provider table is null"};
    p->provider = copy_record<hy_provider_api>(p->plugin.provider);
    const hy_provider_api& a = p->provider;
    problem = missing({{"create", a.create},
                       {"destroy", a.destroy},
                       {"devices", a.devices},
                       {"open", a.open},
                       {"close", a.close},
                       {"query", a.query},
                       {"compile", a.compile},
                       {"run", a.run},
                       {"release", a.release}});
  } else {
    if (p->plugin.format == nullptr) return {"TABLE", "the format table is null"};
    p->format = copy_record<hy_format_api>(p->plugin.format);
    const hy_format_api& a = p->format;
    problem = missing({{"create", a.create},
                       {"destroy", a.destroy},
                       {"probe", a.probe},
                       {"open", a.open},
                       {"read", a.read},
                       {"weight", a.weight},
                       {"close", a.close}});
  }
  if (!problem.empty()) return {"TABLE", problem};
  return {};
}

}  // namespace

Rejection load_library(const Manifest& manifest, LoadedPlugin* out) {
  hy_plugin_query_fn query = nullptr;
  try {
    // The overload with an error code drops the loader's words; the throwing one carries them.
    boost::dll::shared_library library;
    library.load(manifest.library, kMode);
    if (!library.has(HY_PLUGIN_ENTRY_NAME))
      return {"NO_SYMBOL", fmt::format("{} does not export {}", manifest.library.string(),
                                       HY_PLUGIN_ENTRY_NAME)};
    query = library.get<const hy_plugin*()>(HY_PLUGIN_ENTRY_NAME);
  } catch (const std::exception& e) {
    return {"LOAD", e.what()};
  }
  const hy_plugin* theirs = nullptr;
  try {
    theirs = query();
  } catch (...) {
    return {"ENTRY_NULL", fmt::format("{} threw an exception", HY_PLUGIN_ENTRY_NAME)};
  }
  if (theirs == nullptr)
    return {"ENTRY_NULL", fmt::format("{} returned null: the plugin cannot serve this host",
                                      HY_PLUGIN_ENTRY_NAME)};
  out->plugin = copy_record<hy_plugin>(theirs);
  if (out->plugin.kind != manifest.kind)
    return {"KIND", fmt::format("the manifest's kind is {}, the library's {}", manifest.kind,
                                out->plugin.kind)};
  if (view(out->plugin.id) != manifest.id)
    return {"ID_MISMATCH", fmt::format("the manifest's id is \"{}\", the library's \"{}\"",
                                       manifest.id, view(out->plugin.id))};
  out->identity = PluginIdentity::find(std::string(view(out->plugin.version)), manifest.library,
                                       reinterpret_cast<const void*>(query));
  return check_tables(out);
}

}  // namespace halyard::core
