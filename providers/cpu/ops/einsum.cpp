// Einsum: operands are contracted two at a time, each time as a batch of matrix products.
#include "halyard/einsum.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/float_io.hpp"
#include "providers/cpu/matrix_product.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/row_sums.hpp"
#include "providers/cpu/strided_copy.hpp"

namespace halyard::cpu {

namespace {

using Labels = std::vector<int>;
using Sizes = std::map<int, int64_t>;

bool has(const Labels& labels, int label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

/// An array with a label an axis, none twice.
struct View {
  Labels labels;
  Dims strides;  // in elements
  const void* data = nullptr;
};

Dims dims_of(const Labels& labels, const Sizes& sizes) {
  Dims out;
  for (int label : labels) out.push_back(sizes.at(label));
  return out;
}

int64_t count_of(const Labels& labels, const Sizes& sizes) {
  return cpu::count_of(dims_of(labels, sizes));
}

/// The operand's axes by label. Axes of one label become a diagonal; an axis of one element where the
/// label has more is left out, as broadcasting wants.
View view_of(const Labels& labels, const Dims& dims, const void* data, const Sizes& sizes) {
  const Dims strides = strides_of(dims);
  View out;
  out.data = data;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (dims[i] == 1 && sizes.at(labels[i]) != 1) continue;
    const auto at = std::find(out.labels.begin(), out.labels.end(), labels[i]);
    if (at == out.labels.end()) {
      out.labels.push_back(labels[i]);
      out.strides.push_back(strides[i]);
    } else {
      out.strides[static_cast<size_t>(at - out.labels.begin())] += strides[i];
    }
  }
  return out;
}

/// T: the type that sums are made in.
template <class T>
class Contraction {
 public:
  Contraction(Context& context, uint32_t dtype, const Sizes& sizes)
      : context_(context), dtype_(dtype), sizes_(sizes) {}

  /// Sums all labels away that are neither in `needed` nor in another operand, and writes the result,
  /// its axes in the order of `order`, to `to`, or to memory of its own where that is null.
  Status run(std::vector<View> operands, const Labels& output, T* to) {
    for (size_t i = 0; i < operands.size(); ++i) {
      Labels kept;
      for (int label : operands[i].labels)
        if (has(output, label) || elsewhere(operands, i, label)) kept.push_back(label);
      if (operands.size() > 1 && kept.size() < operands[i].labels.size()) {
        HY_ASSIGN_OR_RETURN(operands[i], sum_to(operands[i], kept, nullptr));
      }
    }
    while (operands.size() > 1) {
      const auto [i, j] = cheapest(operands, output);
      HY_ASSIGN_OR_RETURN(View product, contract(operands, i, j, output));
      operands.erase(operands.begin() + static_cast<std::ptrdiff_t>(j));
      operands[i] = std::move(product);
    }
    return sum_to(operands[0], output, to).status();
  }

 private:
  static bool elsewhere(const std::vector<View>& operands, size_t i, int label) {
    for (size_t j = 0; j < operands.size(); ++j)
      if (j != i && has(operands[j].labels, label)) return true;
    return false;
  }
  /// Whether label is in the output or an operand that is neither i nor j.
  static bool needed_later(const std::vector<View>& operands, size_t i, size_t j,
                           const Labels& output, int label) {
    if (has(output, label)) return true;
    for (size_t o = 0; o < operands.size(); ++o)
      if (o != i && o != j && has(operands[o].labels, label)) return true;
    return false;
  }

  struct Split {
    Labels batch, m, n, k;
  };
  static Split split(const std::vector<View>& operands, size_t i, size_t j, const Labels& output) {
    Split s;
    for (int label : operands[i].labels) {
      if (!has(operands[j].labels, label))
        s.m.push_back(label);
      else
        (needed_later(operands, i, j, output, label) ? s.batch : s.k).push_back(label);
    }
    for (int label : operands[j].labels)
      if (!has(operands[i].labels, label)) s.n.push_back(label);
    // The batch in the order of the result, so that the last step moves less.
    std::stable_sort(s.batch.begin(), s.batch.end(), [&](int a, int b) {
      return std::find(output.begin(), output.end(), a) <
             std::find(output.begin(), output.end(), b);
    });
    return s;
  }

  /// The pair whose product has the fewest elements above those of its operands.
  std::pair<size_t, size_t> cheapest(const std::vector<View>& operands,
                                     const Labels& output) const {
    std::pair<size_t, size_t> best{0, 1};
    double least = 0;
    for (size_t i = 0; i < operands.size(); ++i)
      for (size_t j = i + 1; j < operands.size(); ++j) {
        const Split s = split(operands, i, j, output);
        const double grows = elements(s.batch) * elements(s.m) * elements(s.n) -
                             elements(operands[i].labels) - elements(operands[j].labels);
        if ((i == 0 && j == 1) || grows < least) {
          least = grows;
          best = {i, j};
        }
      }
    return best;
  }
  double elements(const Labels& labels) const {
    double n = 1;
    for (int label : labels) n *= static_cast<double>(sizes_.at(label));
    return n;
  }

  /// The elements in this order of axes: where they lie, or copied.
  Result<const T*> in_order(const View& view, const Labels& order) {
    const Dims dims = dims_of(order, sizes_), packed = strides_of(dims);
    Dims strides;
    bool there = true;
    for (size_t i = 0; i < order.size(); ++i) {
      const auto at = std::find(view.labels.begin(), view.labels.end(), order[i]);
      strides.push_back(view.strides[static_cast<size_t>(at - view.labels.begin())]);
      there = there && (strides[i] == packed[i] || dims[i] == 1);
    }
    const auto* from = static_cast<const T*>(view.data);
    const int64_t count = cpu::count_of(dims);
    if (there || count == 0) return from;
    HY_ASSIGN_OR_RETURN(T * memory, allocate(count));
    strided_copy(context_.threads(), dims, sizeof(T), memory, packed, from, strides);
    return static_cast<const T*>(memory);
  }

  Result<View> contract(const std::vector<View>& operands, size_t i, size_t j,
                        const Labels& output) {
    const Split s = split(operands, i, j, output);
    const int64_t batches = count_of(s.batch, sizes_);
    ProductShape shape{count_of(s.m, sizes_), count_of(s.n, sizes_), count_of(s.k, sizes_)};
    View out;
    for (const Labels* part : {&s.batch, &s.m, &s.n})
      out.labels.insert(out.labels.end(), part->begin(), part->end());
    const Dims dims = dims_of(out.labels, sizes_);
    HY_RETURN_IF_ERROR(check_dims(dims));
    out.strides = strides_of(dims);
    HY_ASSIGN_OR_RETURN(const T* a, matrix(operands[i], s.batch, s.m, s.k, &shape.transpose_a));
    HY_ASSIGN_OR_RETURN(const T* b, matrix(operands[j], s.batch, s.k, s.n, &shape.transpose_b));
    HY_ASSIGN_OR_RETURN(T * c, allocate(cpu::count_of(dims)));
    out.data = c;
    if (shape.k == 1 && shape.m == 1 && shape.n == 1) {
      for (int64_t at = 0; at < batches; ++at) c[at] = static_cast<T>(a[at] * b[at]);
      return out;
    }
    Dims a_offsets, b_offsets;
    for (int64_t at = 0; at < batches; ++at) {
      a_offsets.push_back(at * shape.m * shape.k);
      b_offsets.push_back(at * shape.k * shape.n);
    }
    if constexpr (std::is_same_v<T, float>) {
      HY_RETURN_IF_ERROR(multiply_f32(context_.threads(), shape, a_offsets, a, b_offsets, b, c));
    } else {
      HY_RETURN_IF_ERROR(
          multiply_reference(context_.threads(), dtype_, shape, a_offsets, a, b_offsets, b, c));
    }
    return out;
  }

  /// The operand as [batch, rows, columns], or [batch, columns, rows] where that saves the copy.
  Result<const T*> matrix(const View& view, const Labels& batch, const Labels& rows,
                          const Labels& columns, bool* transposed) {
    Labels order = batch;
    order.insert(order.end(), columns.begin(), columns.end());
    order.insert(order.end(), rows.begin(), rows.end());
    *transposed = view.labels == order && view.strides == strides_of(dims_of(order, sizes_));
    if (*transposed) return static_cast<const T*>(view.data);
    order = batch;
    order.insert(order.end(), rows.begin(), rows.end());
    order.insert(order.end(), columns.begin(), columns.end());
    return in_order(view, order);
  }

  /// The view summed over the labels that are not in `kept`. Labels of kept that the view lacks repeat
  /// its elements.
  Result<View> sum_to(const View& view, const Labels& kept, T* to) {
    Labels order, repeated;
    for (int label : kept) (has(view.labels, label) ? order : repeated).push_back(label);
    const Labels present = order;
    Labels summed;
    for (int label : view.labels)
      if (!has(kept, label)) summed.push_back(label);
    order.insert(order.end(), summed.begin(), summed.end());
    View out;
    out.labels = kept;
    const Dims dims = dims_of(kept, sizes_);
    out.strides = strides_of(dims);
    const int64_t rows = count_of(present, sizes_), n = count_of(summed, sizes_);
    const View* source = &view;
    View sums;
    if (!summed.empty()) {
      HY_ASSIGN_OR_RETURN(const T* from, in_order(view, order));
      T* memory = repeated.empty() ? to : nullptr;
      if (memory == nullptr) {
        HY_ASSIGN_OR_RETURN(memory, allocate(rows));
      }
      for (int64_t r = 0; r < rows; ++r) memory[r] = row(from + r * n, n);
      sums = {present, strides_of(dims_of(present, sizes_)), memory};
      if (repeated.empty()) {
        out.data = memory;
        return out;
      }
      source = &sums;
    }
    if (to == nullptr) {
      HY_ASSIGN_OR_RETURN(to, allocate(cpu::count_of(dims)));
    }
    Dims strides;
    for (int label : kept) {
      const auto at = std::find(source->labels.begin(), source->labels.end(), label);
      strides.push_back(at == source->labels.end()
                            ? 0
                            : source->strides[static_cast<size_t>(at - source->labels.begin())]);
    }
    if (cpu::count_of(dims) > 0)
      strided_copy(context_.threads(), dims, sizeof(T), to, out.strides, source->data, strides);
    out.data = to;
    return out;
  }

  static T row(const T* x, int64_t n) {
    if constexpr (std::is_floating_point_v<T>) {
      return static_cast<T>(row_sum(x, n));
    } else {
      T sum{};
      for (int64_t i = 0; i < n; ++i) sum = static_cast<T>(sum + x[i]);
      return sum;
    }
  }

  Result<T*> allocate(int64_t count) {
    HY_ASSIGN_OR_RETURN(void* memory, context_.scratch(static_cast<size_t>(count) * sizeof(T)));
    return static_cast<T*>(memory);
  }

  Context& context_;
  const uint32_t dtype_;
  const Sizes& sizes_;
};

Result<Sizes> sizes_of(Context& context, const EinsumLabels& labels) {
  Sizes sizes;
  for (uint32_t i = 0; i < context.input_count(); ++i) {
    const Dims& dims = context.input(i)->dims;
    for (size_t axis = 0; axis < dims.size(); ++axis) {
      const auto [at, is_new] = sizes.emplace(labels.inputs[i][axis], dims[axis]);
      if (is_new || at->second == dims[axis] || dims[axis] == 1) continue;
      if (at->second != 1)
        return mismatch("axis " + std::to_string(axis) + " of operand " + std::to_string(i) +
                        ", of dims " + dims_text(dims) + ", has another size than an axis of the " +
                        "same letter: " + std::to_string(at->second));
      at->second = dims[axis];
    }
  }
  return sizes;
}

template <class T>
Status contract_all(Context& context, const EinsumLabels& labels, const Sizes& sizes,
                    const std::vector<const void*>& data, T* to) {
  std::vector<View> operands;
  for (uint32_t i = 0; i < context.input_count(); ++i)
    operands.push_back(view_of(labels.inputs[i], context.input(i)->dims, data[i], sizes));
  return Contraction<T>(context, context.input(0)->dtype, sizes)
      .run(std::move(operands), labels.output, to);
}

/// Integers wrap around whatever their sign.
template <class T>
struct Unsigned {
  using type = T;
};
template <class T>
requires std::is_integral_v<T>
struct Unsigned<T> {
  using type = std::make_unsigned_t<T>;
};

class Einsum final : public Kernel {
 public:
  explicit Einsum(const Node& node) : equation_(node.attr_string("equation")) {}

  Status run(Context& context) const override {
    std::vector<int64_t> ranks;
    for (uint32_t i = 0; i < context.input_count(); ++i) ranks.push_back(context.input(i)->rank());
    HY_ASSIGN_OR_RETURN(const EinsumLabels labels, parse_einsum(equation_, ranks));
    HY_ASSIGN_OR_RETURN(const Sizes sizes, sizes_of(context, labels));
    const Dims dims = dims_of(labels.output, sizes);
    HY_RETURN_IF_ERROR(check_dims(dims));
    const uint32_t dtype = context.input(0)->dtype;
    std::vector<const void*> data;
    if (dtype == HY_DTYPE_F32 || dtype == HY_DTYPE_F16 || dtype == HY_DTYPE_BF16) {
      for (uint32_t i = 0; i < context.input_count(); ++i) {
        HY_ASSIGN_OR_RETURN(const float* from, read_f32(context, *context.input(i)));
        data.push_back(from);
      }
      HY_ASSIGN_OR_RETURN(const F32Output y, F32Output::make(context, 0, dtype, dims));
      HY_RETURN_IF_ERROR(contract_all(context, labels, sizes, data, y.data()));
      y.finish(context);
      return {};
    }
    for (uint32_t i = 0; i < context.input_count(); ++i) data.push_back(context.input(i)->data);
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, dtype, dims));
    return visit_numeric(dtype, [&](auto tag) -> Status {
      using T = typename Unsigned<decltype(tag)>::type;
      if constexpr (std::is_arithmetic_v<T>)
        return contract_all(context, labels, sizes, data, y.as<T>());
      else
        return no_kernel_for(dtype);
    });
  }

 private:
  const std::string equation_;
};

constexpr KernelEntry kRows[] = {{"Einsum", create_kernel<Einsum>}};

}  // namespace

std::span<const KernelEntry> einsum_kernels() { return kRows; }

}  // namespace halyard::cpu
