// One test for each rule of README.md, through the public C API: the plugin of that folder, beside the
// default plugins.
#include "tests/fakes/zoo_runtime.hpp"

namespace halyard::test {
namespace {

void expect_rejected(const std::string& variant, const std::string& reason,
                     std::string_view detail) {
  SCOPED_TRACE(variant);
  const Zoo zoo(variant);
  Job job(zoo);  // the others still work; and format plugins are opened by now, too
  EXPECT_EQ(job.run(), HY_OK) << job.message();
  const Json row = zoo.plugin();
  EXPECT_EQ(row["state"], "rejected") << row;
  EXPECT_EQ(row["reason"], reason) << row;
  EXPECT_TRUE(has(row, "detail", detail)) << row;
}

/// The plugin is used, and nothing of the zoo but nodes other than Relu is refused.
void expect_used(const std::string& variant) {
  SCOPED_TRACE(variant);
  const Zoo zoo(variant);
  EXPECT_EQ(zoo.plugin()["state"], "loaded") << zoo.plugin();
  Job job(zoo);
  EXPECT_EQ(job.provider(0), "zoo") << job.plan();
  EXPECT_NE(job.provider(1), "zoo");
  EXPECT_EQ(job.run(), HY_OK) << job.message();
}

/// Every node of the zoo's goes elsewhere, for this reason, and the model runs.
void expect_lost(const std::string& variant, const std::string& reason, std::string_view detail) {
  SCOPED_TRACE(variant);
  const Zoo zoo(variant);
  EXPECT_EQ(zoo.plugin()["state"], "loaded") << zoo.plugin();
  Job job(zoo);
  EXPECT_NE(job.provider(0), "zoo");
  EXPECT_EQ(job.refusal(0)["reason"], reason) << job.refusal(0);
  EXPECT_TRUE(has(job.refusal(0), "detail", detail)) << job.refusal(0);
  EXPECT_EQ(job.run(), HY_OK) << job.message();
}

void expect_run_fails(const std::string& variant, std::string_view message) {
  SCOPED_TRACE(variant);
  const Zoo zoo(variant);
  Job job(zoo);
  EXPECT_EQ(job.provider(0), "zoo");
  for (int i = 0; i < 2; ++i) {  // the session is usable: it fails again in the same way
    EXPECT_NE(job.run(), HY_OK);
    EXPECT_NE(job.message().find(message), std::string::npos) << job.message();
    EXPECT_NE(job.message().find("zoo"), std::string::npos) << job.message();
  }
}

TEST(Zoo, P01ManifestIsChecked) {
  expect_rejected("not_json", "MANIFEST", "JSON");
  expect_rejected("unknown_version", "MANIFEST", "2");
  expect_rejected("no_id", "MANIFEST", "id");
  expect_rejected("wrong_type", "MANIFEST", "rank");
}
TEST(Zoo, P02ManifestIsForThisMachine) {
  expect_rejected("wrong_arch", "ARCH", "pdp11");
  expect_rejected("absent_feature", "CPU_FEATURE", "warp_drive");
}
TEST(Zoo, P03ManifestIsForThisAbi) { expect_rejected("wrong_abi", "ABI", "7"); }
TEST(Zoo, P04LibraryIsThere) { expect_rejected("library_missing", "LIBRARY_MISSING", "zoo.so"); }
TEST(Zoo, P05LoaderTakesTheLibrary) {
  expect_rejected("not_elf", "LOAD", "zoo.so");
  expect_rejected("unresolved", "LOAD", "zoo_function_that_nobody_defines");
}
TEST(Zoo, P06EntryIsExported) { expect_rejected("no_symbol", "NO_SYMBOL", HY_PLUGIN_ENTRY_NAME); }
TEST(Zoo, P07EntryGivesATable) {
  expect_rejected("entry_null", "ENTRY_NULL", "null");
  expect_rejected("entry_throws", "ENTRY_NULL", "exception");
}
TEST(Zoo, P08KindIsTheManifests) { expect_rejected("wrong_kind", "KIND", ""); }
TEST(Zoo, P09IdIsTheManifests) { expect_rejected("id_mismatch", "ID_MISMATCH", "goat"); }
TEST(Zoo, P10TableIsWhole) {
  expect_rejected("no_table", "TABLE", "null");
  expect_rejected("null_function", "TABLE", "compile");
  expect_rejected("too_old", "TABLE", "run");
}
TEST(Zoo, P11OlderTableIsUsed) { expect_used("older"); }
TEST(Zoo, P12NewerTableIsUsed) { expect_used("newer"); }
TEST(Zoo, P13SecondOfAnIdIsRejected) {
  const Zoo zoo(std::vector<std::string>{"well_behaved", "older"});
  EXPECT_EQ(zoo.plugin(0)["state"], "loaded");
  EXPECT_EQ(zoo.plugin(1)["reason"], "DUPLICATE");
  EXPECT_TRUE(has(zoo.plugin(1), "detail", "well_behaved")) << zoo.plugin(1);
}
TEST(Zoo, P14CreateFails) {
  expect_rejected("create_fails", "CREATE_FAILED", "the driver is too old");
  expect_rejected("create_throws", "CREATE_FAILED", "boom");
  expect_rejected("devices_throws", "CREATE_FAILED", "boom");
}
TEST(Zoo, P15NoDevice) {
  expect_lost("no_device", "NO_DEVICE", "no device");
  EXPECT_EQ(Zoo("no_device").rejected_device()["reason"], "NO_DEVICE");
  expect_lost("device_rejected", "NO_DEVICE", "driver 3; 5 is needed");
  const Json row = Zoo("device_rejected").rejected_device();
  EXPECT_EQ(row["reason"], "DRIVER_VERSION") << row;
  EXPECT_EQ(row["detail"], "driver 3; 5 is needed") << row;
}
TEST(Zoo, P16DeviceWithoutMemory) { expect_lost("no_memory", "NO_DEVICE", HY_EXT_MEMORY); }
TEST(Zoo, P17OpenFails) {
  expect_lost("open_fails", "NO_DEVICE", "the device is in use");
  expect_lost("open_throws", "NO_DEVICE", "boom");
}
TEST(Zoo, P18RecordsOfOtherSizes) {
  expect_used("short_records");
  expect_used("long_records");
  expect_used("unknown_enums");
}
TEST(Zoo, P19QueryFails) {
  expect_lost("query_fails", "QUERY_FAILED", "lost the thread");
  expect_lost("query_throws", "QUERY_FAILED", "boom");
}
TEST(Zoo, P20OneVerdictForEachNode) {
  expect_lost("mute_and_twice", "UNSTATED", "");
  const Zoo zoo("mute_and_twice");
  const Job job(zoo);
  EXPECT_EQ(job.refusal(1)["reason"], "DUPLICATE_VERDICT") << job.plan();
  EXPECT_EQ(job.refusal(2)["reason"], "DUPLICATE_VERDICT") << job.plan();
}
TEST(Zoo, P21VerdictAboutNoNode) { expect_used("verdict_out_of_range"); }
TEST(Zoo, P22RefusalWithoutReason) {
  const Zoo zoo("no_reason");
  const Job job(zoo);
  EXPECT_EQ(job.refusal(1)["reason"], "OTHER") << job.plan();
}
TEST(Zoo, P23ConfirmRefuses) {
  expect_lost("confirm_refuses", "CONFIRM_REFUSED", "9 KiB");
  expect_lost("confirm_refuses", "CONFIRM_REFUSED", "8 KiB");
}
TEST(Zoo, P24CompileFails) {
  expect_lost("compile_fails", "COMPILE_FAILED", "no registers left");
  expect_lost("compile_fails_mutely", "COMPILE_FAILED", "");
  expect_lost("compile_throws", "COMPILE_FAILED", "boom");
  expect_lost("takes_all", "COMPILE_FAILED", "no registers left");
}
TEST(Zoo, AFailedRunIsTriedAgainElsewhereWhereThatIsAskedFor) {
  for (const char* variant : {"run_fails", "run_throws"}) {
    SCOPED_TRACE(variant);
    const Zoo zoo({variant}, {}, {{"fallback.on_run_error", "retry"}});
    Job job(zoo);
    EXPECT_EQ(job.provider(0), "zoo");
    EXPECT_EQ(job.run(), HY_OK) << job.message();
    EXPECT_EQ(job.provider(0), "cpu") << "the device is left alone from now on";
    EXPECT_TRUE(has(job.refusal(0), "detail", "a run failed on it")) << job.refusal(0);
    EXPECT_EQ(job.run(), HY_OK) << job.message();
  }
}

TEST(Zoo, AFailedRunOfTheModelsOwnFaultIsNotTriedAgain) {
  const Zoo zoo({"wrong_output_dims"}, {}, {{"fallback.on_run_error", "retry"}});
  Job job(zoo);
  EXPECT_NE(job.run(), HY_OK);
  EXPECT_EQ(job.provider(0), "zoo");
}

TEST(Zoo, P25RunFails) {
  expect_run_fails("run_fails", "the device fell off the bus");
  expect_run_fails("run_throws", "");
}
TEST(Zoo, P26OutputMemoryIsChecked) {
  expect_run_fails("wrong_output_dims", "output 0");
  expect_run_fails("output_of_no_port", "99");
}
TEST(Zoo, P27CloseThrows) { expect_used("close_throws"); }
TEST(Zoo, P28NoneStopsAnother) {
  std::vector<std::string> all;
  for (const auto& entry : fs::directory_iterator(HALYARD_TEST_ZOO_DIR))
    all.push_back(entry.path().filename());
  std::sort(all.begin(), all.end());
  ASSERT_GT(all.size(), 40u);
  all.insert(all.begin(), "well_behaved");  // the first usable one of their common id
  const Zoo zoo(all);
  Job job(zoo);
  EXPECT_EQ(job.provider(0), "zoo");
  EXPECT_EQ(job.run(), HY_OK) << job.message();
}

}  // namespace
}  // namespace halyard::test
