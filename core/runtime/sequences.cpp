#include "core/runtime/sequences.hpp"

#include <fmt/format.h>

#include <cstring>
#include <map>

#include "core/runtime/executor.hpp"
#include "core/runtime/tensor_pieces.hpp"

namespace halyard::core {
namespace {

using Element = std::shared_ptr<const hy_tensor>;
using Function = Status (*)(Executor& e, const NodeData& node);

Status take_value(Executor& e, ValueId v, uint32_t kind, std::vector<Element> children) {
  auto out = std::make_shared<hy_tensor>();
  out->kind = kind;
  out->dtype = e.graph().values[v].type.dtype;
  out->children = std::move(children);
  PortTensor t;
  t.value = std::move(out);
  return e.take(v, t);
}

/// All elements of an i32 or i64 tensor.
Result<std::vector<int64_t>> numbers(Executor& e, ValueId v) {
  HY_ASSIGN_OR_RETURN(const PortTensor t, e.read(v));
  const uint64_t width = t.dtype == HY_DTYPE_I64 ? 8 : 4;
  std::vector<int64_t> out;
  for (uint64_t at = 0; at + width <= t.bytes; at += width) {
    int64_t wide = 0;
    int32_t narrow = 0;
    const auto* from = static_cast<const unsigned char*>(t.data) + at;
    std::memcpy(width == 8 ? static_cast<void*>(&wide) : &narrow, from, width);
    out.push_back(width == 8 ? wide : narrow);
  }
  return out;
}

/// A position within 0 .. count - 1, or up to count where it is for a new element.
Result<size_t> position(Executor& e, ValueId v, size_t count, bool fresh) {
  HY_ASSIGN_OR_RETURN(const auto list, numbers(e, v));
  const auto n = static_cast<int64_t>(count);
  if (list.size() != 1)
    return mismatch(fmt::format("the position has {} elements; one is wanted", list.size()));
  const int64_t at = list[0] < 0 ? list[0] + n : list[0];
  const int64_t last = n - (fresh ? 0 : 1);
  if (last < 0) return mismatch(fmt::format("position {} in an empty sequence", list[0]));
  if (at < 0 || at > last)
    return mismatch(fmt::format("position {} in a sequence of {} elements; it may be {} to {}",
                                list[0], count, -n, last));
  return static_cast<size_t>(at);
}

Status construct(Executor& e, const NodeData& node) {
  std::vector<Element> children;
  for (ValueId v : node.inputs) {
    HY_ASSIGN_OR_RETURN(auto element, e.share(v));
    children.push_back(std::move(element));
  }
  return take_value(e, node.outputs[0], HY_TYPE_SEQUENCE, std::move(children));
}

Status empty(Executor& e, const NodeData& node) {
  return take_value(e, node.outputs[0], HY_TYPE_SEQUENCE, {});
}

Status insert(Executor& e, const NodeData& node) {
  HY_ASSIGN_OR_RETURN(const auto sequence, e.share(node.inputs[0]));
  HY_ASSIGN_OR_RETURN(auto element, e.share(node.inputs[1]));
  size_t at = sequence->children.size();
  if (node.has_input(2)) {
    HY_ASSIGN_OR_RETURN(at, position(e, node.inputs[2], at, true));
  }
  std::vector<Element> children;
  children.reserve(sequence->children.size() + 1);
  children = sequence->children;
  children.insert(children.begin() + static_cast<std::ptrdiff_t>(at), std::move(element));
  return take_value(e, node.outputs[0], HY_TYPE_SEQUENCE, std::move(children));
}

Status erase(Executor& e, const NodeData& node) {
  HY_ASSIGN_OR_RETURN(const auto sequence, e.share(node.inputs[0]));
  std::vector<Element> children = sequence->children;
  if (children.empty()) return mismatch("the sequence is empty: there is nothing to erase");
  size_t at = children.size() - 1;
  if (node.has_input(1)) {
    HY_ASSIGN_OR_RETURN(at, position(e, node.inputs[1], children.size(), false));
  }
  children.erase(children.begin() + static_cast<std::ptrdiff_t>(at));
  return take_value(e, node.outputs[0], HY_TYPE_SEQUENCE, std::move(children));
}

Status element_at(Executor& e, const NodeData& node) {
  HY_ASSIGN_OR_RETURN(const auto sequence, e.share(node.inputs[0]));
  HY_ASSIGN_OR_RETURN(const size_t at,
                      position(e, node.inputs[1], sequence->children.size(), false));
  return e.take_element(node.outputs[0], *sequence->children[at]);
}

Status length(Executor& e, const NodeData& node) {
  HY_ASSIGN_OR_RETURN(const auto sequence, e.share(node.inputs[0]));
  const auto count = static_cast<int64_t>(sequence->children.size());
  HY_ASSIGN_OR_RETURN(void* data, e.give(node.outputs[0], {}, sizeof count));
  std::memcpy(data, &count, sizeof count);
  return {};
}

/// The lengths of the pieces.
Result<std::vector<int64_t>> pieces(Executor& e, const NodeData& node, int64_t size) {
  if (!node.has_input(1)) return std::vector<int64_t>(static_cast<size_t>(size), 1);
  HY_ASSIGN_OR_RETURN(std::vector<int64_t> split, numbers(e, node.inputs[1]));
  HY_ASSIGN_OR_RETURN(const PortTensor t, e.read(node.inputs[1]));
  if (t.dims.empty()) {
    const int64_t each = split.at(0);
    if (each <= 0) return mismatch(fmt::format("split is {}; it must be above 0", each));
    std::vector<int64_t> out(static_cast<size_t>(size / each), each);
    if (size % each != 0) out.push_back(size % each);
    return out;
  }
  int64_t sum = 0;
  for (int64_t n : split) {
    if (n < 0) return mismatch(fmt::format("split holds {}; it must be 0 or above", n));
    if (n > size - sum)
      return mismatch(fmt::format("split adds up to more than the {} of the axis", size));
    sum += n;
  }
  if (sum != size) return mismatch(fmt::format("split adds up to {}; the axis has {}", sum, size));
  return split;
}

Status split(Executor& e, const NodeData& node) {
  HY_ASSIGN_OR_RETURN(const PortTensor t, e.read(node.inputs[0]));
  hy_tensor from;
  from.dtype = t.dtype;
  from.dims = t.dims;
  from.data = t.data;
  from.bytes = t.bytes;
  const auto rank = static_cast<int64_t>(t.dims.size());
  const int64_t given = node.attr_int("axis"), axis = given < 0 ? given + rank : given;
  if (axis < 0 || axis >= rank)
    return mismatch(fmt::format("axis {} of a tensor {}", given, dims_text(t.dims)));
  const auto at = static_cast<size_t>(axis);
  HY_ASSIGN_OR_RETURN(const auto lengths, pieces(e, node, t.dims[at]));
  const bool drop = !node.has_input(1) && node.attr_int("keepdims", 1) == 0;
  std::vector<Element> children;
  int64_t start = 0;
  for (int64_t n : lengths) {
    HY_ASSIGN_OR_RETURN(auto piece, slice_tensor(from, at, start, n, drop));
    children.push_back(std::move(piece));
    start += n;
  }
  return take_value(e, node.outputs[0], HY_TYPE_SEQUENCE, std::move(children));
}

Status concat(Executor& e, const NodeData& node) {
  HY_ASSIGN_OR_RETURN(const auto sequence, e.share(node.inputs[0]));
  HY_ASSIGN_OR_RETURN(const auto joined, join_tensors(sequence->children, node.attr_int("axis"),
                                                      node.attr_int("new_axis") != 0));
  return e.take_element(node.outputs[0], *joined);
}

Status optional(Executor& e, const NodeData& node) {
  std::vector<Element> children;
  if (node.has_input(0)) {
    HY_ASSIGN_OR_RETURN(auto element, e.share(node.inputs[0]));
    children.push_back(std::move(element));
  }
  return take_value(e, node.outputs[0], HY_TYPE_OPTIONAL, std::move(children));
}

Status has_element(Executor& e, const NodeData& node) {
  bool has = node.has_input(0);
  if (has) {
    HY_ASSIGN_OR_RETURN(const PortTensor t, e.read(node.inputs[0]));
    has = t.value == nullptr || t.value->kind != HY_TYPE_OPTIONAL || !t.value->children.empty();
  }
  HY_ASSIGN_OR_RETURN(void* data, e.give(node.outputs[0], {}, 1));
  *static_cast<unsigned char*>(data) = has ? 1 : 0;
  return {};
}

Status get_element(Executor& e, const NodeData& node) {
  HY_ASSIGN_OR_RETURN(const PortTensor t, e.read(node.inputs[0]));
  if (t.value == nullptr || t.value->kind != HY_TYPE_OPTIONAL) return e.take(node.outputs[0], t);
  if (t.value->children.empty()) return mismatch("the optional is empty: it has no element");
  const Element& child = t.value->children[0];
  if (child->kind == HY_TYPE_TENSOR) return e.take_element(node.outputs[0], *child);
  PortTensor out;
  out.value = child;
  return e.take(node.outputs[0], out);
}

Status identity(Executor& e, const NodeData& node) {
  HY_ASSIGN_OR_RETURN(const PortTensor t, e.read(node.inputs[0]));
  return e.take(node.outputs[0], t);
}

Status zip_map(Executor& e, const NodeData& node) {
  HY_ASSIGN_OR_RETURN(auto values, e.share(node.inputs[0]));
  Element keys;
  int64_t count = 0;
  if (const AttributeValue* a = node.attribute("classlabels_strings")) {
    const auto& list = std::get<std::vector<std::string>>(*a);
    count = static_cast<int64_t>(list.size());
    const std::vector<std::string_view> views(list.begin(), list.end());
    HY_ASSIGN_OR_RETURN(keys, make_texts({count}, views));
  } else {
    const auto list = node.attr_ints("classlabels_int64s");
    count = static_cast<int64_t>(list.size());
    HY_ASSIGN_OR_RETURN(auto made, hy_tensor::create(HY_DTYPE_I64, std::vector<int64_t>{count}));
    if (!list.empty()) std::memcpy(made->data, list.data(), made->bytes);
    keys = std::move(made);
  }
  if (values->dims.empty() || values->dims.back() != count)
    return mismatch(fmt::format("operand \"X\" is {}; there are {} class labels",
                                dims_text(values->dims), count));
  return take_value(e, node.outputs[0], HY_TYPE_MAP, {std::move(keys), std::move(values)});
}

Status unknown(Executor&, const NodeData& node) {
  return internal_error(fmt::format("the core cannot run {}", node.op));
}

class SequenceNode final : public CoreNode {
 public:
  SequenceNode(const NodeData& node, Function function) : node_(node), function_(function) {}
  Status run(Executor& executor) override { return function_(executor, node_); }

 private:
  const NodeData& node_;
  const Function function_;
};

}  // namespace

std::unique_ptr<CoreNode> make_sequence_node(const NodeData& node) {
  static const std::map<std::string_view, Function> functions = {
      {"SequenceConstruct", construct},
      {"SequenceEmpty", empty},
      {"SequenceInsert", insert},
      {"SequenceErase", erase},
      {"SequenceAt", element_at},
      {"SequenceLength", length},
      {"SplitToSequence", split},
      {"ConcatFromSequence", concat},
      {"Optional", optional},
      {"OptionalHasElement", has_element},
      {"OptionalGetElement", get_element},
      {"Identity", identity},
      {"ZipMap", zip_map}};
  const auto it = functions.find(node.op);
  return std::make_unique<SequenceNode>(node, it == functions.end() ? unknown : it->second);
}

}  // namespace halyard::core
