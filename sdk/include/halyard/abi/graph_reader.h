/* Reads the flat form of graph.h. C11, header-only.
 *
 * hy_graph_open checks the header and the directory alone; indexes inside the records are only safe
 * after hy_graph_validate (graph_validate.h). What the core hands to a plugin has been validated. A
 * record past the end of its table reads as zeros. */
#ifndef HALYARD_ABI_GRAPH_READER_H_
#define HALYARD_ABI_GRAPH_READER_H_

#include <stddef.h>
#include <string.h>

#include "halyard/abi/graph.h"
#include "halyard/abi/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HY_SECTION_KINDS 19

typedef struct hy_graph_table {
  const unsigned char* data;
  uint32_t count;
  uint32_t stride;
} hy_graph_table;

/* A view: valid as long as the bytes are. */
typedef struct hy_graph_view {
  const unsigned char* base;
  uint64_t size;
  hy_graph_table tables[HY_SECTION_KINDS]; /* by HY_SECTION_* */
} hy_graph_view;

/* Copies min(size, stride) bytes of record i of a section into a zeroed record. */
static inline void hy_graph_read(const hy_graph_view* g, uint32_t kind, uint32_t i, void* out,
                                 size_t size) {
  const hy_graph_table* t = &g->tables[kind];
  memset(out, 0, size);
  if (i < t->count)
    memcpy(out, t->data + (uint64_t)i * t->stride, size < t->stride ? size : t->stride);
}

/* Null on success, else a static text of what is wrong with the header or the directory. */
static inline const char* hy_graph_open(const void* data, uint64_t size, hy_graph_view* g) {
  hy_graph_header h;
  uint32_t i;
  memset(g, 0, sizeof *g);
  if (data == NULL || size < sizeof h) return "shorter than a graph header";
  memcpy(&h, data, sizeof h);
  if (h.magic != HY_GRAPH_MAGIC) return "not a graph: wrong magic number";
  if (h.total_bytes != size) return "the header's size is not the size of the bytes";
  if (h.header_bytes < sizeof h || h.header_bytes > size)
    return "the header is too short or too long";
  if (h.section_stride < sizeof(hy_graph_section) || h.section_stride > 4096)
    return "the directory's stride is wrong";
  if (h.section_count > 4096 ||
      (uint64_t)h.section_count * h.section_stride > size - h.header_bytes)
    return "the directory lies outside of the graph";
  g->base = (const unsigned char*)data;
  g->size = size;
  for (i = 0; i < h.section_count; ++i) {
    hy_graph_section s;
    memcpy(&s, g->base + h.header_bytes + (uint64_t)i * h.section_stride, sizeof s);
    if (s.stride == 0) return "a section has no stride";
    if (s.offset % 8 != 0) return "a section is not aligned to 8 bytes";
    if (s.offset > size || (uint64_t)s.count * s.stride > size - s.offset)
      return "a section lies outside of the graph";
    if (s.kind == 0 || s.kind >= HY_SECTION_KINDS) {
      if (s.flags & HY_SECTION_REQUIRED) return "a required section is unknown to this reader";
      continue;
    }
    if (g->tables[s.kind].data != NULL) return "a section stands there twice";
    g->tables[s.kind].data = g->base + s.offset;
    g->tables[s.kind].count = s.count;
    g->tables[s.kind].stride = s.stride;
  }
  return NULL;
}

#define HY_GRAPH_READER_(name, type, kind)                      \
  static inline type name(const hy_graph_view* g, uint32_t i) { \
    type record;                                                \
    hy_graph_read(g, kind, i, &record, sizeof record);          \
    return record;                                              \
  }
HY_GRAPH_READER_(hy_graph_subgraph_at, hy_graph_subgraph, HY_SECTION_SUBGRAPHS)
HY_GRAPH_READER_(hy_graph_node_at, hy_graph_node, HY_SECTION_NODES)
HY_GRAPH_READER_(hy_graph_value_at, hy_graph_value, HY_SECTION_VALUES)
HY_GRAPH_READER_(hy_graph_operand_at, uint32_t, HY_SECTION_OPERANDS)
HY_GRAPH_READER_(hy_graph_attribute_at, hy_graph_attribute, HY_SECTION_ATTRIBUTES)
HY_GRAPH_READER_(hy_graph_shape_at, hy_graph_shape, HY_SECTION_SHAPES)
HY_GRAPH_READER_(hy_graph_dim_at, hy_graph_dim, HY_SECTION_DIMS)
HY_GRAPH_READER_(hy_graph_symbol_at, hy_graph_symbol, HY_SECTION_SYMBOLS)
HY_GRAPH_READER_(hy_graph_expr_at, hy_graph_expr, HY_SECTION_EXPRS)
HY_GRAPH_READER_(hy_graph_int_at, int64_t, HY_SECTION_INTS)
HY_GRAPH_READER_(hy_graph_float_at, double, HY_SECTION_FLOATS)
HY_GRAPH_READER_(hy_graph_string_ref_at, hy_graph_str, HY_SECTION_STRING_REFS)
HY_GRAPH_READER_(hy_graph_constant_at, hy_graph_constant, HY_SECTION_CONSTANTS)
HY_GRAPH_READER_(hy_graph_state_at, hy_graph_state, HY_SECTION_STATES)
HY_GRAPH_READER_(hy_graph_group_at, hy_graph_group, HY_SECTION_GROUPS)
HY_GRAPH_READER_(hy_graph_hint_at, hy_graph_hint, HY_SECTION_HINTS)
#undef HY_GRAPH_READER_

static inline uint32_t hy_graph_count(const hy_graph_view* g, uint32_t kind) {
  return g->tables[kind].count;
}

static inline hy_str hy_graph_text(const hy_graph_view* g, hy_graph_str s) {
  const hy_graph_table* t = &g->tables[HY_SECTION_STRINGS];
  hy_str out = {"", 0};
  if (s.offset <= t->count && s.size <= t->count - s.offset && t->data != NULL) {
    out.data = (const char*)t->data + s.offset;
    out.size = s.size;
  }
  return out;
}

/* Compares with a text that ends in a zero byte. */
static inline int hy_graph_text_is(const hy_graph_view* g, hy_graph_str s, const char* text) {
  hy_str t = hy_graph_text(g, s);
  return t.size == strlen(text) && memcmp(t.data, text, t.size) == 0;
}

/* The bytes of an INLINE constant; {0, 0} for others. */
static inline hy_bytes hy_graph_inline_bytes(const hy_graph_view* g, const hy_graph_constant* c) {
  const hy_graph_table* t = &g->tables[HY_SECTION_BLOB];
  hy_bytes out = {NULL, 0};
  if (c->storage == HY_STORAGE_INLINE && c->encoding == HY_ENCODING_DENSE && t->data != NULL &&
      c->offset <= t->count && c->bytes <= t->count - c->offset) {
    out.data = t->data + c->offset;
    out.size = c->bytes;
  }
  return out;
}

/* The attribute of a node by name: 1 and *out, or 0. */
static inline int hy_graph_find_attribute(const hy_graph_view* g, const hy_graph_node* n,
                                          const char* name, hy_graph_attribute* out) {
  uint32_t i;
  for (i = 0; i < n->attribute_count; ++i) {
    *out = hy_graph_attribute_at(g, n->first_attribute + i);
    if (hy_graph_text_is(g, out->name, name)) return 1;
  }
  memset(out, 0, sizeof *out);
  return 0;
}

/* The i-th input or output of a node as an index into VALUES, or HY_NONE. */
static inline uint32_t hy_graph_node_input(const hy_graph_view* g, const hy_graph_node* n,
                                           uint32_t i) {
  return i < n->input_count ? hy_graph_operand_at(g, n->first_input + i) : HY_NONE;
}
static inline uint32_t hy_graph_node_output(const hy_graph_view* g, const hy_graph_node* n,
                                            uint32_t i) {
  return i < n->output_count ? hy_graph_operand_at(g, n->first_output + i) : HY_NONE;
}

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* HALYARD_ABI_GRAPH_READER_H_ */
