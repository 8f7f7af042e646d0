// Pad: constant, reflect, edge, wrap. Negative pads cut first; what is left is padded.
#include <algorithm>
#include <string>
#include <vector>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/elementwise_binary.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/placement.hpp"
#include "providers/cpu/strided_copy.hpp"

namespace halyard::cpu {

namespace {

enum class Mode { kConstant, kReflect, kEdge, kWrap };

/// Of one axis: `kept` elements from `first` on, with `before` and `after` more around them.
struct Margin {
  int64_t first = 0, kept = 0, before = 0, after = 0;
  int64_t size() const { return before + kept + after; }
  /// The source of element i; kept is not 0.
  int64_t source_of(int64_t i, Mode mode) const {
    const int64_t at = i - before;
    if (mode == Mode::kEdge) return first + std::clamp<int64_t>(at, 0, kept - 1);
    const int64_t period = mode == Mode::kWrap ? kept : std::max<int64_t>(1, 2 * (kept - 1));
    const int64_t phase = (at % period + period) % period;
    return first + (phase < kept ? phase : period - phase);
  }
};
using Margins = std::vector<Margin>;

struct Wide {
  uint64_t halves[2];
};

/// Every element from a table of sources for each axis.
template <class T>
void copy_by_tables(int threads, const std::vector<std::vector<int64_t>>& tables, const T* from,
                    T* to) {
  const std::vector<int64_t>& last = tables.back();
  const auto columns = static_cast<int64_t>(last.size());
  int64_t rows = 1;
  for (size_t d = 0; d + 1 < tables.size(); ++d) rows *= static_cast<int64_t>(tables[d].size());
  parallel_for(threads, rows, std::max<int64_t>(1, (1 << 15) / std::max<int64_t>(1, columns)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t row = begin; row < end; ++row) {
                   int64_t at = row, offset = 0;
                   for (size_t d = tables.size() - 1; d-- > 0;
                        at /= static_cast<int64_t>(tables[d].size()))
                     offset += tables[d][static_cast<size_t>(at) % tables[d].size()];
                   for (int64_t i = 0; i < columns; ++i)
                     to[row * columns + i] = from[offset + last[static_cast<size_t>(i)]];
                 }
               });
}

void copy_by_tables(int threads, size_t bytes, const std::vector<std::vector<int64_t>>& tables,
                    const Tensor& from, const Tensor& to) {
  const auto copy = [&](auto tag) {
    using T = decltype(tag);
    copy_by_tables<T>(threads, tables, from.as<const T>(), to.as<T>());
  };
  switch (bytes) {
    case 1:
      return copy(uint8_t{});
    case 2:
      return copy(uint16_t{});
    case 4:
      return copy(uint32_t{});
    case 8:
      return copy(uint64_t{});
    default:
      return copy(Wide{});
  }
}

class Pad final : public Kernel {
 public:
  explicit Pad(const Node& node) : mode_(mode_of(node.attr_string("mode", "constant"))) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const Margins margins, margins_for(context, x));
    Dims dims;
    for (const Margin& m : margins) dims.push_back(m.size());
    HY_RETURN_IF_ERROR(check_dims(dims));
    if (mode_ != Mode::kConstant && count_of(dims) != 0 && has_nothing(margins))
      return invalid_argument("cannot pad an axis of " + dims_text(x.dims) +
                              " that has no elements but with a constant");
    Placement place(context);
    HY_ASSIGN_OR_RETURN(const Tensor from, place.source(0));
    const void* value = place.nothing();
    Tensor given;
    if (const Tensor* t = context.input(2); t != nullptr && mode_ == Mode::kConstant) {
      HY_RETURN_IF_ERROR(check_same_type(x, *t));
      if (t->count() != 1)
        return invalid_argument("constant_value has dims " + dims_text(t->dims) +
                                "; it must be a scalar");
      HY_ASSIGN_OR_RETURN(given, place.source(2));
      value = given.data;
    }
    HY_ASSIGN_OR_RETURN(const Tensor to, place.output(0, x.dtype, dims));
    if (mode_ == Mode::kConstant)
      put_inside(context.threads(), margins, value, from, to);
    else if (to.count() != 0)
      reflect(context.threads(), margins, from, to);
    return place.finish();
  }

  static Mode mode_of(std::string_view mode) {
    if (mode == "reflect") return Mode::kReflect;
    if (mode == "edge") return Mode::kEdge;
    return mode == "wrap" ? Mode::kWrap : Mode::kConstant;
  }

 private:
  static bool has_nothing(const Margins& margins) {
    return std::any_of(margins.begin(), margins.end(), [](const Margin& m) { return m.kept == 0; });
  }

  static Result<Margins> margins_for(const Context& context, const Tensor& x) {
    HY_ASSIGN_OR_RETURN(const Dims pads, list_operand(*context.input(1), "pads"));
    Dims axes;
    for (int64_t i = 0; i < x.rank(); ++i) axes.push_back(i);
    if (const Tensor* t = context.input(3)) {
      HY_ASSIGN_OR_RETURN(const Dims list, list_operand(*t, "axes"));
      HY_ASSIGN_OR_RETURN(axes, normal_axes(list, x.rank()));
    }
    if (pads.size() != 2 * axes.size())
      return invalid_argument("pads " + dims_text(pads) + " has " + std::to_string(pads.size()) +
                              " elements; " + std::to_string(axes.size()) + " axes need two each");
    constexpr int64_t kMost = int64_t{1} << 56;
    Margins margins;
    for (int64_t d : x.dims) margins.push_back({0, d, 0, 0});
    for (size_t i = 0; i < axes.size(); ++i) {
      const int64_t d = x.dim(axes[i]), before = pads[i], after = pads[i + axes.size()];
      if (before > kMost || after > kMost || before < -d || after < -d || before + after < -d)
        return invalid_argument("pads " + std::to_string(before) + " and " + std::to_string(after) +
                                " do not fit axis " + std::to_string(axes[i]) + " of size " +
                                std::to_string(d));
      Margin& m = margins[static_cast<size_t>(axes[i])];
      m.first = std::max<int64_t>(0, -before);
      m.kept = std::max<int64_t>(0, d - m.first - std::max<int64_t>(0, -after));
      m.before = std::max<int64_t>(0, before);
      m.after = std::max<int64_t>(0, after);
    }
    return margins;
  }

  static void put_inside(int threads, const Margins& margins, const void* value, const Tensor& from,
                         const Tensor& to) {
    const size_t bytes = Placement::element_bytes(from);
    Dims kept;
    for (const Margin& m : margins) kept.push_back(m.kept);
    if (kept != to.dims) fill(threads, to.data, value, bytes, to.count());
    if (count_of(kept) == 0) return;
    const Dims from_strides = strides_of(from.dims), to_strides = strides_of(to.dims);
    int64_t from_at = 0, to_at = 0;
    for (size_t i = 0; i < kept.size(); ++i) {
      from_at += margins[i].first * from_strides[i];
      to_at += margins[i].before * to_strides[i];
    }
    const auto size = static_cast<int64_t>(bytes);
    strided_copy(threads, kept, bytes, to.as<char>() + to_at * size, to_strides,
                 from.as<const char>() + from_at * size, from_strides);
  }

  void reflect(int threads, const Margins& margins, const Tensor& from, const Tensor& to) const {
    const Dims strides = strides_of(from.dims);
    std::vector<std::vector<int64_t>> tables;
    for (size_t i = 0; i < margins.size(); ++i) {
      std::vector<int64_t>& table = tables.emplace_back();
      for (int64_t j = 0; j < margins[i].size(); ++j)
        table.push_back(margins[i].source_of(j, mode_) * strides[i]);
    }
    if (tables.empty()) tables.push_back({0});
    copy_by_tables(threads, Placement::element_bytes(from), tables, from, to);
  }

  const Mode mode_;
};

Verdict supports(const Node& node) {
  const std::string_view mode = node.attr_string("mode", "constant");
  if (mode != "constant" && Pad::mode_of(mode) == Mode::kConstant)
    return reject(Reason::attribute)
        .got("mode=" + std::string(mode))
        .limit("constant, reflect, edge, wrap");
  return supports_movable(node);
}

constexpr KernelEntry kEntries[] = {{"Pad", create_kernel<Pad>, supports}};

}  // namespace

std::span<const KernelEntry> pad_kernels() { return kEntries; }

}  // namespace halyard::cpu
