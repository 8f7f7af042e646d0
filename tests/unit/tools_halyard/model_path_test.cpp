#include "tools/halyard/model_path.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tools/halyard/exit_code.hpp"

namespace halyard::cli::test {
namespace {

namespace fs = std::filesystem;

class ModelPath : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("model_path_test." + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string add(const std::string& name) {
    std::ofstream(folder_ / name) << "x";
    return (folder_ / name).string();
  }
  fs::path folder_;
};

TEST_F(ModelPath, AFileIsItself) {
  const std::string file = add("anything.bin");
  EXPECT_EQ(*resolve_model(file), file);
}

TEST_F(ModelPath, AFolderWithOneModelIsThatModel) {
  const std::string file = add("net.onnx");
  add("labels.txt");
  EXPECT_EQ(*resolve_model(folder_.string()), file);
}

TEST_F(ModelPath, APackageIsAFolderAndAModel) {
  const fs::path package = folder_ / "net.mlpackage";
  fs::create_directories(package);
  EXPECT_EQ(*resolve_model(package.string()), package.string());
  EXPECT_EQ(*resolve_model(package.string() + "/"), package.string() + "/");
  EXPECT_EQ(*resolve_model(folder_.string()), package.string());
}

TEST_F(ModelPath, NoneAndSeveralAreErrorsThatNameThem) {
  EXPECT_EQ(resolve_model(folder_.string()).status().code(), HY_ERROR_INVALID_MODEL);
  add("b.onnx");
  add("a.hyc");
  const auto several = resolve_model(folder_.string());
  ASSERT_FALSE(several.ok());
  EXPECT_NE(several.status().message().find("a.hyc"), std::string::npos);
  EXPECT_NE(several.status().message().find("b.onnx"), std::string::npos);
  EXPECT_EQ(resolve_model("/nowhere/x.onnx").status().code(), HY_ERROR_INVALID_MODEL);
}

TEST(ExitCode, DependsOnTheStage) {
  EXPECT_EQ(exit_code(HY_OK, Stage::kRun), kOk);
  EXPECT_EQ(exit_code(HY_ERROR_INVALID_MODEL, Stage::kPlacement), kBadModel);
  EXPECT_EQ(exit_code(HY_ERROR_IO, Stage::kModel), kBadModel);
  EXPECT_EQ(exit_code(HY_ERROR_IO, Stage::kArguments), kUsage);
  EXPECT_EQ(exit_code(HY_ERROR_UNSUPPORTED, Stage::kModel), kBadModel);
  EXPECT_EQ(exit_code(HY_ERROR_UNSUPPORTED, Stage::kPlacement), kUnplaced);
  EXPECT_EQ(exit_code(HY_ERROR_UNPLACED, Stage::kRun), kUnplaced);
  EXPECT_EQ(exit_code(HY_ERROR_CONFIG, Stage::kPlacement), kUsage);
  EXPECT_EQ(exit_code(HY_ERROR_MISMATCH, Stage::kRun), kUsage);
  EXPECT_EQ(exit_code(HY_ERROR_NOT_FOUND, Stage::kRun), kUsage);
  EXPECT_EQ(exit_code(HY_ERROR_DEVICE, Stage::kRun), kDevice);
  EXPECT_EQ(exit_code(HY_ERROR_CANCELLED, Stage::kRun), kCancelled);
}

}  // namespace
}  // namespace halyard::cli::test
