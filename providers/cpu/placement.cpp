#include "providers/cpu/placement.hpp"

#include <cstring>
#include <numeric>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/low_bits.hpp"

namespace halyard::cpu {

Result<Tensor> Placement::source(uint32_t i) {
  const Tensor& t = *context_.input(i);
  if (is_packed(t.dtype)) {
    packed_ = t.dtype;
    HY_ASSIGN_OR_RETURN(void* memory, context_.scratch(static_cast<size_t>(t.count())));
    return unpacked(context_.threads(), t, memory);
  }
  if (t.dtype != HY_DTYPE_STRING) return t;
  strings_ = true;
  const size_t bytes = static_cast<size_t>(t.count()) * sizeof(int64_t);
  HY_ASSIGN_OR_RETURN(void* data, context_.scratch(bytes));
  Tensor positions{HY_DTYPE_I64, t.dims, data, bytes};
  std::iota(positions.as<int64_t>(), positions.as<int64_t>() + t.count(), count_);
  sources_.push_back(&t);
  count_ += t.count();
  return positions;
}

Result<Tensor> Placement::output(uint32_t i, uint32_t dtype, std::span<const int64_t> dims) {
  HY_RETURN_IF_ERROR(check_dims(dims));
  const bool packed = packed_ != HY_DTYPE_UNDEFINED;
  if (!strings_ && !packed) return context_.output(i, dtype, dims);
  const uint32_t held = packed ? HY_DTYPE_U8 : HY_DTYPE_I64;
  const size_t bytes = bytes_of(held, count_of(dims));
  HY_ASSIGN_OR_RETURN(void* data, context_.scratch(bytes));
  outputs_.push_back({i, {held, Dims(dims), data, bytes}});
  return outputs_.back().elements;
}

Result<Tensor> Placement::output_over(uint32_t i, uint32_t dtype, std::span<const int64_t> dims,
                                      uint32_t input) {
  bool apart = !strings_ && packed_ == HY_DTYPE_UNDEFINED;
  for (uint32_t k = 0; k < context_.input_count(); ++k)
    apart = apart && (k == input || context_.input(k) == nullptr ||
                      context_.input(k)->data != context_.input(input)->data);
  if (!apart) return output(i, dtype, dims);
  HY_RETURN_IF_ERROR(check_dims(dims));
  return context_.output_over(i, dtype, dims, {input});
}

const void* Placement::nothing() const {
  static constexpr uint64_t kZero[2] = {};
  static constexpr int64_t kEmpty = -1;
  return strings_ ? static_cast<const void*>(&kEmpty) : kZero;
}

std::string_view Placement::string_at(int64_t position) const {
  if (position < 0) return {};
  for (const Tensor* t : sources_) {
    if (position < t->count()) return t->string_at(position);
    position -= t->count();
  }
  return {};
}

Status Placement::write_packed(const Output& out) {
  HY_ASSIGN_OR_RETURN(const Tensor to, context_.output(out.index, packed_, out.elements.dims));
  pack(context_.threads(), packed_, out.elements.as<const uint8_t>(), to.count(), to.data);
  return {};
}

Status Placement::write_strings(const Output& out) {
  const int64_t n = out.elements.count();
  const auto* positions = out.elements.as<const int64_t>();
  size_t text_bytes = 0;
  for (int64_t i = 0; i < n; ++i) text_bytes += string_at(positions[i]).size();
  HY_ASSIGN_OR_RETURN(const Tensor to,
                      context_.output_strings(out.index, out.elements.dims, text_bytes));
  auto* offsets = to.as<uint64_t>();
  char* text = reinterpret_cast<char*>(offsets + n + 1);
  offsets[0] = 0;
  for (int64_t i = 0; i < n; ++i) {
    const std::string_view s = string_at(positions[i]);
    if (!s.empty()) std::memcpy(text + offsets[i], s.data(), s.size());
    offsets[i + 1] = offsets[i] + s.size();
  }
  return {};
}

Status Placement::finish() {
  for (const Output& out : outputs_)
    HY_RETURN_IF_ERROR(strings_ ? write_strings(out) : write_packed(out));
  return {};
}

}  // namespace halyard::cpu
