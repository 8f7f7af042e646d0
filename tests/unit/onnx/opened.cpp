#include "opened.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "halyard/abi/graph_validate.h"

namespace halyard::onnx::test {

namespace fs = std::filesystem;

TempFolder::TempFolder() {
  std::string name = (fs::temp_directory_path() / "onnx_test_XXXXXX").string();
  path_ = mkdtemp(name.data());
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TempFolder::write(const std::string& name, const std::string& bytes) const {
  const fs::path path = path_ / name;
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return path.string();
}

std::unique_ptr<Opened> open_file(const std::string& path) {
  auto out = std::make_unique<Opened>();
  Result<std::unique_ptr<OnnxModel>> model = OnnxModel::open(path);
  out->status = model.status();
  if (!model.ok()) return out;
  out->model = std::move(model).value();
  const std::span<const unsigned char> bytes = out->model->graph();
  char message[256] = "";
  EXPECT_EQ(hy_graph_validate(bytes.data(), bytes.size(), message, sizeof message), HY_OK)
      << message;
  EXPECT_TRUE(halyard::Graph::open({bytes.data(), bytes.size()}, &out->graph).ok());
  return out;
}

std::unique_ptr<Opened> open_bytes(const std::string& bytes) {
  const TempFolder folder;
  return open_file(folder.write("m.onnx", bytes));
}

std::string Opened::ops() const {
  std::string out;
  for (uint32_t i = 0; i < main().node_count(); ++i)
    out += (i == 0 ? "" : " ") + std::string(main().node(i).op());
  return out;
}

halyard::Node Opened::node(const std::string& op) const {
  for (uint32_t i = 0; i < main().node_count(); ++i)
    if (main().node(i).op() == op) return main().node(i);
  ADD_FAILURE() << "no " << op << " in: " << ops() << " " << error();
  std::abort();
}

std::string OneNode::bytes() const {
  GraphSpec graph;
  graph.inputs = {value("x", type, dims)};
  graph.initializers = initializers;
  graph.nodes = {test::node(op, inputs, outputs, attributes, "the_node")};
  for (const std::string& o : outputs)
    if (!o.empty()) graph.outputs.push_back(value(o, 0, {}));
  return test::model(graph, version);
}

std::string constant_bytes(const Opened& opened, const Constant& constant) {
  hy_bytes bytes = constant.is_inline() ? constant.inline_bytes() : hy_bytes{};
  if (!constant.is_inline()) bytes = opened.model->weight(constant.weight_id()).value();
  return {static_cast<const char*>(bytes.data), bytes.size};
}

namespace {

template <class T>
std::vector<T> operand(const Opened& opened, const halyard::Node& node, uint32_t i) {
  const std::string bytes = constant_bytes(opened, node.input(i).constant().value());
  std::vector<T> out(bytes.size() / sizeof(T));
  std::memcpy(out.data(), bytes.data(), out.size() * sizeof(T));
  return out;
}

}  // namespace

std::vector<int64_t> int_operand(const Opened& opened, const halyard::Node& node, uint32_t i) {
  return operand<int64_t>(opened, node, i);
}

std::vector<float> float_operand(const Opened& opened, const halyard::Node& node, uint32_t i) {
  return operand<float>(opened, node, i);
}

}  // namespace halyard::onnx::test
