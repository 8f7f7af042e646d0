/* Private to graph_validate.h: symbols, dims, shapes and constants. */
#ifndef HALYARD_ABI_DETAIL_CHECK_CONSTANTS_H_
#define HALYARD_ABI_DETAIL_CHECK_CONSTANTS_H_

#include "halyard/abi/detail/check_base.h"

#ifdef __cplusplus
extern "C" {
#endif

static inline hy_status hy_graph_check_symbols(hy_graph_check* c) {
  const uint32_t kind = HY_SECTION_SYMBOLS;
  uint32_t i;
  for (i = 0; i < c->g.tables[kind].count; ++i) {
    const hy_graph_symbol s = hy_graph_symbol_at(&c->g, i);
    HY_GRAPH_TRY_(hy_graph_check_text(c, kind, i, "name", s.name));
    if (s.min < 0) return hy_graph_check_fail(c, kind, i, "min", s.min, "a size is at least 0");
    if (s.max != -1 && s.max < s.min)
      return hy_graph_check_limit(c, kind, i, "max", s.max,
                                  "it is -1 for no limit, or at least min,", s.min);
    if (s.multiple_of < 1)
      return hy_graph_check_fail(c, kind, i, "multiple_of", s.multiple_of, "it is at least 1");
  }
  return HY_OK;
}

static inline hy_status hy_graph_check_expr(hy_graph_check* c, uint32_t dim, uint32_t first,
                                            uint32_t count) {
  const uint32_t kind = HY_SECTION_EXPRS;
  uint32_t i, depth = 0;
  for (i = first; i < first + count; ++i) {
    const hy_graph_expr e = hy_graph_expr_at(&c->g, i);
    if (e.op > HY_EXPR_MAX)
      return hy_graph_check_fail(c, kind, i, "op", e.op, "no operation has this number");
    if (e.op == HY_EXPR_SYMBOL && (e.value < 0 || e.value >= c->g.tables[HY_SECTION_SYMBOLS].count))
      return hy_graph_check_limit(c, kind, i, "value", e.value,
                                  "the number of records in SYMBOLS is",
                                  c->g.tables[HY_SECTION_SYMBOLS].count);
    if (e.op > HY_EXPR_SYMBOL && depth < 2)
      return hy_graph_check_fail(c, kind, i, "op", e.op,
                                 "it takes two terms, and fewer stand before it");
    depth = e.op > HY_EXPR_SYMBOL ? depth - 1 : depth + 1;
  }
  if (depth == 1) return HY_OK;
  return hy_graph_check_fail(c, HY_SECTION_DIMS, dim, "expr", depth,
                             "this many terms remain of the expression, not one");
}

static inline hy_status hy_graph_check_dims(hy_graph_check* c) {
  const uint32_t kind = HY_SECTION_DIMS;
  uint32_t i;
  for (i = 0; i < c->g.tables[kind].count; ++i) {
    const hy_graph_dim d = hy_graph_dim_at(&c->g, i);
    if (d.kind > HY_DIM_EXPR)
      return hy_graph_check_fail(c, kind, i, "kind", d.kind, "no kind has this number");
    if (d.kind != HY_DIM_UNKNOWN && d.value < 0)
      return hy_graph_check_fail(c, kind, i, "value", d.value, "it is at least 0");
    if (d.kind != HY_DIM_EXPR) continue;
    if (d.expr_count == 0 || d.expr_count > HY_EXPR_MAX_TERMS)
      return hy_graph_check_limit(c, kind, i, "expr_count", d.expr_count, "it is 1 to",
                                  HY_EXPR_MAX_TERMS);
    HY_GRAPH_TRY_(hy_graph_check_range(c, kind, i, "value", (uint64_t)d.value, d.expr_count,
                                       HY_SECTION_EXPRS));
    HY_GRAPH_TRY_(hy_graph_check_expr(c, i, (uint32_t)d.value, d.expr_count));
  }
  return HY_OK;
}

static inline hy_status hy_graph_check_shapes(hy_graph_check* c) {
  const uint32_t kind = HY_SECTION_SHAPES;
  uint32_t i, k;
  for (i = 0; i < c->g.tables[kind].count; ++i) {
    const hy_graph_shape s = hy_graph_shape_at(&c->g, i);
    int64_t elements = 1;
    if (s.rank > HY_GRAPH_MAX_RANK)
      return hy_graph_check_limit(c, kind, i, "rank", s.rank, "the limit is", HY_GRAPH_MAX_RANK);
    HY_GRAPH_TRY_(
        hy_graph_check_range(c, kind, i, "first_dim", s.first_dim, s.rank, HY_SECTION_DIMS));
    for (k = 0; k < s.rank; ++k) {
      const hy_graph_dim d = hy_graph_dim_at(&c->g, s.first_dim + k);
      if (d.kind != HY_DIM_STATIC || d.value == 0) continue;
      if (d.value > HY_GRAPH_MAX_ELEMENTS / elements)
        return hy_graph_check_limit(c, HY_SECTION_DIMS, s.first_dim + k, "value", d.value,
                                    "the product of a shape's dims other than 0 is at most",
                                    HY_GRAPH_MAX_ELEMENTS);
      elements *= d.value;
    }
  }
  return HY_OK;
}

/* A shape of static dims alone; *elements is their product. */
static inline hy_status hy_graph_check_static(hy_graph_check* c, uint32_t kind, uint32_t record,
                                              uint32_t shape, int64_t* elements) {
  hy_graph_shape s;
  uint32_t k;
  *elements = 1;
  HY_GRAPH_TRY_(hy_graph_check_index(c, kind, record, "shape", shape, HY_SECTION_SHAPES));
  s = hy_graph_shape_at(&c->g, shape);
  for (k = 0; k < s.rank; ++k) {
    const hy_graph_dim d = hy_graph_dim_at(&c->g, s.first_dim + k);
    if (d.kind != HY_DIM_STATIC)
      return hy_graph_check_limit(c, kind, record, "shape", shape,
                                  "its dims must be static; this one is not:", k);
    *elements = d.value == 0 || *elements == 0 ? 0 : *elements * d.value;
  }
  return HY_OK;
}

/* Whether shape a, with dims that need not be static, can be shape b, of static dims. */
static inline int hy_graph_check_agree(hy_graph_check* c, uint32_t a, uint32_t b) {
  const hy_graph_shape sa = hy_graph_shape_at(&c->g, a), sb = hy_graph_shape_at(&c->g, b);
  uint32_t k;
  if (a == b) return 1;
  if (sa.rank != sb.rank) return 0;
  for (k = 0; k < sa.rank; ++k) {
    const hy_graph_dim d = hy_graph_dim_at(&c->g, sa.first_dim + k);
    if (d.kind == HY_DIM_STATIC && d.value != hy_graph_dim_at(&c->g, sb.first_dim + k).value)
      return 0;
  }
  return 1;
}

/* (elements + 1) offsets that only grow, then the text that they divide. */
static inline hy_status hy_graph_check_string_tensor(hy_graph_check* c, uint32_t i,
                                                     const hy_graph_constant* k,
                                                     uint64_t elements) {
  const unsigned char* data;
  uint64_t j, at, last = 0, text;
  if (k->bytes < (elements + 1) * 8)
    return hy_graph_check_limit(c, HY_SECTION_CONSTANTS, i, "bytes", (int64_t)k->bytes,
                                "the offsets of its strings alone are",
                                (int64_t)(elements + 1) * 8);
  if (k->storage != HY_STORAGE_INLINE) return HY_OK;
  text = k->bytes - (elements + 1) * 8;
  data = c->g.tables[HY_SECTION_BLOB].data + k->offset;
  for (j = 0; j <= elements; ++j) {
    memcpy(&at, data + j * 8, 8);
    if (at < last || at > text || (j == 0 && at != 0))
      return hy_graph_check_limit(c, HY_SECTION_CONSTANTS, i, "string offset", (int64_t)at,
                                  "offsets begin at 0, only grow, and end with the text, which is",
                                  (int64_t)text);
    last = at;
  }
  if (last == text) return HY_OK;
  return hy_graph_check_limit(c, HY_SECTION_CONSTANTS, i, "last string offset", (int64_t)last,
                              "it is the size of the text,", (int64_t)text);
}

static inline hy_status hy_graph_check_dense(hy_graph_check* c, uint32_t i,
                                             const hy_graph_constant* k, uint64_t elements) {
  const uint32_t kind = HY_SECTION_CONSTANTS, bits = hy_graph_check_bits(k->dtype);
  uint64_t bytes;
  if (k->storage > HY_STORAGE_WEIGHT)
    return hy_graph_check_fail(c, kind, i, "storage", k->storage,
                               "a dense constant is INLINE or a WEIGHT");
  if (k->part_count != 0)
    return hy_graph_check_fail(c, kind, i, "part_count", k->part_count,
                               "a dense constant has no parts");
  if (k->storage == HY_STORAGE_INLINE) {
    if (k->offset % 8 != 0)
      return hy_graph_check_fail(c, kind, i, "offset", (int64_t)k->offset, "it is a multiple of 8");
    HY_GRAPH_TRY_(hy_graph_check_range(c, kind, i, "offset", k->offset, k->bytes, HY_SECTION_BLOB));
  }
  if (k->dtype == HY_DTYPE_STRING) return hy_graph_check_string_tensor(c, i, k, elements);
  bytes = bits >= 8 ? elements * (bits / 8) : (elements * bits + 7) / 8;
  if (k->bytes == bytes) return HY_OK;
  return hy_graph_check_limit(c, kind, i, "bytes", (int64_t)k->bytes, "its type and dims need",
                              (int64_t)bytes);
}

/* Whether scales of this shape divide data of that shape into blocks. */
static inline int hy_graph_check_blocks(hy_graph_check* c, uint32_t data, uint32_t scale) {
  const hy_graph_shape d = hy_graph_shape_at(&c->g, data), s = hy_graph_shape_at(&c->g, scale);
  uint32_t k;
  if (s.rank == 0) return 1;
  if (s.rank != d.rank) return 0;
  for (k = 0; k < s.rank; ++k) {
    const int64_t n = hy_graph_dim_at(&c->g, d.first_dim + k).value;
    const int64_t blocks = hy_graph_dim_at(&c->g, s.first_dim + k).value;
    if (blocks == 0 ? n != 0 : n % blocks != 0) return 0;
  }
  return 1;
}

/* What each encoding wants of its parts, which stand before it and have been checked. */
static inline const char* hy_graph_check_parts(hy_graph_check* c, const hy_graph_constant* k) {
  const uint32_t zero =
      k->part_count == 3 ? hy_graph_operand_at(&c->g, k->first_part + 2) : HY_NONE;
  const hy_graph_constant a =
      hy_graph_constant_at(&c->g, hy_graph_operand_at(&c->g, k->first_part));
  const hy_graph_constant b =
      hy_graph_constant_at(&c->g, hy_graph_operand_at(&c->g, k->first_part + 1));
  if (!hy_graph_check_agree(c, a.shape, k->shape))
    return "the dims of its first part are not its own";
  if (a.dtype == HY_DTYPE_STRING || b.dtype == HY_DTYPE_STRING) return "strings are never encoded";
  if (k->encoding == HY_ENCODING_AFFINE) {
    if (!hy_graph_check_blocks(c, k->shape, b.shape))
      return "the dims of its scale do not divide its own";
    if (zero != HY_NONE &&
        !hy_graph_check_agree(c, hy_graph_constant_at(&c->g, zero).shape, b.shape))
      return "the dims of its zero point are not those of its scale";
  } else if (k->encoding == HY_ENCODING_PALETTE) {
    if (a.dtype != HY_DTYPE_U8 && a.dtype != HY_DTYPE_U4 && a.dtype != HY_DTYPE_U2 &&
        a.dtype != HY_DTYPE_U1 && a.dtype != HY_DTYPE_U3 && a.dtype != HY_DTYPE_U6)
      return "its indices are not u1, u2, u3, u4, u6 or u8";
  } else if (a.dtype != HY_DTYPE_U1) {
    return "its bitmap is not u1";
  }
  return NULL;
}

static inline hy_status hy_graph_check_encoded(hy_graph_check* c, uint32_t i,
                                               const hy_graph_constant* k) {
  const uint32_t kind = HY_SECTION_CONSTANTS, most = k->encoding == HY_ENCODING_AFFINE ? 3 : 2;
  const char* problem;
  uint32_t j, depth = 0;
  if (k->storage != HY_STORAGE_PARTS)
    return hy_graph_check_fail(c, kind, i, "storage", k->storage,
                               "an encoded constant consists of PARTS");
  if (k->part_count < 2 || k->part_count > most)
    return hy_graph_check_limit(c, kind, i, "part_count", k->part_count,
                                "its encoding has 2 or up to", most);
  HY_GRAPH_TRY_(hy_graph_check_range(c, kind, i, "first_part", k->first_part, k->part_count,
                                     HY_SECTION_OPERANDS));
  for (j = 0; j < k->part_count; ++j) {
    const uint32_t part = hy_graph_operand_at(&c->g, k->first_part + j);
    if (part == HY_NONE && j == 2) continue;
    if (part >= i)
      return hy_graph_check_fail(c, kind, i, "part", part,
                                 "parts stand before the constant they make up");
    if (c->constant_depth[part] > depth) depth = c->constant_depth[part];
  }
  if (depth + 1 > HY_GRAPH_MAX_ENCODINGS)
    return hy_graph_check_limit(c, kind, i, "encoding", k->encoding,
                                "encodings upon encodings: the limit is", HY_GRAPH_MAX_ENCODINGS);
  c->constant_depth[i] = (unsigned char)(depth + 1);
  problem = hy_graph_check_parts(c, k);
  return problem == NULL ? HY_OK
                         : hy_graph_check_fail(c, kind, i, "encoding", k->encoding, problem);
}

static inline hy_status hy_graph_check_constants(hy_graph_check* c) {
  const uint32_t kind = HY_SECTION_CONSTANTS;
  uint32_t i;
  for (i = 0; i < c->g.tables[kind].count; ++i) {
    const hy_graph_constant k = hy_graph_constant_at(&c->g, i);
    int64_t elements;
    HY_GRAPH_TRY_(hy_graph_check_dtype(c, kind, i, "dtype", k.dtype));
    HY_GRAPH_TRY_(hy_graph_check_static(c, kind, i, k.shape, &elements));
    if (k.encoding > HY_ENCODING_SPARSE)
      return hy_graph_check_fail(c, kind, i, "encoding", k.encoding, "no encoding has this number");
    HY_GRAPH_TRY_(k.encoding == HY_ENCODING_DENSE
                      ? hy_graph_check_dense(c, i, &k, (uint64_t)elements)
                      : hy_graph_check_encoded(c, i, &k));
  }
  return HY_OK;
}

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* HALYARD_ABI_DETAIL_CHECK_CONSTANTS_H_ */
