// ArrayFeatureExtractor Binarizer FeatureVectorizer Imputer Normalizer Scaler.
#include <algorithm>
#include <cmath>

#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/ml/rows.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/string_output.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrain = 1 << 14;

/// How many elements stand between two of the same feature: features lie along axis 1, or along the
/// only one.
int64_t feature_count(const Tensor& x) { return x.rank() == 1 ? x.dim(0) : x.dim(1); }

Status need_rank(const Tensor& x, int64_t least) {
  if (x.rank() >= least) return {};
  return invalid_argument("the input is " + dims_text(x.dims) + "; it needs rank " +
                          std::to_string(least) + " or more");
}

// ---- ArrayFeatureExtractor ----------------------------------------------------------------------

Status extract(Context& context) {
  const Tensor &x = *context.input(0), &at = *context.input(1);
  HY_RETURN_IF_ERROR(need_rank(x, 1));
  const int64_t size = x.dims.back(), n = at.count();
  for (int64_t i = 0; i < n; ++i)
    if (at.index_at(i) < 0 || at.index_at(i) >= size)
      return invalid_argument("index " + std::to_string(at.index_at(i)) + " into " +
                              std::to_string(size) + " features");
  Dims dims = x.dims;
  dims.back() = n;
  if (x.rank() == 1) dims = {1, n};
  const int64_t rows = count_of(dims) / std::max<int64_t>(n, 1);
  const auto source = [&](int64_t i) { return i / n * size + at.index_at(i % n); };
  if (x.dtype == HY_DTYPE_STRING)
    return write_strings(context, 0, dims, [&](int64_t i) { return x.string_at(source(i)); });
  HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, x.dtype, dims));
  const size_t width = dtype_bits(x.dtype) / 8;
  for (int64_t i = 0; i < rows * n; ++i)
    std::memcpy(y.as<char>() + static_cast<size_t>(i) * width,
                x.as<const char>() + static_cast<size_t>(source(i)) * width, width);
  return {};
}

// ---- Binarizer ----------------------------------------------------------------------------------

class Binarizer final : public Kernel {
 public:
  explicit Binarizer(const Node& node) : threshold_(node.attr_float("threshold")) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output_over(0, x.dtype, x.dims, {0}));
    return visit_numeric(x.dtype, [&](auto tag) -> Status {
      using T = decltype(tag);
      parallel_for(context.threads(), x.count(), kGrain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
          y.as<T>()[i] = T(static_cast<double>(x.as<const T>()[i]) > threshold_ ? 1.0f : 0.0f);
      });
      return {};
    });
  }

 private:
  const double threshold_;
};

// ---- FeatureVectorizer --------------------------------------------------------------------------

/// The inputs' columns beside each other; of an input with another width than it is given in
/// inputdimensions, the first ones, or zeros after the last.
class FeatureVectorizer final : public Kernel {
 public:
  explicit FeatureVectorizer(const Node& node) : widths_(node.attr_ints("inputdimensions")) {}
  Status run(Context& context) const override {
    const uint32_t count = context.input_count();
    if (!widths_.empty() && widths_.size() != count)
      return invalid_model("attribute \"inputdimensions\" has " + std::to_string(widths_.size()) +
                           " elements for " + std::to_string(count) + " inputs");
    int64_t rows = 0, columns = 0;
    std::vector<RowShape> shapes;
    for (uint32_t i = 0; i < count; ++i) {
      HY_ASSIGN_OR_RETURN(const RowShape shape, row_shape(*context.input(i)));
      if (i > 0 && shape.rows != rows)
        return invalid_argument("input " + std::to_string(i) + " has " +
                                std::to_string(shape.rows) + " rows; the first has " +
                                std::to_string(rows));
      rows = shape.rows;
      columns += width(i, shape);
      shapes.push_back(shape);
    }
    const int64_t dims[] = {rows, columns};
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, HY_DTYPE_F32, dims));
    int64_t first = 0;
    for (uint32_t i = 0; i < count; ++i) {
      HY_ASSIGN_OR_RETURN(const float* x, read_as<float>(context, *context.input(i)));
      const int64_t wide = width(i, shapes[i]), taken = std::min(wide, shapes[i].features);
      for (int64_t r = 0; r < rows; ++r) {
        float* to = y.as<float>() + r * columns + first;
        std::copy_n(x + r * shapes[i].features, taken, to);
        std::fill(to + taken, to + wide, 0.0f);
      }
      first += wide;
    }
    return {};
  }

 private:
  int64_t width(uint32_t i, const RowShape& shape) const {
    return widths_.empty() ? shape.features : std::max<int64_t>(widths_[i], 0);
  }
  const std::vector<int64_t> widths_;
};

// ---- Imputer ------------------------------------------------------------------------------------

class Imputer final : public Kernel {
 public:
  explicit Imputer(const Node& node)
      : floats_(node.attr_floats("imputed_value_floats")),
        ints_(node.attr_ints("imputed_value_int64s")),
        float_(node.attr_float("replaced_value_float")),
        int_(node.attr_int("replaced_value_int64")) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_RETURN_IF_ERROR(need_rank(x, 1));
    const bool whole = x.dtype == HY_DTYPE_I32 || x.dtype == HY_DTYPE_I64;
    const auto given = static_cast<int64_t>(whole ? ints_.size() : floats_.size());
    if (given != 1 && given != feature_count(x))
      return invalid_argument(std::string("attribute \"imputed_value_") +
                              (whole ? "int64s" : "floats") + "\" has " + std::to_string(given) +
                              " elements; 1 or " + std::to_string(feature_count(x)) +
                              " are needed");
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output_over(0, x.dtype, x.dims, {0}));
    switch (x.dtype) {
      case HY_DTYPE_F32:
        replace(x, y, floats_, static_cast<float>(float_));
        return {};
      case HY_DTYPE_F64:
        replace(x, y, floats_, float_);
        return {};
      case HY_DTYPE_I32:
        replace(x, y, ints_, static_cast<int32_t>(int_));
        return {};
      case HY_DTYPE_I64:
        replace(x, y, ints_, int_);
        return {};
      default:
        return no_kernel_for(x.dtype);
    }
  }

 private:
  template <class T, class V>
  static void replace(const Tensor& x, const Tensor& y, const std::vector<V>& values, T wanted) {
    const auto is_wanted = [&](T v) { return v == wanted || (v != v && wanted != wanted); };
    for (int64_t i = 0; i < x.count(); ++i) {
      const T v = x.as<const T>()[i];
      y.as<T>()[i] =
          is_wanted(v) ? static_cast<T>(values[static_cast<size_t>(i) % values.size()]) : v;
    }
  }
  const std::vector<double> floats_;
  const std::vector<int64_t> ints_;
  const double float_;
  const int64_t int_;
};

// ---- Normalizer ---------------------------------------------------------------------------------

enum class Norm { kMax, kL1, kL2 };

/// Along axis 1, or the only one. What has norm 0 stays as it is.
class Normalizer final : public Kernel {
 public:
  explicit Normalizer(const Node& node) {
    const std::string_view norm = node.attr_string("norm", "MAX");
    norm_ = norm == "L1" ? Norm::kL1 : norm == "L2" ? Norm::kL2 : Norm::kMax;
  }
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_RETURN_IF_ERROR(need_rank(x, 1));
    HY_ASSIGN_OR_RETURN(const float* from, read_as<float>(context, x));
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, HY_DTYPE_F32, x.dims));
    const int64_t n = feature_count(x);
    if (x.count() == 0) return {};
    const int64_t outer = x.rank() == 1 ? 1 : x.dim(0), inner = x.count() / outer / n;
    parallel_for(context.threads(), outer * inner, std::max<int64_t>(1, kGrain / n),
                 [&](int64_t begin, int64_t end) {
                   for (int64_t i = begin; i < end; ++i) {
                     const int64_t first = i / inner * n * inner + i % inner;
                     scale(from + first, y.as<float>() + first, n, inner);
                   }
                 });
    return {};
  }

 private:
  void scale(const float* x, float* y, int64_t n, int64_t step) const {
    double norm = norm_ == Norm::kMax ? static_cast<double>(x[0]) : 0;
    for (int64_t i = 0; i < n; ++i) {
      const double v = x[i * step];
      norm = norm_ == Norm::kMax  ? std::max(norm, v)
             : norm_ == Norm::kL1 ? norm + std::fabs(v)
                                  : norm + v * v;
    }
    if (norm_ == Norm::kL2) norm = std::sqrt(norm);
    for (int64_t i = 0; i < n; ++i) {
      const double v = x[i * step];
      y[i * step] = static_cast<float>(norm == 0 ? v : v / norm);
    }
  }
  Norm norm_;
};

// ---- Scaler -------------------------------------------------------------------------------------

class Scaler final : public Kernel {
 public:
  explicit Scaler(const Node& node)
      : offset_(node.attr_floats("offset")), scale_(node.attr_floats("scale")) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_RETURN_IF_ERROR(need_rank(x, 1));
    HY_RETURN_IF_ERROR(check("offset", offset_.size(), feature_count(x)));
    HY_RETURN_IF_ERROR(check("scale", scale_.size(), feature_count(x)));
    HY_ASSIGN_OR_RETURN(const double* from, read_as<double>(context, x));
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, HY_DTYPE_F32, x.dims));
    parallel_for(context.threads(), x.count(), kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        y.as<float>()[i] = static_cast<float>((from[i] - of(offset_, i, 0)) * of(scale_, i, 1));
    });
    return {};
  }

 private:
  static double of(const std::vector<double>& list, int64_t i, double otherwise) {
    return list.empty() ? otherwise : list[static_cast<size_t>(i) % list.size()];
  }
  static Status check(const char* name, size_t given, int64_t features) {
    if (given <= 1 || static_cast<int64_t>(given) == features) return {};
    return invalid_argument(std::string("attribute \"") + name + "\" has " + std::to_string(given) +
                            " elements; 1 or " + std::to_string(features) + " are needed");
  }
  const std::vector<double> offset_, scale_;
};

class ArrayFeatureExtractor final : public Kernel {
 public:
  explicit ArrayFeatureExtractor(const Node&) {}
  Status run(Context& context) const override { return extract(context); }
};

Verdict known_norm(const Node& node) {
  const auto norm = node.attr_string("norm", "MAX");
  if (norm == "MAX" || norm == "L1" || norm == "L2") return accept();
  return reject(Reason::attribute).got("norm " + std::string(norm)).limit("MAX, L1 or L2");
}

constexpr std::string_view kDomain = "ai.onnx.ml";
constexpr KernelEntry kEntries[] = {
    {"ArrayFeatureExtractor", create_kernel<ArrayFeatureExtractor>, nullptr, nullptr, kDomain},
    {"Binarizer", create_kernel<Binarizer>, nullptr, nullptr, kDomain},
    {"FeatureVectorizer", create_kernel<FeatureVectorizer>, nullptr, nullptr, kDomain},
    {"Imputer", create_kernel<Imputer>, nullptr, nullptr, kDomain},
    {"Normalizer", create_kernel<Normalizer>, known_norm, nullptr, kDomain},
    {"Scaler", create_kernel<Scaler>, nullptr, nullptr, kDomain},
};

}  // namespace

std::span<const KernelEntry> ml_features_kernels() { return kEntries; }

}  // namespace halyard::cpu
