#include "tests/fuzz/random/reference/position.hpp"
#include "tests/fuzz/random/reference/reference.hpp"

namespace halyard::fuzz::reference {
namespace {

Array batched_matmul(const Array& a, const Array& b) {
  const Dims lead_a = part(a.dims, 0, a.dims.size() - 2),
             lead_b = part(b.dims, 0, b.dims.size() - 2);
  const int64_t m = a.dims[lead_a.size()], k = a.dims.back(), n = b.dims.back();
  const Dims lead = broadcast(lead_a, lead_b);
  Array y{joined({lead, {m, n}}), {}};
  for (int64_t batch = 0; batch < count_of(lead); ++batch) {
    const Dims here = position(batch, lead);
    const int64_t from_a = broadcast_number(here, lead_a) * m * k;
    const int64_t from_b = broadcast_number(here, lead_b) * k * n;
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (int64_t l = 0; l < k; ++l)
          sum += a.data[static_cast<size_t>(from_a + i * k + l)] *
                 b.data[static_cast<size_t>(from_b + l * n + j)];
        y.data.push_back(sum);
      }
  }
  return y;
}

/// By the first row's minors.
double determinant(const std::vector<std::vector<double>>& rows) {
  if (rows.size() == 1) return rows[0][0];
  double sum = 0;
  for (size_t c = 0; c < rows.size(); ++c) {
    std::vector<std::vector<double>> minor;
    for (size_t r = 1; r < rows.size(); ++r) {
      minor.push_back(rows[r]);
      minor.back().erase(minor.back().begin() + static_cast<int64_t>(c));
    }
    sum += (c % 2 ? -1 : 1) * rows[0][c] * determinant(minor);
  }
  return sum;
}

}  // namespace

Array matmul(const Array& a, const Array& b) {
  Array left = a, right = b;
  if (a.dims.size() == 1) left.dims.insert(left.dims.begin(), 1);
  if (b.dims.size() == 1) right.dims.push_back(1);
  Array y = batched_matmul(left, right);
  if (b.dims.size() == 1) y.dims.pop_back();
  if (a.dims.size() == 1) y.dims.erase(y.dims.end() - (b.dims.size() == 1 ? 1 : 2));
  return y;
}

std::vector<std::string> einsum_terms(const std::string& equation) {
  std::vector<std::string> out(1);
  for (const char c : equation.substr(0, equation.find("->"))) {
    if (c == ',')
      out.emplace_back();
    else
      out.back() += c;
  }
  return out;
}

Array einsum(const std::string& equation, const std::vector<const Array*>& operands) {
  const std::vector<std::string> terms = einsum_terms(equation);
  const size_t arrow = equation.find("->");
  std::string labels;  // in the order of their first use
  Dims extents;
  for (size_t t = 0; t < terms.size(); ++t)
    for (size_t i = 0; i < terms[t].size(); ++i)
      if (labels.find(terms[t][i]) == std::string::npos) {
        labels += terms[t][i];
        extents.push_back(operands[t]->dims[i]);
      }
  std::string kept;
  if (arrow != std::string::npos) kept = equation.substr(arrow + 2);
  if (arrow == std::string::npos)  // the labels that stand once, in the alphabet's order
    for (char c = 'a'; c <= 'z'; ++c) {
      int times = 0;
      for (const std::string& t : terms)
        for (const char d : t) times += d == c;
      if (times == 1) kept += c;
    }
  const auto pick = [&](const Dims& p, const std::string& term) {
    Dims out;
    for (const char c : term) out.push_back(p[labels.find(c)]);
    return out;
  };
  Array y{pick(extents, kept), {}};
  y.data.assign(static_cast<size_t>(count_of(y.dims)), 0);
  for (int64_t i = 0; i < count_of(extents); ++i) {
    const Dims p = position(i, extents);
    double product = 1;
    for (size_t t = 0; t < terms.size(); ++t) product *= at(*operands[t], pick(p, terms[t]));
    y.data[static_cast<size_t>(number(pick(p, kept), y.dims))] += product;
  }
  return y;
}

Array det(const Array& x) {
  const int64_t n = x.dims.back();
  Array y{part(x.dims, 0, x.dims.size() - 2), {}};
  for (int64_t m = 0; m < count_of(y.dims); ++m) {
    std::vector<std::vector<double>> rows;
    for (int64_t r = 0; r < n; ++r) {
      const auto first = x.data.begin() + (m * n + r) * n;
      rows.emplace_back(first, first + n);
    }
    y.data.push_back(determinant(rows));
  }
  return y;
}

}  // namespace halyard::fuzz::reference
