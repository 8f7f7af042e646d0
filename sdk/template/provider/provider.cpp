// A whole provider: Relu and Add of f32, dims known at compile time. Copy it and change it.
#include "halyard/provider.hpp"

#include <algorithm>

namespace hy = halyard::plugin;
using halyard::Graph, halyard::Node, halyard::Result, halyard::Status, halyard::Value;

namespace {

/// The clusters that this provider takes are single nodes (see cluster() below).
class Kernel : public hy::Executable {
 public:
  explicit Kernel(bool add) : add_(add) {}
  Status run(hy::Run& run) override {
    const hy_binding out = run.output(0);
    const auto* a = static_cast<const float*>(run.input(0).data);
    const auto* b = static_cast<const float*>(run.input(run.input_count() - 1).data);
    auto* to = static_cast<float*>(out.data);
    for (uint64_t i = 0; i < out.bytes / sizeof(float); ++i)
      to[i] = add_ ? a[i] + b[i] : std::max(a[i], 0.0f);
    return {};
  }

 private:
  const bool add_;
};

class Acme : public hy::Provider {
 public:
  Status devices(hy::Job&, std::vector<hy::Device>& list) override {
    list.push_back({.name = "Acme One", .type = HY_DEVICE_TYPE_OTHER, .driver = "acme 1.0"});
    return {};
  }

  hy::Verdict supports(const Node& node, const hy::OpenDevice&) override {
    const halyard::OperatorDecl* row = halyard::find_operator(node.domain(), node.op());
    if (row == nullptr || (node.op() != "Relu" && node.op() != "Add"))
      return hy::reject(hy::Reason::op_unknown).got(std::string(node.op())).limit("Relu or Add");
    if (node.signature() != row->digest) return hy::reject(hy::Reason::signature);
    for (uint32_t i = 0; i < node.input_count(); ++i) {
      const Value in = node.input(i);
      if (in.dtype() != HY_DTYPE_F32)
        return hy::reject(hy::Reason::dtype)
            .operand(i)
            .got(halyard::dtype_name(in.dtype()))
            .limit("f32");
      if (!in.is_static())
        return hy::reject(hy::Reason::dim_dynamic).operand(i).limit("static dims");
      if (in.dims() != node.input(0).dims()) return hy::reject(hy::Reason::broadcast).operand(i);
      if (in.kind() == HY_VALUE_CONSTANT)
        return hy::reject(hy::Reason::layout).operand(i).got("a constant");
    }
    return hy::accept().cluster(node.index());  // a number of its own: no other node joins
  }

  Result<std::unique_ptr<hy::Executable>> compile(const Graph& graph, hy::OpenDevice&,
                                                  hy::Job&) override {
    return std::make_unique<Kernel>(graph.main().node(0).op() == "Add");
  }
};

}  // namespace

HALYARD_PROVIDER(Acme, "acme", "1.0.0")
