#include "providers/cpu/support.hpp"

#include "providers/cpu/ops/table.hpp"
#include "tests/unit/cpu/random_values.hpp"
#include "tests/unit/pending_operators.hpp"

namespace halyard::cpu::testing {
namespace {

TEST(Support, HasAKernelForEveryOperatorOfTheTable) {
  for (const hy_operator& row : hy_operators) {
    const std::string name = test::qualified(row.domain, row.name);
    EXPECT_EQ(find_kernel(row.domain, row.name) != nullptr,
              !test::pending_operators().contains(name) && !test::core_operators().contains(name))
        << name;
  }
}

TEST(Support, RefusesWithTheReason) {
  const TestTensor f = tensor<float>({2}, {1, 2}), i = tensor<int32_t>({2}, {1, 2});
  EXPECT_EQ(verdict_of("Exp", {}, {f}), uint32_t{HY_REASON_NONE});
  EXPECT_EQ(verdict_of("Exp", {}, {i}), uint32_t{HY_REASON_DTYPE});
  EXPECT_EQ(verdict_of("Add", {}, {f}), uint32_t{HY_REASON_OPERAND_MISSING});
  EXPECT_EQ(verdict_of("Add", {}, {f, std::nullopt}), uint32_t{HY_REASON_OPERAND_MISSING});
  EXPECT_EQ(verdict_of("Exp", {}, {f, f}), uint32_t{HY_REASON_OPERAND_MISSING});
  EXPECT_EQ(verdict_of("Gemm", {}, {f, f}), uint32_t{HY_REASON_RANK});
  EXPECT_EQ(verdict_of("Conv", {{"auto_pad", "SOME"}}, {f, f}), uint32_t{HY_REASON_ATTRIBUTE});
}

/// A one-node graph with a wish of its own about the node's declaration.
uint32_t verdict_with(const char* domain, const char* op, uint64_t signature) {
  GraphBuilder b;
  const uint32_t main = b.add_subgraph("main");
  const uint32_t x = b.add_input(main, "x", HY_DTYPE_F32, std::nullopt),
                 y = b.add_result(main, "y");
  NodeSpec node{domain, op, "n", {x}, {y}, {}, {}};
  node.signature = signature;
  b.add_node(main, node);
  b.add_output(main, y);
  const auto bytes = b.finish();
  Graph graph;
  EXPECT_TRUE(Graph::open({bytes->data(), bytes->size()}, &graph).ok());
  return supports(graph.main().node(0), 0, 0).reason();
}

TEST(Support, KnowsOperatorsBySignature) {
  EXPECT_EQ(verdict_with("", "Relu", 0), uint32_t{HY_REASON_NONE});
  EXPECT_EQ(verdict_with("", "Relu", 1), uint32_t{HY_REASON_SIGNATURE});
  EXPECT_EQ(verdict_with("", "Frobnicate", 0), uint32_t{HY_REASON_OP_UNKNOWN});
  EXPECT_EQ(verdict_with("acme", "Relu", 0), uint32_t{HY_REASON_OP_UNKNOWN});
}

}  // namespace
}  // namespace halyard::cpu::testing
