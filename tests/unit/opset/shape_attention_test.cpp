// Attention and RotaryEmbedding.
#include "graph_maker.hpp"

namespace halyard::core {
namespace {

TEST(Attention, CachesGrow) {
  GraphMaker m;
  const ValueId q = m.input("b,4,s,8"), k = m.input("b,2,s,8"), v = m.input("b,2,s,16"),
                pk = m.input("b,2,p,8"), pv = m.input("b,2,p,16");
  EXPECT_EQ(m.inferred(m.node("Attention", {q, k, v, kNone, pk, pv}, {}, 4)), "f32[b,4,s,16]");
  EXPECT_EQ(m.type(m.graph.nodes[0].outputs[1]), "f32[b,2,s+p,8]");
  EXPECT_EQ(m.type(m.graph.nodes[0].outputs[2]), "f32[b,2,s+p,16]");
  EXPECT_EQ(m.type(m.graph.nodes[0].outputs[3]), "f32[b,4,s,s+p]");
}

TEST(Attention, HeadsInTheLastDim) {
  GraphMaker m;
  const ValueId q = m.input("b,s,24"), k = m.input("b,t,16");
  EXPECT_EQ(m.inferred(m.node("Attention", {q, k, k},
                              {{"q_num_heads", int64_t{3}}, {"kv_num_heads", int64_t{2}}})),
            "f32[b,s,24]");
  GraphMaker bad;
  const ValueId x = bad.input("b,s,24");
  EXPECT_EQ(
      bad.inferred(bad.node("Attention", {x, x, x},
                            {{"q_num_heads", int64_t{5}}, {"kv_num_heads", int64_t{5}}})),
      "it (Attention): operand \"Q\" has the dims [b,s,24]; 24 is no multiple of the 5 heads");
}

TEST(RotaryEmbedding, KeepsTheShape) {
  GraphMaker m;
  const ValueId x = m.input("b,h,s,8"), table = m.input("b,s,4");
  EXPECT_EQ(m.inferred(m.node("RotaryEmbedding", {x, table, table})), "f32[b,h,s,8]");
}

}  // namespace
}  // namespace halyard::core
