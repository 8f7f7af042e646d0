#include "core/isolation/plugin_states.hpp"

#include "tests/unit/isolation/folder.hpp"

namespace halyard::core {
namespace {

using Verdict = PluginState::Verdict;

class PluginStatesTest : public test::Folder {
 protected:
  PluginStates states() const { return {folder_ / "state", make_logger(nullptr, nullptr, 0)}; }
  static PluginState quarantine() {
    PluginState s;
    s.verdict = Verdict::kQuarantined;
    s.reason = "CRASHED";
    s.detail = "signal \"11\"";
    s.compiled = {"aa", "bb"};
    return s;
  }
};

TEST_F(PluginStatesTest, KeepsWhatWasPut) {
  const auto library = write("a.so", "one");
  EXPECT_EQ(states().get(library).verdict, Verdict::kUnknown);
  states().put(library, quarantine());
  EXPECT_EQ(states().get(library), quarantine());
}

TEST_F(PluginStatesTest, AChangedFileIsUnknown) {
  const auto library = write("a.so", "one");
  states().put(library, quarantine());
  write("a.so", "another");
  EXPECT_EQ(states().get(library), PluginState());
}

TEST_F(PluginStatesTest, LibrariesAreToldApart) {
  const auto a = write("a.so", "one"), b = write("b.so", "one");
  states().put(a, quarantine());
  EXPECT_EQ(states().get(b), PluginState());
}

TEST_F(PluginStatesTest, ReleaseLiftsAQuarantineAndNothingElse) {
  const auto library = write("a.so", "one");
  EXPECT_FALSE(states().release(library));
  states().put(library, quarantine());
  EXPECT_TRUE(states().release(library));
  EXPECT_EQ(states().get(library).verdict, Verdict::kSound);
  EXPECT_EQ(states().get(library).compiled, quarantine().compiled);
}

TEST_F(PluginStatesTest, DamagedFilesReadAsUnknown) {
  const auto library = write("a.so", "one");
  for (const char* text : {"", "{", "[]", "{\"version\": 1}", "{\"version\": 1, \"identity\": 7}",
                           "{\"version\": \"x\"}"}) {
    states().put(library, quarantine());
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "state" / "plugins"))
      std::ofstream(entry.path()) << text;
    EXPECT_EQ(states().get(library), PluginState()) << text;
  }
}

TEST_F(PluginStatesTest, AFolderThatCannotBeMadeIsNoError) {
  const auto library = write("a.so", "one");
  PluginStates nowhere("/proc/no/such", make_logger(nullptr, nullptr, 0));
  nowhere.put(library, quarantine());
  EXPECT_EQ(nowhere.get(library), PluginState());
  EXPECT_FALSE(nowhere.release(library));
}

}  // namespace
}  // namespace halyard::core
