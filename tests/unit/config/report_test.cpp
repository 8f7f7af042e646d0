#include "core/config/report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "halyard/abi/plugin.h"

namespace halyard::core::config {
namespace {

using Json = nlohmann::json;

Json find_row(const Json& report, const std::string& key) {
  for (const Json& row : report["values"])
    if (row["key"] == key) return row;
  return {};
}

TEST(Report, EffectiveValuesWithOrigins) {
  Config c;
  c.add_text("providers: [{id: a, options: {x: 1}}, b]\npolicy: {objective: power}\n", "f.yaml");
  c.set("cache.max", "1GiB", "--set cache.max=1GiB");
  c.set("providers.z.threads", "3", "--set");
  const Json report = Json::parse(effective_report(c));
  EXPECT_EQ(report["schema"], 1);
  EXPECT_EQ(find_row(report, "policy.objective"),
            Json::parse(R"({"key":"policy.objective","value":"power",
              "origin":{"layer":"file","source":"f.yaml","line":2,"column":21}})"));
  EXPECT_EQ(
      find_row(report, "policy.placement"),
      Json::parse(R"({"key":"policy.placement","value":"cost","origin":{"layer":"default"}})"));
  EXPECT_EQ(find_row(report, "cache.max"), Json::parse(R"({"key":"cache.max","value":1073741824,
              "origin":{"layer":"flag","source":"--set cache.max=1GiB"}})"));
  EXPECT_EQ(find_row(report, "providers[0].options.x")["value"], "1");
  EXPECT_EQ(find_row(report, "providers[1].id")["value"], "b");
  EXPECT_EQ(find_row(report, "providers.z.threads")["value"], 3);
  EXPECT_EQ(find_row(report, "policy.relaxed_types")["value"], Json::parse(R"(["f16","bf16"])"));
}

TEST(Report, Issues) {
  Config c;
  c.add_text("polcy: 1\ncache: {dir: /x}\n", "f.yaml");
  const Json report = Json::parse(issues_report(c.issues()));
  EXPECT_EQ(report["schema"], 1);
  EXPECT_EQ(report["errors"], Json::parse(R"([{"file":"f.yaml","line":1,"column":1,"key":"polcy",
    "message":"there is no key \"polcy\"","suggestion":"did you mean \"policy\"?"}])"));
  for (const Json& note : report["notes"]) EXPECT_EQ(note["file"], "f.yaml");
}

TEST(Report, TheSchemaHasEveryKey) {
  const Json schema = Json::parse(schema_report({}));
  for (const Key& key : key_table()) {
    Json at = schema;
    std::string path(key.path);
    while (!path.empty()) {
      std::string name = path.substr(0, path.find('.'));
      path.erase(0, std::min(name.size() + 1, path.size()));
      const bool entry = name.ends_with("[]");
      if (entry) name.resize(name.size() - 2);
      if (at.contains("anyOf")) at = at["anyOf"].back();
      at = at["properties"][name];
      if (entry) at = at["items"].contains("anyOf") ? at["items"]["anyOf"].back() : at["items"];
    }
    EXPECT_FALSE(at.is_null()) << key.path;
    EXPECT_EQ(at.value("description", ""), key.doc) << key.path;
  }
}

TEST(Report, TheSchemaHasTheOptionsOfPlugins) {
  const std::vector<PluginInfo> plugins = {
      {"acme", true, "",
       std::vector<OptionSchema>{{"tile", HY_OPTION_INT, {}, 1, 64, "8", "The tile", true}}},
      {"paper", false, "", std::nullopt}};
  const Json schema = Json::parse(schema_report(plugins));
  const Json rules = schema["properties"]["providers"]["items"]["anyOf"][1]["allOf"];
  ASSERT_EQ(rules.size(), 1u);
  EXPECT_EQ(rules[0]["if"]["properties"]["id"]["const"], "acme");
  EXPECT_EQ(rules[0]["then"]["properties"]["options"]["properties"]["tile"],
            Json::parse(R"({"type":"integer","minimum":1,"maximum":64,
              "description":"The tile. Default: 8"})"));
}

}  // namespace
}  // namespace halyard::core::config
