// Opens the bytes of a model as the plugin does, and checks what comes out.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "halyard/graph.hpp"
#include "model.hpp"
#include "model_bytes.hpp"

namespace halyard::onnx::test {

/// A folder that goes with the object.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string write(const std::string& name, const std::string& bytes) const;

 private:
  std::filesystem::path path_;
};

/// A model and its graph, which the validator has passed.
struct Opened {
  std::unique_ptr<OnnxModel> model;
  halyard::Graph graph;
  Status status;

  halyard::Subgraph main() const { return graph.main(); }
  /// "Op Op ..." of the main graph.
  std::string ops() const;
  /// The node of that operator in the main graph; the test fails where there is none.
  halyard::Node node(const std::string& op) const;
  const std::string& error() const { return status.message(); }
};

std::unique_ptr<Opened> open_file(const std::string& path);
std::unique_ptr<Opened> open_bytes(const std::string& bytes);

/// A model of one node with f32 inputs x [2,3,4] and, where there are more names, initializers.
struct OneNode {
  std::string op;
  int64_t version = 18;
  std::vector<Message> attributes = {};
  std::vector<Message> initializers = {};
  Names inputs = {"x"};
  Names outputs = {"y"};
  std::vector<std::string> dims = {"2", "3", "4"};
  int type = kF32;

  std::string bytes() const;
  std::unique_ptr<Opened> open() const { return open_bytes(bytes()); }
};

/// The elements of a constant operand.
std::vector<int64_t> int_operand(const Opened& opened, const halyard::Node& node, uint32_t i);
std::vector<float> float_operand(const Opened& opened, const halyard::Node& node, uint32_t i);
/// The bytes of a constant, inline or a weight.
std::string constant_bytes(const Opened& opened, const Constant& constant);

}  // namespace halyard::onnx::test
