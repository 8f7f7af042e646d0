// Unique: of all elements, or of the slices along an axis. NaNs are equal to each other and come last.
#include <algorithm>
#include <numeric>
#include <string_view>
#include <vector>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/placement.hpp"

namespace halyard::cpu {

namespace {

template <class C>
int order_of(C a, C b) {
  if (a != a || b != b) return (a != a) - (b != b);
  return (a > b) - (a < b);
}

/// The elements seen as [outer, n, inner]: slice i is all with the middle index i.
struct Slices {
  int64_t outer = 1, n = 0, inner = 1;

  /// Less, equal or more than 0, as slice i comes before, with or after slice j.
  template <class At>
  int compare(int64_t i, int64_t j, const At& at) const {
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t k = 0; k < inner; ++k)
        if (const int c = at((o * n + i) * inner + k, (o * n + j) * inner + k); c != 0) return c;
    return 0;
  }
};

struct Groups {
  std::vector<int64_t> first;    // by group: the first slice that it has
  std::vector<int64_t> count;    // by group
  std::vector<int64_t> inverse;  // by slice: its group
};

template <class At>
Groups group(const Slices& slices, bool sorted, const At& at) {
  std::vector<int64_t> order(static_cast<size_t>(slices.n));
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t i, int64_t j) { return slices.compare(i, j, at) < 0; });
  Groups out;
  out.inverse.resize(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || slices.compare(order[i - 1], order[i], at) != 0) {
      out.first.push_back(order[i]);  // the sort is stable
      out.count.push_back(0);
    }
    ++out.count.back();
    out.inverse[static_cast<size_t>(order[i])] = std::ssize(out.first) - 1;
  }
  if (sorted) return out;
  // In the order in which they first occur.
  std::vector<size_t> by_first(out.first.size()), rank(out.first.size());
  std::iota(by_first.begin(), by_first.end(), size_t{0});
  std::sort(by_first.begin(), by_first.end(),
            [&](size_t a, size_t b) { return out.first[a] < out.first[b]; });
  Groups again;
  for (size_t g : by_first) {
    rank[g] = again.first.size();
    again.first.push_back(out.first[g]);
    again.count.push_back(out.count[g]);
  }
  for (int64_t g : out.inverse)
    again.inverse.push_back(static_cast<int64_t>(rank[static_cast<size_t>(g)]));
  return again;
}

Status group_any(const Tensor& x, const Slices& slices, bool sorted, Groups* out) {
  if (x.dtype == HY_DTYPE_STRING) {
    *out = group(slices, sorted,
                 [&](int64_t i, int64_t j) { return x.string_at(i).compare(x.string_at(j)); });
    return {};
  }
  const uint32_t dtype = x.dtype == HY_DTYPE_BOOL ? static_cast<uint32_t>(HY_DTYPE_U8) : x.dtype;
  return visit_numeric(dtype, [&](auto tag) -> Status {
    using T = decltype(tag);
    const T* v = x.as<const T>();
    *out = group(slices, sorted,
                 [v](int64_t i, int64_t j) { return order_of<compute_t<T>>(v[i], v[j]); });
    return {};
  });
}

Status write(Context& context, uint32_t i, const std::vector<int64_t>& list) {
  if (!context.wants_output(i)) return {};
  const int64_t dims[] = {std::ssize(list)};
  HY_ASSIGN_OR_RETURN(const Tensor t, context.output(i, HY_DTYPE_I64, dims));
  std::copy(list.begin(), list.end(), t.as<int64_t>());
  return {};
}

class Unique final : public Kernel {
 public:
  explicit Unique(const Node& node)
      : flat_(!node.has_attribute("axis")),
        axis_(node.attr_int("axis")),
        sorted_(node.attr_int("sorted", 1) != 0) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    Slices slices;
    Dims dims;
    int64_t axis = 0;
    if (flat_) {
      slices.n = x.count();
      dims = {slices.n};
    } else {
      HY_ASSIGN_OR_RETURN(axis, normal_axis(axis_, x.rank()));
      slices = {product(x.dims, 0, axis), x.dim(axis), product(x.dims, axis + 1, x.rank())};
      dims = x.dims;
    }
    Groups groups;
    HY_RETURN_IF_ERROR(group_any(x, slices, sorted_, &groups));
    dims[static_cast<size_t>(axis)] = std::ssize(groups.first);
    HY_RETURN_IF_ERROR(write(context, 1, groups.first));
    HY_RETURN_IF_ERROR(write(context, 2, groups.inverse));
    HY_RETURN_IF_ERROR(write(context, 3, groups.count));
    if (!context.wants_output(0)) return {};
    Placement place(context);
    HY_ASSIGN_OR_RETURN(const Tensor from, place.source(0));
    HY_ASSIGN_OR_RETURN(const Tensor to, place.output(0, x.dtype, dims));
    const size_t row = static_cast<size_t>(slices.inner) * Placement::element_bytes(from);
    char* at = to.as<char>();
    for (int64_t o = 0; o < slices.outer && row != 0; ++o)
      for (int64_t g : groups.first) {
        std::memcpy(at, from.as<const char>() + static_cast<size_t>(o * slices.n + g) * row, row);
        at += row;
      }
    return place.finish();
  }

 private:
  const bool flat_;
  const int64_t axis_;
  const bool sorted_;
};

bool is_ordered(uint32_t dtype) {
  return dtype == HY_DTYPE_F32 || dtype == HY_DTYPE_F64 || dtype == HY_DTYPE_F16 ||
         dtype == HY_DTYPE_BF16 || (dtype >= HY_DTYPE_I8 && dtype <= HY_DTYPE_U64);
}

Verdict supports(const Node& node) {
  const uint32_t dtype = node.input(0).dtype();
  const bool known = dtype == HY_DTYPE_UNDEFINED || dtype == HY_DTYPE_BOOL ||
                     dtype == HY_DTYPE_STRING || is_ordered(dtype);
  if (known) return accept();
  return reject(Reason::dtype)
      .operand(0)
      .got(dtype_name(dtype))
      .limit("numbers of 8 bits or more that can be ordered, bool, string");
}

constexpr KernelEntry kRows[] = {{"Unique", create_kernel<Unique>, supports}};

}  // namespace

std::span<const KernelEntry> unique_kernels() { return kRows; }

}  // namespace halyard::cpu
