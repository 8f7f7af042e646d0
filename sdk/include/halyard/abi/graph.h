/* The flat form of a graph: records, nothing but data. C11, self-contained.
 *
 * Status: 0.x, UNSTABLE, as plugin.h.
 *
 * A graph is one block of bytes: a header, a directory of sections, the sections. Little-endian, each
 * section aligned to 8 bytes, every reference an index or an offset, never a pointer. Readers:
 * graph_reader.h (C) and halyard/graph.hpp (C++); hy_graph_validate in graph_validate.h is the one
 * function that decides whether bytes are a graph; a reader may be used on validated bytes alone.
 *
 * A section is a table of records with a stride: a reader copies min(stride, sizeof record) bytes into
 * a zeroed record, so records may grow at the end. Ranges (first, count) of one table do not share
 * records. The block itself begins at an address that is a multiple of 8. An unknown section is skipped,
 * unless it is flagged HY_SECTION_REQUIRED; then an older reader must refuse the graph.
 *
 * The model of a graph:
 *  - SUBGRAPHS[0] is the main one. A subgraph owns a contiguous range of NODES, in an order in which
 *    every value is computed before it is used, and a contiguous range of VALUES. It is closed: its
 *    nodes use values of its own range alone. What the body of an If or Loop needs from outside is an
 *    operand of the node and an input of the body.
 *    The inputs of a subgraph are its INPUT values, all of them, in the order of VALUES.
 *  - A value is written once: it is an input of its subgraph, a constant, or an output of one node. A
 *    RESULT that no node computes (producer HY_NONE) is dead: nothing uses it.
 *  - A body or a group's parts belong to one node, of a subgraph with a lower number.
 *  - A group is a composite node together with its parts: a subgraph whose inputs and outputs are the
 *    node's, operand by operand (an absent operand is an input that nobody uses).
 *  - Constants are one table for all subgraphs. Bytes are inline (BLOB) or a weight, by id.
 *  - A dim is static, unknown, or a postfix expression over symbols. */
#ifndef HALYARD_ABI_GRAPH_H_
#define HALYARD_ABI_GRAPH_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HY_GRAPH_MAGIC 0x30475948u /* "HYG0" */
#define HY_NONE 0xffffffffu        /* no such index */

/* Limits, so that readers may rely on them. */
#define HY_GRAPH_MAX_RANK 64
#define HY_GRAPH_MAX_ELEMENTS ((int64_t)1 << 58) /* product of a shape's static dims other than 0 */
#define HY_GRAPH_MAX_DEPTH 32                    /* subgraphs within subgraphs */
#define HY_GRAPH_MAX_ENCODINGS 4                 /* encoded parts within encoded constants */

typedef struct hy_graph_header {
  uint32_t magic;
  uint32_t header_bytes;  /* where the directory begins */
  uint64_t total_bytes;   /* of the whole block */
  uint32_t section_count; /* entries of the directory */
  uint32_t section_stride;
} hy_graph_header;

typedef struct hy_graph_section {
  uint32_t kind;   /* HY_SECTION_* */
  uint32_t flags;  /* HY_SECTION_REQUIRED */
  uint64_t offset; /* from the start of the block, a multiple of 8 */
  uint32_t count;  /* records; BLOB and STRINGS: bytes */
  uint32_t stride; /* bytes from record to record; BLOB and STRINGS: 1 */
} hy_graph_section;
#define HY_SECTION_REQUIRED 1u

enum {
  HY_SECTION_SUBGRAPHS = 1,
  HY_SECTION_NODES = 2,
  HY_SECTION_VALUES = 3,
  HY_SECTION_OPERANDS = 4, /* u32 each: value indexes, HY_NONE for an absent optional operand */
  HY_SECTION_ATTRIBUTES = 5,
  HY_SECTION_SHAPES = 6,
  HY_SECTION_DIMS = 7,
  HY_SECTION_SYMBOLS = 8,
  HY_SECTION_EXPRS = 9,
  HY_SECTION_INTS = 10,        /* i64 each */
  HY_SECTION_FLOATS = 11,      /* f64 each */
  HY_SECTION_STRING_REFS = 12, /* hy_graph_str each */
  HY_SECTION_CONSTANTS = 13,
  HY_SECTION_STATES = 14,
  HY_SECTION_GROUPS = 15,
  HY_SECTION_STRINGS = 16, /* text bytes, UTF-8 */
  HY_SECTION_BLOB = 17,    /* bytes of inline constants */
  HY_SECTION_HINTS = 18
};

typedef struct hy_graph_str {
  uint32_t offset; /* into STRINGS */
  uint32_t size;
} hy_graph_str;

typedef struct hy_graph_subgraph {
  hy_graph_str name;
  uint32_t first_node, node_count;
  uint32_t first_value, value_count;
  uint32_t first_input, input_count;   /* into OPERANDS */
  uint32_t first_output, output_count; /* into OPERANDS */
} hy_graph_subgraph;

typedef struct hy_graph_node {
  hy_graph_str domain; /* empty: the standard operator set */
  hy_graph_str op;
  hy_graph_str name;                         /* for people; need not be unique */
  uint64_t signature;                        /* digest of the operator's row; 0: unknown operator */
  uint32_t first_input, input_count;         /* into OPERANDS */
  uint32_t first_output, output_count;       /* into OPERANDS; HY_NONE: nobody wants that output */
  uint32_t first_attribute, attribute_count; /* into ATTRIBUTES */
  uint32_t group;                            /* into GROUPS, or HY_NONE */
  uint32_t flags;
  uint32_t first_origin, origin_count; /* into STRING_REFS: names of the model's own nodes */
} hy_graph_node;

enum { HY_VALUE_INPUT = 1, HY_VALUE_CONSTANT = 2, HY_VALUE_RESULT = 3 };
enum { HY_TYPE_TENSOR = 0, HY_TYPE_SEQUENCE = 1, HY_TYPE_OPTIONAL = 2, HY_TYPE_MAP = 3 };

typedef struct hy_graph_value {
  hy_graph_str name;
  uint32_t kind;            /* HY_VALUE_* */
  uint32_t type;            /* HY_TYPE_*; dtype and shape are the element's */
  uint32_t dtype;           /* HY_DTYPE_*; UNDEFINED: not known yet */
  uint32_t shape;           /* into SHAPES; HY_NONE: not even the rank is known */
  uint32_t producer;        /* node, of a RESULT */
  uint32_t producer_output; /* which of its outputs */
  uint32_t constant;        /* into CONSTANTS: of a CONSTANT, or of an INPUT whose value is known */
  uint32_t key_dtype;       /* of a MAP. Of an OPTIONAL: the HY_TYPE_* of what it may hold */
} hy_graph_value;

typedef struct hy_graph_shape {
  uint32_t first_dim, rank; /* into DIMS */
} hy_graph_shape;

enum { HY_DIM_STATIC = 0, HY_DIM_UNKNOWN = 1, HY_DIM_EXPR = 2 };
typedef struct hy_graph_dim {
  uint32_t kind; /* HY_DIM_* */
  uint32_t expr_count;
  int64_t value; /* STATIC: the size, >= 0. EXPR: the first of expr_count records of EXPRS */
} hy_graph_dim;

typedef struct hy_graph_symbol {
  hy_graph_str name;
  int64_t min;
  int64_t max;         /* -1: no limit */
  int64_t multiple_of; /* >= 1 */
} hy_graph_symbol;

/* Postfix: CONST and SYMBOL push, the others take two and push one. Exactly one value remains. A division
 * by zero, an overflow or a negative result make the dim unknown. */
enum {
  HY_EXPR_CONST = 0,
  HY_EXPR_SYMBOL = 1, /* value: into SYMBOLS */
  HY_EXPR_ADD = 2,
  HY_EXPR_SUB = 3,
  HY_EXPR_MUL = 4,
  HY_EXPR_FLOORDIV = 5,
  HY_EXPR_CEILDIV = 6,
  HY_EXPR_MIN = 7,
  HY_EXPR_MAX = 8
};
#define HY_EXPR_MAX_TERMS 64 /* records of one dim */
typedef struct hy_graph_expr {
  uint32_t op; /* HY_EXPR_* */
  uint32_t reserved;
  int64_t value;
} hy_graph_expr;

enum {
  HY_ATTR_INT = 1,     /* i */
  HY_ATTR_FLOAT = 2,   /* f */
  HY_ATTR_STRING = 3,  /* first: into STRING_REFS */
  HY_ATTR_INTS = 4,    /* first, count: into INTS */
  HY_ATTR_FLOATS = 5,  /* into FLOATS */
  HY_ATTR_STRINGS = 6, /* into STRING_REFS */
  HY_ATTR_TENSOR = 7,  /* first: into CONSTANTS */
  HY_ATTR_GRAPH = 8    /* first: into SUBGRAPHS, a body */
};
typedef struct hy_graph_attribute {
  hy_graph_str name;
  uint32_t type; /* HY_ATTR_* */
  uint32_t first;
  uint32_t count;
  uint32_t reserved;
  int64_t i;
  double f;
} hy_graph_attribute;

/* How the bytes of a constant stand for its elements. Parts are constants themselves, in this order:
 *  DENSE    none; the bytes are the elements, in C order.
 *  AFFINE   [data, scale, zero point or nothing]: (data - zero point) * scale; block sizes by the
 *           ratio of dims.
 *  PALETTE  [indices, table]: element = table[index], tables by group.
 *  SPARSE   [bitmap (u1), values]: values in order where the bitmap is 1, else 0. */
enum {
  HY_ENCODING_DENSE = 0,
  HY_ENCODING_AFFINE = 1,
  HY_ENCODING_PALETTE = 2,
  HY_ENCODING_SPARSE = 3
};
enum { HY_STORAGE_INLINE = 0, HY_STORAGE_WEIGHT = 1, HY_STORAGE_PARTS = 2 };
typedef struct hy_graph_constant {
  uint32_t dtype;
  uint32_t shape;                  /* into SHAPES, static dims alone */
  uint32_t encoding;               /* HY_ENCODING_* */
  uint32_t storage;                /* HY_STORAGE_*; DENSE: INLINE or WEIGHT; others: PARTS */
  uint64_t offset;                 /* INLINE: into BLOB, a multiple of 8. WEIGHT: the id */
  uint64_t bytes;                  /* of INLINE and WEIGHT. Strings: as in hy_binding */
  uint32_t first_part, part_count; /* PARTS: into OPERANDS, as constant indexes */
} hy_graph_constant;

/* What is kept from run to run. Ports of states are ordinary inputs and outputs of the main subgraph; they come
 * after all others, in the order of STATES. A device with HY_DEVICE_STATES is given them through
 * hy_run_args.states, one buffer for both ports, and not among inputs and outputs; all others never see a
 * graph with STATES, but the same graph with plain ports. */
typedef struct hy_graph_state {
  hy_graph_str name;
  uint32_t dtype;
  uint32_t shape;       /* into SHAPES, static dims: the capacity */
  uint32_t initial;     /* into CONSTANTS, or HY_NONE: zeros */
  uint32_t growth_axis; /* HY_NONE: does not grow */
  uint32_t input;       /* the input that is its content before a run. HY_NONE: is not read */
  uint32_t output;      /* the output that is its content after. HY_NONE: stays as it was */
} hy_graph_state;

typedef struct hy_graph_group {
  uint32_t node;  /* the composite */
  uint32_t parts; /* into SUBGRAPHS */
} hy_graph_group;

/* Advice that a reader may ignore. */
enum { HY_HINT_PLACEMENT = 1, HY_HINT_PRECISION = 2, HY_HINT_MEASURED_NS = 3 };
typedef struct hy_graph_hint {
  uint32_t kind;
  uint32_t node;
  hy_graph_str text;
  int64_t value;
} hy_graph_hint;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* HALYARD_ABI_GRAPH_H_ */
