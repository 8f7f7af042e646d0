// Graphs: inputs, outputs, order, symbols, and what is wrong with them.
#include "importer.hpp"

#include <gtest/gtest.h>

#include "halyard/abi/graph.h"
#include "opened.hpp"

namespace halyard::onnx::test {
namespace {

GraphSpec relu_graph() {
  GraphSpec g;
  g.inputs = {value("x", kF32, {"2", "3"})};
  g.nodes = {node("Relu", {"x"}, {"y"}, {}, "r")};
  g.outputs = {value("y", kF32, {"2", "3"})};
  return g;
}

void expect_error(const std::string& bytes, const std::string& says,
                  hy_status code = HY_ERROR_INVALID_MODEL) {
  const auto m = open_bytes(bytes);
  EXPECT_EQ(m->status.code(), code) << m->error();
  EXPECT_NE(m->error().find(says), std::string::npos) << m->error() << "\nis not: " << says;
}

void expect_error(const GraphSpec& g, const std::string& says,
                  hy_status code = HY_ERROR_INVALID_MODEL) {
  expect_error(model(g), says, code);
}

TEST(Importer, ReadsANode) {
  const auto m = open_bytes(model(relu_graph()));
  ASSERT_TRUE(m->status.ok()) << m->error();
  ASSERT_EQ(m->main().node_count(), 1u);
  EXPECT_EQ(m->main().node(0).name(), "r");
  EXPECT_EQ(m->main().node(0).origins(), (std::vector<std::string>{"r"}));
  EXPECT_EQ(m->main().input(0).dims(), (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(m->main().input(0).dtype(), uint32_t{HY_DTYPE_F32});
  EXPECT_EQ(m->main().output(0).name(), "y");
}

TEST(Importer, NamesANodeWithoutAName) {
  GraphSpec g = relu_graph();
  g.nodes = {node("Relu", {"x"}, {"y"})};
  EXPECT_EQ(open_bytes(model(g))->main().node(0).name(), "Relu:y");
}

TEST(Importer, InitializersAreNotInputs) {
  for (int64_t ir : {3, 8}) {
    GraphSpec g = relu_graph();
    g.inputs.push_back(value("w", kF32, {"3"}));
    g.initializers = {floats("w", {3}, {1, 2, 3})};
    g.nodes = {node("Add", {"x", "w"}, {"y"})};
    const auto m = open_bytes(model(g, 8, ir));
    EXPECT_EQ(m->main().input_count(), 1u);
    EXPECT_TRUE(m->main().node(0).input(1).constant().has_value());
  }
}

TEST(Importer, EqualDimNamesAreOneSymbol) {
  GraphSpec g = relu_graph();
  g.inputs = {value("x", kF32, {"batch", "n"}), value("z", kF32, {"batch", ""})};
  g.nodes = {node("Add", {"x", "z"}, {"y"})};
  const auto m = open_bytes(model(g));
  const auto symbol = [&](uint32_t input, uint32_t dim) {
    const auto e = m->main().input(input).dim(dim).expression();
    return std::string(m->graph.text(m->graph.symbol(static_cast<uint32_t>(e.at(0).value)).name));
  };
  EXPECT_EQ(m->graph.symbol_count(), 3u);
  EXPECT_EQ(symbol(0, 0), "batch");
  EXPECT_EQ(symbol(1, 0), "batch");
  EXPECT_EQ(symbol(1, 1), "z.1");
}

TEST(Importer, DimsNamedForNothingAreNotOne) {
  GraphSpec g = relu_graph();
  g.inputs = {value("x", kF32, {"None", "None"})};
  EXPECT_EQ(open_bytes(model(g))->graph.symbol_count(), 2u);
}

TEST(Importer, NodesAreSorted) {
  GraphSpec g = relu_graph();
  g.nodes = {node("Exp", {"b"}, {"y"}), node("Abs", {"x"}, {"a"}), node("Neg", {"a"}, {"b"})};
  EXPECT_EQ(open_bytes(model(g))->ops(), "Abs Neg Exp");
}

TEST(Importer, AnInputCanBeAnOutput) {
  GraphSpec g = relu_graph();
  g.outputs.push_back(value("x", kF32, {}));
  const auto m = open_bytes(model(g));
  EXPECT_EQ(m->main().output(1).index(), m->main().input(0).index());
}

TEST(Importer, ModelsOfBeforeOpsetsHaveOpset1) {
  EXPECT_TRUE(open_bytes(model(relu_graph(), 0, 1))->status.ok());
  expect_error(model(relu_graph(), 0, 4), "opset_import");
}

TEST(Importer, LastOfTwoConstantsOfOneNameCounts) {
  GraphSpec g = relu_graph();
  g.nodes = {node("Constant", {}, {"c"}, {attribute("value_float", 1.f)}),
             node("Add", {"x", "c"}, {"y"}),
             node("Constant", {}, {"c"}, {attribute("value_float", 2.f)})};
  const auto m = open_bytes(model(g));
  ASSERT_TRUE(m->status.ok()) << m->error();
  EXPECT_EQ(float_operand(*m, m->node("Add"), 1), (std::vector<float>{2}));
}

TEST(Importer, MetadataSaysWhereAModelIsFrom) {
  const auto m = open_bytes(model(relu_graph()) +
                            Message().message(14, Message().text(1, "key").text(2, "text")).bytes);
  const auto& pairs = m->model->metadata();
  const auto has = [&](const std::string& key, const std::string& text) {
    return std::find(pairs.begin(), pairs.end(), std::pair(key, text)) != pairs.end();
  };
  EXPECT_TRUE(has("onnx.ir_version", "8"));
  EXPECT_TRUE(has("onnx.opset.ai.onnx", "18"));
  EXPECT_TRUE(has("producer", "test"));
  EXPECT_TRUE(has("key", "text"));
}

TEST(BadModel, FilesThatAreNone) {
  const TempFolder folder;
  EXPECT_EQ(open_file((folder.path() / "no.onnx").string())->status.code(), HY_ERROR_NOT_FOUND);
  EXPECT_NE(open_file(folder.path().string())->error().find("is a folder"), std::string::npos);
  expect_error("", "the file is empty");
  expect_error("Lorem ipsum dolor sit amet, consectetur adipiscing elit", "not an ONNX model");
  expect_error(Message().number(1, 8).bytes, "no graph");
}

TEST(BadModel, ValuesThatAreNotThere) {
  GraphSpec g = relu_graph();
  g.nodes = {node("Relu", {"gone"}, {"y"}, {}, "r")};
  expect_error(g,
               "node \"r\" (Relu) uses value \"gone\", which is no input, no initializer and no "
               "node's output");
  g = relu_graph();
  g.outputs = {value("gone", kF32, {})};
  expect_error(g, "output \"gone\" is no input");
  g.outputs = {};
  expect_error(g, "no outputs");
}

TEST(BadModel, CyclesNameTheirNodes) {
  GraphSpec g = relu_graph();
  g.nodes = {node("Add", {"x", "b"}, {"a"}, {}, "one"), node("Abs", {"a"}, {"b"}, {}, "two"),
             node("Neg", {"b"}, {"y"}, {}, "three")};
  expect_error(
      g, "the graph has a cycle: node \"two\" (Abs) -> node \"one\" (Add) -> node \"two\" (Abs)");
  g.nodes = {node("Add", {"x", "y"}, {"y"}, {}, "self")};
  expect_error(g, "node \"self\" (Add) -> node \"self\" (Add)");
}

TEST(BadModel, ValuesDefinedTwice) {
  GraphSpec g = relu_graph();
  g.nodes.push_back(node("Abs", {"x"}, {"y"}, {}, "a"));
  expect_error(g, "value \"y\" is defined twice: by node \"r\" (Relu) and by node \"a\" (Abs)");
  g = relu_graph();
  g.nodes = {node("Relu", {"x"}, {"x"}, {}, "r")};
  expect_error(
      g, "node \"r\" (Relu) defines value \"x\", which is an input or an initializer already");
  g = relu_graph();
  g.inputs.push_back(g.inputs[0]);
  expect_error(g, "input \"x\" is defined twice");
  g = relu_graph();
  g.initializers = {floats("w", {}, {1}), floats("w", {}, {1})};
  expect_error(g, "initializer \"w\" is defined twice");
}

TEST(BadModel, InputsThatCannotBe) {
  GraphSpec g = relu_graph();
  g.inputs = {value("x", kF32, {"-3"})};
  expect_error(g, "input \"x\": dims [-3]: a dim is negative");
  g.inputs = {value("x", kF32, {"4611686018427387904", "8"})};
  expect_error(g, "input \"x\": dims");
  g.inputs = {value("x", 77, {})};
  expect_error(g, "input \"x\": its element type is number 77");
  g.inputs = {Message().text(1, "x")};
  expect_error(g, "input \"x\": it has no type");
}

TEST(BadModel, NodesThatTheTableRefuses) {
  const auto error = [](OneNode one, const std::string& says,
                        hy_status code = HY_ERROR_INVALID_MODEL) {
    expect_error(one.bytes(), "node \"the_node\" (" + one.op + "): " + says, code);
  };
  error({.op = "Relu", .inputs = {"x", "x"}}, "it has 2 inputs; Relu has at most 1");
  error({.op = "Add"}, "input 1 (B) is missing; Add needs it");
  error({.op = "Add", .inputs = {"", "x"}}, "input 0 (A) is missing");
  error({.op = "Relu", .outputs = {"y", "z"}}, "it has 2 outputs; Relu has at most 1");
  error({.op = "Concat"}, "attribute \"axis\" is missing");
  error({.op = "Concat", .attributes = {attribute("axis", 1.f)}},
        "attribute \"axis\" is a float; for Concat it is an int");
  error({.op = "Relu", .attributes = {attribute("odd", 1)}}, "attribute \"odd\" is not one",
        HY_ERROR_UNSUPPORTED);
  error({.op = "Relu", .attributes = {attribute("a", 1), attribute("a", 1)}},
        "attribute \"a\" is given twice");
  error({.op = "Cast", .attributes = {attribute("to", 99)}}, "attribute \"to\" is 99");
  error(
      {.op = "ConstantOfShape", .attributes = {tensor_attribute("value", floats("", {2}, {1, 2}))}},
      "its value has 2 elements");
  error({.op = "Unsqueeze", .version = 11}, "input 1 (axes) is missing");
  error({.op = "BatchNormalization", .version = 14, .attributes = {attribute("training_mode", 1)}},
        "input 1 (scale) is missing");
}

}  // namespace
}  // namespace halyard::onnx::test
