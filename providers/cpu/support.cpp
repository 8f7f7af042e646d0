#include "providers/cpu/support.hpp"

#include <algorithm>
#include <string>

#include "halyard/opset.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

constexpr double kNodeOverheadUs = 1;

std::string names_of(DtypeSet set) {
  std::string out;
  for (uint32_t d = 1; d < 64; ++d)
    if (contains(set, d) && std::string_view(dtype_name(d)) != "undefined")
      out += (out.empty() ? "" : ", ") + std::string(dtype_name(d));
  return out;
}

std::string hex(uint64_t digest) {
  std::string out(16, '0');
  for (size_t i = 0; i < 16; ++i) out[15 - i] = "0123456789abcdef"[digest >> (4 * i) & 15];
  return out;
}

/// One operand against its declaration. index counts outputs on after the inputs.
Verdict check_operand(const Value& value, const OperandDecl& decl, uint32_t index) {
  if (value.type() != HY_TYPE_TENSOR)
    return reject(Reason::dtype)
        .operand(index)
        .got("a sequence, optional or map")
        .limit("a tensor");
  if (value.dtype() != HY_DTYPE_UNDEFINED && !contains(decl.types, value.dtype()))
    return reject(Reason::dtype)
        .operand(index)
        .got(dtype_name(value.dtype()))
        .limit(names_of(decl.types));
  const auto constant = value.constant();
  if (constant && constant->encoding() != HY_ENCODING_DENSE)
    return reject(Reason::encoding)
        .operand(index)
        .got("a compressed constant")
        .limit("dense constants");
  return accept();
}

Verdict check_operands(const Node& node, const OperatorDecl& decl) {
  for (uint32_t i = 0; i < node.input_count(); ++i) {
    const OperandDecl* d = OperatorDecl::at(decl.inputs, i);
    if (d == nullptr)
      return reject(Reason::operand_missing)
          .operand(i)
          .got(node.input_count())
          .limit(std::to_string(decl.inputs.size()) + " inputs");
    if (!node.has_input(i)) continue;
    if (Verdict v = check_operand(node.input(i), *d, i); !v.supported()) return v;
  }
  for (uint32_t i = 0; i < decl.inputs.size(); ++i) {
    const OperandDecl& d = decl.inputs[i];
    const bool there = i < node.input_count() && node.has_input(i);
    if (!there && !d.optional && !d.may_be_none)
      return reject(Reason::operand_missing).operand(i).got("nothing").limit(std::string(d.name));
  }
  for (uint32_t i = 0; i < node.output_count(); ++i) {
    const OperandDecl* d = OperatorDecl::at(decl.outputs, i);
    if (d == nullptr || !node.has_output(i)) continue;
    if (Verdict v = check_operand(node.output(i), *d, node.input_count() + i); !v.supported())
      return v;
  }
  return accept();
}

/// Elements of a value whose dims are all static; else -1.
double elements(const Value& value) {
  if (!value.is_static()) return -1;
  double n = 1;
  for (uint32_t i = 0; i < value.rank(); ++i) n *= static_cast<double>(value.dim(i).value());
  return n;
}

/// A roofline: the larger of arithmetic and memory traffic. Negative: dims are not known.
double estimate_us(const Node& node, const KernelEntry& entry, double flops, double bandwidth) {
  double bytes = 0, output_elements = 0;
  const auto add = [&](const Value& value, bool output) {
    const double n = elements(value);
    if (n < 0) return false;
    bytes += n * dtype_bits(value.dtype()) / 8;
    if (output) output_elements += n;
    return true;
  };
  for (uint32_t i = 0; i < node.input_count(); ++i)
    if (node.has_input(i) && !add(node.input(i), false)) return -1;
  for (uint32_t i = 0; i < node.output_count(); ++i)
    if (node.has_output(i) && !add(node.output(i), true)) return -1;
  const double operations = entry.operations != nullptr ? entry.operations(node) : output_elements;
  if (operations < 0 || flops <= 0 || bandwidth <= 0) return -1;
  return kNodeOverheadUs + 1e6 * std::max(operations / flops, bytes / bandwidth);
}

}  // namespace

Verdict supports(const Node& node, double flops, double bandwidth) {
  const KernelEntry* entry = find_kernel(node.domain(), node.op());
  const OperatorDecl* decl = find_operator(node.domain(), node.op());
  if (entry == nullptr || decl == nullptr)
    return reject(Reason::op_unknown)
        .got(std::string(node.domain()) + (node.domain().empty() ? "" : ".") +
             std::string(node.op()))
        .limit("an operator with a kernel");
  if (node.signature() != decl->digest)
    return reject(Reason::signature).got(hex(node.signature())).limit(hex(decl->digest));
  if (Verdict v = check_operands(node, *decl); !v.supported()) return v;
  Verdict v = entry->supports != nullptr ? entry->supports(node) : accept();
  const double us = v.supported() ? estimate_us(node, *entry, flops, bandwidth) : -1;
  return us >= 0 ? v.est_us(us) : v;
}

}  // namespace halyard::cpu
