// RotaryEmbedding: pairs of each head's elements turned by an angle of their position. J. Su et al., RoFormer.
#include <string>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/float_forms.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/vector_loop.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrainElements = 1 << 13;

struct Extent {
  int64_t batch = 0, heads = 0, length = 0, size = 0, half = 0;
  bool by_head = false;  // [batch, heads, length, size]; else [batch, length, heads * size]
};

class RotaryEmbedding final : public Kernel {
 public:
  explicit RotaryEmbedding(const Node& node)
      : interleaved_(node.attr_int("interleaved") != 0),
        heads_(node.attr_int("num_heads")),
        turned_(node.attr_int("rotary_embedding_dim")) {}

  Status run(Context& context) const override {
    return visit_form(context.input(0)->dtype,
                      [&](auto tag) { return run_as<decltype(tag)>(context); });
  }

 private:
  Result<Extent> extent_of(const Tensor& x) const {
    Extent e;
    if (x.rank() == 4) {
      e = {x.dim(0), x.dim(1), x.dim(2), x.dim(3), 0, true};
    } else if (x.rank() == 3 && heads_ > 0 && x.dim(2) % heads_ == 0) {
      e = {x.dim(0), heads_, x.dim(1), x.dim(2) / heads_, 0, false};
    } else {
      return mismatch(
          "operand X has the dims " + dims_text(x.dims) + " for " + std::to_string(heads_) +
          " heads; it is [batch, heads, length, size], or [batch, length, heads * size]");
    }
    const int64_t turned = turned_ > 0 ? turned_ : e.size;
    if (turned > e.size || turned % 2 != 0)
      return mismatch(std::to_string(turned) + " elements of a head of " + std::to_string(e.size) +
                      " are to be turned; they are an even number within it");
    e.half = turned / 2;
    return e;
  }

  template <class T>
  Status run_as(Context& context) const {
    const Tensor &x = *context.input(0), &cos = *context.input(1), &sin = *context.input(2);
    const Tensor* positions = context.input_count() > 3 ? context.input(3) : nullptr;
    HY_ASSIGN_OR_RETURN(const Extent e, extent_of(x));
    // With positions the tables have a row a position, without them a row for each element of the batch.
    const Dims rows = positions != nullptr ? Dims{cos.dims.empty() ? 0 : cos.dim(0), e.half}
                                           : Dims{e.batch, e.length, e.half};
    if (cos.dims != rows || sin.dims != rows)
      return mismatch("the tables have the dims " + dims_text(cos.dims) + " and " +
                      dims_text(sin.dims) + "; X of " + dims_text(x.dims) + " needs " +
                      dims_text(rows));
    if (positions != nullptr) {
      if (positions->dims != Dims{e.batch, e.length})
        return mismatch("operand position_ids has the dims " + dims_text(positions->dims) +
                        "; it needs " + dims_text(Dims{e.batch, e.length}));
      for (int64_t i = 0; i < positions->count(); ++i)
        if (positions->index_at(i) < 0 || positions->index_at(i) >= rows[0])
          return invalid_argument("position " + std::to_string(positions->index_at(i)) +
                                  " does not exist; the tables have " + std::to_string(rows[0]));
    }
    HY_ASSIGN_OR_RETURN(const T* from, read_floats<T>(context, x));
    HY_ASSIGN_OR_RETURN(const T* c, read_floats<T>(context, cos));
    HY_ASSIGN_OR_RETURN(const T* s, read_floats<T>(context, sin));
    HY_ASSIGN_OR_RETURN(const auto y, (FloatOutput<T>::make(context, 0, x.dtype, x.dims)));
    T* to = y.data();
    parallel_for(
        context.threads(), e.batch * e.length * e.heads,
        kGrainElements / std::max<int64_t>(e.size, 1) + 1, [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) {
            // i counts batch, length, heads.
            const int64_t place = i / e.heads, h = i % e.heads;
            const int64_t row = positions != nullptr ? positions->index_at(place) : place;
            const int64_t at =
                e.by_head
                    ? (((place / e.length) * e.heads + h) * e.length + place % e.length) * e.size
                    : i * e.size;
            turn(e, from + at, c + row * e.half, s + row * e.half, to + at);
          }
        });
    y.finish(context);
    return {};
  }

  template <class T>
  void turn(const Extent& e, const T* x, const T* cos, const T* sin, T* y) const {
    const int64_t half = e.half, second = interleaved_ ? 1 : half, step = interleaved_ ? 2 : 1;
    for (int64_t i = 0; i < half; ++i) {
      const T a = x[i * step], b = x[i * step + second];
      y[i * step] = cos[i] * a - sin[i] * b;
      y[i * step + second] = sin[i] * a + cos[i] * b;
    }
    std::copy(x + 2 * half, x + e.size, y + 2 * half);
  }

  const bool interleaved_;
  const int64_t heads_, turned_;
};

constexpr KernelEntry kRows[] = {{"RotaryEmbedding", create_kernel<RotaryEmbedding>}};

}  // namespace

std::span<const KernelEntry> rotary_embedding_kernels() { return kRows; }

}  // namespace halyard::cpu
