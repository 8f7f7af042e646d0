// Min and Max of any number of operands. NaN wins, as in numpy.
#include <boost/container/small_vector.hpp>

#include "providers/cpu/ops/elementwise_binary.hpp"
#include "providers/cpu/ops/entries.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

struct Min {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T a, T b) {
    const T least = b < a ? b : a;
    return b != b ? b : least;  // a NaN in a has stayed already
  }
};
struct Max {
  template <class T>
  HALYARD_CPU_INLINE static T apply(T a, T b) {
    const T most = b > a ? b : a;
    return b != b ? b : most;
  }
};

constexpr BinaryOp kOps[] = {{"Min", numeric_binary_loop<Min>}, {"Max", numeric_binary_loop<Max>}};

class MinMax final : public Kernel {
 public:
  explicit MinMax(const Node& node) : op_(row_of(kOps, node.op())) {}
  Layouts layouts() const override { return Layouts::kPointwise; }
  Status run(Context& context) const override {
    boost::container::small_vector<const Tensor*, 4> operands;
    for (uint32_t i = 0; i < context.input_count(); ++i) {
      operands.push_back(context.input(i));
      HY_RETURN_IF_ERROR(check_same_type(*operands[0], *operands[i]));
    }
    if (operands.size() == 1) return context.alias(0, 0, operands[0]->dims);
    HY_ASSIGN_OR_RETURN(const Dims dims, broadcast_dims({operands.data(), operands.size()}));
    HY_ASSIGN_OR_RETURN(const Tensor c, context.output_over(0, operands[0]->dtype, dims, {0, 1}));
    HY_RETURN_IF_ERROR(run_binary(context, op_, *operands[0], *operands[1], c));
    for (size_t i = 2; i < operands.size(); ++i)
      HY_RETURN_IF_ERROR(run_binary(context, op_, c, *operands[i], c));
    return {};
  }

 private:
  const BinaryOp& op_;
};

constexpr auto kEntries = entries_of(kOps, create_kernel<MinMax>);

}  // namespace

std::span<const KernelEntry> min_max_kernels() { return kEntries; }

}  // namespace halyard::cpu
