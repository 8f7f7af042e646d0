// Identity: the same memory where possible.
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

class Identity final : public Kernel {
 public:
  explicit Identity(const Node&) {}
  Status run(Context& context) const override {
    return context.alias(0, 0, context.input(0)->dims);
  }
};

constexpr KernelEntry kEntries[] = {{"Identity", create_kernel<Identity>}};

}  // namespace

std::span<const KernelEntry> identity_kernels() { return kEntries; }

}  // namespace halyard::cpu
