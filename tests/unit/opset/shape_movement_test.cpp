// Slicing, joining, copying and filling.
#include <random>

#include "core/opset/slice.hpp"
#include "graph_maker.hpp"

namespace halyard::core {
namespace {

std::string sliced(const char* data, Ints starts, Ints ends, Ints axes, Ints steps) {
  GraphMaker m;
  const ValueId x = m.input(data);
  return m.inferred(
      m.node("Slice", {x, m.ints(starts), m.ints(ends), m.ints(axes), m.ints(steps)}));
}

TEST(Slice, FixedSizesAreExact) {
  EXPECT_EQ(sliced("10,20", {1, 2}, {5, 20}, {0, 1}, {1, 3}), "f32[4,6]");
  EXPECT_EQ(sliced("10", {-3}, {INT64_MAX}, {0}, {1}), "f32[3]");
  EXPECT_EQ(sliced("10", {-1}, {INT64_MIN}, {0}, {-1}), "f32[10]");
  EXPECT_EQ(sliced("10", {8}, {2}, {0}, {-4}), "f32[2]");
  EXPECT_EQ(sliced("10", {5}, {2}, {0}, {1}), "f32[0]");
  EXPECT_EQ(sliced("10", {INT64_MIN}, {3}, {0}, {1}), "f32[3]");
}

TEST(Slice, SymbolicSizesWhereProvable) {
  EXPECT_EQ(sliced("n,4", {0}, {INT64_MAX}, {0}, {1}), "f32[n,4]");
  EXPECT_EQ(sliced("n,4", {0}, {INT64_MAX}, {0}, {2}), "f32[floor((n+1)/2),4]");
  EXPECT_EQ(sliced("n,4", {1}, {INT64_MAX}, {0}, {1}), "f32[max(0,n-1),4]");
  EXPECT_EQ(sliced("n,4", {0}, {-1}, {0}, {1}), "f32[max(0,n-1),4]");
  EXPECT_EQ(sliced("n,4", {-1}, {INT64_MAX}, {0}, {1}), "f32[min(n,1),4]");
  EXPECT_EQ(sliced("n,4", {0}, {8}, {0}, {1}), "f32[min(n,8),4]");
  EXPECT_EQ(sliced("n,4", {-1}, {INT64_MIN}, {0}, {-1}), "f32[n,4]");
  EXPECT_EQ(sliced("n,4", {3}, {1}, {0}, {-1}), "f32[?,4]");
}

TEST(Slice, UnknownPositionsLeaveOtherAxesAlone) {
  GraphMaker m;
  const ValueId x = m.input("n,4,5"), at = m.input("1", HY_DTYPE_I64);
  EXPECT_EQ(m.inferred(m.node("Slice", {x, at, m.ints({9}), m.ints({1})})), "f32[n,?,5]");
  EXPECT_EQ(m.inferred(m.node("Slice", {x, at, m.ints({9}), at})), "f32[?,?,?]");
}

TEST(Slice, BadListsAreErrors) {
  EXPECT_EQ(sliced("n", {0}, {1}, {0}, {0}), "it (Slice): operand \"steps\" holds 0");
  EXPECT_EQ(sliced("n,3", {0, 0}, {1}, {0, 1}, {1, 1}),
            "it (Slice): operand 2 has 1 entries for 2 axes");
}

// Against the loop that a slice is, for all small cases; symbolic lengths must agree where they are known.
TEST(Slice, LengthsEqualEnumeration) {
  for (int64_t size = 0; size <= 5; ++size)
    for (int64_t start = -7; start <= 7; ++start)
      for (int64_t end = -7; end <= 7; ++end)
        for (int64_t step : {-3, -2, -1, 1, 2, 3}) {
          int64_t from = start < 0 ? start + size : start, to = end < 0 ? end + size : end;
          from = std::clamp<int64_t>(from, 0, step > 0 ? size : std::max<int64_t>(size - 1, 0));
          to = step > 0 ? std::clamp<int64_t>(to, 0, size) : std::clamp<int64_t>(to, -1, size - 1);
          int64_t count = 0;
          for (int64_t i = from; size > 0 && (step > 0 ? i < to : i > to); i += step) ++count;
          const auto number = [](int64_t x) { return Dim::fixed(x); };
          const auto at = [&](const Dim& d) {
            return slice_length(d, number(start), number(end), number(step));
          };
          ASSERT_TRUE(at(number(size)).is_fixed(count))
              << size << " " << start << ":" << end << ":" << step;
          const auto symbolic = at(Dim::symbol(0)).evaluate(std::vector<int64_t>{size});
          ASSERT_EQ(symbolic.value_or(count), count)
              << size << " " << start << ":" << end << ":" << step;
        }
}

TEST(Join, ConcatAddsAlongItsAxis) {
  GraphMaker m;
  const Attributes axis = {{"axis", int64_t{-1}}};
  EXPECT_EQ(m.inferred(m.node("Concat", {m.input("n,2"), m.input("n,m"), m.input("n,3")}, axis)),
            "f32[n,m+5]");
  EXPECT_EQ(m.inferred(m.node("Concat", {m.input("?,2"), m.input("4,3")}, axis)), "f32[4,5]");
  EXPECT_EQ(m.inferred(m.node("Concat", {m.input("*"), m.input("4,3")}, axis)), "f32[4,?]");
  EXPECT_EQ(m.inferred(m.node("Concat", {m.input("4,2"), m.input("5,3")}, axis)),
            "it (Concat): operands of dims [4,2] and [5,3] differ in dim 0; all but axis 1 must be "
            "equal");
}

TEST(Join, SplitByListAndEvenly) {
  GraphMaker m;
  const ValueId x = m.input("n,7");
  const ValueId a = m.node("Split", {x, m.ints({3, 4})}, {{"axis", int64_t{1}}}, 2);
  EXPECT_EQ(m.inferred(a), "f32[n,3]");
  EXPECT_EQ(m.type(a + 1), "f32[n,4]");
  const ValueId b = m.node("Split", {x}, {{"axis", int64_t{1}}, {"num_outputs", int64_t{4}}}, 4);
  EXPECT_EQ(m.inferred(b), "f32[n,2]");
  EXPECT_EQ(m.type(b + 3), "f32[n,1]");
}

TEST(Join, SplitThatDoesNotFit) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("Split", {m.input("6"), m.ints({3, 4})}, {}, 2)),
            "it (Split): the entries of operand \"split\" make 7, but the axis has 6 elements");
  GraphMaker few;
  EXPECT_EQ(few.inferred(few.node("Split", {few.input("6"), few.ints({6})}, {}, 2)),
            "it (Split): operand \"split\" has 1 entries for 2 outputs");
}

TEST(Copy, GatherReplacesTheAxis) {
  GraphMaker m;
  const Attributes axis = {{"axis", int64_t{1}}};
  const ValueId x = m.input("n,30,8");
  EXPECT_EQ(m.inferred(m.node("Gather", {x, m.input("a,b", HY_DTYPE_I64)}, axis)), "f32[n,a,b,8]");
  EXPECT_EQ(m.inferred(m.node("Gather", {x, m.scalar(0)}, axis)), "f32[n,8]");
  EXPECT_EQ(m.inferred(m.node("Gather", {x, m.scalar(0)}, {{"axis", int64_t{3}}})),
            "it (Gather): axis is 3; for rank 3 it must lie in -3..2");
}

TEST(Copy, ExpandTilePad) {
  GraphMaker m;
  const ValueId x = m.input("n,1");
  EXPECT_EQ(m.inferred(m.node("Expand", {x, m.ints({2, 1, 5})})), "f32[2,n,5]");
  EXPECT_EQ(m.inferred(m.node("Expand", {x, m.input("3", HY_DTYPE_I64)})), "f32[?,?,?]");
  EXPECT_EQ(m.inferred(m.node("Tile", {x, m.ints({3, 4})})), "f32[3*n,4]");
  EXPECT_EQ(m.inferred(m.node("Pad", {x, m.ints({1, 0, 2, 5})})), "f32[n+3,6]");
  EXPECT_EQ(m.inferred(m.node("Pad", {x, m.ints({1, -1}), kNone, m.ints({-1})})), "f32[n,1]");
  EXPECT_EQ(m.inferred(m.node("Pad", {x, m.ints({1, 1, 1})})),
            "it (Pad): operand \"pads\" has 3 entries; 2 axes need 4");
}

TEST(Fill, ConstantOfShapeAndRange) {
  GraphMaker m;
  const float zero = 0;
  const uint32_t value =
      m.graph.values[m.graph.add_constant("zero", HY_DTYPE_F32, {1}, &zero, 4)].constant;
  const ValueId shape = m.node("Shape", {m.input("n,3")});
  EXPECT_EQ(m.inferred(m.node("ConstantOfShape", {shape}, {{"value", TensorAttr{value}}})),
            "f32[n,3]");
  const ValueId n = m.node("Size", {m.input("n")});
  EXPECT_EQ(m.inferred(m.node("Range", {m.scalar(0), n, m.scalar(1)})), "i64[n]");
  EXPECT_EQ(m.inferred(m.node("Range", {m.scalar(1), n, m.scalar(2)})), "i64[floor(n/2)]");
  EXPECT_EQ(m.inferred_content(m.node("Range", {m.scalar(10), m.scalar(3), m.scalar(-3)})),
            "[10,7,4]");
  EXPECT_EQ(m.inferred(m.node("Range", {m.floats({0}), m.floats({1}), m.floats({0.3f})})),
            "f32[4]");
  EXPECT_EQ(m.inferred(m.node("Range", {m.scalar(0), n, m.scalar(0)})),
            "it (Range): operand \"delta\" is 0");
}

TEST(Fill, NonZeroHasARowForEachDim) {
  GraphMaker m;
  EXPECT_EQ(m.inferred(m.node("NonZero", {m.input("n,3")})), "i64[2,?]");
  EXPECT_EQ(m.inferred(m.node("NonZero", {m.input("*")})), "i64[?,?]");
}

}  // namespace
}  // namespace halyard::core
