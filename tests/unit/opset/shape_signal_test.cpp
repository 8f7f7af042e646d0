// Fourier transforms, windows, mel bands.
#include "graph_maker.hpp"

namespace halyard::core {
namespace {

TEST(Dft, TheAxisHasTheLength) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("DFT", {m.input("b,n,1")})), "f32[b,n,2]");
  GraphMaker half;
  EXPECT_EQ(half.inferred(half.node("DFT", {half.input("b,n,1"), half.scalar(12)},
                                    {{"onesided", int64_t{1}}})),
            "f32[b,7,2]");
  GraphMaker symbol;
  EXPECT_EQ(symbol.inferred(symbol.node("DFT", {symbol.input("b,n,4,1"), kNone, symbol.scalar(1)},
                                        {{"onesided", int64_t{1}}})),
            "f32[b,floor(n/2)+1,4,2]");
  GraphMaker open;
  const ValueId axis = open.input("", HY_DTYPE_I64);
  EXPECT_EQ(open.inferred(open.node("DFT", {open.input("b,8,1"), kNone, axis})), "f32[?,?,2]");
}

TEST(Dft, TheInverseOfHalfASpectrumIsReal) {
  const Attributes attributes{{"inverse", int64_t{1}}, {"onesided", int64_t{1}}};
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("DFT", {m.input("b,6,3,2"), kNone, m.scalar(1)}, attributes)),
            "f32[b,10,3,1]");
  GraphMaker real;
  EXPECT_EQ(real.inferred(real.node("DFT", {real.input("1,6,1")}, attributes)),
            "it (DFT): operand \"input\" has the dims [1,6,1], whose last must be 2, as the result "
            "is real: onesided");
}

TEST(Dft, Contradictions) {
  GraphMaker parts;
  EXPECT_EQ(parts.inferred(parts.node("DFT", {parts.input("1,6,3")})),
            "it (DFT): operand \"input\" has the dims [1,6,3]; the last must be 1 (real) or 2 "
            "(complex)");
  GraphMaker last;
  EXPECT_EQ(last.inferred(last.node("DFT", {last.input("1,6,2"), kNone, last.scalar(-1)})),
            "it (DFT): operand \"axis\" is the last one, which holds the parts of numbers");
  GraphMaker length;
  EXPECT_EQ(length.inferred(length.node("DFT", {length.input("1,6,2"), length.scalar(0)})),
            "it (DFT): operand \"dft_length\" is 0; it must be 1 or more");
  GraphMaker rank;
  EXPECT_EQ(rank.inferred(rank.node("DFT", {rank.input("1")})),
            "it (DFT): operand \"input\" has the dims [1]; it must have rank 2 at least");
}

TEST(Stft, CountsFramesAndBins) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("STFT", {m.input("b,128,1"), m.scalar(8), kNone, m.scalar(16)})),
            "f32[b,15,9,2]");
  GraphMaker window;
  EXPECT_EQ(window.inferred(
                window.node("STFT", {window.input("b,n,2"), window.scalar(8), window.input("16")},
                            {{"onesided", int64_t{0}}})),
            "f32[b,floor(n/8)-1,16,2]");
  GraphMaker two;
  EXPECT_EQ(two.inferred(two.node(
                "STFT", {two.input("1,64,1"), two.scalar(8), two.input("16"), two.scalar(8)})),
            "it (STFT): operand \"window\" has the dims [16]; \"frame_length\" is 8");
  GraphMaker none;
  EXPECT_EQ(none.inferred(none.node("STFT", {none.input("1,64,1"), none.scalar(8)})),
            "it (STFT): neither operand \"window\" nor \"frame_length\" is there; one must be");
  GraphMaker small;
  EXPECT_EQ(small.inferred(small.node(
                "STFT", {small.input("1,6,1"), small.scalar(8), kNone, small.scalar(16)})),
            "it (STFT): operand \"signal\" has the dims [1,6,1]; a frame has 16 samples");
}

TEST(Windows, HaveTheirSizeAndType) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(
                m.node("HannWindow", {m.scalar(10)}, {{"output_datatype", int64_t{HY_DTYPE_F16}}})),
            "f16[10]");
  GraphMaker open;
  EXPECT_EQ(open.inferred(open.node("BlackmanWindow", {open.input("", HY_DTYPE_I64)})), "f32[?]");
  GraphMaker bad;
  EXPECT_EQ(bad.inferred(bad.node("HammingWindow", {bad.scalar(10)},
                                  {{"output_datatype", int64_t{HY_DTYPE_STRING}}})),
            "it (HammingWindow): attribute \"output_datatype\" is 33, which is no type of numbers");
  GraphMaker negative;
  EXPECT_EQ(negative.inferred(negative.node("HannWindow", {negative.scalar(-1)})),
            "it (HannWindow): operand \"size\" is -1; it must be 0 or more");
}

TEST(MelWeightMatrix, BinsByBands) {
  GraphMaker m;
  const ValueId low = m.input(""), high = m.input("");
  EXPECT_EQ(
      m.inferred(m.node("MelWeightMatrix", {m.scalar(8), m.scalar(16), m.scalar(8192), low, high})),
      "f32[9,8]");
}

}  // namespace
}  // namespace halyard::core
