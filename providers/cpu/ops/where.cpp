// Where: three operands that broadcast; bytes of X or of Y, whatever the type.
#include "providers/cpu/axes.hpp"
#include "providers/cpu/broadcast.hpp"
#include "providers/cpu/ops/elementwise_binary.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"
#include "providers/cpu/placement.hpp"

namespace halyard::cpu {

namespace {

struct Wide {
  uint64_t halves[2];
};

template <class T>
void choose(int threads, const Broadcast& walk, const Tensor& condition, const Tensor& x,
            const Tensor& y, const Tensor& out) {
  const int64_t c_step = walk.step(0), x_step = walk.step(1), y_step = walk.step(2);
  parallel_for(threads, out.count(), 1 << 15, [&](int64_t begin, int64_t end) {
    walk.for_each_run(begin, end, [&](int64_t at, int64_t n, const auto& from) {
      const auto* c = condition.as<const uint8_t>() + from[0];
      const auto *a = x.as<const T>() + from[1], *b = y.as<const T>() + from[2];
      T* to = out.as<T>() + at;
      for (int64_t i = 0; i < n; ++i) to[i] = c[i * c_step] != 0 ? a[i * x_step] : b[i * y_step];
    });
  });
}

class Where final : public Kernel {
 public:
  explicit Where(const Node&) {}
  Status run(Context& context) const override {
    const Tensor& condition = *context.input(0);
    HY_RETURN_IF_ERROR(check_same_type(*context.input(1), *context.input(2)));
    const Tensor* const all[] = {&condition, context.input(1), context.input(2)};
    HY_ASSIGN_OR_RETURN(const Dims dims, broadcast_dims(all));
    Placement place(context);
    HY_ASSIGN_OR_RETURN(const Tensor x, place.source(1));
    HY_ASSIGN_OR_RETURN(const Tensor y, place.source(2));
    HY_ASSIGN_OR_RETURN(const Tensor out, place.output(0, x.dtype, dims));
    const Broadcast walk(all, dims);
    const int threads = context.threads();
    switch (Placement::element_bytes(x)) {
      case 1:
        choose<uint8_t>(threads, walk, condition, x, y, out);
        break;
      case 2:
        choose<uint16_t>(threads, walk, condition, x, y, out);
        break;
      case 4:
        choose<uint32_t>(threads, walk, condition, x, y, out);
        break;
      case 8:
        choose<uint64_t>(threads, walk, condition, x, y, out);
        break;
      default:
        choose<Wide>(threads, walk, condition, x, y, out);
        break;
    }
    return place.finish();
  }
};

constexpr KernelEntry kEntries[] = {{"Where", create_kernel<Where>, supports_movable}};

}  // namespace

std::span<const KernelEntry> where_kernels() { return kEntries; }

}  // namespace halyard::cpu
