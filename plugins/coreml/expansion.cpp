#include "expansion.hpp"

#include <bit>
#include <cstring>

#include "half.hpp"

namespace halyard::coreml {
namespace {

const Tensor* find(const Operands& operands, std::string_view name) {
  const auto it = operands.find(name);
  return it == operands.end() ? nullptr : &it->second;
}

Status missing(std::string_view name) {
  return invalid_model("operand \"" + std::string(name) + "\" is missing or no constant");
}

/// Writes numbers of one type.
class Output {
 public:
  Output(uint32_t dtype, int64_t count)
      : dtype_(dtype), bytes_(static_cast<size_t>(bytes_of(dtype, {count})), '\0') {}
  void set(int64_t i, float v) {
    switch (dtype_) {
      case HY_DTYPE_F16:
        return store(i, to_half(v));
      case HY_DTYPE_F32:
        return store(i, v);
      case HY_DTYPE_I8:
        return store(i, static_cast<int8_t>(v));
      case HY_DTYPE_U8:
        return store(i, static_cast<uint8_t>(v));
      default:
        return;
    }
  }
  std::string take() { return std::move(bytes_); }
  static bool takes(uint32_t dtype) {
    return dtype == HY_DTYPE_F16 || dtype == HY_DTYPE_F32 || dtype == HY_DTYPE_I8 ||
           dtype == HY_DTYPE_U8;
  }

 private:
  template <class T>
  void store(int64_t i, T v) {
    std::memcpy(bytes_.data() + static_cast<size_t>(i) * sizeof v, &v, sizeof v);
  }
  const uint32_t dtype_;
  std::string bytes_;
};

bool bit_at(std::string_view bytes, int64_t i) {
  return (static_cast<unsigned char>(bytes[static_cast<size_t>(i / 8)]) >> (i % 8) & 1) != 0;
}

/// Visits the elements of a tensor in C order with the place of each in a smaller tensor whose dims divide the larger one's:
/// blocks along every axis.
template <class F>
void for_blocks(const std::vector<int64_t>& dims, const std::vector<int64_t>& small, F&& f) {
  const size_t rank = dims.size();
  std::vector<int64_t> at(rank, 0), block(rank), stride(rank, 1);
  int64_t count = 1;
  for (size_t d = rank; d-- > 0;) {
    block[d] = small[d] == 0 ? 1 : dims[d] / small[d];
    if (d + 1 < rank) stride[d] = stride[d + 1] * small[d + 1];
    count *= dims[d];
  }
  for (int64_t i = 0; i < count; ++i) {
    int64_t s = 0;
    for (size_t d = 0; d < rank; ++d) s += at[d] / block[d] * stride[d];
    f(i, s);
    for (size_t d = rank; d-- > 0;) {
      if (++at[d] < dims[d]) break;
      at[d] = 0;
    }
  }
}

Status check_blocks(const std::vector<int64_t>& dims, const std::vector<int64_t>& small,
                    std::string_view what) {
  bool fits = dims.size() == small.size();
  for (size_t d = 0; fits && d < dims.size(); ++d) fits = small[d] > 0 && dims[d] % small[d] == 0;
  if (fits) return {};
  return invalid_model(std::string(what) + " " + dims_text(small) + " does not divide " +
                       dims_text(dims) + " into blocks");
}

int64_t count_of(const std::vector<int64_t>& dims) {
  int64_t n = 1;
  for (const int64_t d : dims) n *= d;
  return n;
}

// ---- affine ----------------------------------------------------------------------------------------

Result<Expanded> affine(const Operands& o, bool work) {
  const Tensor *data = find(o, "quantized_data"), *scale = find(o, "scale");
  const Tensor *zero = find(o, "zero_point"), *axis = find(o, "axis");
  if (data == nullptr) return missing("quantized_data");
  if (scale == nullptr) return missing("scale");
  int64_t a = axis == nullptr ? 0 : axis->integer(0);
  const auto rank = static_cast<int64_t>(data->dims.size());
  if (a < 0) a += rank;
  const bool vector = scale->count() != 1 || (zero != nullptr && zero->count() != 1);
  if (vector && (a < 0 || a >= rank))
    return invalid_model("axis " + std::to_string(a) + " of " + dims_text(data->dims));
  const int64_t channels = vector ? data->dims[static_cast<size_t>(a)] : 1;
  if ((scale->count() != 1 && scale->count() != channels) ||
      (zero != nullptr && zero->count() != 1 && zero->count() != channels))
    return invalid_model("scale or zero_point has not one value for each of " +
                         std::to_string(channels) + " channels");
  Expanded out{scale->dtype, data->dims, {}, {}};
  if (!work) return out;
  Output to(out.dtype, data->count());
  int64_t inner = 1;
  for (int64_t d = a + 1; d < rank; ++d) inner *= data->dims[static_cast<size_t>(d)];
  for (int64_t i = 0, n = data->count(); i < n; ++i) {
    const int64_t c = vector ? i / inner % channels : 0;
    const auto s = static_cast<float>(scale->number(scale->count() == 1 ? 0 : c));
    const auto z =
        zero == nullptr ? 0.0f : static_cast<float>(zero->number(zero->count() == 1 ? 0 : c));
    to.set(i, s * (static_cast<float>(data->number(i)) - z));
  }
  out.bytes = to.take();
  return out;
}

Result<Expanded> blockwise(const Operands& o, bool work) {
  const Tensor *data = find(o, "data"), *scale = find(o, "scale"), *offset = find(o, "offset");
  if (data == nullptr) return missing("data");
  if (scale == nullptr) return missing("scale");
  HY_RETURN_IF_ERROR(check_blocks(data->dims, scale->dims, "scale"));
  if (offset != nullptr && offset->dims != scale->dims)
    return invalid_model("offset " + dims_text(offset->dims) + " has not the dims of scale " +
                         dims_text(scale->dims));
  Expanded out{scale->dtype, data->dims, {}, {}};
  if (!work) return out;
  Output to(out.dtype, data->count());
  for_blocks(data->dims, scale->dims, [&](int64_t i, int64_t s) {
    const float z = offset == nullptr ? 0.0f : static_cast<float>(offset->number(s));
    to.set(i, static_cast<float>(scale->number(s)) * (static_cast<float>(data->number(i)) - z));
  });
  out.bytes = to.take();
  return out;
}

// ---- palettes --------------------------------------------------------------------------------------

/// iOS16: one table of 2^n values, indices packed in bytes, dims beside them.
Result<Expanded> flat_palette(const Operands& o, bool work) {
  const Tensor *indices = find(o, "indices"), *lut = find(o, "lut"), *shape = find(o, "shape");
  if (indices == nullptr) return missing("indices");
  if (lut == nullptr) return missing("lut");
  const auto entries = static_cast<uint64_t>(lut->count());
  if (!std::has_single_bit(entries) || entries > 256 || entries < 2)
    return invalid_model("a table of " + std::to_string(entries) + " entries");
  const auto bits = static_cast<uint64_t>(std::countr_zero(entries));
  Expanded out{lut->dtype, {}, {}, {}};
  for (int64_t d = 0; d < shape->count(); ++d) out.dims.push_back(shape->integer(d));
  const auto count = static_cast<uint64_t>(count_of(out.dims));
  if (indices->bytes.size() < (count * bits + 7) / 8)
    return invalid_model("indices have " + std::to_string(indices->bytes.size()) + " bytes; " +
                         std::to_string(count) + " of " + std::to_string(bits) + " bits need more");
  if (!work) return out;
  Output to(out.dtype, static_cast<int64_t>(count));
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t index = 0;
    for (uint64_t b = 0; b < bits; ++b)
      index |= uint64_t{bit_at(indices->bytes, static_cast<int64_t>(i * bits + b))} << b;
    to.set(static_cast<int64_t>(i), static_cast<float>(lut->number(static_cast<int64_t>(index))));
  }
  out.bytes = to.take();
  return out;
}

struct Table {
  std::vector<int64_t> groups;
  int64_t entries = 0, vector = 1, axis = 0;
};

Result<Table> table_of(const Tensor& lut, const Tensor* axis, const std::vector<int64_t>& dims) {
  Table out;
  if (lut.dims.size() != dims.size() + 2)
    return invalid_model("lut " + dims_text(lut.dims) + " has not two dims more than the indices " +
                         dims_text(dims));
  out.groups.assign(lut.dims.begin(), lut.dims.end() - 2);
  out.entries = lut.dims[lut.dims.size() - 2];
  out.vector = lut.dims.back();
  HY_RETURN_IF_ERROR(check_blocks(dims, out.groups, "lut"));
  if (axis != nullptr) out.axis = axis->integer(0);
  if (out.axis < 0) out.axis += static_cast<int64_t>(dims.size());
  if (out.vector > 1 && (out.axis < 0 || out.axis >= static_cast<int64_t>(dims.size())))
    return invalid_model("vector_axis " + std::to_string(out.axis) + " of " + dims_text(dims));
  return out;
}

/// iOS18: tables by group, of values or of vectors that lie along an axis.
Result<Expanded> palette(const Operands& o, bool work) {
  const Tensor *indices = find(o, "indices"), *lut = find(o, "lut");
  if (indices == nullptr) return missing("indices");
  if (lut == nullptr) return missing("lut");
  HY_ASSIGN_OR_RETURN(const Table t, table_of(*lut, find(o, "vector_axis"), indices->dims));
  Expanded out{lut->dtype, indices->dims, {}, {}};
  if (t.vector > 1) out.dims[static_cast<size_t>(t.axis)] *= t.vector;
  if (!work) return out;
  Output to(out.dtype, count_of(out.dims));
  int64_t inner = 1;
  for (size_t d = static_cast<size_t>(t.axis) + 1; d < out.dims.size(); ++d) inner *= out.dims[d];
  Status bad;
  for_blocks(indices->dims, t.groups, [&](int64_t i, int64_t g) {
    const int64_t index = indices->integer(i);
    if (index >= t.entries) bad = invalid_model("an index past its table");
    if (!bad.ok()) return;
    const int64_t first = (g * t.entries + index) * t.vector;
    if (t.vector == 1) return to.set(i, static_cast<float>(lut->number(first)));
    const int64_t at = i / inner * t.vector * inner + i % inner;
    for (int64_t v = 0; v < t.vector; ++v)
      to.set(at + v * inner, static_cast<float>(lut->number(first + v)));
  });
  HY_RETURN_IF_ERROR(bad);
  out.bytes = to.take();
  return out;
}

// ---- sparse ----------------------------------------------------------------------------------------

int64_t ones(std::string_view mask, int64_t count) {
  int64_t n = 0;
  for (int64_t i = 0; i < count; ++i) n += bit_at(mask, i) ? 1 : 0;
  return n;
}

Status check_mask(const Tensor& mask, int64_t count, const Tensor& values, int64_t each = 1) {
  if (static_cast<int64_t>(mask.bytes.size()) * 8 < count)
    return invalid_model("the mask has fewer bits than the " + std::to_string(count) + " elements");
  if (const int64_t n = ones(mask.bytes, count); n != values.count() * each)
    return invalid_model("the mask has " + std::to_string(n) + " ones for " +
                         std::to_string(values.count() * each) + " values");
  return {};
}

Result<Expanded> sparse(const Operands& o, bool work) {
  const Tensor *values = find(o, "nonzero_data"), *mask = find(o, "mask"),
               *shape = find(o, "shape");
  if (values == nullptr) return missing("nonzero_data");
  if (mask == nullptr) return missing("mask");
  Expanded out{values->dtype, {}, {}, {}};
  if (shape == nullptr) out.dims = mask->dims;
  for (int64_t d = 0; shape != nullptr && d < shape->count(); ++d)
    out.dims.push_back(shape->integer(d));
  const int64_t count = count_of(out.dims);
  HY_RETURN_IF_ERROR(check_mask(*mask, count, *values));
  if (!work) return out;
  Output to(out.dtype, count);
  for (int64_t i = 0, next = 0; i < count; ++i)
    if (bit_at(mask->bytes, i)) to.set(i, static_cast<float>(values->number(next++)));
  out.bytes = to.take();
  return out;
}

Result<Expanded> palette_to_sparse(const Operands& o, bool work) {
  const Tensor *mask = find(o, "indices_mask"), *indices = find(o, "indices_nonzero_data");
  const Tensor* lut = find(o, "lut");
  if (mask == nullptr) return missing("indices_mask");
  if (indices == nullptr) return missing("indices_nonzero_data");
  if (lut == nullptr) return missing("lut");
  HY_ASSIGN_OR_RETURN(const Table t, table_of(*lut, find(o, "vector_axis"), mask->dims));
  const int64_t count = count_of(mask->dims);
  HY_RETURN_IF_ERROR(check_mask(*mask, count, *indices));
  Expanded out{lut->dtype, {indices->count() * t.vector}, {}, {}};
  std::vector<int64_t> whole = mask->dims;
  if (t.vector > 1) whole[static_cast<size_t>(t.axis)] *= t.vector;
  int64_t inner = 1;
  for (size_t d = static_cast<size_t>(t.axis) + 1; d < whole.size(); ++d) inner *= whole[d];
  // Placed densely first, since of vectors the values that are not zero do not lie in the order of their indices.
  Output dense(out.dtype, count_of(whole));
  out.mask.assign(static_cast<size_t>((count_of(whole) + 7) / 8), '\0');
  const auto mark = [&](int64_t i) {
    out.mask[static_cast<size_t>(i / 8)] =
        static_cast<char>(out.mask[static_cast<size_t>(i / 8)] | 1 << (i % 8));
  };
  int64_t next = 0;
  Status bad;
  for_blocks(mask->dims, t.groups, [&](int64_t i, int64_t g) {
    if (!bit_at(mask->bytes, i) || !bad.ok()) return;
    const int64_t index = indices->integer(next++);
    if (index >= t.entries) {
      bad = invalid_model("an index past its table");
      return;
    }
    const int64_t first = (g * t.entries + index) * t.vector;
    const int64_t at = t.vector == 1 ? i : i / inner * t.vector * inner + i % inner;
    for (int64_t v = 0; v < t.vector; ++v) {
      dense.set(at + v * inner, static_cast<float>(lut->number(first + v)));
      mark(at + v * inner);
    }
  });
  HY_RETURN_IF_ERROR(bad);
  if (!work) return Expanded{out.dtype, out.dims, {}, std::move(out.mask)};
  const std::string bytes = dense.take();
  const Tensor all{out.dtype, whole, bytes, {}, false};
  Output to(out.dtype, out.dims[0]);
  for (int64_t i = 0, n = count_of(whole), at = 0; i < n; ++i)
    if (bit_at(out.mask, i)) to.set(at++, static_cast<float>(all.number(i)));
  out.bytes = to.take();
  return out;
}

Result<Expanded> sparse_blockwise(const Operands& o, bool work) {
  const Tensor *mask = find(o, "data_mask"), *values = find(o, "nonzero_data");
  const Tensor *scale = find(o, "scale"), *offset = find(o, "offset");
  if (mask == nullptr) return missing("data_mask");
  if (values == nullptr) return missing("nonzero_data");
  if (scale == nullptr) return missing("scale");
  HY_RETURN_IF_ERROR(check_blocks(mask->dims, scale->dims, "scale"));
  HY_RETURN_IF_ERROR(check_mask(*mask, count_of(mask->dims), *values));
  if (offset != nullptr && offset->dims != scale->dims)
    return invalid_model("offset has not the dims of scale");
  Expanded out{scale->dtype, {values->count()}, {}, std::string(mask->bytes)};
  if (!work) return out;
  Output to(out.dtype, values->count());
  int64_t next = 0;
  for_blocks(mask->dims, scale->dims, [&](int64_t i, int64_t s) {
    if (!bit_at(mask->bytes, i)) return;
    const float z = offset == nullptr ? 0.0f : static_cast<float>(offset->number(s));
    to.set(next,
           static_cast<float>(scale->number(s)) * (static_cast<float>(values->number(next)) - z));
    ++next;
  });
  out.bytes = to.take();
  return out;
}

Result<Expanded> cast(const Operands& o, bool work) {
  const Tensor *from = find(o, "source_val"), *type = find(o, "output_dtype");
  if (from == nullptr) return missing("source_val");
  Expanded out{HY_DTYPE_F32, from->dims, {}, {}};
  if (type != nullptr && !type->strings.empty()) out.dtype = dtype_of(type->strings[0]);
  if (!work) return out;
  Output to(out.dtype, from->count());
  for (int64_t i = 0; i < from->count(); ++i) to.set(i, static_cast<float>(from->number(i)));
  out.bytes = to.take();
  return out;
}

Result<Expanded> run(std::string_view op, const Operands& o, bool work) {
  if (op == "constexpr_affine_dequantize") return affine(o, work);
  if (op == "constexpr_blockwise_shift_scale") return blockwise(o, work);
  if (op == "constexpr_lut_to_dense")
    return find(o, "shape") != nullptr ? flat_palette(o, work) : palette(o, work);
  if (op == "constexpr_sparse_to_dense") return sparse(o, work);
  if (op == "constexpr_lut_to_sparse") return palette_to_sparse(o, work);
  if (op == "constexpr_sparse_blockwise_shift_scale") return sparse_blockwise(o, work);
  if (op == "constexpr_cast") return cast(o, work);
  return unsupported("there is no operation " + std::string(op));
}

}  // namespace

bool is_constexpr(std::string_view op) { return op.starts_with("constexpr_"); }

Result<Expanded> describe(std::string_view op, const Operands& operands) {
  HY_ASSIGN_OR_RETURN(Expanded out, run(op, operands, false));
  if (!Output::takes(out.dtype))
    return unsupported(std::string(op) + " into elements of type " + std::to_string(out.dtype));
  return out;
}

Result<Expanded> expand(std::string_view op, const Operands& operands) {
  HY_RETURN_IF_ERROR(describe(op, operands).status());
  return run(op, operands, true);
}

}  // namespace halyard::coreml
