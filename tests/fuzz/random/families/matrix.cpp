// Matrix products.
#include <cmath>

#include "tests/fuzz/random/families/families.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz {
namespace {

constexpr Types kProducts = kFloats | kWide;

Result product(Builder& b, int x, int y, int64_t depth, Array z) {
  Result out{b.type(x), std::move(z)};
  const auto n = static_cast<double>(depth);
  out.gain = n * (b.top(x) + b.top(y));
  out.work = n * b.top(x) * b.top(y);
  return out;
}

int factor(Builder& b, Type type, const Dims& dims) {
  return b.chance(30) ? b.input(type, dims) : b.parameter(type, dims, -2, 2);
}

void add_mat_mul(Builder& b) {
  const int x = b.operand(kProducts, 1);
  const int64_t k = b.dims_of(x).back();
  Dims dims = {k};
  if (b.chance(85)) {
    dims.push_back(b.pick(1, 6));
    if (b.rank(x) > 2 && b.chance(50)) {
      const Dims lead = b.smaller({b.dims_of(x).begin(), b.dims_of(x).end() - 2});
      dims.insert(dims.begin(), lead.begin(), lead.end());
    }
  }
  const int y = factor(b, b.type(x), dims);
  b.finish("MatMul", {x, y}, {}, {product(b, x, y, k, reference::matmul(b.array(x), b.array(y)))});
}

void add_gemm(Builder& b) {
  const int x = b.operand(kProducts, 2, 2);
  const bool turn_x = b.chance(40), turn_y = b.chance(50);
  const int64_t m = b.dims_of(x)[turn_x ? 1 : 0], k = b.dims_of(x)[turn_x ? 0 : 1];
  const int64_t n = b.pick(1, 6);
  const int y = factor(b, b.type(x), turn_y ? Dims{n, k} : Dims{k, n});
  const bool scaled = is_float(b.type(x)) && b.chance(40);
  const double alpha = scaled ? b.real(-2, 2) : 1, beta = scaled ? b.real(-2, 2) : 1;
  const auto turned = [&](int v, bool turn) {
    return turn ? reference::transpose(b.array(v), {1, 0}) : b.array(v);
  };
  Array z = reference::matmul(turned(x, turn_x), turned(y, turn_y));
  z = reference::unary([=](double v) { return alpha * v; }, z);
  std::vector<int> inputs = {x, y};
  if (b.chance(60)) {
    const int c = b.parameter(b.type(x), b.smaller({m, n}), -3, 3);
    inputs.push_back(c);
    z = reference::binary([=](double p, double q) { return p + beta * q; }, z, b.array(c));
  }
  Result r = product(b, x, y, k, std::move(z));
  const double scale = std::max(1.0, std::fabs(alpha)) + std::fabs(beta);
  r.gain = r.gain * scale + std::fabs(beta);
  r.work *= scale;
  std::vector<Attribute> attributes = {{"transA", turn_x}, {"transB", turn_y}};
  if (scaled) {
    attributes.push_back({"alpha", alpha});
    attributes.push_back({"beta", beta});
  }
  b.finish("Gemm", inputs, attributes, {std::move(r)});
}

void add_einsum(Builder& b) {
  static const std::vector<std::string> kEquations = {
      "ij,jk->ik",   "bij,bjk->bik",    "bij,bkj->bik", "ij->ji",       "ii->i",  "ij->",
      "i,j->ij",     "bhid,bhjd->bhij", "abc->cb",      "ij,jk,kl->il", "iij->j", "ij,ij->i",
      "bij,jk->bik", "abcd,cde->abe",   "ij,kj",        "bi,bj->bij"};
  const std::string& equation = b.one_of(kEquations);
  const Type type = b.type_of(kProducts);
  const std::vector<std::string> terms = reference::einsum_terms(equation);
  std::vector<int64_t> extent(128);
  for (int64_t& e : extent) e = b.pick(1, 4);
  std::vector<int> inputs;
  std::vector<const Array*> arrays;
  double others = 1, work = 1;
  for (const std::string& term : terms) {
    Dims dims;
    for (const char c : term) dims.push_back(extent[static_cast<size_t>(c)]);
    inputs.push_back(factor(b, type, dims));
  }
  for (const int i : inputs) {
    arrays.push_back(&b.array(i));
    others *= std::max(1.0, b.top(i));
  }
  Array y = reference::einsum(equation, arrays);
  std::string labels;
  for (const std::string& term : terms)
    for (const char c : term)
      if (labels.find(c) == std::string::npos) {
        labels += c;
        work *= static_cast<double>(extent[static_cast<size_t>(c)]);
      }
  Result r{type, std::move(y)};
  r.gain = work * others * static_cast<double>(terms.size());
  r.work = work * others;
  b.finish("Einsum", inputs, {{"equation", equation.c_str()}}, {std::move(r)});
}

void add_det(Builder& b) {
  Dims dims = b.dims(0, 2, 3);
  const int64_t n = b.pick(1, 3);
  dims.push_back(n);
  dims.push_back(n);
  const int x = b.input(b.type_of(kFloats), dims);
  Result r{b.type(x), reference::det(b.array(x))};
  r.work = 6 * std::pow(std::max(1.0, b.top(x)), static_cast<double>(n));
  b.finish("Det", {x}, {}, {std::move(r)});
}

}  // namespace

std::vector<Operator> matrix_operators() {
  return {{"MatMul", add_mat_mul}, {"Gemm", add_gemm}, {"Einsum", add_einsum}, {"Det", add_det}};
}

}  // namespace halyard::fuzz
