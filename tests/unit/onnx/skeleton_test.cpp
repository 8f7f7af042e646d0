// What is cut out of a file before protobuf parses it.
#include "skeleton.hpp"

#include <gtest/gtest.h>

#include "model_bytes.hpp"
#include "onnx.pb.h"
#include "protobuf_check.hpp"

namespace halyard::onnx::test {
namespace {

schema::ModelProto parsed(const std::string& file) {
  const auto skeleton = skeleton_of(file);
  EXPECT_TRUE(skeleton.ok()) << skeleton.status().message();
  schema::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(skeleton.ok() ? *skeleton : ""));
  return model;
}

/// A model whose graph has this one initializer.
std::string with_tensor(const Message& tensor) {
  return Message().number(1, 8).message(7, Message().message(5, tensor)).bytes;
}

TEST(Skeleton, TensorBytesStayInTheFile) {
  const std::string raw(1 << 20, '\x5a');
  const std::string file =
      with_tensor(Message().number(1, 1 << 18).number(2, 1).text(8, "weight").text(9, raw));
  const auto skeleton = skeleton_of(file);
  ASSERT_TRUE(skeleton.ok());
  EXPECT_LT(skeleton->size(), 100u);
  const schema::ModelProto model = parsed(file);
  ASSERT_EQ(model.graph().initializer_size(), 1);
  const schema::TensorProto& t = model.graph().initializer(0);
  EXPECT_EQ(t.name(), "weight");
  ASSERT_EQ(t.payload_size(), 1);
  EXPECT_EQ(t.payload(0).field(), 9u);
  EXPECT_EQ(file.substr(t.payload(0).offset(), t.payload(0).size()), raw);
}

TEST(Skeleton, EveryFieldOfElementsIsCut) {
  Message tensor;
  for (uint32_t field : {4, 5, 6, 7, 9, 10, 11}) tensor.text(field, "abcdefgh");
  const schema::ModelProto model = parsed(with_tensor(tensor));
  EXPECT_EQ(model.graph().initializer(0).payload_size(), 7);
}

TEST(Skeleton, AFileCannotBringAPayloadOfItsOwn) {
  const Message forged = Message().number(1, 9).number(2, 0).number(3, 1 << 30);
  const schema::ModelProto model = parsed(with_tensor(Message().message(100000001, forged)));
  EXPECT_EQ(model.graph().initializer(0).payload_size(), 0);
}

TEST(Skeleton, TensorsInAttributesOfBodiesAreCutToo) {
  const Message attribute = Message().text(1, "value").message(5, Message().text(9, "RAWRAW"));
  const Message body = Message().message(1, Message().message(5, attribute));
  const Message branch = Message().text(1, "then_branch").message(6, body);
  const std::string file =
      Message().message(7, Message().message(1, Message().message(5, branch))).bytes;
  const auto model = parsed(file);
  const auto& t = model.graph().node(0).attribute(0).g().node(0).attribute(0).t();
  ASSERT_EQ(t.payload_size(), 1);
  EXPECT_EQ(file.substr(t.payload(0).offset(), t.payload(0).size()), "RAWRAW");
}

TEST(Skeleton, UnknownFieldsPassThrough) {
  const std::string file = Message().number(1, 11).text(4000, "from the future").bytes;
  EXPECT_EQ(parsed(file).ir_version(), 11);
}

TEST(Skeleton, DamageIsFoundByPosition) {
  const std::string good = with_tensor(Message().text(8, "w").text(9, "1234"));
  // The tensor's length, one too long.
  std::string bad = good;
  bad[bad.find("\x42\x01w") - 1]++;
  const auto result = skeleton_of(bad);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), HY_ERROR_INVALID_MODEL);
  EXPECT_EQ(result.status().message().rfind("at byte ", 0), 0u) << result.status().message();
}

TEST(Skeleton, MessagesOfAnotherKindAreRefused) {
  const auto result = skeleton_of(Message().number(7, 5).bytes);
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.status().message().find("field 7 of ModelProto is of another kind"),
            std::string::npos)
      << result.status().message();
}

TEST(Skeleton, DeepTypesAreRefused) {
  Message type;
  for (int i = 0; i < 200; ++i) type = Message().message(4, Message().message(1, type));
  const Message input = Message().text(1, "x").message(2, type);
  const auto result = skeleton_of(Message().message(7, Message().message(11, input)).bytes);
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.status().message().find("nested deeper"), std::string::npos);
}

TEST(ProtobufCheck, KnowsTheLibraryByItsName) {
  EXPECT_TRUE(
      plugin::is_protobuf_library("/usr/lib/x86_64-linux-gnu/libprotobuf-lite.so.32", "32"));
  EXPECT_TRUE(plugin::is_protobuf_library("libprotobuf.so.32.0.12", "32"));
  EXPECT_FALSE(plugin::is_protobuf_library("/usr/lib/libprotobuf.so.23", "32"));
  EXPECT_FALSE(plugin::is_protobuf_library("/opt/libprotobuf-lite.so.320", "32"));
  EXPECT_FALSE(plugin::is_protobuf_library("/usr/bin/host", "32"));
  EXPECT_TRUE(plugin::check_protobuf("ONNX files").ok());
}

}  // namespace
}  // namespace halyard::onnx::test
