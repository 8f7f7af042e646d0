#include "wire_reader.hpp"

#include <gtest/gtest.h>

#include "model_bytes.hpp"

namespace halyard::onnx::test {
namespace {

std::vector<WireField> walk(const std::string& bytes, Status* status) {
  std::vector<WireField> out;
  WireReader reader(bytes, bytes);
  for (WireField f; reader.next(&f);) out.push_back(f);
  *status = reader.status();
  return out;
}

TEST(WireReader, WalksAllKinds) {
  const std::string bytes = Message().number(1, -1).text(2, "ab").real(3, 1.5f).bytes;
  Status status;
  const auto fields = walk(bytes, &status);
  ASSERT_TRUE(status.ok()) << status.message();
  ASSERT_EQ(fields.size(), 3u);
  EXPECT_EQ(fields[0].value, ~uint64_t{0});
  EXPECT_EQ(fields[1].bytes, "ab");
  EXPECT_EQ(fields[2].bytes.size(), 4u);
}

TEST(WireReader, SkipsGroups) {
  // Group 4 holds group 5, which holds a text; field 1 follows.
  const std::string bytes = std::string("\x23\x2b") + Message().text(1, "x").bytes + "\x2c\x24" +
                            Message().number(1, 7).bytes;
  Status status;
  const auto fields = walk(bytes, &status);
  ASSERT_TRUE(status.ok()) << status.message();
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(fields[0].value, 7u);
}

TEST(WireReader, RefusesWhatIsNotWireFormat) {
  const std::string cases[] = {
      std::string("\x0a\x05"
                  "ab",
                  4),                                 // a length past the end
      std::string("\x08"),                            // no number
      std::string("\x08") + std::string(11, '\xff'),  // a number without end
      std::string("\x0f\x01"),                        // wire type 7
      std::string("\x00\x01", 2),                     // field 0
      std::string("\x24"),                            // a group's end alone
      std::string("\x23\x2c"),                        // another group's end
      std::string(64, '\x23'),                        // groups without end
      std::string("\x0d\x01\x02"),                    // a short fixed32
  };
  for (const std::string& bytes : cases) {
    Status status;
    walk(bytes, &status);
    EXPECT_EQ(status.code(), HY_ERROR_INVALID_MODEL);
    EXPECT_EQ(status.message().rfind("at byte ", 0), 0u) << status.message();
  }
}

}  // namespace
}  // namespace halyard::onnx::test
