// Einsum against a sum over every combination of labels.
#include "halyard/einsum.hpp"

#include <map>
#include <numeric>

#include "tests/unit/cpu/random_values.hpp"

namespace halyard::cpu::testing {
namespace {

using Ints = std::vector<int64_t>;

struct Expected {
  Ints dims;
  std::vector<double> values;
};

/// Goes through all positions of all labels, and adds the product of the operands' elements there.
Expected evaluate(const std::string& equation, const std::vector<TestTensor>& inputs) {
  Ints ranks;
  for (const TestTensor& t : inputs) ranks.push_back(static_cast<int64_t>(t.dims.size()));
  const EinsumLabels labels = *parse_einsum(equation, ranks);
  std::map<int, int64_t> sizes;
  for (size_t i = 0; i < inputs.size(); ++i)
    for (size_t a = 0; a < inputs[i].dims.size(); ++a) {
      int64_t& size = sizes.emplace(labels.inputs[i][a], 1).first->second;
      if (inputs[i].dims[a] != 1) size = inputs[i].dims[a];
    }
  Expected out;
  int64_t n = 1, total = 1;
  for (int label : labels.output) {
    out.dims.push_back(sizes.at(label));
    n *= sizes.at(label);
  }
  out.values.assign(static_cast<size_t>(n), 0);
  for (const auto& [label, size] : sizes) total *= size;
  std::vector<std::vector<double>> numbers;
  for (const TestTensor& t : inputs) numbers.push_back(t.numbers());
  for (int64_t at = 0; at < total; ++at) {
    std::map<int, int64_t> position;
    int64_t rest = at;
    for (const auto& [label, size] : sizes) {
      position[label] = rest % size;
      rest /= size;
    }
    double product = 1;
    for (size_t i = 0; i < inputs.size(); ++i) {
      size_t element = 0;
      for (size_t a = 0; a < inputs[i].dims.size(); ++a) {
        const int64_t own = inputs[i].dims[a], p = position.at(labels.inputs[i][a]);
        element = element * static_cast<size_t>(own) + static_cast<size_t>(own == 1 ? 0 : p);
      }
      product *= numbers[i][element];
    }
    size_t to = 0;
    for (int label : labels.output)
      to = to * static_cast<size_t>(sizes.at(label)) + static_cast<size_t>(position.at(label));
    out.values[to] += product;
  }
  return out;
}

template <class T>
void check(const std::string& equation, const std::vector<Ints>& dims) {
  SCOPED_TRACE(equation);
  Random random(71);
  std::vector<TestTensor> inputs;
  for (const Ints& d : dims) inputs.push_back(random.tensor_of<T>(d));
  const Expected expected = evaluate(equation, inputs);
  const TestTensor y = run_one("Einsum", {{"equation", equation}}, {inputs.begin(), inputs.end()});
  expect_near(y, expected.dims, expected.values, kTolerance<T>);
}

TEST(Einsum, OneOperand) {
  check<float>("ij->ji", {{3, 4}});
  check<float>("ij->", {{3, 4}});
  check<float>("ii->i", {{4, 4}});
  check<float>("ii", {{4, 4}});
  check<float>("iji->j", {{3, 4, 3}});
  check<float>("...ii->...i", {{2, 3, 4, 4}});
  check<float>("b...a->a...", {{2, 3, 4, 5}});
  check<float>("ab", {{3, 2}});
  check<float>("ba", {{3, 2}});
  check<float>(" i j -> i ", {{3, 4}});
}

TEST(Einsum, TwoOperands) {
  check<float>("ij,jk->ik", {{3, 4}, {4, 5}});
  check<float>("ij,jk", {{3, 4}, {4, 5}});
  check<float>("ji,kj->ik", {{4, 3}, {5, 4}});
  check<float>("bij,bjk->bik", {{2, 3, 4}, {2, 4, 5}});
  check<float>("bhid,bhjd->bhij", {{2, 3, 5, 4}, {2, 3, 6, 4}});
  check<float>("bhij,bhjd->bihd", {{2, 3, 5, 6}, {2, 3, 6, 4}});
  check<float>("bihd,bjhd->bhij", {{2, 5, 3, 4}, {2, 6, 3, 4}});
  check<float>("i,j->ij", {{3}, {4}});
  check<float>("i,i->", {{5}, {5}});
  check<float>("i,i->i", {{5}, {5}});
  check<float>("ij,kl->", {{2, 3}, {4, 5}});
  check<float>("ii,i->i", {{3, 3}, {3}});
  check<float>(",ij->ij", {{}, {2, 3}});
  check<float>("aB,Bc->ca", {{2, 3}, {3, 4}});
}

TEST(Einsum, Broadcasts) {
  check<float>("...ij,...jk->...ik", {{2, 1, 3, 4}, {5, 4, 2}});
  check<float>("...ij,jk", {{2, 3, 4}, {4, 2}});
  check<float>("...,...", {{2, 1, 3}, {4, 1}});
  check<float>("ij,ij->ij", {{1, 4}, {3, 1}});
  check<float>("ij,jk->ik", {{3, 1}, {4, 5}});
  check<float>("...i,...i->...", {{2, 3}, {3}});
  check<float>("...,...->", {{2, 3}, {3}});
}

TEST(Einsum, ManyOperands) {
  check<float>("ij,jk,kl->il", {{2, 3}, {3, 4}, {4, 5}});
  check<float>("i,j,k->kij", {{2}, {3}, {4}});
  check<float>("bij,bjk,bk,i->bi", {{2, 3, 4}, {2, 4, 5}, {2, 5}, {3}});
  check<float>("ab,ab,ab->b", {{3, 4}, {3, 4}, {3, 4}});
}

TEST(Einsum, Types) {
  for (const char* equation : {"bij,bjk->bik", "bij,bjk->bi", "bij,bjk->ikb"}) {
    check<double>(equation, {{2, 3, 4}, {2, 4, 5}});
    check<F16>(equation, {{2, 3, 4}, {2, 4, 5}});
    check<BF16>(equation, {{2, 3, 4}, {2, 4, 5}});
  }
  const TestTensor a = tensor<int32_t>({2, 2}, {1, -2, 3, 4}), b = tensor<int32_t>({2}, {5, -6});
  EXPECT_EQ(run_one("Einsum", {{"equation", std::string("ij,j->i")}}, {a, b}).values<int32_t>(),
            (std::vector<int32_t>{17, -9}));
  const TestTensor c = tensor<uint8_t>({2}, {200, 100}), d = tensor<uint8_t>({2}, {2, 3});
  EXPECT_EQ(run_one("Einsum", {{"equation", std::string("i,i->")}}, {c, d}).values<uint8_t>(),
            (std::vector<uint8_t>{(400 + 300) % 256}));
}

TEST(Einsum, NothingToSum) {
  check<float>("ij,jk->ik", {{3, 0}, {0, 2}});
  check<float>("ij,jk->ik", {{0, 3}, {3, 2}});
  check<float>("ij->i", {{3, 0}});
  check<double>("ij->j", {{3, 0}});
}

TEST(Einsum, RefusesOtherSizes) {
  const auto y = run_node("Einsum", {{"equation", std::string("ij,jk->ik")}},
                          {tensor<float>({1, 2}, {1, 2}), tensor<float>({3, 1}, {1, 2, 3})});
  ASSERT_FALSE(y.ok());
  EXPECT_NE(y.status().message().find("[3,1]"), std::string::npos) << y.status().message();
}

}  // namespace
}  // namespace halyard::cpu::testing
