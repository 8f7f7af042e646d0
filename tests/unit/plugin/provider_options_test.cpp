// The options of a provider: what it publishes, and what reaches it.
#include <gtest/gtest.h>

#include "core/plugin/provider.hpp"
#include "halyard/provider.hpp"

namespace halyard::core {
namespace {

using Options = Device::Options;

/// Keeps what it was opened with.
class Tunable final : public plugin::Provider {
 public:
  static Options& opened_with() {
    static Options options;
    return options;
  }

  Status devices(plugin::Job&, std::vector<plugin::Device>& out) override {
    out.emplace_back().name = "tunable";
    return {};
  }
  std::vector<hy_option_schema> options() override {
    hy_option_schema tile{}, scratch{};
    tile.key = str("tile");
    tile.type = HY_OPTION_INT;
    tile.default_value = str("8");
    scratch.key = str("scratch");
    scratch.type = HY_OPTION_BYTES;
    scratch.no_effect_on_artifact = 1;
    return {tile, scratch};
  }
  Result<std::unique_ptr<plugin::OpenDevice>> open(const plugin::OpenDevice& args,
                                                   plugin::Job&) override {
    opened_with() = args.options;
    return std::make_unique<plugin::OpenDevice>(args);
  }
  plugin::Verdict supports(const Node&, const plugin::OpenDevice&) override {
    return plugin::reject(plugin::Reason::op_unknown);
  }
  Result<std::unique_ptr<plugin::Executable>> compile(const halyard::Graph&, plugin::OpenDevice&,
                                                      plugin::Job&) override {
    return unsupported("it takes nothing");
  }
};

std::shared_ptr<Provider> provider_of(const Manifest& manifest) {
  LoadedPlugin loaded;
  loaded.provider = plugin::detail::Trampolines<Tunable>::api();
  auto made =
      Provider::create(manifest, loaded, std::make_shared<Host>(make_logger(nullptr, nullptr, 0)));
  EXPECT_TRUE(made.ok());
  return std::move(made).value();
}

Status opened(const Manifest& manifest, const Options& options) {
  Tunable::opened_with().clear();
  return Device::open(provider_of(manifest), {.threads = 1, .options = options}).status();
}

Manifest plain() {
  Manifest out;
  out.id = "tunable";
  return out;
}

TEST(ProviderOptions, TheLibraryPublishesThem) {
  const auto provider = provider_of(plain());
  ASSERT_TRUE(provider->options());
  ASSERT_EQ(provider->options()->size(), 2u);
  EXPECT_EQ((*provider->options())[0].name, "tile");
  EXPECT_EQ((*provider->options())[0].preset, "8");
  EXPECT_TRUE((*provider->options())[0].affects_artifact);
  EXPECT_FALSE((*provider->options())[1].affects_artifact);
}

TEST(ProviderOptions, TheyArriveInCanonicalForm) {
  EXPECT_TRUE(opened(plain(), {{"tile", "+4"}, {"scratch", "2MiB"}}).ok());
  EXPECT_EQ(Tunable::opened_with(), (Options{{"tile", "4"}, {"scratch", "2097152"}}));
}

TEST(ProviderOptions, WrongOnesNeverArrive) {
  const Status value = opened(plain(), {{"tile", "large"}});
  EXPECT_EQ(value.code(), HY_ERROR_CONFIG);
  EXPECT_EQ(value.message(),
            "option \"tile\" of provider tunable: a whole number is wanted; \"large\" stands here");
  EXPECT_EQ(
      opened(plain(), {{"tiel", "4"}}).message(),
      "option \"tiel\" of provider tunable: the provider has no option \"tiel\"; did you mean "
      "\"tile\"?");
  EXPECT_TRUE(Tunable::opened_with().empty());
}

TEST(ProviderOptions, TheManifestCountsBeforeTheLibrary) {
  Manifest manifest = plain();
  manifest.options.emplace().push_back({"only", HY_OPTION_BOOL, {}, {}, {}, "", "", true});
  EXPECT_TRUE(opened(manifest, {{"only", "true"}}).ok());
  EXPECT_EQ(opened(manifest, {{"tile", "4"}}).code(), HY_ERROR_CONFIG);
}

}  // namespace
}  // namespace halyard::core
