#include "core/runtime/control_flow.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <deque>

#include "core/runtime/body_runner.hpp"
#include "core/runtime/iteration.hpp"
#include "core/runtime/stacked_output.hpp"
#include "core/runtime/tensor_pieces.hpp"

namespace halyard::core {
namespace {

size_t own_operands(const NodeData& node) {
  return node.inputs.size() - static_cast<size_t>(node.attr_int("num_outer"));
}

/// The only element of a bool tensor.
Result<bool> truth(const PortTensor& t, std::string_view what) {
  if (t.dtype != HY_DTYPE_BOOL || t.bytes != 1)
    return mismatch(fmt::format("{} is {} {}; one bool is wanted", what, dtype_name(t.dtype),
                                dims_text(t.dims)));
  return *static_cast<const unsigned char*>(t.data) != 0;
}

/// The only element of an i32 or i64 tensor.
Result<int64_t> number(const PortTensor& t, std::string_view what) {
  int64_t wide = 0;
  int32_t narrow = 0;
  if (t.dtype == HY_DTYPE_I64 && t.bytes == sizeof wide) {
    std::memcpy(&wide, t.data, sizeof wide);
    return wide;
  }
  if (t.dtype != HY_DTYPE_I32 || t.bytes != sizeof narrow)
    return mismatch(fmt::format("{} is {} {}; one integer is wanted", what, dtype_name(t.dtype),
                                dims_text(t.dims)));
  std::memcpy(&narrow, t.data, sizeof narrow);
  return int64_t{narrow};
}

Status at_iteration(const Status& status, int64_t i) {
  return status.with_context(fmt::format("iteration {}", i));
}

class If final : public CoreNode {
 public:
  If(const NodeData& node, const NodeBodies& bodies)
      : node_(node),
        then_(bodies.named("then_branch")),
        else_(bodies.named("else_branch")),
        scratch_(node.outputs.size()) {}

  Status run(Executor& e) override {
    HY_ASSIGN_OR_RETURN(const PortTensor cond, e.read(node_.inputs[0]));
    HY_ASSIGN_OR_RETURN(const bool yes, truth(cond, "cond"));
    Status status = branch(e, yes ? then_ : else_);
    return status.ok() ? status : status.with_context(yes ? "then_branch" : "else_branch");
  }

 private:
  Status branch(Executor& e, BodyRunner& body) {
    const auto place = [this, &e](size_t o, std::span<const int64_t> dims,
                                  uint64_t bytes) -> Result<void*> {
      if (node_.has_output(o)) return e.give(node_.outputs[o], dims, bytes);
      if (scratch_.size() <= o) scratch_.resize(o + 1);
      if (Status s = scratch_[o].reserve(bytes); !s.ok()) return s;
      return scratch_[o].data;
    };
    HY_RETURN_IF_ERROR(body.prepare(e, place));
    HY_RETURN_IF_ERROR(pass_operands(e, node_, 1, node_.inputs.size() - 1, body, 0));
    HY_RETURN_IF_ERROR(body.run(e.job()));
    for (size_t o = 0; o < node_.outputs.size(); ++o)
      if (node_.outputs[o] != kNone && !e.holds(node_.outputs[o], body.outputs()[o]))
        HY_RETURN_IF_ERROR(e.take(node_.outputs[o], body.outputs()[o]));
    return {};
  }

  const NodeData& node_;
  BodyRunner then_, else_;
  std::deque<MemoryBlock> scratch_;
};

class Loop final : public CoreNode {
 public:
  Loop(const NodeData& node, const NodeBodies& bodies)
      : node_(node),
        own_(std::max<size_t>(own_operands(node), 2)),
        iteration_(node, bodies.named("body"), own_ - 2, 2, 1) {}

  Status run(Executor& e) override {
    int64_t trips = INT64_MAX;
    if (node_.has_input(0)) {
      HY_ASSIGN_OR_RETURN(const PortTensor m, e.read(node_.inputs[0]));
      HY_ASSIGN_OR_RETURN(trips, number(m, "M"));
    }
    bool go_on = true;
    if (node_.has_input(1)) {
      HY_ASSIGN_OR_RETURN(const PortTensor cond, e.read(node_.inputs[1]));
      HY_ASSIGN_OR_RETURN(go_on, truth(cond, "cond"));
    }
    HY_RETURN_IF_ERROR(iteration_.prepare(e));
    BodyRunner& body = iteration_.body();
    const size_t passed = std::max<size_t>(node_.inputs.size(), 2) - 2;
    HY_RETURN_IF_ERROR(pass_operands(e, node_, 2, passed, body, 2));
    unsigned char condition = 1;
    scalar(body, 0, nullptr, sizeof(int64_t), HY_DTYPE_I64);
    scalar(body, 1, &condition, sizeof condition, HY_DTYPE_BOOL);
    for (StackedOutput& s : iteration_.stacks()) HY_RETURN_IF_ERROR(s.begin(e, -1, false, 0));
    for (int64_t i = 0; go_on && i < trips; ++i) {
      if (Status s = e.job().interrupted(); !s.ok()) return at_iteration(std::move(s), i);
      HY_RETURN_IF_ERROR(set_counter(body.inputs()[0], i));
      if (Status s = iteration_.step(e); !s.ok()) return at_iteration(s, i);
      const auto next = truth(body.outputs()[0], "the condition that the body gives");
      if (!next.ok()) return at_iteration(next.status(), i);
      go_on = *next;
    }
    return iteration_.finish(e);
  }

 private:
  /// A body may carry its counter on, so that each iteration has one of its own.
  Status set_counter(PortTensor& in, int64_t i) {
    HY_ASSIGN_OR_RETURN(auto block, counters_.get(sizeof i));
    std::memcpy(block->data, &i, sizeof i);
    in.data = block->data;
    in.owner = std::move(block);
    return {};
  }

  static void scalar(BodyRunner& body, size_t input, void* data, uint64_t bytes, uint32_t dtype) {
    PortTensor& in = body.inputs()[input];
    const Shape& shape = body.graph().values[body.graph().inputs[input]].type.shape;
    in.dtype = dtype;
    in.dims.assign(shape ? shape->size() : 0, 1);
    in.data = data;
    in.bytes = bytes;
  }

  const NodeData& node_;
  const size_t own_;
  Iteration iteration_;
  BlockPool counters_;
};

class Scan final : public CoreNode {
 public:
  Scan(const NodeData& node, const NodeBodies& bodies)
      : node_(node),
        own_(own_operands(node)),
        states_(own_ - static_cast<size_t>(node.attr_int("num_scan_inputs"))),
        iteration_(node, bodies.named("body"), states_, 0, 0),
        in_axes_(node.attr_ints("scan_input_axes")),
        in_directions_(node.attr_ints("scan_input_directions")),
        out_axes_(node.attr_ints("scan_output_axes")),
        out_directions_(node.attr_ints("scan_output_directions")) {}

  Status run(Executor& e) override {
    HY_RETURN_IF_ERROR(iteration_.prepare(e));
    BodyRunner& body = iteration_.body();
    HY_RETURN_IF_ERROR(pass_operands(e, node_, 0, node_.inputs.size(), body, 0));
    int64_t length = -1;
    HY_RETURN_IF_ERROR(cut(body, &length));
    auto& stacks = iteration_.stacks();
    for (size_t i = 0; i < stacks.size(); ++i)
      HY_RETURN_IF_ERROR(stacks[i].begin(e, length, at(out_directions_, i) != 0, at(out_axes_, i)));
    for (int64_t t = 0; t < length; ++t) {
      for (size_t i = 0; i < slices_.size(); ++i) {
        const int64_t from = at(in_directions_, i) != 0 ? length - 1 - t : t;
        if (Status s = set_slice(body.inputs()[states_ + i], slices_[i], from); !s.ok())
          return s.with_context(fmt::format("scan input {}", i));
      }
      if (Status s = iteration_.step(e); !s.ok()) return at_iteration(s, t);
    }
    return iteration_.finish(e);
  }

 private:
  struct Slices {
    PortTensor whole;
    size_t axis = 0;
    uint64_t bytes = 0;
    bool in_place = false;  // pieces are read where they lie, one after the other
  };
  static int64_t at(const std::vector<int64_t>& list, size_t i) {
    return i < list.size() ? list[i] : 0;
  }

  Status cut(BodyRunner& body, int64_t* length) {
    slices_.resize(own_ - states_);
    for (size_t i = 0; i < slices_.size(); ++i) {
      Slices& s = slices_[i];
      PortTensor& in = body.inputs()[states_ + i];
      s.whole = in;
      const auto rank = static_cast<int64_t>(in.dims.size());
      const int64_t axis = at(in_axes_, i) < 0 ? at(in_axes_, i) + rank : at(in_axes_, i);
      if (axis < 0 || axis >= rank)
        return mismatch(fmt::format("scan input {} is {}; it has no axis {}", i, dims_text(in.dims),
                                    at(in_axes_, i)));
      s.axis = static_cast<size_t>(axis);
      const int64_t size = in.dims[s.axis];
      if (*length >= 0 && size != *length)
        return mismatch(fmt::format("scan input {} has the length {}; those before it have {}", i,
                                    size, *length));
      *length = size;
      in.dims.erase(in.dims.begin() + axis);
      s.bytes = size == 0 ? 0 : in.bytes / static_cast<uint64_t>(size);
      uint64_t bits = dtype_bits(in.dtype);
      for (int64_t d : in.dims) bits *= static_cast<uint64_t>(d);
      s.in_place = axis == 0 && in.dtype != HY_DTYPE_STRING && bits % 8 == 0;
    }
    return {};
  }

  static Status set_slice(PortTensor& in, const Slices& s, int64_t t) {
    if (s.in_place) {
      in.data = static_cast<unsigned char*>(s.whole.data) + static_cast<uint64_t>(t) * s.bytes;
      in.bytes = s.bytes;
      return {};
    }
    hy_tensor whole;
    whole.dtype = s.whole.dtype;
    whole.dims = s.whole.dims;
    whole.data = s.whole.data;
    whole.bytes = s.whole.bytes;
    HY_ASSIGN_OR_RETURN(const auto piece, slice_tensor(whole, s.axis, t, 1, true));
    in.data = piece->data;
    in.bytes = piece->bytes;
    in.owner = piece->owner;
    return {};
  }

  const NodeData& node_;
  const size_t own_, states_;
  Iteration iteration_;
  const std::vector<int64_t> in_axes_, in_directions_, out_axes_, out_directions_;
  std::vector<Slices> slices_;
};

class SequenceMap final : public CoreNode {
 public:
  SequenceMap(const NodeData& node, const NodeBodies& bodies)
      : node_(node), own_(own_operands(node)), body_(bodies.named("body")) {}

  Status run(Executor& e) override {
    const auto place = [this](size_t o, std::span<const int64_t> dims,
                              uint64_t bytes) -> Result<void*> {
      const uint32_t dtype = body_.graph().values[body_.graph().outputs[o]].type.dtype;
      HY_ASSIGN_OR_RETURN(const auto made, hy_tensor::create(dtype, dims, bytes));
      body_.outputs()[o].owner = made->owner;
      body_.outputs()[o].dtype = dtype;
      return made->data;
    };
    HY_RETURN_IF_ERROR(body_.prepare(e, place));
    HY_RETURN_IF_ERROR(pass_operands(e, node_, 0, node_.inputs.size(), body_, 0));
    std::vector<std::shared_ptr<const hy_tensor>> sequences(own_);
    for (size_t i = 0; i < own_; ++i) {
      sequences[i] = body_.inputs()[i].value;
      body_.inputs()[i].value.reset();
      if (sequences[i] != nullptr && sequences[i]->children.size() != sequences[0]->children.size())
        return mismatch(fmt::format("operand {} has {} elements; the first one has {}", i,
                                    sequences[i]->children.size(), sequences[0]->children.size()));
    }
    std::vector<std::shared_ptr<hy_tensor>> out;
    for (ValueId v : body_.graph().outputs) {
      out.push_back(std::make_shared<hy_tensor>());
      out.back()->kind = HY_TYPE_SEQUENCE;
      out.back()->dtype = body_.graph().values[v].type.dtype;
    }
    for (size_t k = 0; k < sequences[0]->children.size(); ++k) {
      for (size_t i = 0; i < own_; ++i)
        if (sequences[i] != nullptr) {
          const hy_tensor& c = *sequences[i]->children[k];
          body_.inputs()[i] = {c.dtype, c.dims, c.data, c.bytes, c.owner, nullptr};
        }
      if (Status s = body_.run(e.job()); !s.ok()) return at_iteration(s, static_cast<int64_t>(k));
      for (size_t o = 0; o < out.size(); ++o) {
        HY_ASSIGN_OR_RETURN(auto element, keep(body_.outputs()[o]));
        out[o]->children.push_back(std::move(element));
      }
    }
    for (size_t o = 0; o < node_.outputs.size(); ++o)
      if (node_.outputs[o] != kNone) {
        PortTensor t;
        t.value = out[o];
        HY_RETURN_IF_ERROR(e.take(node_.outputs[o], t));
      }
    return {};
  }

 private:
  static Result<std::shared_ptr<const hy_tensor>> keep(const PortTensor& t) {
    if (t.owner == nullptr) {
      HY_ASSIGN_OR_RETURN(auto copy, hy_tensor::create(t.dtype, t.dims, t.bytes));
      if (t.bytes != 0) std::memcpy(copy->data, t.data, t.bytes);
      return std::shared_ptr<const hy_tensor>(std::move(copy));
    }
    auto out = std::make_shared<hy_tensor>();
    out->dtype = t.dtype;
    out->dims = t.dims;
    out->data = t.data;
    out->bytes = t.bytes;
    out->owner = t.owner;
    return std::shared_ptr<const hy_tensor>(std::move(out));
  }

  const NodeData& node_;
  const size_t own_;
  BodyRunner body_;
};

}  // namespace

Program& NodeBodies::named(std::string_view name) const {
  size_t i = 0;
  while (i + 1 < plans.size() && plans[i].name != name) ++i;
  return *programs[i];  // inference has seen that the body is there
}

std::unique_ptr<CoreNode> make_if(const NodeData& node, const NodeBodies& bodies) {
  return std::make_unique<If>(node, bodies);
}
std::unique_ptr<CoreNode> make_loop(const NodeData& node, const NodeBodies& bodies) {
  return std::make_unique<Loop>(node, bodies);
}
std::unique_ptr<CoreNode> make_scan(const NodeData& node, const NodeBodies& bodies) {
  return std::make_unique<Scan>(node, bodies);
}
std::unique_ptr<CoreNode> make_sequence_map(const NodeData& node, const NodeBodies& bodies) {
  return std::make_unique<SequenceMap>(node, bodies);
}

}  // namespace halyard::core
