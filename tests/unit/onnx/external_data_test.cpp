#include "external_data.hpp"

#include <gtest/gtest.h>

#include "opened.hpp"

namespace halyard::onnx::test {
namespace {

namespace fs = std::filesystem;

const std::string kData = bytes_of_list<float>({1, 2, 3, 4});

std::string model_with(const Message& t) {
  GraphSpec g;
  g.initializers = {t};
  g.outputs = {value("t", 0, {})};
  return model(g);
}

/// A model beside `data.bin` of 16 bytes, in a folder within a folder.
std::unique_ptr<Opened> open_with(const Message& t, const TempFolder& folder) {
  folder.write("in/data.bin", kData);
  folder.write("outside.bin", kData);
  return open_file(folder.write("in/m.onnx", model_with(t)));
}

TEST(ExternalData, IsReadFromBesideTheModel) {
  const TempFolder folder;
  const auto m = open_with(external("t", {2}, "data.bin", "8", "8"), folder);
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(constant_bytes(*m, m->main().output(0).constant().value()), kData.substr(8));
}

TEST(ExternalData, NeedsNoOffsetAndNoLength) {
  const TempFolder folder;
  EXPECT_TRUE(open_with(external("t", {4}, "./data.bin"), folder)->status.ok());
}

TEST(ExternalData, FollowsLinksIntoTheStoreOfTheModelsOwnFile) {
  const TempFolder folder;
  folder.write("blobs/data", kData);
  folder.write("blobs/model", model_with(external("t", {4}, "m.onnx_data")));
  fs::create_directories(folder.path() / "snapshot");
  fs::create_symlink("../blobs/model", folder.path() / "snapshot/m.onnx");
  fs::create_symlink("../blobs/data", folder.path() / "snapshot/m.onnx_data");
  const auto m = open_file((folder.path() / "snapshot/m.onnx").string());
  EXPECT_TRUE(m->status.ok()) << m->error();
}

TEST(ExternalData, FollowsNoLinkElsewhere) {
  const TempFolder folder;
  folder.write("outside.bin", kData);
  fs::create_directories(folder.path() / "in");
  fs::create_symlink("../outside.bin", folder.path() / "in/link.bin");
  const auto m = open_with(external("t", {4}, "link.bin"), folder);
  EXPECT_EQ(m->status.code(), HY_ERROR_INVALID_MODEL);
  EXPECT_NE(m->error().find("leads out of the model's folder"), std::string::npos) << m->error();
}

TEST(ExternalData, SaysWhatIsWrong) {
  struct Case {
    Message tensor;
    const char* says;
  };
  const Case cases[] = {
      {external("t", {4}, "gone.bin"), "cannot be found"},
      {external("t", {5}, "data.bin"),
       "too short: the tensor needs 20 bytes at offset 0; the file has 16"},
      {external("t", {4}, "data.bin", "4"), "too short"},
      {external("t", {4}, "data.bin", "18446744073709551615", "16"), "too short"},
      {external("t", {4}, "data.bin", "-4"), "not a number from 0 up"},
      {external("t", {4}, "data.bin", "0", "8"),
       "its length is 8 bytes; the tensor's type and dims need 16"},
      {external("t", {4}, "../outside.bin"), "leads out of the model's folder by \"..\""},
      {external("t", {4}, "/etc/passwd"), "is an absolute path"},
      {external("t", {4}, ""), "no usable location"},
      {external("t", {4}, "."), "is a folder"},
  };
  for (const Case& c : cases) {
    const TempFolder folder;
    const auto m = open_with(c.tensor, folder);
    EXPECT_EQ(m->status.code(), HY_ERROR_INVALID_MODEL) << c.says;
    EXPECT_NE(m->error().find(c.says), std::string::npos) << m->error();
    EXPECT_NE(m->error().find("in/m.onnx"), std::string::npos) << m->error();
  }
}

}  // namespace
}  // namespace halyard::onnx::test
