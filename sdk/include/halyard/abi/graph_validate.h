/* The one function that decides whether bytes are a graph in the flat form of graph.h. C11, header-only.
 *
 * The core runs it on what a format plugin gives and on what it reads from its cache; what it hands to a
 * provider has passed. After HY_OK, every index, range, text and shape that graph_reader.h and
 * halyard/graph.hpp follow is in range, and walking bodies and parts ends.
 *
 * Time: linear in the size of the bytes, for any bytes. Memory: a byte for each subgraph and constant. */
#ifndef HALYARD_ABI_GRAPH_VALIDATE_H_
#define HALYARD_ABI_GRAPH_VALIDATE_H_

#include "halyard/abi/detail/check_constants.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The constant of a value: its type and dims are the value's, as far as the value knows them. */
static inline hy_status hy_graph_check_known(hy_graph_check* c, uint32_t i,
                                             const hy_graph_value* v) {
  const uint32_t kind = HY_SECTION_VALUES;
  hy_graph_constant k;
  HY_GRAPH_TRY_(hy_graph_check_index(c, kind, i, "constant", v->constant, HY_SECTION_CONSTANTS));
  k = hy_graph_constant_at(&c->g, v->constant);
  if (v->type != HY_TYPE_TENSOR)
    return hy_graph_check_fail(c, kind, i, "type", v->type, "a value with a constant is a tensor");
  if (v->dtype != k.dtype)
    return hy_graph_check_limit(c, kind, i, "dtype", v->dtype, "the type of its constant is",
                                k.dtype);
  if (v->kind == HY_VALUE_CONSTANT && v->shape == HY_NONE)
    return hy_graph_check_fail(c, kind, i, "shape", v->shape, "a constant has a shape");
  if (v->shape != HY_NONE && !hy_graph_check_agree(c, v->shape, k.shape))
    return hy_graph_check_limit(c, kind, i, "shape", v->shape,
                                "its dims are not those of its constant's shape,", k.shape);
  return HY_OK;
}

/* The node that computes a RESULT says so too. A RESULT without one is dead: nothing may use it. */
static inline hy_status hy_graph_check_producer(hy_graph_check* c, const hy_graph_subgraph* s,
                                                uint32_t i, const hy_graph_value* v) {
  const uint32_t kind = HY_SECTION_VALUES;
  hy_graph_node n;
  if (v->constant != HY_NONE)
    return hy_graph_check_fail(c, kind, i, "constant", v->constant, "a RESULT has none");
  if (v->producer == HY_NONE) return HY_OK;
  if (v->producer < s->first_node || v->producer - s->first_node >= s->node_count)
    return hy_graph_check_fail(c, kind, i, "producer", v->producer,
                               "that node is not of the value's subgraph");
  n = hy_graph_node_at(&c->g, v->producer);
  if (hy_graph_node_output(&c->g, &n, v->producer_output) == i) return HY_OK;
  return hy_graph_check_limit(c, kind, i, "producer_output", v->producer_output,
                              "the value is not that output of node", v->producer);
}

static inline hy_status hy_graph_check_value(hy_graph_check* c, const hy_graph_subgraph* s,
                                             uint32_t i) {
  const uint32_t kind = HY_SECTION_VALUES;
  const hy_graph_value v = hy_graph_value_at(&c->g, i);
  HY_GRAPH_TRY_(hy_graph_check_text(c, kind, i, "name", v.name));
  if (v.kind < HY_VALUE_INPUT || v.kind > HY_VALUE_RESULT)
    return hy_graph_check_fail(c, kind, i, "kind", v.kind, "no kind of value has this number");
  if (v.type > HY_TYPE_MAP)
    return hy_graph_check_fail(c, kind, i, "type", v.type, "no type has this number");
  if (v.dtype != HY_DTYPE_UNDEFINED)
    HY_GRAPH_TRY_(hy_graph_check_dtype(c, kind, i, "dtype", v.dtype));
  if (v.type == HY_TYPE_MAP)
    HY_GRAPH_TRY_(hy_graph_check_dtype(c, kind, i, "key_dtype", v.key_dtype));
  if (v.shape != HY_NONE)
    HY_GRAPH_TRY_(hy_graph_check_index(c, kind, i, "shape", v.shape, HY_SECTION_SHAPES));
  if (v.kind == HY_VALUE_RESULT) return hy_graph_check_producer(c, s, i, &v);
  if (v.kind == HY_VALUE_CONSTANT || v.constant != HY_NONE) return hy_graph_check_known(c, i, &v);
  return HY_OK;
}

/* Subgraph `target` belongs to a node of subgraph `owner`: as a body, or as the parts of a group. */
static inline hy_status hy_graph_check_nest(hy_graph_check* c, uint32_t kind, uint32_t record,
                                            const char* field, uint32_t owner, uint32_t target) {
  HY_GRAPH_TRY_(hy_graph_check_index(c, kind, record, field, target, HY_SECTION_SUBGRAPHS));
  if (target <= owner)
    return hy_graph_check_limit(c, kind, record, field, target,
                                "a body comes after the subgraph of its node, which is", owner);
  if (c->subgraph_depth[target] != 0)
    return hy_graph_check_fail(c, kind, record, field, target,
                               "that subgraph has been used already");
  if (c->subgraph_depth[owner] >= HY_GRAPH_MAX_DEPTH)
    return hy_graph_check_limit(c, kind, record, field, target, "subgraphs nest at most to depth",
                                HY_GRAPH_MAX_DEPTH);
  c->subgraph_depth[target] = (unsigned char)(c->subgraph_depth[owner] + 1);
  return HY_OK;
}

static inline hy_status hy_graph_check_attribute(hy_graph_check* c, uint32_t owner, uint32_t i) {
  const uint32_t kind = HY_SECTION_ATTRIBUTES;
  const hy_graph_attribute a = hy_graph_attribute_at(&c->g, i);
  HY_GRAPH_TRY_(hy_graph_check_text(c, kind, i, "name", a.name));
  switch (a.type) {
    case HY_ATTR_INT:
    case HY_ATTR_FLOAT:
      return HY_OK;
    case HY_ATTR_STRING:
      return hy_graph_check_range(c, kind, i, "first", a.first, 1, HY_SECTION_STRING_REFS);
    case HY_ATTR_INTS:
      return hy_graph_check_range(c, kind, i, "first", a.first, a.count, HY_SECTION_INTS);
    case HY_ATTR_FLOATS:
      return hy_graph_check_range(c, kind, i, "first", a.first, a.count, HY_SECTION_FLOATS);
    case HY_ATTR_STRINGS:
      return hy_graph_check_range(c, kind, i, "first", a.first, a.count, HY_SECTION_STRING_REFS);
    case HY_ATTR_TENSOR:
      return hy_graph_check_index(c, kind, i, "first", a.first, HY_SECTION_CONSTANTS);
    case HY_ATTR_GRAPH:
      return hy_graph_check_nest(c, kind, i, "first", owner, a.first);
    default:
      return hy_graph_check_fail(c, kind, i, "type", a.type, "no attribute type has this number");
  }
}

static inline hy_status hy_graph_check_group(hy_graph_check* c, uint32_t owner, uint32_t i,
                                             const hy_graph_node* n) {
  hy_graph_group group;
  hy_graph_subgraph parts;
  HY_GRAPH_TRY_(hy_graph_check_index(c, HY_SECTION_NODES, i, "group", n->group, HY_SECTION_GROUPS));
  group = hy_graph_group_at(&c->g, n->group);
  if (group.node != i)
    return hy_graph_check_limit(c, HY_SECTION_GROUPS, n->group, "node", group.node,
                                "it is the group of node", i);
  HY_GRAPH_TRY_(hy_graph_check_nest(c, HY_SECTION_GROUPS, n->group, "parts", owner, group.parts));
  parts = hy_graph_subgraph_at(&c->g, group.parts);
  if (parts.input_count != n->input_count)
    return hy_graph_check_limit(c, HY_SECTION_SUBGRAPHS, group.parts, "input_count",
                                parts.input_count, "the composite's is", n->input_count);
  if (parts.output_count != n->output_count)
    return hy_graph_check_limit(c, HY_SECTION_SUBGRAPHS, group.parts, "output_count",
                                parts.output_count, "the composite's is", n->output_count);
  return HY_OK;
}

/* A value that a node or the end of a subgraph reads; before: the node, or HY_NONE for the end. */
static inline hy_status hy_graph_check_use(hy_graph_check* c, const hy_graph_subgraph* s,
                                           uint32_t operand, uint32_t before) {
  const uint32_t kind = HY_SECTION_OPERANDS, v = hy_graph_operand_at(&c->g, operand);
  hy_graph_value value;
  if (v < s->first_value || v - s->first_value >= s->value_count)
    return hy_graph_check_fail(c, kind, operand, "value", v, "that value is not of this subgraph");
  value = hy_graph_value_at(&c->g, v);
  if (value.kind != HY_VALUE_RESULT || value.producer < before) return HY_OK;
  if (value.producer == HY_NONE)
    return hy_graph_check_fail(c, kind, operand, "value", v, "no node computes that value");
  return hy_graph_check_limit(c, kind, operand, "value", v,
                              "it is used before it is computed, by node", before);
}

static inline hy_status hy_graph_check_node_output(hy_graph_check* c, const hy_graph_subgraph* s,
                                                   uint32_t node, uint32_t output,
                                                   uint32_t operand) {
  const uint32_t kind = HY_SECTION_OPERANDS, v = hy_graph_operand_at(&c->g, operand);
  hy_graph_value value;
  if (v == HY_NONE) return HY_OK;
  if (v < s->first_value || v - s->first_value >= s->value_count)
    return hy_graph_check_fail(c, kind, operand, "value", v, "that value is not of this subgraph");
  value = hy_graph_value_at(&c->g, v);
  if (value.kind != HY_VALUE_RESULT)
    return hy_graph_check_fail(c, kind, operand, "value", v,
                               "a node writes it, and it is not a RESULT");
  if (value.producer == node && value.producer_output == output) return HY_OK;
  return hy_graph_check_limit(c, kind, operand, "value", v, "its producer is not this node,", node);
}

static inline hy_status hy_graph_check_node(hy_graph_check* c, uint32_t owner,
                                            const hy_graph_subgraph* s, uint32_t i) {
  const uint32_t kind = HY_SECTION_NODES;
  const hy_graph_node n = hy_graph_node_at(&c->g, i);
  uint32_t k;
  HY_GRAPH_TRY_(hy_graph_check_text(c, kind, i, "domain", n.domain));
  HY_GRAPH_TRY_(hy_graph_check_text(c, kind, i, "op", n.op));
  HY_GRAPH_TRY_(hy_graph_check_text(c, kind, i, "name", n.name));
  if (n.op.size == 0) return hy_graph_check_fail(c, kind, i, "op", 0, "an operator has a name");
  HY_GRAPH_TRY_(hy_graph_check_range(c, kind, i, "first_input", n.first_input, n.input_count,
                                     HY_SECTION_OPERANDS));
  HY_GRAPH_TRY_(hy_graph_check_range(c, kind, i, "first_output", n.first_output, n.output_count,
                                     HY_SECTION_OPERANDS));
  HY_GRAPH_TRY_(hy_graph_check_range(c, kind, i, "first_attribute", n.first_attribute,
                                     n.attribute_count, HY_SECTION_ATTRIBUTES));
  HY_GRAPH_TRY_(hy_graph_check_range(c, kind, i, "first_origin", n.first_origin, n.origin_count,
                                     HY_SECTION_STRING_REFS));
  for (k = 0; k < n.input_count; ++k)
    if (hy_graph_operand_at(&c->g, n.first_input + k) != HY_NONE)
      HY_GRAPH_TRY_(hy_graph_check_use(c, s, n.first_input + k, i));
  for (k = 0; k < n.output_count; ++k)
    HY_GRAPH_TRY_(hy_graph_check_node_output(c, s, i, k, n.first_output + k));
  for (k = 0; k < n.attribute_count; ++k)
    HY_GRAPH_TRY_(hy_graph_check_attribute(c, owner, n.first_attribute + k));
  return n.group == HY_NONE ? HY_OK : hy_graph_check_group(c, owner, i, &n);
}

/* The inputs of a subgraph are its INPUT values, all of them, in the order of VALUES. */
static inline hy_status hy_graph_check_inputs(hy_graph_check* c, uint32_t i,
                                              const hy_graph_subgraph* s) {
  uint32_t k, listed = 0;
  for (k = 0; k < s->value_count; ++k) {
    if (hy_graph_value_at(&c->g, s->first_value + k).kind != HY_VALUE_INPUT) continue;
    if (listed >= s->input_count ||
        hy_graph_operand_at(&c->g, s->first_input + listed) != s->first_value + k)
      return hy_graph_check_limit(
          c, HY_SECTION_VALUES, s->first_value + k, "kind", HY_VALUE_INPUT,
          "INPUT values are listed, in their order, as inputs of their subgraph,", i);
    ++listed;
  }
  if (listed == s->input_count) return HY_OK;
  return hy_graph_check_limit(c, HY_SECTION_SUBGRAPHS, i, "input_count", s->input_count,
                              "each is an INPUT value; the number of those is", listed);
}

static inline hy_status hy_graph_check_subgraph(hy_graph_check* c, uint32_t i, uint32_t* node,
                                                uint32_t* value) {
  const uint32_t kind = HY_SECTION_SUBGRAPHS;
  const hy_graph_subgraph s = hy_graph_subgraph_at(&c->g, i);
  uint32_t k;
  HY_GRAPH_TRY_(hy_graph_check_text(c, kind, i, "name", s.name));
  if (s.first_node != *node)
    return hy_graph_check_limit(c, kind, i, "first_node", s.first_node,
                                "the subgraphs before it end at", *node);
  if (s.first_value != *value)
    return hy_graph_check_limit(c, kind, i, "first_value", s.first_value,
                                "the subgraphs before it end at", *value);
  HY_GRAPH_TRY_(
      hy_graph_check_range(c, kind, i, "first_node", s.first_node, s.node_count, HY_SECTION_NODES));
  HY_GRAPH_TRY_(hy_graph_check_range(c, kind, i, "first_value", s.first_value, s.value_count,
                                     HY_SECTION_VALUES));
  HY_GRAPH_TRY_(hy_graph_check_range(c, kind, i, "first_input", s.first_input, s.input_count,
                                     HY_SECTION_OPERANDS));
  HY_GRAPH_TRY_(hy_graph_check_range(c, kind, i, "first_output", s.first_output, s.output_count,
                                     HY_SECTION_OPERANDS));
  *node += s.node_count;
  *value += s.value_count;
  if (c->subgraph_depth[i] == 0) c->subgraph_depth[i] = 1;
  for (k = 0; k < s.value_count; ++k) HY_GRAPH_TRY_(hy_graph_check_value(c, &s, s.first_value + k));
  HY_GRAPH_TRY_(hy_graph_check_inputs(c, i, &s));
  for (k = 0; k < s.node_count; ++k) HY_GRAPH_TRY_(hy_graph_check_node(c, i, &s, s.first_node + k));
  for (k = 0; k < s.output_count; ++k)
    HY_GRAPH_TRY_(hy_graph_check_use(c, &s, s.first_output + k, HY_NONE));
  return HY_OK;
}

static inline hy_status hy_graph_check_subgraphs(hy_graph_check* c) {
  uint32_t i, node = 0, value = 0;
  for (i = 0; i < c->g.tables[HY_SECTION_SUBGRAPHS].count; ++i)
    HY_GRAPH_TRY_(hy_graph_check_subgraph(c, i, &node, &value));
  if (i == 0)
    return hy_graph_check_fail(c, HY_SECTION_SUBGRAPHS, 0, "count", 0,
                               "a graph has a main subgraph");
  if (node != c->g.tables[HY_SECTION_NODES].count)
    return hy_graph_check_fail(c, HY_SECTION_NODES, node, "subgraph", 0,
                               "no subgraph owns the node");
  if (value != c->g.tables[HY_SECTION_VALUES].count)
    return hy_graph_check_fail(c, HY_SECTION_VALUES, value, "subgraph", 0,
                               "no subgraph owns the value");
  for (i = 0; i < c->g.tables[HY_SECTION_GROUPS].count; ++i) {
    const hy_graph_group group = hy_graph_group_at(&c->g, i);
    HY_GRAPH_TRY_(
        hy_graph_check_index(c, HY_SECTION_GROUPS, i, "node", group.node, HY_SECTION_NODES));
    if (hy_graph_node_at(&c->g, group.node).group != i)
      return hy_graph_check_fail(c, HY_SECTION_GROUPS, i, "node", group.node,
                                 "that node is of another group");
  }
  return HY_OK;
}

/* A port of a state: a tensor of its type and dims, which stands at `expected` among the ports. */
static inline hy_status hy_graph_check_state_port(hy_graph_check* c, uint32_t i, const char* field,
                                                  uint32_t port, uint32_t expected,
                                                  uint32_t first_operand,
                                                  const hy_graph_state* s) {
  const uint32_t kind = HY_SECTION_STATES;
  hy_graph_value v;
  if (port != expected)
    return hy_graph_check_limit(
        c, kind, i, field, port,
        "ports of states follow all others, in the order of STATES, so that it is", expected);
  v = hy_graph_value_at(&c->g, hy_graph_operand_at(&c->g, first_operand + port));
  if (v.type != HY_TYPE_TENSOR || (v.dtype != HY_DTYPE_UNDEFINED && v.dtype != s->dtype) ||
      (v.shape != HY_NONE && !hy_graph_check_agree(c, v.shape, s->shape)))
    return hy_graph_check_fail(c, kind, i, field, port,
                               "that port's type and dims are not the state's");
  return HY_OK;
}

static inline hy_status hy_graph_check_state_ports(hy_graph_check* c) {
  const hy_graph_subgraph m = hy_graph_subgraph_at(&c->g, 0);
  uint32_t i, inputs = 0, outputs = 0, read = 0, written = 0;
  for (i = 0; i < c->g.tables[HY_SECTION_STATES].count; ++i) {
    const hy_graph_state s = hy_graph_state_at(&c->g, i);
    if (s.input != HY_NONE) ++inputs;
    if (s.output != HY_NONE) ++outputs;
  }
  if (inputs > m.input_count)
    return hy_graph_check_limit(c, HY_SECTION_SUBGRAPHS, 0, "input_count", m.input_count,
                                "the number of states that are read is", inputs);
  if (outputs > m.output_count)
    return hy_graph_check_limit(c, HY_SECTION_SUBGRAPHS, 0, "output_count", m.output_count,
                                "the number of states that are written is", outputs);
  for (i = 0; i < c->g.tables[HY_SECTION_STATES].count; ++i) {
    const hy_graph_state s = hy_graph_state_at(&c->g, i);
    if (s.input != HY_NONE)
      HY_GRAPH_TRY_(hy_graph_check_state_port(
          c, i, "input", s.input, m.input_count - inputs + read++, m.first_input, &s));
    if (s.output != HY_NONE)
      HY_GRAPH_TRY_(hy_graph_check_state_port(
          c, i, "output", s.output, m.output_count - outputs + written++, m.first_output, &s));
  }
  return HY_OK;
}

static inline hy_status hy_graph_check_states(hy_graph_check* c) {
  const uint32_t kind = HY_SECTION_STATES;
  uint32_t i;
  for (i = 0; i < c->g.tables[kind].count; ++i) {
    const hy_graph_state s = hy_graph_state_at(&c->g, i);
    int64_t elements;
    HY_GRAPH_TRY_(hy_graph_check_text(c, kind, i, "name", s.name));
    HY_GRAPH_TRY_(hy_graph_check_dtype(c, kind, i, "dtype", s.dtype));
    HY_GRAPH_TRY_(hy_graph_check_static(c, kind, i, s.shape, &elements));
    if (s.growth_axis != HY_NONE && s.growth_axis >= hy_graph_shape_at(&c->g, s.shape).rank)
      return hy_graph_check_limit(c, kind, i, "growth_axis", s.growth_axis, "the state's rank is",
                                  hy_graph_shape_at(&c->g, s.shape).rank);
    if (s.initial == HY_NONE) continue;
    HY_GRAPH_TRY_(hy_graph_check_index(c, kind, i, "initial", s.initial, HY_SECTION_CONSTANTS));
    if (hy_graph_constant_at(&c->g, s.initial).dtype != s.dtype ||
        !hy_graph_check_agree(c, hy_graph_constant_at(&c->g, s.initial).shape, s.shape))
      return hy_graph_check_fail(c, kind, i, "initial", s.initial,
                                 "that constant's type and dims are not the state's");
  }
  return hy_graph_check_state_ports(c);
}

static inline hy_status hy_graph_check_hints(hy_graph_check* c) {
  const uint32_t kind = HY_SECTION_HINTS;
  uint32_t i;
  for (i = 0; i < c->g.tables[kind].count; ++i) {
    const hy_graph_hint h = hy_graph_hint_at(&c->g, i);
    if (h.node != HY_NONE)
      HY_GRAPH_TRY_(hy_graph_check_index(c, kind, i, "node", h.node, HY_SECTION_NODES));
    HY_GRAPH_TRY_(hy_graph_check_text(c, kind, i, "text", h.text));
  }
  return HY_OK;
}

/* Each step relies on those before it. */
static inline hy_status hy_graph_check_all(hy_graph_check* c) {
  HY_GRAPH_TRY_(hy_graph_check_strings(c));
  HY_GRAPH_TRY_(hy_graph_check_symbols(c));
  HY_GRAPH_TRY_(hy_graph_check_dims(c));
  HY_GRAPH_TRY_(hy_graph_check_shapes(c));
  HY_GRAPH_TRY_(hy_graph_check_constants(c));
  HY_GRAPH_TRY_(hy_graph_check_subgraphs(c));
  HY_GRAPH_TRY_(hy_graph_check_states(c));
  return hy_graph_check_hints(c);
}

/* HY_OK: the bytes are a graph. HY_ERROR_INVALID_MODEL: message, cut to capacity and always terminated,
 * names section, record, field, value and rule. HY_ERROR_OUT_OF_MEMORY. message may be null. data must
 * be aligned to 8 bytes. */
static inline hy_status hy_graph_validate(const void* data, uint64_t size, char* message,
                                          size_t capacity) {
  hy_graph_check c;
  const char* problem;
  hy_status status;
  memset(&c, 0, sizeof c);
  c.message = message;
  c.capacity = capacity;
  if (message != NULL && capacity != 0) message[0] = 0;
  problem = (uintptr_t)data % 8 != 0 ? "the bytes do not start at a multiple of 8"
                                     : hy_graph_open(data, size, &c.g);
  if (problem != NULL) {
    char text[160];
    snprintf(text, sizeof text, "graph: %s", problem);
    hy_graph_check_tell(message, capacity, text);
    return HY_ERROR_INVALID_MODEL;
  }
  HY_GRAPH_TRY_(hy_graph_check_strides(&c));
  c.subgraph_depth = (unsigned char*)calloc(
      (size_t)c.g.tables[HY_SECTION_SUBGRAPHS].count + c.g.tables[HY_SECTION_CONSTANTS].count + 1,
      1);
  if (c.subgraph_depth == NULL) return HY_ERROR_OUT_OF_MEMORY;
  c.constant_depth = c.subgraph_depth + c.g.tables[HY_SECTION_SUBGRAPHS].count;
  status = hy_graph_check_all(&c);
  free(c.subgraph_depth);
  return status;
}

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* HALYARD_ABI_GRAPH_VALIDATE_H_ */
