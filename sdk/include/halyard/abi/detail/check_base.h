/* Private to graph_validate.h: how a failed check is told, and the checks that every table needs: indexes,
 * ranges, texts, strides, element types. */
#ifndef HALYARD_ABI_DETAIL_CHECK_BASE_H_
#define HALYARD_ABI_DETAIL_CHECK_BASE_H_

#include <stdio.h>
#include <stdlib.h>

#include "halyard/abi/graph_reader.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hy_graph_check {
  hy_graph_view g;
  char* message;
  size_t capacity;
  uint64_t left[HY_SECTION_KINDS]; /* records of each table that no range has claimed */
  unsigned char* subgraph_depth;   /* nesting; 0: nobody uses it */
  unsigned char* constant_depth;   /* encodings upon encodings */
} hy_graph_check;

#define HY_GRAPH_TRY_(expression)                       \
  do {                                                  \
    const hy_status hy_try_status_ = (expression);      \
    if (hy_try_status_ != HY_OK) return hy_try_status_; \
  } while (0)

static inline const char* hy_graph_check_name(uint32_t kind) {
  static const char* const names[HY_SECTION_KINDS] = {
      "HEADER", "SUBGRAPHS", "NODES",   "VALUES", "OPERANDS", "ATTRIBUTES",  "SHAPES",
      "DIMS",   "SYMBOLS",   "EXPRS",   "INTS",   "FLOATS",   "STRING_REFS", "CONSTANTS",
      "STATES", "GROUPS",    "STRINGS", "BLOB",   "HINTS"};
  return names[kind];
}

/* Copies as much of a text as there is room for. */
static inline void hy_graph_check_tell(char* message, size_t capacity, const char* text) {
  size_t size = strlen(text);
  if (message == NULL || capacity == 0) return;
  if (size > capacity - 1) size = capacity - 1;
  memcpy(message, text, size);
  message[size] = 0;
}

/* Says which field of which record is wrong, and why. */
static inline hy_status hy_graph_check_fail(hy_graph_check* c, uint32_t kind, uint32_t record,
                                            const char* field, int64_t value, const char* why) {
  char text[320];
  snprintf(text, sizeof text, "graph: %s[%lu].%s is %lld: %s", hy_graph_check_name(kind),
           (unsigned long)record, field, (long long)value, why);
  hy_graph_check_tell(c->message, c->capacity, text);
  return HY_ERROR_INVALID_MODEL;
}

/* The same, where the reason ends in a number. */
static inline hy_status hy_graph_check_limit(hy_graph_check* c, uint32_t kind, uint32_t record,
                                             const char* field, int64_t value, const char* why,
                                             int64_t limit) {
  char text[128];
  snprintf(text, sizeof text, "%s %lld", why, (long long)limit);
  return hy_graph_check_fail(c, kind, record, field, value, text);
}

/* An index into a table. */
static inline hy_status hy_graph_check_index(hy_graph_check* c, uint32_t kind, uint32_t record,
                                             const char* field, uint32_t index, uint32_t table) {
  char text[64];
  if (index < c->g.tables[table].count) return HY_OK;
  snprintf(text, sizeof text, "the number of records in %s is", hy_graph_check_name(table));
  return hy_graph_check_limit(c, kind, record, field, index, text, c->g.tables[table].count);
}

/* A range of a table. Ranges do not share records: together they are no longer than the table, which
 * keeps every walk over all records linear. */
static inline hy_status hy_graph_check_range(hy_graph_check* c, uint32_t kind, uint32_t record,
                                             const char* field, uint64_t first, uint64_t count,
                                             uint32_t table) {
  const uint64_t size = c->g.tables[table].count;
  char text[96];
  if (count == 0) return HY_OK;
  if (first > size || count > size - first) {
    snprintf(text, sizeof text, "with a count of %llu it passes the end of %s, which is",
             (unsigned long long)count, hy_graph_check_name(table));
    return hy_graph_check_limit(c, kind, record, field, (int64_t)first, text, (int64_t)size);
  }
  if (count > c->left[table]) {
    snprintf(text, sizeof text, "ranges share records of %s: not yet in a range are",
             hy_graph_check_name(table));
    return hy_graph_check_limit(c, kind, record, field, (int64_t)first, text,
                                (int64_t)c->left[table]);
  }
  c->left[table] -= count;
  return HY_OK;
}

/* A text: in range, and not cut within a character. STRINGS as a whole has been checked. */
static inline hy_status hy_graph_check_text(hy_graph_check* c, uint32_t kind, uint32_t record,
                                            const char* field, hy_graph_str s) {
  const hy_graph_table* t = &c->g.tables[HY_SECTION_STRINGS];
  const uint64_t end = (uint64_t)s.offset + s.size;
  if (s.size == 0) return HY_OK;
  if (end > t->count)
    return hy_graph_check_limit(c, kind, record, field, (int64_t)end,
                                "it ends past STRINGS, which is", t->count);
  if ((t->data[s.offset] & 0xc0) == 0x80 || (end < t->count && (t->data[end] & 0xc0) == 0x80))
    return hy_graph_check_fail(c, kind, record, field, s.offset,
                               "it is cut within a UTF-8 character");
  return HY_OK;
}

/* The length of the UTF-8 character at p, of which left bytes remain; 0: there is none. */
static inline uint32_t hy_graph_check_utf8(const unsigned char* p, uint64_t left) {
  uint32_t length, code, i;
  if (p[0] < 0x80) return 1;
  length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
  if (p[0] < 0xc2 || p[0] > 0xf4 || left < length) return 0;
  code = p[0] & (0x7fu >> length);
  for (i = 1; i < length; ++i) {
    if ((p[i] & 0xc0) != 0x80) return 0;
    code = code << 6 | (p[i] & 0x3fu);
  }
  if (code < (length == 4 ? 0x10000u : length == 3 ? 0x800u : 0x80u) || code > 0x10ffff) return 0;
  return code >= 0xd800 && code < 0xe000 ? 0 : length;
}

static inline hy_status hy_graph_check_strings(hy_graph_check* c) {
  const hy_graph_table* t = &c->g.tables[HY_SECTION_STRINGS];
  uint32_t i = 0;
  while (i < t->count) {
    const uint32_t length = hy_graph_check_utf8(t->data + i, t->count - i);
    if (length == 0)
      return hy_graph_check_fail(c, HY_SECTION_STRINGS, i, "byte", t->data[i],
                                 "no UTF-8 character begins here");
    i += length;
  }
  for (i = 0; i < c->g.tables[HY_SECTION_STRING_REFS].count; ++i)
    HY_GRAPH_TRY_(hy_graph_check_text(c, HY_SECTION_STRING_REFS, i, "text",
                                      hy_graph_string_ref_at(&c->g, i)));
  return HY_OK;
}

/* Records are never shorter than those of this version. */
static inline hy_status hy_graph_check_strides(hy_graph_check* c) {
  static const uint32_t least[HY_SECTION_KINDS] = {0,
                                                   sizeof(hy_graph_subgraph),
                                                   sizeof(hy_graph_node),
                                                   sizeof(hy_graph_value),
                                                   sizeof(uint32_t),
                                                   sizeof(hy_graph_attribute),
                                                   sizeof(hy_graph_shape),
                                                   sizeof(hy_graph_dim),
                                                   sizeof(hy_graph_symbol),
                                                   sizeof(hy_graph_expr),
                                                   sizeof(int64_t),
                                                   sizeof(double),
                                                   sizeof(hy_graph_str),
                                                   sizeof(hy_graph_constant),
                                                   sizeof(hy_graph_state),
                                                   sizeof(hy_graph_group),
                                                   1,
                                                   1,
                                                   sizeof(hy_graph_hint)};
  uint32_t kind;
  for (kind = 1; kind < HY_SECTION_KINDS; ++kind) {
    const hy_graph_table* t = &c->g.tables[kind];
    c->left[kind] = t->count;
    if (t->data == NULL) continue;
    if (t->stride < least[kind])
      return hy_graph_check_limit(c, kind, 0, "stride", t->stride, "the record's size is",
                                  least[kind]);
    if (least[kind] == 1 && t->stride != 1)
      return hy_graph_check_fail(c, kind, 0, "stride", t->stride,
                                 "a section of bytes has stride 1");
  }
  return HY_OK;
}

/* Bits of an element as dtype_bits in opset.hpp; 1 << 31 for strings, 0 for unknown types. */
static inline uint32_t hy_graph_check_bits(uint32_t dtype) {
  static const unsigned char bits[HY_DTYPE_STRING] = {0,  32,  64, 16, 16, 8, 8,  8,  8,  8, 4,
                                                      64, 128, 0,  0,  0,  8, 16, 32, 64, 8, 16,
                                                      32, 64,  4,  4,  2,  2, 1,  3,  6,  0, 8};
  if (dtype == HY_DTYPE_STRING) return 1u << 31;
  return dtype < HY_DTYPE_STRING ? bits[dtype] : 0;
}

static inline hy_status hy_graph_check_dtype(hy_graph_check* c, uint32_t kind, uint32_t record,
                                             const char* field, uint32_t dtype) {
  if (hy_graph_check_bits(dtype) != 0) return HY_OK;
  return hy_graph_check_fail(c, kind, record, field, dtype, "no element type has this number");
}

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* HALYARD_ABI_DETAIL_CHECK_BASE_H_ */
