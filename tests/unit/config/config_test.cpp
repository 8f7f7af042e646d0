#include "core/config/config.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace halyard::core::config {
namespace {

Config config_of(const char* text) {
  Config out;
  out.add_text(text, "t.yaml");
  return out;
}

Config::Lookup environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const char* name) -> const char* {
    const auto it = variables.find(name);
    return it == variables.end() ? nullptr : it->second.c_str();
  };
}

std::string errors(const Config& config) { return config.status().message(); }

TEST(Config, DefaultsAreThoseOfTheStructs) {
  const Settings made = Config().settings(), plain;
  EXPECT_TRUE(Config().issues().empty());
  EXPECT_EQ(made.compute_units, plain.compute_units);
  EXPECT_EQ(made.threads, plain.threads);
  EXPECT_EQ(made.policy.placement, plain.policy.placement);
  EXPECT_EQ(made.policy.objective, plain.policy.objective);
  EXPECT_EQ(made.policy.precision, plain.policy.precision);
  EXPECT_EQ(made.policy.relaxed_types, plain.policy.relaxed_types);
  EXPECT_EQ(made.policy.min_gain_us, plain.policy.min_gain_us);
  EXPECT_EQ(made.policy.max_partitions, plain.policy.max_partitions);
  EXPECT_EQ(made.policy.memory_limit, plain.policy.memory_limit);
  EXPECT_EQ(made.require.provider, plain.require.provider);
  EXPECT_EQ(made.require.min_share, plain.require.min_share);
  EXPECT_EQ(made.require.on_violation, plain.require.on_violation);
  EXPECT_EQ(made.fallback.on_compile_error, plain.fallback.on_compile_error);
  EXPECT_EQ(made.fallback.on_run_error, plain.fallback.on_run_error);
  EXPECT_EQ(made.cache.enabled, plain.cache.enabled);
  EXPECT_EQ(made.cache.read_only, plain.cache.read_only);
  EXPECT_EQ(made.cache.dir, plain.cache.dir);
  EXPECT_EQ(made.cache.max, plain.cache.max);
  EXPECT_EQ(made.log.level, plain.log.level);
  EXPECT_EQ(made.log.level_stated, plain.log.level_stated);
  EXPECT_EQ(made.log.file, plain.log.file);
  EXPECT_TRUE(made.providers.empty() && made.unlisted.empty() && made.place.empty());
  EXPECT_TRUE(made.plugins.path.empty() && made.plugins.allow.empty() && made.plugins.deny.empty());
}

TEST(Config, EveryKeyReachesItsMember) {
  const Settings s = config_of(R"(
providers:
  - {id: a, device: 1, threads: 3, isolation: worker, options: {y: 2, x: on}}
  - b
compute_units: cpuAndGPU
threads: 5
policy: {placement: priority, objective: power, precision: relaxed, relaxed_types: [bf16],
         min_gain_us: 2.5, max_partitions: 7, memory_limit: 512MiB}
require: {provider: b, min_share: 90%, on_violation: warn}
fallback: {on_compile_error: fail, on_run_error: retry}
place:
  - {match: {op: Conv, name: [x*, y], subgraph: main}, provider: a}
cache: {enabled: false, read_only: true, dir: /c, max: 1GiB}
log: {level: debug, file: /l}
plugins: {path: [/p, /q], allow: a*, deny: [b, c]}
)")
                         .settings();
  ASSERT_EQ(s.providers.size(), 2u);
  const ProviderSettings& a = s.providers[0];
  EXPECT_EQ(a.id, "a");
  EXPECT_EQ(a.device, "1");
  EXPECT_EQ(a.threads, 3u);
  EXPECT_EQ(a.isolation, ProviderSettings::Isolation::kWorker);
  EXPECT_EQ(a.options, (std::vector<std::pair<std::string, std::string>>{{"x", "on"}, {"y", "2"}}));
  EXPECT_FALSE(a.must_exist);
  EXPECT_EQ(s.providers[1].id, "b");
  EXPECT_EQ(s.providers[1].threads, 5u);
  EXPECT_EQ(s.compute_units, "cpu_and_gpu");
  EXPECT_EQ(s.policy.placement, PolicySettings::Placement::kPriority);
  EXPECT_EQ(s.policy.objective, PolicySettings::Objective::kPower);
  EXPECT_EQ(s.policy.precision, static_cast<uint32_t>(HY_PRECISION_RELAXED));
  EXPECT_EQ(s.policy.relaxed_types, std::vector<uint32_t>{HY_DTYPE_BF16});
  EXPECT_EQ(s.policy.min_gain_us, 2.5);
  EXPECT_EQ(s.policy.max_partitions, 7u);
  EXPECT_EQ(s.policy.memory_limit, 512u << 20);
  EXPECT_EQ(s.require.provider, "b");
  EXPECT_EQ(s.require.min_share, 0.9);
  EXPECT_EQ(s.require.on_violation, RequireSettings::OnViolation::kWarn);
  EXPECT_EQ(s.fallback.on_compile_error, FallbackSettings::OnCompileError::kFail);
  EXPECT_EQ(s.fallback.on_run_error, FallbackSettings::OnRunError::kRetry);
  ASSERT_EQ(s.place.size(), 1u);
  EXPECT_EQ(s.place[0].op, std::vector<std::string>{"Conv"});
  EXPECT_EQ(s.place[0].name, (std::vector<std::string>{"x*", "y"}));
  EXPECT_EQ(s.place[0].subgraph, std::vector<std::string>{"main"});
  EXPECT_EQ(s.place[0].provider, "a");
  EXPECT_FALSE(s.cache.enabled);
  EXPECT_TRUE(s.cache.read_only);
  EXPECT_EQ(s.cache.dir, "/c");
  EXPECT_EQ(s.cache.max, 1u << 30);
  EXPECT_EQ(s.log.level, 1u);
  EXPECT_TRUE(s.log.level_stated);
  EXPECT_EQ(s.log.file, "/l");
  EXPECT_EQ(s.plugins.path, (std::vector<std::string>{"/p", "/q"}));
  EXPECT_EQ(s.plugins.allow, std::vector<std::string>{"a*"});
  EXPECT_EQ(s.plugins.deny, (std::vector<std::string>{"b", "c"}));
}

TEST(Config, GroupsWithNothingInThemSayNothing) {
  const Config c = config_of("policy:\n  # placement: cost\nproviders:\nplace:\nlog:\n");
  EXPECT_EQ(errors(c), "");
  EXPECT_EQ(c.settings().log.level, 3u);
}

TEST(Config, RequireMayBeABareName) {
  EXPECT_EQ(config_of("require: a\n").settings().require.provider, "a");
}

// ---- precedence ---------------------------------------------------------------------------------------

TEST(Precedence, LayersInOrderWhateverTheOrderOfCalls) {
  Config c;
  c.set("threads", "6", "--threads");
  c.add_text("threads: 1\npolicy: {min_gain_us: 1}\n", "system", "", Layer::kSystem);
  EXPECT_EQ(c.settings().threads, 6u);
  c = Config();
  const auto threads_with = [&](Layer layer, const char* text) {
    c.add_text(std::string("threads: ") + text + "\n", layer_name(layer), "", layer);
    return c.settings().threads;
  };
  EXPECT_EQ(c.settings().threads, 0u);
  EXPECT_EQ(threads_with(Layer::kSystem, "1"), 1u);
  EXPECT_EQ(threads_with(Layer::kFile, "3"), 3u);
  EXPECT_EQ(threads_with(Layer::kUser, "2"), 3u);
  EXPECT_EQ(threads_with(Layer::kFile, "4"), 4u);
  c.add_environment(environment({{"HALYARD_THREADS", "5"}}));
  EXPECT_EQ(c.settings().threads, 5u);
  c.set("threads", "6", "--threads");
  EXPECT_EQ(c.settings().threads, 6u);
}

TEST(Precedence, KeyByKey) {
  Config c;
  c.add_text("policy: {placement: priority, objective: power}\n", "a");
  c.add_text("policy: {objective: throughput}\n", "b");
  const Settings s = c.settings();
  EXPECT_EQ(s.policy.placement, PolicySettings::Placement::kPriority);
  EXPECT_EQ(s.policy.objective, PolicySettings::Objective::kThroughput);
}

TEST(Precedence, ALaterListReplacesAndKeepsWhatWasSaidOfItsEntries) {
  Config c;
  c.add_text("providers:\n  - {id: a, threads: 2, options: {x: 1, y: 1}}\n  - b\n", "one");
  c.add_text("providers: [c, {id: a, options: {y: 2}}]\n", "two");
  const Settings s = c.settings();
  ASSERT_EQ(s.providers.size(), 2u);
  EXPECT_EQ(s.providers[0].id, "c");
  EXPECT_EQ(s.providers[1].id, "a");
  EXPECT_EQ(s.providers[1].threads, 2u);
  EXPECT_EQ(s.providers[1].options,
            (std::vector<std::pair<std::string, std::string>>{{"x", "1"}, {"y", "2"}}));
  ASSERT_EQ(s.unlisted.size(), 1u);
  EXPECT_EQ(s.unlisted[0].id, "b");
}

TEST(Precedence, TwoDevicesOfOneProviderAreTwoEntries) {
  Config c = config_of(
      "providers:\n  - {id: a, device: 0, threads: 1}\n  - {id: a, device: 1, threads: 2}\n");
  EXPECT_EQ(errors(c), "");
  c.add_text("providers:\n  - {id: a, device: 1}\n", "later");
  const Settings s = c.settings();
  ASSERT_EQ(s.providers.size(), 1u);
  EXPECT_EQ(s.providers[0].threads, 2u);
}

TEST(Precedence, ThreadsOfAllAreStrongerWhereTheirSourceIs) {
  Config c = config_of("threads: 8\nproviders:\n  - {id: a, threads: 2}\n  - b\n");
  EXPECT_EQ(c.settings().providers[0].threads, 2u);
  EXPECT_EQ(c.settings().providers[1].threads, 8u);
  c.set("threads", "3", "--threads");
  EXPECT_EQ(c.settings().providers[0].threads, 3u);
  c.set("providers.a.threads", "1", "--set");
  EXPECT_EQ(c.settings().providers[0].threads, 1u);
}

TEST(Precedence, ProvidersForThisRunImplyPriority) {
  Config c = config_of("providers: [a, b]\npolicy: {placement: cost}\n");
  EXPECT_EQ(c.settings().policy.placement, PolicySettings::Placement::kCost);
  Config named = c;
  named.set("providers", "b,a", "--providers");
  EXPECT_EQ(named.settings().policy.placement, PolicySettings::Placement::kPriority);
  EXPECT_EQ(named.resolved().scalars.at("policy.placement").where.source, "--providers");
  EXPECT_TRUE(named.settings().providers[0].must_exist);
  named.set("policy.placement", "cost", "--set policy.placement");
  EXPECT_EQ(named.settings().policy.placement, PolicySettings::Placement::kCost);
  Config variable = c;
  variable.add_environment(environment({{"HALYARD_PROVIDERS", "a"}}));
  EXPECT_EQ(variable.settings().policy.placement, PolicySettings::Placement::kPriority);
}

TEST(Precedence, OriginsNameFileLineAndColumn) {
  Config c = config_of("# c\npolicy:\n  objective: power\n");
  const Resolved r = c.resolved();
  EXPECT_EQ(r.scalars.at("policy.objective").where.text(), "t.yaml:3:14");
  EXPECT_EQ(r.scalars.at("policy.objective").layer, Layer::kFile);
  EXPECT_EQ(r.scalars.at("policy.placement").layer, Layer::kDefault);
}

// ---- the environment ----------------------------------------------------------------------------------

TEST(Environment, EveryVariable) {
  Config c;
  c.add_environment(environment({{"HALYARD_PROVIDERS", "a, b"},
                                 {"HALYARD_COMPUTE_UNITS", "cpuOnly"},
                                 {"HALYARD_PRECISION", "relaxed"},
                                 {"HALYARD_REQUIRE", "b"},
                                 {"HALYARD_PLUGIN_PATH", "/p:/q"},
                                 {"HALYARD_PLUGINS_DENY", "x*,y"},
                                 {"HALYARD_POLICY_MEMORY_LIMIT", "1GiB"},
                                 {"HALYARD_LOG_LEVEL", ""},
                                 {"HALYARD_SET", "policy.objective=power;threads=2"}}));
  EXPECT_EQ(errors(c), "");
  const Settings s = c.settings();
  ASSERT_EQ(s.providers.size(), 2u);
  EXPECT_EQ(s.providers[1].id, "b");
  EXPECT_EQ(s.compute_units, "cpu_only");
  EXPECT_EQ(s.policy.precision, static_cast<uint32_t>(HY_PRECISION_RELAXED));
  EXPECT_EQ(s.require.provider, "b");
  EXPECT_EQ(s.plugins.path, (std::vector<std::string>{"/p", "/q"}));
  EXPECT_EQ(s.plugins.deny, (std::vector<std::string>{"x*", "y"}));
  EXPECT_EQ(s.policy.memory_limit, 1u << 30);
  EXPECT_EQ(s.policy.objective, PolicySettings::Objective::kPower);
  EXPECT_EQ(s.threads, 2u);
  EXPECT_FALSE(s.log.level_stated);
}

TEST(Environment, ErrorsNameTheVariable) {
  Config c;
  c.add_environment(environment({{"HALYARD_THREADS", "many"}, {"HALYARD_SET", "threads"}}));
  EXPECT_EQ(
      errors(c),
      "HALYARD_THREADS: error: threads: a whole number from 0 to 4096 is wanted; \"many\" "
      "stands here\n"
      "HALYARD_SET: error: threads: has no value; write key.path=value, several separated by ;");
}

TEST(Environment, FilesUnlessOneIsGiven) {
  const std::string file = testing::TempDir() + "halyard_environment_config.yaml";
  std::ofstream(file) << "threads: 7\n";
  Config c;
  c.add_environment(environment({{"HALYARD_CONFIG", file}}));
  EXPECT_EQ(c.settings().threads, 7u);
  c = Config();
  c.add_text("threads: 1\n", "given");
  c.add_environment(environment({{"HALYARD_CONFIG", file}}));
  EXPECT_EQ(c.settings().threads, 1u);
}

TEST(Environment, DefaultFiles) {
  const std::string folder = testing::TempDir() + "halyard_default_files";
  std::filesystem::create_directories(folder + "/halyard");
  std::ofstream(folder + "/system.yaml") << "threads: 1\nlog: {level: info}\n";
  std::ofstream(folder + "/halyard/config.yaml") << "threads: 2\n";
  Config c;
  c.add_default_files(environment(
      {{"HALYARD_SYSTEM_CONFIG", folder + "/system.yaml"}, {"XDG_CONFIG_HOME", folder}}));
  EXPECT_EQ(errors(c), "");
  EXPECT_EQ(c.settings().threads, 2u);
  EXPECT_EQ(c.settings().log.level, 2u);
  EXPECT_EQ(c.resolved().scalars.at("threads").layer, Layer::kUser);
  Config none;
  none.add_default_files(environment(
      {{"HALYARD_SYSTEM_CONFIG", folder + "/nothing.yaml"}, {"HOME", folder + "/nobody"}}));
  EXPECT_EQ(errors(none), "");
}

// ---- settings as text ---------------------------------------------------------------------------------

TEST(Set, Paths) {
  Config c = config_of("providers: [a, b]\nplace:\n  - {match: {op: X}, provider: a}\n");
  c.set("providers[1].threads", "4", "--set");
  c.set("providers.a.options.deep.name", "v", "--set");
  c.set("providers.c.threads", "9", "--set");
  c.set("place[0].match.op", "[Y, Z]", "--set");
  c.set("policy", "{objective: power, min_gain_us: 1}", "--set");
  c.set("log.file", "/a: b # c", "--set");
  EXPECT_EQ(errors(c), "");
  const Settings s = c.settings();
  ASSERT_EQ(s.providers.size(), 2u);
  EXPECT_EQ(s.providers[0].options[0], (std::pair<std::string, std::string>("deep.name", "v")));
  EXPECT_EQ(s.providers[1].threads, 4u);
  ASSERT_EQ(s.unlisted.size(), 1u);
  EXPECT_EQ(s.about("c").threads, 9u);
  EXPECT_EQ(s.about("d").threads, 0u);
  EXPECT_EQ(s.place[0].op, (std::vector<std::string>{"Y", "Z"}));
  EXPECT_EQ(s.policy.objective, PolicySettings::Objective::kPower);
  EXPECT_EQ(s.log.file, "/a: b # c");
}

TEST(Set, WholeLists) {
  Config c;
  c.set("providers", "[a, {id: b, threads: 2}]", "--set");
  c.set("place", "[{match: {op: Conv}, provider: a}]", "--set");
  EXPECT_EQ(errors(c), "");
  EXPECT_EQ(c.settings().providers[1].threads, 2u);
  EXPECT_EQ(c.settings().place[0].provider, "a");
}

TEST(Set, Errors) {
  const auto error = [](const char* path, const char* text) {
    Config c;
    c.set(path, text, "--set");
    return errors(c);
  };
  EXPECT_EQ(error("polcy.placement", "cost"),
            "--set: error: polcy: there is no key \"polcy\"; did you mean \"policy\"?");
  EXPECT_EQ(error("policy.placment", "cost"),
            "--set: error: policy.placment: policy has no key \"placment\"; did you mean "
            "\"placement\"?");
  EXPECT_EQ(error("policy.placement.x", "cost"),
            "--set: error: policy.placement.x: policy.placement has no key \"x\"; known are: ");
  EXPECT_EQ(error("", "x"),
            "--set: error: the path names no key; write for example policy.placement, or "
            "providers.ID.threads");
  EXPECT_EQ(error("providers.a", "x"),
            "--set: error: providers.a: the path names no key; write for example "
            "policy.placement, or providers.ID.threads");
  EXPECT_EQ(error("providers[x].threads", "1"),
            "--set: error: providers: \"[x]\" selects no entry of providers; write providers[0]");
  EXPECT_EQ(error("providers[3].threads", "1"),
            "--set: error: providers[3]: there is no such entry; the list has 0; set the whole "
            "list: providers=[...]");
  EXPECT_EQ(error("place.x.provider", "a"),
            "--set: error: place: \"x\" selects no entry of place; write place[0]");
  EXPECT_EQ(error("threads", "-1"),
            "--set: error: threads: -1 is too small; a whole number from 0 to 4096 is wanted; the "
            "least is 0");
  EXPECT_EQ(error("providers", "[a, {id: b"),
            "--set: error: providers: end of map flow not found; close the map with }, and quotes "
            "before it");
  EXPECT_EQ(error("providers[", "1"),
            "--set: error: providers: \"[\" selects no entry of providers; write providers[0]");
}

// ---- the whole ----------------------------------------------------------------------------------------

TEST(Whole, ARequiredProviderMustBeListed) {
  Config c = config_of("providers: [a, b]\n");
  c.set("require.provider", "c", "--require");
  EXPECT_EQ(errors(c),
            "--require: error: require.provider: \"c\" is not among the providers that are listed "
            "(t.yaml:1:12); listed are: a, b");
}

TEST(Whole, AFilesPinsDoNotStandInTheWayOfThisRunsProviders) {
  Config c = config_of("place:\n  - {match: {op: X}, provider: b}\n");
  c.set("providers", "a", "--providers");
  EXPECT_EQ(errors(c), "");
  ASSERT_EQ(c.issues().size(), 1u);
  EXPECT_EQ(
      c.issues()[0].text(),
      "t.yaml:2:32: note: place[0].provider: \"b\" is not among the providers that are listed "
      "(--providers); listed are: a");
  c.set("place", "[{match: {op: Y}, provider: b}]", "--set");
  EXPECT_NE(errors(c).find("place[0].provider"), std::string::npos);
}

TEST(Whole, RelativePathsBeginAtTheirFile) {
  Config c;
  c.add_text("log: {file: l.txt}\nplugins: {path: [../p, /q]}\n", "t", "/etc/halyard");
  EXPECT_EQ(c.settings().log.file, "/etc/halyard/l.txt");
  EXPECT_EQ(c.settings().plugins.path, (std::vector<std::string>{"/etc/p", "/q"}));
  c.set("log.file", "l.txt", "--set");
  EXPECT_EQ(c.settings().log.file, "l.txt");
}

TEST(Whole, FilesThatCannotBeRead) {
  Config c;
  c.add_file("/nonexistent/c.yaml");
  c.add_file(testing::TempDir());
  EXPECT_EQ(errors(c), "/nonexistent/c.yaml: error: cannot be read: No such file or directory\n" +
                           testing::TempDir() + ": error: is a folder; a file is wanted");
}

}  // namespace
}  // namespace halyard::core::config
