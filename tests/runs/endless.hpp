// Models for the tests of runs, as files in a folder of their own.
#pragma once

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/fakes/onnx_bytes.hpp"

namespace halyard::test {

/// Y = X + iterations, by a loop that adds 1 so often. X and Y: f32 of one element.
inline std::string loop_model(int64_t iterations) {
  const auto port = [](const char* name, uint32_t type, bool scalar) {
    Message shape;
    if (!scalar) shape.message(1, Message().number(1, 1));
    const Message tensor = Message().number(1, type).message(2, shape);
    return Message().text(1, name).message(2, Message().message(1, tensor));
  };
  const auto constant = [](const char* name, uint32_t type, const void* data, size_t size,
                           bool scalar) {
    Message m;
    if (!scalar) m.number(1, 1);
    return m.number(2, type).text(8, name).text(
        9, std::string_view(static_cast<const char*>(data), size));
  };
  const float one = 1;
  const char go_on = 1;
  Message body;
  body.message(1, Message().text(1, "on").text(2, "on_out").text(3, "keep").text(4, "Identity"));
  body.message(
      1, Message().text(1, "x").text(1, "one").text(2, "x_out").text(3, "add").text(4, "Add"));
  body.text(2, "body").message(5, constant("one", 1, &one, sizeof one, false));
  body.message(11, port("i", 7, true)).message(11, port("on", 9, true));
  body.message(11, port("x", 1, false));
  body.message(12, port("on_out", 9, true)).message(12, port("x_out", 1, false));

  Message loop;
  for (const char* in : {"count", "start", "X"}) loop.text(1, in);
  loop.text(2, "Y").text(3, "loop").text(4, "Loop");
  loop.message(5, Message().text(1, "body").message(6, body).number(20, 5));

  Message graph;
  graph.message(1, loop).text(2, "g");
  graph.message(5, constant("count", 7, &iterations, sizeof iterations, true));
  graph.message(5, constant("start", 9, &go_on, sizeof go_on, true));
  graph.message(11, port("X", 1, false)).message(12, port("Y", 1, false));
  return Message()
      .number(1, 8)
      .message(7, graph)
      .message(8, Message().text(1, "").number(2, 17))
      .bytes();
}

/// So many iterations that nobody waits for their end.
inline constexpr int64_t kEndless = int64_t{1} << 60;

/// A file that goes with the object.
class ModelFile {
 public:
  explicit ModelFile(const std::string& bytes) {
    std::string name = (std::filesystem::temp_directory_path() / "halyard-XXXXXX.onnx").string();
    const int fd = mkstemps(name.data(), 5);
    if (fd >= 0) close(fd);
    path_ = name;
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~ModelFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  ModelFile(const ModelFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace halyard::test
