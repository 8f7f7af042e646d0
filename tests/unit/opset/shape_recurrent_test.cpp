// LSTM, GRU, RNN.
#include "graph_maker.hpp"

namespace halyard::core {
namespace {

std::string outputs(const char* op, std::vector<const char*> dims, Attributes attributes = {}) {
  GraphMaker m;
  std::vector<ValueId> in;
  for (const char* d : dims) in.push_back(d == nullptr ? kNone : m.input(d));
  const size_t count = op == std::string("LSTM") ? 3 : 2;
  const ValueId first = m.node(op, in, std::move(attributes), count);
  std::string text = m.inferred(first);
  if (text.find("it (") == 0) return text;
  for (size_t i = 1; i < count; ++i) text += " " + m.type(first + static_cast<ValueId>(i));
  return text;
}

TEST(Recurrent, DimsOfOutputs) {
  EXPECT_EQ(outputs("LSTM", {"t,n,3", "1,20,3", "1,20,5"}), "f32[t,1,n,5] f32[1,n,5] f32[1,n,5]");
  EXPECT_EQ(outputs("GRU", {"t,n,3", "2,15,3", "2,15,5"}, {{"direction", "bidirectional"}}),
            "f32[t,2,n,5] f32[2,n,5]");
  EXPECT_EQ(outputs("RNN", {"n,t,3", "1,5,3", "1,5,5"}, {{"layout", int64_t{1}}}),
            "f32[n,t,1,5] f32[n,1,5]");
  EXPECT_EQ(outputs("LSTM", {"t,?,3", "1,?,3", "*", nullptr, nullptr, "1,4,6"}),
            "f32[t,1,4,6] f32[1,4,6] f32[1,4,6]");
  EXPECT_EQ(outputs("GRU", {"*", "*", "*"}, {{"hidden_size", int64_t{7}}}),
            "f32[?,1,?,7] f32[1,?,7]");
  EXPECT_EQ(outputs("GRU", {"*", "1,12,3", "*"}), "f32[?,1,?,4] f32[1,?,4]");
}

TEST(Recurrent, Contradictions) {
  EXPECT_EQ(outputs("LSTM", {"t,n,3", "1,20,4", "1,20,5"}),
            "it (LSTM): operand \"W\" of dims [1,20,4]: dim 2 must be 3, as other operands or "
            "attributes say");
  EXPECT_EQ(outputs("GRU", {"t,n,3", "1,16,3", "*"}),
            "it (GRU): operand \"W\" of dims [1,16,3]: dim 1 is no multiple of 3");
  EXPECT_EQ(outputs("GRU", {"t,n", "1,15,3", "*"}),
            "it (GRU): operand \"X\" has the dims [t,n]; its rank must be 3");
  EXPECT_EQ(outputs("RNN", {"t,n,3", "1,5,3", "1,5,5"}, {{"direction", "backward"}}),
            "it (RNN): attribute \"direction\" is \"backward\"; it is one of forward, reverse, "
            "bidirectional");
  EXPECT_EQ(outputs("RNN", {"t,n,3", "1,5,3", "1,5,5"}, {{"hidden_size", int64_t{6}}}),
            "it (RNN): operand \"R\" of dims [1,5,5]: dim 1 must be 6, as other operands or "
            "attributes say");
  EXPECT_EQ(outputs("LSTM", {"*", "*", "*"}, {{"activations", std::vector<std::string>{"Tanh"}}}),
            "it (LSTM): attribute \"activations\" has 1 entries; it needs 3");
  EXPECT_EQ(outputs("RNN", {"*", "*", "*"}, {{"layout", int64_t{2}}}),
            "it (RNN): attribute \"layout\" is 2; it is 0 or 1");
}

}  // namespace
}  // namespace halyard::core
