#include "core/runtime/tensor_pieces.hpp"

#include <fmt/format.h>

#include <cstring>

#include "halyard/opset.hpp"

namespace halyard::core {
namespace {

uint64_t product(std::span<const int64_t> dims) {
  uint64_t n = 1;
  for (int64_t d : dims) n *= static_cast<uint64_t>(d);
  return n;
}

Result<std::vector<std::string_view>> texts_of(const hy_tensor& t) {
  const uint64_t count = t.count(), head = (count + 1) * sizeof(uint64_t);
  std::vector<std::string_view> out;
  if (t.bytes < head) return mismatch("a string tensor has no offsets");
  const auto* base = static_cast<const char*>(t.data);
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t begin = 0, end = 0;
    std::memcpy(&begin, base + i * sizeof begin, sizeof begin);
    std::memcpy(&end, base + (i + 1) * sizeof end, sizeof end);
    if (begin > end || end > t.bytes - head)
      return mismatch("the offsets of a string tensor are wrong");
    out.emplace_back(base + head + begin, end - begin);
  }
  return out;
}

/// Bytes of an element; fails where it is no whole byte.
Result<uint64_t> element_size(uint32_t dtype) {
  const uint32_t bits = dtype_bits(dtype);
  if (bits == 0 || bits % 8 != 0)
    return unsupported(
        fmt::format("tensors of type {} cannot be cut or joined", dtype_name(dtype)));
  return bits / 8;
}

Status check_parts(std::span<const std::shared_ptr<const hy_tensor>> parts, size_t axis,
                   bool new_axis) {
  for (const auto& p : parts) {
    bool fits = p->dtype == parts[0]->dtype && p->dims.size() == parts[0]->dims.size();
    for (size_t i = 0; fits && i < p->dims.size(); ++i)
      fits = p->dims[i] == parts[0]->dims[i] || (i == axis && !new_axis);
    if (!fits)
      return mismatch(fmt::format("{} {} cannot be joined with {} {} along axis {}",
                                  dtype_name(p->dtype), dims_text(p->dims),
                                  dtype_name(parts[0]->dtype), dims_text(parts[0]->dims), axis));
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<const hy_tensor>> make_texts(std::vector<int64_t> dims,
                                                    std::span<const std::string_view> texts) {
  const uint64_t head = (texts.size() + 1) * sizeof(uint64_t);
  uint64_t text = 0;
  for (std::string_view t : texts) text += t.size();
  HY_ASSIGN_OR_RETURN(auto out, hy_tensor::create(HY_DTYPE_STRING, dims, head + text));
  auto* base = static_cast<char*>(out->data);
  uint64_t at = 0;
  for (size_t i = 0; i < texts.size(); ++i) {
    if (!texts[i].empty()) std::memcpy(base + head + at, texts[i].data(), texts[i].size());
    at += texts[i].size();
    std::memcpy(base + (i + 1) * sizeof at, &at, sizeof at);
  }
  return std::shared_ptr<const hy_tensor>(std::move(out));
}

Result<std::shared_ptr<const hy_tensor>> slice_tensor(const hy_tensor& from, size_t axis,
                                                      int64_t start, int64_t length,
                                                      bool drop_axis) {
  std::vector<int64_t> dims = from.dims;
  const auto size = static_cast<uint64_t>(dims[axis]);
  const uint64_t outer = product(std::span(dims).first(axis)),
                 inner = product(std::span(dims).subspan(axis + 1));
  const auto first = static_cast<uint64_t>(start), count = static_cast<uint64_t>(length);
  dims[axis] = length;
  if (drop_axis) dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(axis));
  if (from.dtype == HY_DTYPE_STRING) {
    HY_ASSIGN_OR_RETURN(const auto all, texts_of(from));
    std::vector<std::string_view> taken;
    for (uint64_t o = 0; o < outer; ++o)
      for (uint64_t i = 0; i < count * inner; ++i)
        taken.push_back(all[(o * size + first) * inner + i]);
    return make_texts(std::move(dims), taken);
  }
  HY_ASSIGN_OR_RETURN(const uint64_t element, element_size(from.dtype));
  HY_ASSIGN_OR_RETURN(auto out, hy_tensor::create(from.dtype, dims));
  const auto* source = static_cast<const unsigned char*>(from.data);
  auto* to = static_cast<unsigned char*>(out->data);
  const uint64_t run = count * inner * element;
  for (uint64_t o = 0; run != 0 && o < outer; ++o, to += run)
    std::memcpy(to, source + (o * size + first) * inner * element, run);
  return std::shared_ptr<const hy_tensor>(std::move(out));
}

Result<std::shared_ptr<const hy_tensor>> join_tensors(
    std::span<const std::shared_ptr<const hy_tensor>> parts, int64_t axis, bool new_axis) {
  if (parts.empty()) return mismatch("there is nothing to join: the sequence is empty");
  const auto rank = static_cast<int64_t>(parts[0]->dims.size()) + (new_axis ? 1 : 0);
  if (axis < -rank || axis >= rank)
    return mismatch(fmt::format("axis {} of a result of rank {}", axis, rank));
  const auto at = static_cast<size_t>(axis < 0 ? axis + rank : axis);
  HY_RETURN_IF_ERROR(check_parts(parts, at, new_axis));
  std::vector<int64_t> dims = parts[0]->dims;
  const uint64_t outer = product(std::span(dims).first(at));
  if (new_axis) {
    dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(at), static_cast<int64_t>(parts.size()));
  } else {
    dims[at] = 0;
    for (const auto& p : parts) dims[at] += p->dims[at];
  }
  if (parts[0]->dtype == HY_DTYPE_STRING) {
    std::vector<std::vector<std::string_view>> all;
    for (const auto& p : parts) {
      HY_ASSIGN_OR_RETURN(auto texts, texts_of(*p));
      all.push_back(std::move(texts));
    }
    std::vector<std::string_view> joined;
    for (uint64_t o = 0; o < outer; ++o)
      for (const auto& texts : all) {
        const uint64_t run = texts.size() / outer;
        for (uint64_t i = 0; i < run; ++i) joined.push_back(texts[o * run + i]);
      }
    return make_texts(std::move(dims), joined);
  }
  HY_RETURN_IF_ERROR(element_size(parts[0]->dtype).status());
  HY_ASSIGN_OR_RETURN(auto out, hy_tensor::create(parts[0]->dtype, dims));
  auto* to = static_cast<unsigned char*>(out->data);
  for (uint64_t o = 0; out->bytes != 0 && o < outer; ++o)
    for (const auto& p : parts) {
      const uint64_t run = p->bytes / outer;
      if (run != 0) std::memcpy(to, static_cast<const unsigned char*>(p->data) + o * run, run);
      to += run;
    }
  return std::shared_ptr<const hy_tensor>(std::move(out));
}

}  // namespace halyard::core
