// What a kernel is, what it is made from, and what it runs in.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "halyard/graph.hpp"
#include "halyard/provider.hpp"
#include "providers/cpu/layout.hpp"
#include "providers/cpu/tensor.hpp"

namespace halyard::cpu {

using plugin::accept;
using plugin::Reason;
using plugin::reject;
using plugin::Verdict;

/// One node's execution: its operands and the memory of its results. One thread, one node, one run.
/// The memory of tensors belongs to the run.
class Context {
 public:
  virtual ~Context() = default;
  virtual uint32_t input_count() const = 0;
  virtual uint32_t output_count() const = 0;
  /// Null where the operand is absent.
  virtual const Tensor* input(uint32_t i) const = 0;
  /// False where nobody reads that output, or the node does not have it.
  virtual bool wants_output(uint32_t i) const = 0;

  /// Memory for output i, once an output, aligned to 64; not zeroed. Not for strings. Where the output is not
  /// wanted, memory that is dropped when the node ends.
  virtual Result<Tensor> output(uint32_t i, uint32_t dtype, std::span<const int64_t> dims) = 0;
  /// As output(), and may give the memory of one of these inputs where this node is its last reader
  /// and the byte sizes are equal. For kernels that read an element before they write the same one.
  virtual Result<Tensor> output_over(uint32_t i, uint32_t dtype, std::span<const int64_t> dims,
                                     std::initializer_list<uint32_t> inputs) = 0;
  /// Output i of `count` strings with text_bytes bytes of text: the caller writes offsets and text.
  virtual Result<Tensor> output_strings(uint32_t i, std::span<const int64_t> dims,
                                        size_t text_bytes) = 0;
  /// Output i has the elements of an input under other dims (any type); no copy where possible.
  virtual Status alias(uint32_t i, uint32_t input, std::span<const int64_t> dims) = 0;
  /// Whether somebody gains by reading output i with blocked channels (layout.hpp).
  virtual bool wants_blocked(uint32_t i) const = 0;
  /// As output() of f32, with blocked channels. Only where wants_blocked(i).
  virtual Result<Tensor> output_blocked(uint32_t i, std::span<const int64_t> dims,
                                        int64_t block) = 0;
  /// Memory until the node ends, aligned to 64. Any number of times.
  virtual Result<void*> scratch(size_t bytes) = 0;
  /// How many threads parallel_for (parallel.hpp) uses.
  virtual int threads() const = 0;
};

class CompileContext;

/// One node, compiled. Constant after construction; run() from any number of threads.
/// A kernel computes its outputs' dims from the inputs it is given, whatever the graph declares.
class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual Status run(Context& context) const = 0;

  virtual Layouts layouts() const { return Layouts::kPlain; }
  /// Takes over the node that alone reads this kernel's one output, as its operand 0, where it can:
  /// then that node's output is this kernel's. At compile time, before any run.
  virtual Result<bool> absorb(const Node&, CompileContext&) { return false; }
};

/// What create() may ask for besides the node.
class CompileContext {
 public:
  virtual ~CompileContext() = default;
  /// The elements of a dense constant; they live as long as the kernel.
  virtual Result<Tensor> tensor(const Constant& constant) = 0;
  virtual int threads() const = 0;

  /// Operand i where it is a constant or known to hold one; else nothing.
  Result<std::optional<Tensor>> known(const Node& node, uint32_t i) {
    if (i >= node.input_count() || !node.has_input(i)) return std::optional<Tensor>();
    const std::optional<Constant> c = node.input(i).constant();
    if (!c) return std::optional<Tensor>();
    HY_ASSIGN_OR_RETURN(Tensor t, tensor(*c));
    return std::optional<Tensor>(std::move(t));
  }
};

/// An operator that this provider implements; rows of ops/table.cpp.
struct KernelEntry {
  const char* op;
  Result<std::unique_ptr<Kernel>> (*create)(const Node&, CompileContext&);
  /// What the operator's row of the table does not say already: operands present, their types and the
  /// signature have been checked before. Null: nothing more.
  Verdict (*supports)(const Node&) = nullptr;
  /// Arithmetic operations of the node where static dims tell, else negative. Null: one an element.
  double (*operations)(const Node&) = nullptr;
  std::string_view domain = {};  // empty: the standard set
};

/// create() of a kernel class with a constructor from a Node.
template <class K>
Result<std::unique_ptr<Kernel>> create_kernel(const Node& node, CompileContext&) {
  return std::unique_ptr<Kernel>(std::make_unique<K>(node));
}

}  // namespace halyard::cpu
