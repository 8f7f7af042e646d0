// Attention: softmax(Q K' * scale + mask) V, a block of queries of one head at a time, so that no more than a
// block of scores is in memory. A. Vaswani et al., Attention is all you need; J. Ainslie et al., GQA.
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/convert.hpp"
#include "providers/cpu/float_forms.hpp"
#include "providers/cpu/float_math.hpp"
#include "providers/cpu/matrix_product.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/row_sums.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kBlockScores = 1 << 16, kMostRows = 64;
enum Operand : uint32_t { kQ, kK, kV, kMask, kPastKey, kPastValue, kLengths };
enum Wanted : uint32_t { kY, kPresentKey, kPresentValue, kScores };

/// Which scores output 3 shows.
enum class Stage : int64_t { kRaw, kCapped, kMasked, kProbabilities };

/// Sizes of a call. past: keys that come before K's; total: past and K's.
struct Extent {
  int64_t batch = 0, heads = 0, kv_heads = 0, queries = 0, keys = 0, past = 0, total = 0;
  int64_t size = 0, value_size = 0;  // of a head
  bool by_head = false;  // [batch, heads, length, size]; else [batch, length, heads * size]
};

Status wrong(const char* operand, const Tensor& t, const std::string& rule) {
  return mismatch(std::string("operand ") + operand + " has the dims " + dims_text(t.dims) + "; " +
                  rule);
}

/// [batch, heads, length, size] of an operand of rank 3 or 4.
Result<Dims> as_heads(const char* name, const Tensor& t, int64_t heads) {
  if (t.rank() == 4) return t.dims;
  if (t.rank() != 3) return wrong(name, t, "its rank is 3 or 4");
  if (heads < 1 || t.dim(2) % heads != 0)
    return wrong(name, t, "its last dim is no multiple of the " + std::to_string(heads) + " heads");
  return Dims{t.dim(0), heads, t.dim(1), t.dim(2) / heads};
}

/// Where the rows of a head lie in an operand or result.
struct Rows {
  int64_t first = 0, step = 0;
};
Rows rows_of(const Extent& e, int64_t b, int64_t h, int64_t heads, int64_t length, int64_t size) {
  if (e.by_head) return {(b * heads + h) * length * size, size};
  return {b * length * heads * size + h * size, heads * size};
}

template <class T>
constexpr uint32_t dtype_of_form() {
  return std::is_same_v<T, float> ? HY_DTYPE_F32 : HY_DTYPE_F64;
}

/// A mask of rank 0 to 4 as numbers to add, and how to walk it.
template <class T>
struct Mask {
  const T* values = nullptr;
  Dims strides;         // of batch, head, query; key is 0 or 1
  int64_t columns = 0;  // keys that it covers; the others are masked
  int64_t step = 0;
};

template <class T>
Result<Mask<T>> read_mask(Context& context, const Tensor& t, const Extent& e) {
  const Dims want{e.batch, e.heads, e.queries, e.total};
  Dims dims(static_cast<size_t>(std::max<int64_t>(4 - t.rank(), 0)), 1);
  dims.insert(dims.end(), t.dims.begin(), t.dims.end());
  bool fits = dims.size() == 4;
  for (size_t i = 0; fits && i < 3; ++i) fits = dims[i] == 1 || dims[i] == want[i];
  if (!fits || dims[3] > std::max<int64_t>(e.total, 1))
    return wrong("attn_mask", t, "it must broadcast to " + dims_text(want));
  Mask<T> mask;
  const int64_t n = t.count();
  if (t.dtype == dtype_of_form<T>()) {
    mask.values = t.as<const T>();
  } else {
    HY_ASSIGN_OR_RETURN(T * memory, scratch_of<T>(context, n));
    if (t.dtype == HY_DTYPE_BOOL) {
      const auto* keep = t.as<const uint8_t>();
      for (int64_t i = 0; i < n; ++i)
        memory[i] = keep[i] != 0 ? T{0} : -std::numeric_limits<T>::infinity();
    } else if (const ConvertLoop loop = convert_loop(t.dtype, dtype_of_form<T>())) {
      loop(t.data, memory, n);
    } else {
      return no_kernel_for(t.dtype);
    }
    mask.values = memory;
  }
  int64_t stride = dims[3];
  mask.strides.resize(3);
  for (size_t i = 3; i-- > 0; stride *= dims[i]) mask.strides[i] = dims[i] == 1 ? 0 : stride;
  mask.step = dims[3] == 1 ? 0 : 1;
  mask.columns = dims[3] == 1 ? e.total : dims[3];
  return mask;
}

class Attention final : public Kernel {
 public:
  explicit Attention(const Node& node)
      : causal_(node.attr_int("is_causal") != 0),
        heads_(node.attr_int("q_num_heads")),
        kv_heads_(node.attr_int("kv_num_heads")),
        stage_(static_cast<Stage>(node.attr_int("qk_matmul_output_mode"))),
        softcap_(node.attr_float("softcap")),
        wide_(node.attr_int("softmax_precision") == HY_DTYPE_F64) {
    if (node.has_attribute("scale")) scale_ = node.attr_float("scale");
  }

  Status run(Context& context) const override {
    const bool wide = wide_ || context.input(kQ)->dtype == HY_DTYPE_F64 ||
                      context.input(kV)->dtype == HY_DTYPE_F64;
    return wide ? run_as<double>(context) : run_as<float>(context);
  }

 private:
  static const Tensor* operand(Context& context, uint32_t i) {
    return i < context.input_count() ? context.input(i) : nullptr;
  }
  static bool wants(Context& context, uint32_t i) {
    return i < context.output_count() && context.wants_output(i);
  }

  Result<Extent> extent_of(Context& context) const {
    const Tensor &q = *context.input(kQ), &k = *context.input(kK), &v = *context.input(kV);
    HY_ASSIGN_OR_RETURN(const Dims q_dims, as_heads("Q", q, heads_));
    HY_ASSIGN_OR_RETURN(const Dims k_dims, as_heads("K", k, kv_heads_));
    HY_ASSIGN_OR_RETURN(const Dims v_dims, as_heads("V", v, kv_heads_));
    if (k.rank() != q.rank() || v.rank() != q.rank())
      return wrong("K", k, "Q, K and V have one rank, and Q has " + dims_text(q.dims));
    Extent e{q_dims[0], q_dims[1], k_dims[1], q_dims[2], k_dims[2],
             0,         k_dims[2], q_dims[3], v_dims[3], q.rank() == 4};
    if (k_dims[0] != e.batch || k_dims[3] != e.size)
      return wrong("K", k, "Q has " + dims_text(q.dims) + ": batch and head size are equal");
    if (v_dims[0] != e.batch || v_dims[1] != e.kv_heads || v_dims[2] != e.keys)
      return wrong("V", v, "K has " + dims_text(k.dims) + ": batch, heads and length are equal");
    if (e.kv_heads == 0 ? e.heads != 0 : e.heads % e.kv_heads != 0)
      return wrong("Q", q,
                   std::to_string(e.heads) + " query heads are no multiple of " +
                       std::to_string(e.kv_heads) + " key heads");
    const Tensor *key = operand(context, kPastKey), *value = operand(context, kPastValue);
    if ((key == nullptr) != (value == nullptr))
      return mismatch("one of past_key and past_value is absent; both or none are given");
    if (key != nullptr) {
      if (key->rank() != 4) return wrong("past_key", *key, "its rank is 4");
      e.past = key->dim(2);
      e.total += e.past;
      if (key->dims != Dims{e.batch, e.kv_heads, e.past, e.size})
        return wrong("past_key", *key, "it does not fit K of " + dims_text(k.dims));
      if (value->dims != Dims{e.batch, e.kv_heads, e.past, e.value_size})
        return wrong("past_value", *value, "it does not fit V of " + dims_text(v.dims));
    }
    if (const Tensor* lengths = operand(context, kLengths)) {
      if (lengths->dims != Dims{e.batch})
        return wrong("nonpad_kv_seqlen", *lengths,
                     "it has one length for each of " + std::to_string(e.batch) + " sequences");
      for (int64_t b = 0; b < e.batch; ++b)
        if (lengths->index_at(b) < 0 || lengths->index_at(b) > e.total)
          return invalid_argument("operand nonpad_kv_seqlen holds " +
                                  std::to_string(lengths->index_at(b)) + "; there are " +
                                  std::to_string(e.total) + " keys");
    }
    return e;
  }

  /// Keys or values of all heads, the past ones first, as [batch, heads, total, size]: the output where
  /// it is wanted, the operand where it lies so already, or scratch.
  template <class T>
  Result<const T*> joined(Context& context, const Extent& e, uint32_t i, uint32_t past_index,
                          uint32_t output, int64_t size) const {
    const Tensor& now = *context.input(i);
    HY_ASSIGN_OR_RETURN(const T* from, read_floats<T>(context, now));
    const bool wanted = wants(context, output);
    if (!wanted && e.past == 0 && e.by_head) return from;
    const T* past = nullptr;
    if (const Tensor* t = operand(context, past_index)) {
      HY_ASSIGN_OR_RETURN(past, read_floats<T>(context, *t));
    }
    std::optional<FloatOutput<T>> present;
    T* to = nullptr;
    if (wanted) {
      HY_ASSIGN_OR_RETURN(present,
                          (FloatOutput<T>::make(context, output, now.dtype,
                                                Dims{e.batch, e.kv_heads, e.total, size})));
      to = present->data();
    } else {
      HY_ASSIGN_OR_RETURN(to, scratch_of<T>(context, e.batch * e.kv_heads * e.total * size));
    }
    parallel_for(context.threads(), e.batch * e.kv_heads, 1, [&](int64_t begin, int64_t end) {
      for (int64_t at = begin; at < end; ++at) {
        T* rows = to + at * e.total * size;
        if (e.past > 0) std::copy_n(past + at * e.past * size, e.past * size, rows);
        const Rows source = rows_of(e, at / e.kv_heads, at % e.kv_heads, e.kv_heads, e.keys, size);
        for (int64_t r = 0; r < e.keys; ++r)
          std::copy_n(from + source.first + r * source.step, size, rows + (e.past + r) * size);
      }
    });
    if (present) present->finish(context);
    return static_cast<const T*>(to);
  }

  template <class T>
  struct Call {
    Extent e;
    const T *q = nullptr, *k = nullptr, *v = nullptr;
    std::optional<Mask<T>> mask;
    const Tensor* lengths = nullptr;
    T *y = nullptr, *scores = nullptr;  // scores: output 3, or null
    T scale{};
  };

  template <class T>
  Status run_as(Context& context) const {
    Call<T> call;
    HY_ASSIGN_OR_RETURN(call.e, extent_of(context));
    const Extent& e = call.e;
    const Tensor& q = *context.input(kQ);
    HY_ASSIGN_OR_RETURN(call.q, read_floats<T>(context, q));
    HY_ASSIGN_OR_RETURN(call.k, joined<T>(context, e, kK, kPastKey, kPresentKey, e.size));
    HY_ASSIGN_OR_RETURN(call.v, joined<T>(context, e, kV, kPastValue, kPresentValue, e.value_size));
    if (const Tensor* mask = operand(context, kMask)) {
      HY_ASSIGN_OR_RETURN(call.mask, read_mask<T>(context, *mask, e));
    }
    call.lengths = operand(context, kLengths);
    call.scale = static_cast<T>(scale_.value_or(1 / std::sqrt(static_cast<double>(e.size))));
    const Dims y_dims = e.by_head ? Dims{e.batch, e.heads, e.queries, e.value_size}
                                  : Dims{e.batch, e.queries, e.heads * e.value_size};
    HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, kY, q.dtype, y_dims)));
    call.y = y.data();
    std::optional<FloatOutput<T>> scores;
    if (wants(context, kScores)) {
      HY_ASSIGN_OR_RETURN(scores,
                          (FloatOutput<T>::make(context, kScores, q.dtype,
                                                Dims{e.batch, e.heads, e.queries, e.total})));
      call.scores = scores->data();
    }
    HY_RETURN_IF_ERROR(all_blocks(context, call));
    y.finish(context);
    if (scores) scores->finish(context);
    return {};
  }

  template <class T>
  Status all_blocks(Context& context, const Call<T>& call) const {
    const Extent& e = call.e;
    const int64_t rows =
        std::clamp<int64_t>(kBlockScores / std::max<int64_t>(e.total, 1), 8, kMostRows);
    const int64_t blocks = (e.queries + rows - 1) / rows, jobs = e.batch * e.heads * blocks;
    if (jobs == 0) return {};
    const int64_t workers = std::min<int64_t>(context.threads(), jobs);
    const int64_t room = rows * (e.total + e.size + e.value_size);
    HY_ASSIGN_OR_RETURN(T * memory, scratch_of<T>(context, workers * room));
    std::vector<Status> failures(static_cast<size_t>(workers));
    const int64_t share = (jobs + workers - 1) / workers;
    parallel_for(context.threads(), workers, 1, [&](int64_t begin, int64_t end) {
      for (int64_t w = begin; w < end; ++w)
        for (int64_t job = w * share; job < std::min(jobs, (w + 1) * share); ++job) {
          const int64_t first = job % blocks * rows;
          Status status = block(call, job / blocks, first, std::min(rows, e.queries - first),
                                memory + w * room);
          if (!status.ok()) failures[static_cast<size_t>(w)] = std::move(status);
        }
    });
    for (Status& status : failures) HY_RETURN_IF_ERROR(status);
    return {};
  }

  /// Queries [first, first + rows) of one head of one sequence.
  template <class T>
  Status block(const Call<T>& call, int64_t head_of_batch, int64_t first, int64_t rows,
               T* memory) const {
    const Extent& e = call.e;
    const int64_t b = head_of_batch / e.heads, h = head_of_batch % e.heads;
    const int64_t kv = b * e.kv_heads + h / (e.heads / e.kv_heads);
    T *scores = memory, *q = scores + rows * e.total, *y = q + rows * e.size;

    const Rows source = rows_of(e, b, h, e.heads, e.queries, e.size);
    for (int64_t r = 0; r < rows; ++r) {
      const T* from = call.q + source.first + (first + r) * source.step;
      T* to = q + r * e.size;
      const T scale = call.scale;
      vector_loop(e.size, [=](int64_t i) HALYARD_CPU_INLINE { to[i] = from[i] * scale; });
    }
    HY_RETURN_IF_ERROR(multiply<T>({rows, e.total, e.size, false, true}, q,
                                   call.k + kv * e.total * e.size, scores));
    T* shown = call.scores == nullptr ? nullptr
                                      : call.scores + (head_of_batch * e.queries + first) * e.total;
    const auto show = [&](Stage stage) {
      if (shown != nullptr && stage == stage_) std::copy_n(scores, rows * e.total, shown);
    };
    show(Stage::kRaw);
    if (softcap_ > 0) {
      const T cap = static_cast<T>(softcap_);
      for (int64_t i = 0; i < rows * e.total; ++i) scores[i] = cap * std::tanh(scores[i] / cap);
    }
    show(Stage::kCapped);
    for (int64_t r = 0; r < rows; ++r) add_mask(call, b, h, first + r, scores + r * e.total);
    show(Stage::kMasked);
    for (int64_t r = 0; r < rows; ++r) softmax(scores + r * e.total, e.total);
    show(Stage::kProbabilities);
    HY_RETURN_IF_ERROR(multiply<T>({rows, e.value_size, e.total}, scores,
                                   call.v + kv * e.total * e.value_size, y));
    const Rows target = rows_of(e, b, h, e.heads, e.queries, e.value_size);
    for (int64_t r = 0; r < rows; ++r)
      std::copy_n(y + r * e.value_size, e.value_size,
                  call.y + target.first + (first + r) * target.step);
    return {};
  }

  template <class T>
  static Status multiply(const ProductShape& shape, const T* a, const T* b, T* c) {
    static const Dims one{0};
    if constexpr (std::is_same_v<T, float>)
      return multiply_f32(1, shape, one, a, one, b, c);
    else
      return multiply_reference(1, HY_DTYPE_F64, shape, one, a, one, b, c);
  }

  template <class T>
  void add_mask(const Call<T>& call, int64_t b, int64_t h, int64_t query, T* row) const {
    const Extent& e = call.e;
    constexpr T kNever = -std::numeric_limits<T>::infinity();
    int64_t end = e.total;  // keys from here on are masked
    if (call.lengths != nullptr) end = call.lengths->index_at(b);
    if (causal_) {
      const int64_t offset = call.lengths != nullptr && e.past == 0 ? end - e.queries : e.past;
      end = std::min(end, std::max<int64_t>(query + offset + 1, 0));
    }
    if (call.mask) {
      const Mask<T>& mask = *call.mask;
      const T* add =
          mask.values + b * mask.strides[0] + h * mask.strides[1] + query * mask.strides[2];
      end = std::min(end, mask.columns);
      const int64_t step = mask.step;
      // What is masked stays so, were the score NaN.
      for (int64_t i = 0; i < end; ++i)
        row[i] = add[i * step] == kNever ? kNever : row[i] + add[i * step];
    }
    for (int64_t i = end; i < e.total; ++i) row[i] = kNever;
  }

  /// A row of which everything is masked becomes zeros.
  template <class T>
  static void softmax(T* row, int64_t n) {
    const T max = row_max(row, n);
    if (n == 0) return;
    if (max == -std::numeric_limits<T>::infinity()) {
      std::fill_n(row, n, T{0});
      return;
    }
    const T factor = static_cast<T>(1 / row_exp(row, row, n, max));
    vector_loop(n, [=](int64_t i) HALYARD_CPU_INLINE { row[i] *= factor; });
  }

  const bool causal_;
  const int64_t heads_, kv_heads_;
  const Stage stage_;
  const double softcap_;
  const bool wide_;
  std::optional<double> scale_;
};

Verdict supports(const Node& node) {
  const int64_t mode = node.attr_int("qk_matmul_output_mode");
  if (mode < 0 || mode > 3)
    return reject(Reason::attribute)
        .got("qk_matmul_output_mode=" + std::to_string(mode))
        .limit("0 to 3");
  if (node.input_count() > kLengths && node.has_input(kLengths) && node.has_input(kPastKey))
    return reject(Reason::attribute)
        .got("past_key and nonpad_kv_seqlen together")
        .limit("one of them: a cache is joined, or it is already in K and V");
  return accept();
}

double operations(const Node& node) {
  const Value q = node.input(kQ), k = node.input(kK);
  if (!q.is_static() || !k.is_static() || q.rank() < 3 || q.rank() != k.rank()) return -1;
  double n = 4;  // two products
  for (int64_t d : q.dims()) n *= static_cast<double>(d);
  return n * static_cast<double>(k.dim(k.rank() - 2).value());
}

constexpr KernelEntry kRows[] = {{"Attention", create_kernel<Attention>, supports, operations}};

}  // namespace

std::span<const KernelEntry> attention_kernels() { return kRows; }

}  // namespace halyard::cpu
