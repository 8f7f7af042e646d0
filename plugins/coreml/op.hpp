// One operation of a program on its way into the graph: what a rule of ops/ reads and writes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scope.hpp"

namespace halyard::coreml {

using Attributes = std::vector<std::pair<std::string, AttributeValue>>;
using Ints = std::vector<int64_t>;

/// Of one side of a picture. Places of pixels are found at import, so a size is bounded there.
constexpr int64_t kMostPixels = int64_t{1} << 20;

/// Lives for one operation. The first failure stays: whatever is asked afterwards gives something harmless, and status() is what
/// the caller returns. So rules read like formulas.
class Op {
 public:
  Op(Scope& scope, const schema::Operation& operation, std::string opset)
      : scope_(scope), operation_(operation), opset_(std::move(opset)) {}

  const std::string& type() const { return operation_.type(); }
  const std::string& opset() const { return opset_; }  // "CoreML7"
  const Status& status() const { return status_; }
  bool ok() const { return status_.ok(); }
  void fail(Status status) {
    if (status_.ok()) status_ = std::move(status);
  }
  void refuse(const std::string& what) { fail(unsupported(what)); }

  // ---- Operands ----
  bool has(std::string_view name) const;
  size_t count(std::string_view name) const;  // of a variadic one
  /// As a value of the graph; i: of a variadic one.
  uint32_t x(std::string_view name, size_t i = 0);
  /// The same in that type.
  uint32_t as(std::string_view name, uint32_t dtype) {
    return type_of(name).dtype == dtype ? x(name) : cast(x(name), dtype);
  }
  uint32_t maybe(std::string_view name) { return has(name) ? x(name) : HY_NONE; }
  Type type_of(std::string_view name, size_t i = 0);
  int64_t rank(std::string_view name) { return type_of(name).rank(); }
  uint32_t dtype(std::string_view name) { return type_of(name).dtype; }
  std::string name_of(std::string_view name, size_t i = 0) const;
  Named* named(std::string_view name, size_t i = 0);

  // ---- Parameters, which must be constants; `otherwise` where absent ----
  bool is_constant(std::string_view name);
  std::optional<Tensor> constant(std::string_view name, size_t i = 0);
  int64_t integer(std::string_view name, int64_t otherwise);
  /// Refuses what does not lie in 1..most, and gives 1 then.
  int64_t size(std::string_view name, int64_t otherwise, int64_t most = kMostPixels);
  double number(std::string_view name, double otherwise);
  bool flag(std::string_view name, bool otherwise);
  std::string word(std::string_view name, std::string_view otherwise);
  std::optional<Ints> ints(std::string_view name);
  Ints ints_or(std::string_view name, Ints otherwise) {
    auto given = ints(name);
    return given ? *given : std::move(otherwise);
  }
  /// From 0 up.
  int64_t axis(std::string_view name, int64_t otherwise, int64_t rank);

  // ---- New values ----
  uint32_t list(const Ints& values);              // i64, one dim
  uint32_t scalar(uint32_t dtype, double value);  // rank 0
  uint32_t floats(uint32_t dtype, const std::vector<double>& values, const Ints& dims);
  /// A constant with bytes of its own.
  uint32_t tensor(uint32_t dtype, const Ints& dims, std::string bytes);
  uint32_t emit(std::string_view op, std::vector<uint32_t> inputs, Attributes attributes = {});
  std::vector<uint32_t> emit_many(std::string_view op, std::vector<uint32_t> inputs,
                                  Attributes attributes, size_t outputs);
  uint32_t cast(uint32_t value, uint32_t dtype) {
    return emit("Cast", {value}, {{"to", static_cast<int64_t>(dtype)}});
  }
  uint32_t reshape(uint32_t value, const Ints& dims) {
    return emit("Reshape", {value, list(dims)});
  }
  uint32_t transpose(uint32_t value, const Ints& perm) {
    return emit("Transpose", {value}, {{"perm", perm}});
  }
  uint32_t unsqueeze(uint32_t value, const Ints& axes) {
    return emit("Unsqueeze", {value, list(axes)});
  }
  /// An index operand: of a type that the operator set's operators take.
  uint32_t index(std::string_view name, size_t i = 0);

  // ---- Outputs ----
  size_t output_count() const { return static_cast<size_t>(operation_.outputs_size()); }
  Type output_type(size_t i);
  /// Output i is a value that is there.
  void give(size_t i, uint32_t value);
  /// Output 0 is this node's.
  void finish(std::string_view op, std::vector<uint32_t> inputs, Attributes attributes = {}) {
    give(0, emit(op, std::move(inputs), std::move(attributes)));
  }
  Scope& scope() { return scope_; }
  const schema::Operation& operation() const { return operation_; }

 private:
  const schema::Argument::Binding* binding(std::string_view name, size_t i) const;

  Scope& scope_;
  const schema::Operation& operation_;
  const std::string opset_;
  Status status_;
};

/// A rule: how an operation becomes nodes.
struct Rule {
  const char* type;
  void (*apply)(Op&);
  const char* note = "";  // what of it is not taken
};

}  // namespace halyard::coreml
