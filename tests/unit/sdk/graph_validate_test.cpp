// Each rule of the validator, broken alone, is refused by name.
#include "halyard/abi/graph_validate.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/fuzz/graph_seeds.hpp"
#include "tests/fuzz/graph_walk.hpp"

namespace halyard::test {
namespace {

using Sections = std::vector<Section>;

std::string validate(const Bytes& bytes) {
  char message[256];
  const hy_status status = hy_graph_validate(bytes.data(), bytes.size(), message, sizeof message);
  EXPECT_EQ(status == HY_OK, message[0] == 0);
  return status == HY_OK ? "ok" : message;
}

/// The message after one change of a valid graph.
std::string after(const Bytes& graph, const std::function<void(Sections&)>& change) {
  Sections sections = take_apart(graph);
  change(sections);
  return validate(put_together(sections));
}
template <class T>
std::string edited(const Bytes& graph, uint32_t kind, uint32_t i,
                   const std::function<void(T&)>& f) {
  return after(graph, [&](Sections& s) { edit<T>(s, kind, i, f); });
}

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST(GraphValidate, TakesWhatTheBuilderMakes) {
  for (const Bytes& seed : graph_seeds()) {
    EXPECT_EQ(validate(seed), "ok");
    EXPECT_EQ(GraphWalk({seed.data(), seed.size()}).problem(), "");
  }
}

TEST(GraphValidate, TakesWiderRecordsAndUnknownSections) {
  for (const Bytes& seed : graph_seeds())
    EXPECT_EQ(after(seed,
                    [](Sections& s) {
                      for (Section& section : s)
                        if (section.kind != HY_SECTION_STRINGS && section.kind != HY_SECTION_BLOB)
                          widen(section, 8);
                    }),
              "ok");
}

TEST(GraphValidate, EveryTruncationIsRefused) {
  const Bytes whole = nested_graph();
  for (size_t size = 0; size < whole.size(); ++size) {
    Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_NE(validate(cut), "ok") << size;
    if (size < 16) continue;
    const uint64_t total = size;
    std::memcpy(cut.data() + 8, &total, 8);
    EXPECT_NE(validate(cut), "ok") << size;
  }
}

TEST(GraphValidate, MessageIsCutToItsCapacity) {
  char message[8] = "xxxxxxx";
  EXPECT_EQ(hy_graph_validate(nullptr, 0, message, sizeof message), HY_ERROR_INVALID_MODEL);
  EXPECT_STREQ(message, "graph: ");
  EXPECT_EQ(hy_graph_validate(nullptr, 0, nullptr, 0), HY_ERROR_INVALID_MODEL);
}

TEST(GraphValidate, BytesThatAreNotAligned) {
  Bytes shifted(1);
  const Bytes graph = small_graph();
  shifted.insert(shifted.end(), graph.begin(), graph.end());
  char message[128];
  EXPECT_EQ(hy_graph_validate(shifted.data() + 1, graph.size(), message, sizeof message),
            HY_ERROR_INVALID_MODEL);
  EXPECT_HAS(std::string(message), "multiple of 8");
}

struct Header : testing::Test {
  std::string with(const std::function<void(hy_graph_header&)>& f) {
    Bytes b = small_graph();
    hy_graph_header h;
    std::memcpy(&h, b.data(), sizeof h);
    f(h);
    std::memcpy(b.data(), &h, sizeof h);
    return validate(b);
  }
};
TEST_F(Header, Magic) {
  EXPECT_HAS(with([](auto& h) { h.magic++; }), "magic");
}
TEST_F(Header, TotalBytes) {
  EXPECT_HAS(with([](auto& h) { h.total_bytes++; }), "size");
}
TEST_F(Header, HeaderBytes) {
  EXPECT_HAS(with([](auto& h) { h.header_bytes = 8; }), "header");
}
TEST_F(Header, SectionStride) {
  EXPECT_HAS(with([](auto& h) { h.section_stride = 8; }), "stride");
}
TEST_F(Header, SectionCount) {
  EXPECT_HAS(with([](auto& h) { h.section_count = 4000; }), "directory");
}

TEST(GraphSections, RequiredOnesMustBeKnown) {
  const auto add = [](uint32_t flags) {
    return after(small_graph(), [=](Sections& s) { s.push_back({999, flags, 1, {}}); });
  };
  EXPECT_EQ(add(0), "ok");
  EXPECT_HAS(add(HY_SECTION_REQUIRED), "required section");
}
TEST(GraphSections, StandThereOnce) {
  EXPECT_HAS(after(small_graph(), [](Sections& s) { s.push_back(s[1]); }), "twice");
}
TEST(GraphSections, StrideCoversTheRecord) {
  const auto message = after(small_graph(), [](Sections& s) {
    find(s, HY_SECTION_NODES)->stride = 16;
    find(s, HY_SECTION_NODES)->data.resize(16);
  });
  EXPECT_HAS(message, "NODES[0].stride is 16");
}
TEST(GraphSections, BytesHaveStrideOne) {
  EXPECT_HAS(after(small_graph(), [](Sections& s) { find(s, HY_SECTION_STRINGS)->stride = 2; }),
             "STRINGS[0].stride is 2");
}

TEST(GraphText, IsUtf8) {
  for (const Bytes& wrong : {Bytes{0x80}, Bytes{0xc0, 0x80}, Bytes{0xc3}, Bytes{0xe0, 0x80, 0x80},
                             Bytes{0xed, 0xa0, 0x80}, Bytes{0xf4, 0x90, 0x80, 0x80}, Bytes{0xff}}) {
    const auto message = after(small_graph(), [&](Sections& s) {
      Bytes& text = find(s, HY_SECTION_STRINGS)->data;
      text.insert(text.end(), wrong.begin(), wrong.end());
    });
    EXPECT_HAS(message, "STRINGS[");
  }
}
TEST(GraphText, IsInRange) {
  EXPECT_HAS(
      edited<hy_graph_node>(small_graph(), HY_SECTION_NODES, 0, [](auto& n) { n.name.size = 99; }),
      "NODES[0].name");
  EXPECT_HAS(edited<hy_graph_str>(nested_graph(), HY_SECTION_STRING_REFS, 1,
                                  [](auto& s) {
                                    s = {0xffffffff, 0xffffffff};
                                  }),
             "STRING_REFS[1].text");
}
TEST(GraphText, IsNotCutWithinACharacter) {
  const auto message = edited<hy_graph_value>(nested_graph(), HY_SECTION_VALUES, 1, [](auto& v) {
    v.name.size -= 2;  // "größe" without its last letter and half of the one before
  });
  EXPECT_HAS(message, "VALUES[1].name");
  EXPECT_HAS(message, "UTF-8");
}

std::string subgraph(uint32_t i, const std::function<void(hy_graph_subgraph&)>& f) {
  return edited<hy_graph_subgraph>(nested_graph(), HY_SECTION_SUBGRAPHS, i, f);
}
TEST(GraphSubgraphs, ThereIsAMainOne) {
  EXPECT_HAS(after(small_graph(), [](Sections& s) { find(s, HY_SECTION_SUBGRAPHS)->data.clear(); }),
             "main subgraph");
}
TEST(GraphSubgraphs, NodesAreContiguous) {
  EXPECT_HAS(subgraph(1, [](auto& s) { s.first_node--; }), "SUBGRAPHS[1].first_node is 1");
}
TEST(GraphSubgraphs, ValuesAreContiguous) {
  EXPECT_HAS(subgraph(2, [](auto& s) { s.first_value++; }), "SUBGRAPHS[2].first_value");
}
TEST(GraphSubgraphs, NodesAreInRange) {
  EXPECT_HAS(subgraph(3, [](auto& s) { s.node_count = 99; }), "SUBGRAPHS[3].first_node");
}
TEST(GraphSubgraphs, ValuesAreInRange) {
  EXPECT_HAS(subgraph(4, [](auto& s) { s.value_count = 99; }), "SUBGRAPHS[4].first_value");
}
TEST(GraphSubgraphs, OwnEveryNodeAndValue) {
  EXPECT_HAS(after(small_graph(),
                   [](Sections& s) {
                     Bytes& nodes = find(s, HY_SECTION_NODES)->data;
                     nodes.resize(nodes.size() + sizeof(hy_graph_node));
                   }),
             "NODES[1]");
  EXPECT_HAS(after(small_graph(),
                   [](Sections& s) {
                     Bytes& values = find(s, HY_SECTION_VALUES)->data;
                     values.resize(values.size() + sizeof(hy_graph_value));
                   }),
             "VALUES[2]");
}
TEST(GraphSubgraphs, InputsAndOutputsAreInRange) {
  EXPECT_HAS(subgraph(0, [](auto& s) { s.input_count = 9999; }), "SUBGRAPHS[0].first_input");
  EXPECT_HAS(subgraph(0, [](auto& s) { s.first_output = 9999; }), "SUBGRAPHS[0].first_output");
}
TEST(GraphSubgraphs, InputsAreInputValues) {
  EXPECT_HAS(subgraph(0, [](auto& s) { s.input_count = 1; }), "VALUES[1].kind is 1");
  EXPECT_HAS(subgraph(0, [](auto& s) { s.first_input = s.first_output; }), "VALUES[0].kind");
  EXPECT_HAS(edited<hy_graph_value>(small_graph(), HY_SECTION_VALUES, 0,
                                    [](auto& v) {
                                      v.kind = HY_VALUE_RESULT;
                                      v.producer = HY_NONE;
                                    }),
             "SUBGRAPHS[0].input_count is 1");
}
TEST(GraphSubgraphs, OutputsAreComputed) {
  // "dead" is the fifth value of the main subgraph.
  const auto message = after(nested_graph(), [](Sections& s) {
    uint32_t operand = 0;
    edit<hy_graph_subgraph>(s, HY_SECTION_SUBGRAPHS, 0, [&](auto& g) { operand = g.first_output; });
    edit<uint32_t>(s, HY_SECTION_OPERANDS, operand, [](uint32_t& v) { v = 4; });
  });
  EXPECT_HAS(message, "no node computes");
}

std::string value(const Bytes& graph, uint32_t i, const std::function<void(hy_graph_value&)>& f) {
  return edited<hy_graph_value>(graph, HY_SECTION_VALUES, i, f);
}
TEST(GraphValues, HaveAKnownKindTypeAndDtype) {
  EXPECT_HAS(value(small_graph(), 0, [](auto& v) { v.kind = 4; }), "VALUES[0].kind is 4");
  EXPECT_HAS(value(small_graph(), 0, [](auto& v) { v.kind = 0; }), "VALUES[0].kind is 0");
  EXPECT_HAS(value(small_graph(), 1, [](auto& v) { v.type = 4; }), "VALUES[1].type is 4");
  EXPECT_HAS(value(small_graph(), 1, [](auto& v) { v.dtype = 15; }), "VALUES[1].dtype is 15");
  EXPECT_HAS(value(small_graph(), 1, [](auto& v) { v.dtype = 34; }), "VALUES[1].dtype is 34");
  EXPECT_HAS(value(small_graph(), 1, [](auto& v) { v.type = HY_TYPE_MAP; }), "VALUES[1].key_dtype");
  EXPECT_EQ(value(small_graph(), 1, [](auto& v) { v.dtype = HY_DTYPE_UNDEFINED; }), "ok");
}
TEST(GraphValues, ShapeIsInRange) {
  EXPECT_HAS(value(small_graph(), 0, [](auto& v) { v.shape = 2; }), "VALUES[0].shape is 2");
  EXPECT_EQ(value(small_graph(), 0, [](auto& v) { v.shape = HY_NONE; }), "ok");
}
TEST(GraphValues, ProducerAgrees) {
  EXPECT_HAS(value(small_graph(), 1, [](auto& v) { v.producer = 1; }), "VALUES[1].producer is 1");
  EXPECT_HAS(value(small_graph(), 1, [](auto& v) { v.producer_output = 1; }),
             "VALUES[1].producer_output");
  EXPECT_HAS(value(small_graph(), 1, [](auto& v) { v.producer = HY_NONE; }), "producer");
}
TEST(GraphValues, ConstantsAgree) {
  const Bytes g = constant_graph();
  EXPECT_HAS(value(small_graph(), 1, [](auto& v) { v.constant = 0; }), "VALUES[1].constant");
  EXPECT_HAS(value(g, 0, [](auto& v) { v.constant = 99; }), "VALUES[0].constant is 99");
  EXPECT_HAS(value(g, 0, [](auto& v) { v.dtype = HY_DTYPE_I32; }), "VALUES[0].dtype");
  EXPECT_HAS(value(g, 1, [](auto& v) { v.type = HY_TYPE_OPTIONAL; }), "VALUES[1].type");
  EXPECT_HAS(value(g, 1, [](auto& v) { v.shape = HY_NONE; }), "VALUES[1].shape");
  EXPECT_HAS(value(g, 1, [](auto& v) { v.shape++; }), "VALUES[1].shape");
}

std::string operand(const Bytes& graph, bool output, uint32_t node, uint32_t value) {
  return after(graph, [&](Sections& s) {
    uint32_t at = 0;
    edit<hy_graph_node>(s, HY_SECTION_NODES, node,
                        [&](auto& n) { at = output ? n.first_output : n.first_input; });
    edit<uint32_t>(s, HY_SECTION_OPERANDS, at, [&](uint32_t& v) { v = value; });
  });
}
TEST(GraphNodes, UseValuesOfTheirSubgraph) {
  EXPECT_HAS(operand(nested_graph(), false, 1, 6), "not of this subgraph");
  const auto foreign_output = after(nested_graph(), [](Sections& s) {
    edit<hy_graph_value>(s, HY_SECTION_VALUES, 3, [](auto& v) { v.producer = HY_NONE; });
    uint32_t at = 0;
    edit<hy_graph_node>(s, HY_SECTION_NODES, 1, [&](auto& n) { at = n.first_output; });
    edit<uint32_t>(s, HY_SECTION_OPERANDS, at, [](uint32_t& v) { v = 6; });
  });
  EXPECT_HAS(foreign_output, "not of this subgraph");
}
TEST(GraphNodes, UseValuesAfterTheyAreComputed) {
  EXPECT_HAS(operand(nested_graph(), false, 0, 3), "used before it is computed");
  EXPECT_HAS(operand(small_graph(), false, 0, 1), "used before it is computed");
}
TEST(GraphNodes, WriteResultsOnce) {
  EXPECT_HAS(operand(nested_graph(), true, 1, 2), "VALUES[3].producer_output");
  EXPECT_HAS(operand(nested_graph(), true, 1, 0), "VALUES[3].producer_output");
  // A node that writes an input, and the value it wrote before declared dead.
  const auto message = after(small_graph(), [](Sections& s) {
    edit<hy_graph_value>(s, HY_SECTION_VALUES, 1, [](auto& v) { v.producer = HY_NONE; });
    uint32_t at = 0;
    edit<hy_graph_node>(s, HY_SECTION_NODES, 0, [&](auto& n) { at = n.first_output; });
    edit<uint32_t>(s, HY_SECTION_OPERANDS, at, [](uint32_t& v) { v = 0; });
  });
  EXPECT_HAS(message, "not a RESULT");
}
TEST(GraphNodes, HaveAnOperator) {
  EXPECT_HAS(
      edited<hy_graph_node>(small_graph(), HY_SECTION_NODES, 0, [](auto& n) { n.op.size = 0; }),
      "NODES[0].op");
}
TEST(GraphNodes, RangesAreInRange) {
  const auto node = [](const std::function<void(hy_graph_node&)>& f) {
    return edited<hy_graph_node>(nested_graph(), HY_SECTION_NODES, 0, f);
  };
  EXPECT_HAS(node([](auto& n) { n.input_count = 9999; }), "NODES[0].first_input");
  EXPECT_HAS(node([](auto& n) { n.first_output = 9999; }), "producer_output");
  EXPECT_HAS(node([](auto& n) { n.attribute_count = 9999; }), "NODES[0].first_attribute");
  EXPECT_HAS(node([](auto& n) { n.first_attribute = 0xffffffff; }), "NODES[0].first_attribute");
  EXPECT_HAS(node([](auto& n) { n.first_origin = 9999; }), "NODES[0].first_origin");
  EXPECT_HAS(node([](auto& n) { n.group = 2; }), "NODES[0].group is 2");
}
TEST(GraphNodes, RangesDoNotShareRecords) {
  const auto message = after(nested_graph(), [](Sections& s) {
    const auto attributes = static_cast<uint32_t>(find(s, HY_SECTION_ATTRIBUTES)->data.size() /
                                                  sizeof(hy_graph_attribute));
    edit<hy_graph_node>(s, HY_SECTION_NODES, 1, [&](auto& n) {
      n.first_attribute = 1;
      n.attribute_count = attributes - 1;
    });
  });
  EXPECT_HAS(message, "share records of ATTRIBUTES");
}

std::string attribute(uint32_t i, const std::function<void(hy_graph_attribute&)>& f) {
  return edited<hy_graph_attribute>(nested_graph(), HY_SECTION_ATTRIBUTES, i, f);
}
TEST(GraphAttributes, HaveAKnownType) {
  EXPECT_HAS(attribute(1, [](auto& a) { a.type = 0; }), "ATTRIBUTES[1].type is 0");
  EXPECT_HAS(attribute(1, [](auto& a) { a.type = 9; }), "ATTRIBUTES[1].type is 9");
}
TEST(GraphAttributes, AreInRange) {
  EXPECT_HAS(attribute(0, [](auto& a) { a.first = 99; }), "ATTRIBUTES[0].first is 99");
  EXPECT_HAS(attribute(1, [](auto& a) { a.name.offset = 9999; }), "ATTRIBUTES[1].name");
  EXPECT_HAS(attribute(3, [](auto& a) { a.first = 99; }), "STRING_REFS");
  EXPECT_HAS(attribute(4, [](auto& a) { a.count = 4; }), "INTS");
  EXPECT_HAS(attribute(5, [](auto& a) { a.first = 1; }), "FLOATS");
  EXPECT_HAS(attribute(6, [](auto& a) { a.count = 99; }), "STRING_REFS");
  EXPECT_HAS(attribute(7, [](auto& a) { a.first = 2; }), "CONSTANTS");
}
TEST(GraphAttributes, BodiesComeLaterAndBelongToOneNode) {
  EXPECT_HAS(attribute(0, [](auto& a) { a.first = 0; }), "comes after the subgraph");
  EXPECT_HAS(attribute(0, [](auto& a) { a.first = 2; }), "used already");
  EXPECT_HAS(attribute(0, [](auto& a) { a.first = 4; }), "used already");
}

std::string group(uint32_t i, const std::function<void(hy_graph_group&)>& f) {
  return edited<hy_graph_group>(nested_graph(), HY_SECTION_GROUPS, i, f);
}
TEST(GraphGroups, PointBack) {
  EXPECT_HAS(group(0, [](auto& g) { g.node = 0; }),
             "GROUPS[0].node is 0: it is the group of node 1");
  EXPECT_HAS(edited<hy_graph_node>(nested_graph(), HY_SECTION_NODES, 1,
                                   [](auto& n) { n.group = HY_NONE; }),
             "GROUPS[0].node is 1: that node is of another group");
}
TEST(GraphGroups, PartsComeLaterAndBelongToOneNode) {
  EXPECT_HAS(group(0, [](auto& g) { g.parts = 0; }), "GROUPS[0].parts is 0");
  EXPECT_HAS(group(0, [](auto& g) { g.parts = 5; }), "GROUPS[0].parts is 5");
  EXPECT_HAS(group(0, [](auto& g) { g.parts = 1; }), "used already");
}
TEST(GraphGroups, PartsHaveTheOperandsOfTheNode) {
  const auto message = after(nested_graph(), [](Sections& s) {
    edit<hy_graph_subgraph>(s, HY_SECTION_SUBGRAPHS, 2, [](auto& g) { g.output_count = 0; });
  });
  EXPECT_HAS(message, "SUBGRAPHS[2].output_count is 0");
  EXPECT_HAS(edited<hy_graph_node>(nested_graph(), HY_SECTION_NODES, 1,
                                   [](auto& n) { n.input_count = 0; }),
             "SUBGRAPHS[2].input_count is 1: the composite's is 0");
}
TEST(GraphGroups, NestToALimit) {
  const auto chain = [](uint32_t depth) {
    GraphBuilder b;
    for (uint32_t i = 0; i < depth; ++i) {
      const uint32_t g = b.add_subgraph("");
      NodeSpec node{"acme", "Call", "", {}, {}, {}, {}};
      if (i + 1 < depth) node.attributes.emplace_back("body", GraphAttr{i + 1});
      b.add_node(g, std::move(node));
    }
    return validate(b.finish().value());
  };
  EXPECT_EQ(chain(HY_GRAPH_MAX_DEPTH), "ok");
  EXPECT_HAS(chain(HY_GRAPH_MAX_DEPTH + 1), "nest at most to depth 32");
}

std::string dim(const std::function<void(hy_graph_dim&)>& f) {
  return edited<hy_graph_dim>(symbolic_graph(), HY_SECTION_DIMS, 3, f);
}
TEST(GraphDims, HaveAKnownKindAndSize) {
  EXPECT_HAS(dim([](auto& d) { d.kind = 3; }), "DIMS[3].kind is 3");
  EXPECT_HAS(dim([](auto& d) { d = {HY_DIM_STATIC, 0, -1}; }), "DIMS[3].value is -1");
}
TEST(GraphDims, ExpressionsAreInRange) {
  EXPECT_HAS(dim([](auto& d) { d.value = 999; }), "DIMS[3].value is 999");
  EXPECT_HAS(dim([](auto& d) { d.value = -1; }), "DIMS[3].value is -1");
  EXPECT_HAS(dim([](auto& d) { d.expr_count = 0; }), "DIMS[3].expr_count is 0");
  EXPECT_HAS(dim([](auto& d) { d.expr_count = 65; }), "DIMS[3].expr_count is 65");
}
TEST(GraphDims, ExpressionsAreWellFormed) {
  const auto expr = [](uint32_t i, const std::function<void(hy_graph_expr&)>& f) {
    return edited<hy_graph_expr>(symbolic_graph(), HY_SECTION_EXPRS, i, f);
  };
  // 0, 1: symbols of x. 2 to 4: n * 2.
  EXPECT_HAS(expr(4, [](auto& e) { e.op = 9; }), "EXPRS[4].op is 9");
  EXPECT_HAS(expr(2, [](auto& e) { e.op = HY_EXPR_ADD; }), "EXPRS[2].op is 2");
  EXPECT_HAS(expr(4, [](auto& e) { e.op = HY_EXPR_CONST; }), "DIMS[3].expr is 3");
  EXPECT_HAS(expr(2, [](auto& e) { e.value = 2; }), "EXPRS[2].value is 2");
  EXPECT_HAS(expr(2, [](auto& e) { e.value = -1; }), "EXPRS[2].value is -1");
}
TEST(GraphSymbols, HaveLimits) {
  const auto symbol = [](const std::function<void(hy_graph_symbol&)>& f) {
    return edited<hy_graph_symbol>(symbolic_graph(), HY_SECTION_SYMBOLS, 0, f);
  };
  EXPECT_HAS(symbol([](auto& s) { s.min = -1; }), "SYMBOLS[0].min is -1");
  EXPECT_HAS(symbol([](auto& s) { s.max = 0; }), "SYMBOLS[0].max is 0");
  EXPECT_HAS(symbol([](auto& s) { s.multiple_of = 0; }), "SYMBOLS[0].multiple_of is 0");
  EXPECT_EQ(symbol([](auto& s) { s.max = -1; }), "ok");
}
TEST(GraphShapes, AreInRange) {
  const auto shape = [](const std::function<void(hy_graph_shape&)>& f) {
    return edited<hy_graph_shape>(symbolic_graph(), HY_SECTION_SHAPES, 0, f);
  };
  EXPECT_HAS(shape([](auto& s) { s.first_dim = 9; }), "SHAPES[0].first_dim is 9");
  EXPECT_HAS(shape([](auto& s) { s.rank = 65; }), "SHAPES[0].rank is 65");
}
TEST(GraphShapes, ProductsDoNotOverflow) {
  const auto product = [](int64_t a, int64_t b) {
    return after(small_graph(), [=](Sections& s) {
      edit<hy_graph_dim>(s, HY_SECTION_DIMS, 0, [=](auto& d) { d.value = a; });
      edit<hy_graph_dim>(s, HY_SECTION_DIMS, 1, [=](auto& d) { d.value = b; });
    });
  };
  EXPECT_EQ(product(int64_t{1} << 29, int64_t{1} << 29), "ok");
  EXPECT_EQ(product(0, int64_t{1} << 58), "ok");
  EXPECT_HAS(product(int64_t{1} << 30, int64_t{1} << 29), "DIMS[1].value");
  EXPECT_HAS(product(int64_t{1} << 32, int64_t{1} << 32), "DIMS[1].value");
  EXPECT_HAS(product(INT64_MAX, 0), "DIMS[0].value");
}

// Constants of constant_graph: 0 dense f32, 1 weight, 2 strings, 3 i4 data, 4 scale, 5 zero point,
// 6 and 7 affine, 8 indices, 9 table, 10 palette, 11 bitmap, 12 values, 13 sparse, 14 palette, 15 empty.
std::string constant(uint32_t i, const std::function<void(hy_graph_constant&)>& f) {
  return edited<hy_graph_constant>(constant_graph(), HY_SECTION_CONSTANTS, i, f);
}
TEST(GraphConstants, HaveAKnownTypeAndEncoding) {
  EXPECT_HAS(constant(0, [](auto& c) { c.dtype = 0; }), "CONSTANTS[0].dtype is 0");
  EXPECT_HAS(constant(0, [](auto& c) { c.dtype = 0xffffffff; }), "CONSTANTS[0].dtype");
  EXPECT_HAS(constant(0, [](auto& c) { c.encoding = 4; }), "CONSTANTS[0].encoding is 4");
}
TEST(GraphConstants, HaveStaticDims) {
  EXPECT_HAS(constant(0, [](auto& c) { c.shape = HY_NONE; }), "CONSTANTS[0].shape");
  EXPECT_HAS(edited<hy_graph_dim>(constant_graph(), HY_SECTION_DIMS, 0,
                                  [](auto& d) { d.kind = HY_DIM_UNKNOWN; }),
             "must be static");
}
TEST(GraphConstants, DenseOnesAreInlineOrWeights) {
  EXPECT_HAS(constant(0, [](auto& c) { c.storage = HY_STORAGE_PARTS; }),
             "CONSTANTS[0].storage is 2");
  EXPECT_HAS(constant(0, [](auto& c) { c.storage = 3; }), "CONSTANTS[0].storage is 3");
  EXPECT_HAS(constant(0, [](auto& c) { c.part_count = 1; }), "CONSTANTS[0].part_count is 1");
}
TEST(GraphConstants, BytesAreThoseOfTypeAndDims) {
  EXPECT_HAS(constant(0, [](auto& c) { c.bytes = 23; }),
             "CONSTANTS[0].bytes is 23: its type and dims need 24");
  EXPECT_HAS(constant(1, [](auto& c) { c.bytes = 33; }), "CONSTANTS[1].bytes is 33");
  EXPECT_HAS(constant(3, [](auto& c) { c.bytes = 4; }), "its type and dims need 3");
  EXPECT_HAS(constant(15, [](auto& c) { c.bytes = 8; }), "CONSTANTS[15].offset");
}
TEST(GraphConstants, InlineBytesAreInRange) {
  EXPECT_HAS(constant(0, [](auto& c) { c.offset = 4; }), "CONSTANTS[0].offset is 4");
  EXPECT_HAS(constant(0, [](auto& c) { c.offset = 4096; }), "passes the end of BLOB");
  EXPECT_HAS(constant(0, [](auto& c) { c.bytes = ~0ull; }), "passes the end of BLOB");
}
TEST(GraphConstants, StringsHaveOffsetsThatGrow) {
  const auto offset = [](uint32_t i, uint64_t to) {
    return after(constant_graph(), [=](Sections& s) {
      uint64_t at = 0;
      edit<hy_graph_constant>(s, HY_SECTION_CONSTANTS, 2, [&](auto& c) { at = c.offset; });
      std::memcpy(find(s, HY_SECTION_BLOB)->data.data() + at + i * 8, &to, 8);
    });
  };
  EXPECT_HAS(constant(2, [](auto& c) { c.bytes = 23; }), "CONSTANTS[2].bytes is 23");
  EXPECT_HAS(offset(0, 1), "begin at 0");
  EXPECT_HAS(offset(1, 4), "string offset is 4");
  EXPECT_HAS(offset(2, 0), "string offset is 0");
  EXPECT_HAS(offset(2, 2), "last string offset is 2");
}
TEST(GraphConstants, EncodedOnesHaveParts) {
  EXPECT_HAS(constant(6, [](auto& c) { c.storage = HY_STORAGE_WEIGHT; }),
             "CONSTANTS[6].storage is 1");
  EXPECT_HAS(constant(6, [](auto& c) { c.part_count = 1; }), "CONSTANTS[6].part_count is 1");
  EXPECT_HAS(constant(10, [](auto& c) { c.part_count = 3; }), "CONSTANTS[10].part_count is 3");
  EXPECT_HAS(constant(6, [](auto& c) { c.first_part = 9999; }), "CONSTANTS[6].first_part");
}
std::string part(uint32_t constant, uint32_t i, uint32_t to) {
  return after(constant_graph(), [=](Sections& s) {
    uint32_t first = 0;
    edit<hy_graph_constant>(s, HY_SECTION_CONSTANTS, constant,
                            [&](auto& c) { first = c.first_part; });
    edit<uint32_t>(s, HY_SECTION_OPERANDS, first + i, [&](uint32_t& v) { v = to; });
  });
}
TEST(GraphConstants, PartsStandBeforeTheirConstant) {
  EXPECT_HAS(part(6, 0, 6), "CONSTANTS[6].part is 6");
  EXPECT_HAS(part(6, 1, HY_NONE), "CONSTANTS[6].part is 4294967295");
  EXPECT_HAS(part(14, 1, 99), "CONSTANTS[14].part is 99");
}
TEST(GraphConstants, PartsFitTheirEncoding) {
  EXPECT_HAS(part(6, 0, 1), "first part");
  EXPECT_HAS(part(6, 1, 1), "scale");
  EXPECT_HAS(part(6, 2, 0), "zero point");
  EXPECT_HAS(part(13, 0, 8), "bitmap");
  EXPECT_HAS(constant(8, [](auto& c) { c.dtype = HY_DTYPE_I2; }), "indices");
  EXPECT_HAS(part(10, 1, 2), "strings");
}
TEST(GraphConstants, EncodingsNestToALimit) {
  const auto tower = [](uint32_t height) {
    GraphBuilder b;
    const float one = 1;
    uint32_t at = b.add_inline_constant(HY_DTYPE_F32, {1}, &one, 4);
    for (uint32_t i = 0; i < height; ++i)
      at = b.add_encoded_constant(HY_DTYPE_F32, {1}, HY_ENCODING_AFFINE, {at, at});
    b.add_subgraph("main");
    return validate(b.finish().value());
  };
  EXPECT_EQ(tower(HY_GRAPH_MAX_ENCODINGS), "ok");
  EXPECT_HAS(tower(HY_GRAPH_MAX_ENCODINGS + 1), "encodings upon encodings");
}

TEST(GraphStates, HaveTypeDimsAndInitial) {
  const auto state = [](const std::function<void(hy_graph_state&)>& f) {
    return edited<hy_graph_state>(nested_graph(), HY_SECTION_STATES, 0, f);
  };
  EXPECT_HAS(state([](auto& s) { s.dtype = 0; }), "STATES[0].dtype is 0");
  EXPECT_HAS(state([](auto& s) { s.shape = HY_NONE; }), "STATES[0].shape");
  EXPECT_HAS(state([](auto& s) { s.initial = 0; }), "STATES[0].initial is 0");
  EXPECT_HAS(state([](auto& s) { s.initial = 9; }), "STATES[0].initial is 9");
  EXPECT_HAS(state([](auto& s) { s.growth_axis = 2; }), "STATES[0].growth_axis is 2");
  EXPECT_HAS(state([](auto& s) { s.name.size = 9999; }), "STATES[0].name");
}
TEST(GraphHints, AreInRange) {
  const auto hint = [](const std::function<void(hy_graph_hint&)>& f) {
    return edited<hy_graph_hint>(nested_graph(), HY_SECTION_HINTS, 0, f);
  };
  EXPECT_HAS(hint([](auto& h) { h.node = 99; }), "HINTS[0].node is 99");
  EXPECT_HAS(hint([](auto& h) { h.text.offset = 9999; }), "HINTS[0].text");
}

}  // namespace
}  // namespace halyard::test
