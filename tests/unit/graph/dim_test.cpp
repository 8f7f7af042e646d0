#include "core/graph/dim.hpp"

#include <gtest/gtest.h>

#include <random>

namespace halyard::core {
namespace {

const std::vector<std::string> kNames = {"n", "m", "k"};
const Dim n = Dim::symbol(0), m = Dim::symbol(1), k = Dim::symbol(2);
Dim num(int64_t value) { return Dim::fixed(value); }
std::string text(const Dim& d) { return d.text(kNames); }

TEST(Dim, PolynomialsAreCanonical) {
  EXPECT_TRUE(same((n + num(2)) * num(4), num(4) * n + num(8)));
  EXPECT_TRUE(same(n * m + m, m * (num(1) + n)));
  EXPECT_TRUE(same(n - n, num(0)));
  EXPECT_TRUE((n - n).is_fixed(0));
  EXPECT_FALSE(same(n, m));
}

TEST(Dim, UnknownSpreadsAndEqualsNothing) {
  EXPECT_TRUE((n + Dim::unknown()).is_unknown());
  EXPECT_TRUE((num(0) * Dim::unknown()).is_unknown());
  EXPECT_FALSE(same(Dim::unknown(), Dim::unknown()));
  EXPECT_EQ(text(Dim()), "?");
}

TEST(Dim, OverflowIsUnknown) {
  const Dim big = num(INT64_MAX);
  EXPECT_TRUE((big + num(1)).is_unknown());
  EXPECT_TRUE((big * num(2)).is_unknown());
  EXPECT_TRUE((big * n * num(2)).is_unknown());
  EXPECT_TRUE((num(INT64_MIN) * num(-1)).is_unknown());
  EXPECT_TRUE(floor_div(num(INT64_MIN), num(-1)).is_unknown());
  EXPECT_FALSE((big * n).evaluate(std::vector<int64_t>{2}).has_value());
}

TEST(Dim, TextReadsAsWritten) {
  EXPECT_EQ(text(num(2) * n + num(1)), "2*n+1");
  EXPECT_EQ(text(num(1) - n), "1-n");
  EXPECT_EQ(text(num(0) - n), "-n");
  EXPECT_EQ(text(n * m * num(3) - k), "3*n*m-k");
  EXPECT_EQ(text(floor_div(n, num(2))), "floor(n/2)");
  EXPECT_EQ(text(floor_div(n, m)), "floor(n/m)");
  EXPECT_EQ(text(floor_div(n + k, m + num(1))), "floor((n+k)/(m+1))");
  EXPECT_EQ(text(min(n, m)), "min(n,m)");
  EXPECT_EQ(text(num(0)), "0");
  EXPECT_EQ(Dim::symbol(9).text(kNames), "s9");
}

TEST(Dim, FloorDivisionSplitsOffWhatDivides) {
  EXPECT_TRUE(same(floor_div(num(4) * n + num(2), num(2)), num(2) * n + num(1)));
  EXPECT_EQ(text(floor_div(num(2) * n + m, num(2))), "n+floor(m/2)");
  EXPECT_EQ(text(floor_div(n + num(5), num(2))), "floor((n+1)/2)+2");
  EXPECT_EQ(text(floor_div(num(4) * n + num(1), num(6))), "floor(2*n/3)");
}

TEST(Dim, NestedFloorDivisionsAreOne) {
  // Five convolutions with kernel 3, stride 2, pad 1.
  Dim h = n;
  for (int i = 0; i < 5; ++i) h = floor_div(h - num(1), num(2)) + num(1);
  EXPECT_TRUE(same(h, floor_div(n - num(1), num(32)) + num(1)));
  EXPECT_TRUE(same(h, ceil_div(n, num(32))));
}

TEST(Dim, CeilDivisionAndItsFloorFormAreEqual) {
  EXPECT_TRUE(same(ceil_div(n, num(2)), floor_div(n + num(1), num(2))));
  EXPECT_TRUE(ceil_div(num(7), num(2)).is_fixed(4));
  EXPECT_TRUE(floor_div(num(-7), num(2)).is_fixed(-4));
  EXPECT_TRUE(ceil_div(num(-7), num(2)).is_fixed(-3));
  EXPECT_TRUE(floor_div(num(7), num(0)).is_unknown());
}

TEST(Dim, DivisionByMonomialsAndPolynomialsIsExactWhereItCanBe) {
  EXPECT_TRUE(same(floor_div(num(4) * n * m, m), num(4) * n));
  EXPECT_TRUE(same(floor_div(num(64) * n * m, num(16) * n), num(4) * m));
  EXPECT_TRUE(same(floor_div(n * (m + k) * num(2048), n * (m + k)), num(2048)));
  EXPECT_TRUE(same(floor_div(n * n + n * m + num(3) * n, n + m + num(3)), n));
  EXPECT_EQ(text(floor_div(num(6) * n * m, num(4) * m * k)), "floor(3*n/(2*k))");
  EXPECT_EQ(text(floor_div(n * m + k, m)), "n+floor(k/m)");
  EXPECT_EQ(text(ceil_div(n * m + k, m)), "n+ceil(k/m)");
}

TEST(Dim, MinAndMaxFoldWhereTheOrderIsKnown) {
  EXPECT_TRUE(min(num(3), num(4)).is_fixed(3));
  EXPECT_TRUE(max(num(3), num(4)).is_fixed(4));
  EXPECT_TRUE(same(min(n, n + num(2)), n));
  EXPECT_TRUE(same(max(n, n + m), n + m));
  EXPECT_TRUE(same(max(n, num(0)), n));
  EXPECT_TRUE(same(min(n, m), min(m, n)));
  EXPECT_TRUE(same(min(n, n), n));
}

TEST(Dim, TellsWhatAMinimumLimits) {
  ASSERT_TRUE(min(n, num(512)).without_upper_limit().has_value());
  EXPECT_TRUE(same(*min(n, num(512)).without_upper_limit(), n));
  EXPECT_FALSE(min(n, num(0) - num(1)).without_upper_limit().has_value());
  EXPECT_FALSE(min(n, m).without_upper_limit().has_value());
  EXPECT_FALSE((min(n, num(512)) + num(1)).without_upper_limit().has_value());
}

TEST(Dim, KnowsWhatIsNotNegative) {
  EXPECT_TRUE((n * m + num(1)).is_non_negative());
  EXPECT_TRUE(max(n - num(4), num(0)).is_non_negative());
  EXPECT_TRUE(floor_div(n + m, num(3)).is_non_negative());
  EXPECT_FALSE((n - num(1)).is_non_negative());
  EXPECT_FALSE(min(n - num(4), m).is_non_negative());
  EXPECT_FALSE(Dim().is_non_negative());
}

TEST(Dim, EvaluateNeedsEverySymbolAndNoZeroDivisor) {
  const Dim d = floor_div(n + num(1), m);
  EXPECT_EQ(d.evaluate(std::vector<int64_t>{7, 4}), 2);
  EXPECT_EQ(d.evaluate(std::vector<int64_t>{7, 0}), std::nullopt);
  EXPECT_EQ(d.evaluate(std::vector<int64_t>{7, -1}), std::nullopt);
  EXPECT_EQ(d.evaluate(std::vector<int64_t>{7}), std::nullopt);
  EXPECT_EQ(Dim().evaluate({}), std::nullopt);
}

TEST(Dim, MalformedPostfixIsUnknown) {
  using Expr = std::vector<hy_graph_expr>;
  EXPECT_TRUE(Dim::from_postfix(Expr{}).is_unknown());
  EXPECT_TRUE(Dim::from_postfix(Expr{{HY_EXPR_ADD, 0, 0}}).is_unknown());
  EXPECT_TRUE(Dim::from_postfix(Expr{{HY_EXPR_CONST, 0, 1}, {HY_EXPR_CONST, 0, 1}}).is_unknown());
  EXPECT_TRUE(Dim::from_postfix(Expr{{HY_EXPR_SYMBOL, 0, -1}}).is_unknown());
  EXPECT_TRUE(Dim::from_postfix(Expr{{HY_EXPR_CONST, 0, 1}, {HY_EXPR_CONST, 0, 1}, {99, 0, 0}})
                  .is_unknown());
  EXPECT_TRUE(Dim::from_postfix(Expr(1000, {HY_EXPR_CONST, 0, 1})).is_unknown());
}

TEST(Dim, GrowthIsBounded) {
  Dim d = n;
  for (int i = 0; i < 200 && !d.is_unknown(); ++i) d = floor_div(d * m + k, d + num(1)) + min(d, k);
  EXPECT_TRUE(d.is_unknown());
  EXPECT_TRUE(d.postfix().empty());
}

TEST(Shape, TextCountAndFixedDims) {
  const Shape shape = std::vector<Dim>{n, num(3), Dim()};
  EXPECT_EQ(shape_text(shape, kNames), "[n,3,?]");
  EXPECT_EQ(shape_text(std::nullopt, kNames), "unknown rank");
  EXPECT_TRUE(element_count(shape).is_unknown());
  EXPECT_EQ(text(element_count(std::vector<Dim>{n, num(3), m})), "3*n*m");
  EXPECT_TRUE(element_count(std::vector<Dim>{}).is_fixed(1));
  EXPECT_FALSE(fixed_dims(shape).has_value());
  EXPECT_EQ(fixed_dims(std::vector<Dim>{num(2), num(0)}), (std::vector<int64_t>{2, 0}));
}

// ---- random expressions against plain arithmetic -----------------------------------------------------

struct Sample {
  Dim dim;
  std::vector<std::optional<int64_t>>
      values;  // for each of the symbol sizes; nothing: divides by zero
};

int64_t floor_of(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

class RandomExpressions {
 public:
  explicit RandomExpressions(uint32_t seed) : random_(seed) {
    for (int i = 0; i < 8; ++i) sizes_.push_back({draw(0, 20), draw(0, 20), draw(0, 20)});
  }
  const std::vector<std::vector<int64_t>>& sizes() const { return sizes_; }

  Sample make(int depth) {
    Sample out;
    if (depth == 0 || draw(0, 5) == 0) {
      const int64_t c = draw(-6, 12);
      const auto s = static_cast<uint32_t>(draw(0, 2));
      const bool symbol = draw(0, 2) != 0;
      out.dim = symbol ? Dim::symbol(s) : num(c);
      for (const auto& size : sizes_) out.values.push_back(symbol ? size[s] : c);
      return out;
    }
    const Sample a = make(depth - 1), b = make(depth - 1);
    const int64_t op = draw(HY_EXPR_ADD, HY_EXPR_MAX);
    out.dim = op == HY_EXPR_ADD        ? a.dim + b.dim
              : op == HY_EXPR_SUB      ? a.dim - b.dim
              : op == HY_EXPR_MUL      ? a.dim * b.dim
              : op == HY_EXPR_FLOORDIV ? floor_div(a.dim, b.dim)
              : op == HY_EXPR_CEILDIV  ? ceil_div(a.dim, b.dim)
              : op == HY_EXPR_MIN      ? min(a.dim, b.dim)
                                       : max(a.dim, b.dim);
    for (size_t i = 0; i < sizes_.size(); ++i) {
      const auto x = a.values[i], y = b.values[i];
      if (!x || !y || (*y == 0 && (op == HY_EXPR_FLOORDIV || op == HY_EXPR_CEILDIV)))
        out.values.push_back(std::nullopt);
      else
        out.values.push_back(op == HY_EXPR_ADD        ? *x + *y
                             : op == HY_EXPR_SUB      ? *x - *y
                             : op == HY_EXPR_MUL      ? *x * *y
                             : op == HY_EXPR_FLOORDIV ? floor_of(*x, *y)
                             : op == HY_EXPR_CEILDIV  ? -floor_of(-*x, *y)
                             : op == HY_EXPR_MIN      ? std::min(*x, *y)
                                                      : std::max(*x, *y));
    }
    return out;
  }

 private:
  int64_t draw(int64_t from, int64_t to) {
    return std::uniform_int_distribution<int64_t>(from, to)(random_);
  }
  std::mt19937 random_;
  std::vector<std::vector<int64_t>> sizes_;
};

TEST(Dim, EqualsPlainArithmeticOnRandomExpressions) {
  const uint32_t seed = std::random_device()();
  std::printf("seed %u\n", seed);
  RandomExpressions random(seed);
  int known = 0;
  for (int round = 0; round < 3000; ++round) {
    const Sample s = random.make(4);
    if (s.dim.is_unknown()) continue;
    ++known;
    const auto postfix = s.dim.postfix();
    const Dim again = Dim::from_postfix(postfix);
    for (size_t i = 0; i < s.values.size(); ++i) {
      if (!s.values[i]) continue;
      const auto& size = random.sizes()[i];
      const std::vector<int64_t> first = {size[0], -1, -1};
      ASSERT_EQ(s.dim.evaluate(size), s.values[i]) << text(s.dim) << " round " << round;
      const Dim part = s.dim.substitute(first);
      ASSERT_TRUE(part.is_unknown() || part.evaluate(size) == s.values[i]) << text(s.dim);
      ASSERT_TRUE(!s.dim.is_non_negative() || *s.values[i] >= 0) << text(s.dim);
      ASSERT_TRUE(postfix.empty() || again.evaluate(size) == s.values[i]) << text(s.dim);
    }
  }
  EXPECT_GT(known, 2000);
}

TEST(Dim, EqualRandomPolynomialsLookEqual) {
  const uint32_t seed = std::random_device()();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  const auto draw = [&] { return std::uniform_int_distribution<int64_t>(-3, 3)(random); };
  const auto polynomial = [&] { return num(draw()) * n * m + num(draw()) * k + num(draw()); };
  for (int round = 0; round < 500; ++round) {
    const Dim a = polynomial(), b = polynomial(), c = polynomial();
    ASSERT_TRUE(same(a * (b + c), c * a + b * a)) << text(a) << " " << text(b) << " " << text(c);
    ASSERT_TRUE(same((a + b) * (a - b), a * a - b * b)) << text(a) << " " << text(b);
    ASSERT_TRUE(b.is_fixed(0) || same(floor_div(a * b, b), a)) << text(a) << " " << text(b);
    const Dim p = Dim::from_postfix(a.postfix());
    ASSERT_TRUE(same(p, a)) << text(a);
  }
}

}  // namespace
}  // namespace halyard::core
