// Beside Debian's ONNX library, which registers its messages with the full protobuf.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "halyard/halyard.hpp"

namespace halyard::test {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

/// Parsed by the ONNX library: the number of nodes.
int nodes_by_the_library(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  onnx::ModelProto model;
  return model.ParseFromString(bytes) ? model.graph().node_size() : -1;
}

TEST(OnnxLibrary, BothWorkInOneProcess) {
  const std::string path = setting("HALYARD_TEST_MODEL");
  const int before = nodes_by_the_library(path);
  ASSERT_GT(before, 0) << path;
  for (int round = 0; round < 2; ++round) {
    auto runtime = Runtime::create();
    ASSERT_TRUE(runtime.ok()) << runtime.status().message();
    auto model = runtime->load(path);
    ASSERT_TRUE(model.ok()) << model.status().message();
    auto session = model->session();
    ASSERT_TRUE(session.ok()) << session.status().message();
    std::vector<int64_t> dims = session->inputs()[0].dims;
    for (int64_t& d : dims) d = d < 0 ? 1 : d;
    auto input = Tensor::create(HY_DTYPE_F32, dims);
    ASSERT_TRUE(input.ok());
    auto results =
        session->run({{session->inputs()[0].name, &*input}}, {session->outputs()[0].name});
    ASSERT_TRUE(results.ok()) << results.status().message();
    EXPECT_GT(results->front().as<float>().size(), 0u);
    EXPECT_EQ(nodes_by_the_library(path), before);
  }
}

TEST(OnnxLibrary, ItsRegistryHasNothingOfOurs) {
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  EXPECT_NE(pool->FindMessageTypeByName("onnx.ModelProto"), nullptr);
  EXPECT_EQ(pool->FindMessageTypeByName("halyard.onnx.schema.ModelProto"), nullptr);
  EXPECT_EQ(pool->FindFileByName("onnx.proto"), nullptr);
}

// ---- The schema -------------------------------------------------------------------------------------

/// Fields that are newer than the library, which must not have that number itself.
const std::set<std::string> kNewer = {
    "NodeProto.overload",            // ONNX 1.16
    "FunctionProto.overload",        // ONNX 1.16
    "FunctionProto.attribute_proto"  // ONNX 1.13
};

/// Types that are read alike: an enum is a varint, and so is a number.
bool alike(const FieldDescriptor& a, const FieldDescriptor& b) {
  const auto kind = [](const FieldDescriptor& f) {
    return f.type() == FieldDescriptor::TYPE_ENUM     ? FieldDescriptor::TYPE_INT32
           : f.type() == FieldDescriptor::TYPE_STRING ? FieldDescriptor::TYPE_BYTES
                                                      : f.type();
  };
  return kind(a) == kind(b) && a.is_repeated() == b.is_repeated();
}

void compare(const Descriptor& ours, const Descriptor& theirs, int* compared) {
  for (int i = 0; i < ours.field_count(); ++i) {
    const FieldDescriptor& f = *ours.field(i);
    if (f.name() == "payload") continue;  // never in a file
    const std::string name = ours.name() + "." + f.name();
    const FieldDescriptor* other = theirs.FindFieldByNumber(f.number());
    if (kNewer.contains(name)) {
      EXPECT_EQ(other, nullptr) << name << " is not newer than the library: take it off the list";
      continue;
    }
    ASSERT_NE(other, nullptr) << name << " = " << f.number();
    EXPECT_EQ(f.name(), other->name());
    EXPECT_TRUE(alike(f, *other)) << name << ": " << f.DebugString() << other->DebugString();
    if (f.message_type() != nullptr && other->message_type() != nullptr) {
      EXPECT_EQ(f.message_type()->name(), other->message_type()->name());
    }
    ++*compared;
  }
  for (int i = 0; i < ours.nested_type_count(); ++i) {
    const Descriptor* other = theirs.FindNestedTypeByName(ours.nested_type(i)->name());
    ASSERT_NE(other, nullptr) << ours.nested_type(i)->full_name();
    compare(*ours.nested_type(i), *other, compared);
  }
}

TEST(Schema, HasOnnxsOwnNumbersAndTypes) {
  std::ifstream in(setting("HALYARD_TEST_SCHEMA"), std::ios::binary);
  google::protobuf::FileDescriptorSet set;
  ASSERT_TRUE(set.ParseFromIstream(&in)) << setting("HALYARD_TEST_SCHEMA");
  ASSERT_EQ(set.file_size(), 1);
  google::protobuf::DescriptorPool pool;
  const auto* file = pool.BuildFile(set.file(0));
  ASSERT_NE(file, nullptr);
  int compared = 0;
  for (int i = 0; i < file->message_type_count(); ++i) {
    const Descriptor& ours = *file->message_type(i);
    if (ours.name() == "Payload") continue;
    const Descriptor* theirs =
        google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName("onnx." +
                                                                                  ours.name());
    ASSERT_NE(theirs, nullptr) << ours.name();
    compare(ours, *theirs, &compared);
  }
  EXPECT_GT(compared, 60);
}

}  // namespace
}  // namespace halyard::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
