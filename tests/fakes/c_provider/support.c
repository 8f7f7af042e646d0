/* What the device takes: Relu, Add and Mul of f32, static dims, no broadcasting. Every refusal says why. */
#include <stdio.h>

#include "cstub.h"
#include "halyard/opset/operators.h"

#define TEXT 96

static uint32_t refuse(hy_verdict* v, uint32_t reason, uint32_t operand) {
  v->supported = 0;
  v->reason = reason;
  v->operand = operand;
  return 0;
}

/* The operator that a name stands for, with the digest of the row that this file was written against. */
static uint32_t operator_of(const hy_graph_view* g, const hy_graph_node* n, uint64_t* digest) {
  static const struct {
    const char* name;
    uint32_t op;
  } known[] = {{"Relu", CSTUB_RELU}, {"Add", CSTUB_ADD}, {"Mul", CSTUB_MUL}};
  size_t i;
  int row;
  if (n->domain.size != 0) return 0;
  for (i = 0; i < sizeof known / sizeof known[0]; ++i) {
    if (!hy_graph_text_is(g, n->op, known[i].name)) continue;
    for (row = 0; row < HY_OPERATOR_COUNT; ++row)
      if (strcmp(hy_operators[row].name, known[i].name) == 0)
        *digest = hy_operator_digest(&hy_operators[row]);
    return known[i].op;
  }
  return 0;
}

/* "[2,?,4]" */
static void shape_text(const hy_graph_view* g, const hy_graph_value* v, char* out) {
  const hy_graph_shape s = hy_graph_shape_at(g, v->shape);
  int at = snprintf(out, TEXT, v->shape == HY_NONE ? "of unknown rank" : "[");
  uint32_t i;
  if (v->shape == HY_NONE) return;
  for (i = 0; i < s.rank && at < TEXT - 24; ++i) {
    const hy_graph_dim d = hy_graph_dim_at(g, s.first_dim + i);
    if (d.kind == HY_DIM_STATIC)
      at += snprintf(out + at, TEXT - (size_t)at, "%s%lld", i ? "," : "", (long long)d.value);
    else
      at += snprintf(out + at, TEXT - (size_t)at, "%s?", i ? "," : "");
  }
  snprintf(out + at, TEXT - (size_t)at, i < s.rank ? ",...]" : "]");
}

uint64_t cstub_elements(const hy_graph_view* g, uint32_t value) {
  const hy_graph_shape s = hy_graph_shape_at(g, hy_graph_value_at(g, value).shape);
  uint64_t count = 1;
  uint32_t i;
  for (i = 0; i < s.rank; ++i) count *= (uint64_t)hy_graph_dim_at(g, s.first_dim + i).value;
  return count;
}

static int same_dims(const hy_graph_view* g, const hy_graph_value* a, const hy_graph_value* b) {
  const hy_graph_shape sa = hy_graph_shape_at(g, a->shape), sb = hy_graph_shape_at(g, b->shape);
  uint32_t i;
  if (sa.rank != sb.rank) return 0;
  for (i = 0; i < sa.rank; ++i)
    if (hy_graph_dim_at(g, sa.first_dim + i).value != hy_graph_dim_at(g, sb.first_dim + i).value)
      return 0;
  return 1;
}

/* 1: the operand is one that the device can hold. */
static int operand_fits(const hy_graph_view* g, uint32_t index, uint32_t operand, hy_verdict* v,
                        char* got, char* limit) {
  const hy_graph_value value = hy_graph_value_at(g, index);
  const hy_graph_shape s = hy_graph_shape_at(g, value.shape);
  uint32_t i;
  if (value.type != HY_TYPE_TENSOR || value.dtype != HY_DTYPE_F32) {
    snprintf(got, TEXT, "element type number %u", value.dtype);
    snprintf(limit, TEXT, "f32");
    return (int)refuse(v, HY_REASON_DTYPE, operand);
  }
  shape_text(g, &value, got);
  snprintf(limit, TEXT, "a shape of numbers");
  if (value.shape == HY_NONE) return (int)refuse(v, HY_REASON_DIM_DYNAMIC, operand);
  for (i = 0; i < s.rank; ++i)
    if (hy_graph_dim_at(g, s.first_dim + i).kind != HY_DIM_STATIC)
      return (int)refuse(v, HY_REASON_DIM_DYNAMIC, operand);
  if (cstub_elements(g, index) > CSTUB_MAX_ELEMENTS) {
    snprintf(limit, TEXT, "up to %d elements", CSTUB_MAX_ELEMENTS);
    return (int)refuse(v, HY_REASON_DIM_LIMIT, operand);
  }
  if (value.constant != HY_NONE &&
      hy_graph_constant_at(g, value.constant).encoding != HY_ENCODING_DENSE) {
    snprintf(got, TEXT, "a constant of encoding %u",
             hy_graph_constant_at(g, value.constant).encoding);
    snprintf(limit, TEXT, "dense");
    return (int)refuse(v, HY_REASON_ENCODING, operand);
  }
  return 1;
}

uint32_t cstub_supports(const hy_graph_view* g, const hy_graph_node* n, hy_verdict* v, char* got,
                        char* limit) {
  uint64_t digest = 0;
  const uint32_t op = operator_of(g, n, &digest), inputs = op == CSTUB_RELU ? 1 : 2;
  hy_graph_value first;
  uint32_t i;
  if (op == 0) {
    const hy_str name = hy_graph_text(g, n->op);
    snprintf(got, TEXT, "%.*s", (int)(name.size < TEXT ? name.size : TEXT - 1), name.data);
    snprintf(limit, TEXT, "Relu, Add or Mul");
    return refuse(v, HY_REASON_OP_UNKNOWN, HY_OPERAND_NONE);
  }
  if (n->signature != digest) {
    snprintf(got, TEXT, "digest %016llx", (unsigned long long)n->signature);
    snprintf(limit, TEXT, "%016llx", (unsigned long long)digest);
    return refuse(v, HY_REASON_SIGNATURE, HY_OPERAND_NONE);
  }
  for (i = 0; i < inputs; ++i) {
    if (hy_graph_node_input(g, n, i) == HY_NONE) return refuse(v, HY_REASON_OPERAND_MISSING, i);
    if (!operand_fits(g, hy_graph_node_input(g, n, i), i, v, got, limit)) return 0;
  }
  if (hy_graph_node_output(g, n, 0) == HY_NONE)
    return refuse(v, HY_REASON_OPERAND_MISSING, n->input_count);
  if (!operand_fits(g, hy_graph_node_output(g, n, 0), n->input_count, v, got, limit)) return 0;
  first = hy_graph_value_at(g, hy_graph_node_input(g, n, 0));
  for (i = 1; i < inputs; ++i) {
    const hy_graph_value other = hy_graph_value_at(g, hy_graph_node_input(g, n, i));
    if (same_dims(g, &first, &other)) continue;
    shape_text(g, &other, got);
    shape_text(g, &first, limit);
    return refuse(v, HY_REASON_BROADCAST, i);
  }
  return op;
}

static hy_status push_verdicts(const hy_graph_view* g, uint32_t subgraph, const hy_sink* sink) {
  const hy_graph_subgraph s = hy_graph_subgraph_at(g, subgraph);
  uint32_t i;
  for (i = s.first_node; i < s.first_node + s.node_count; ++i) {
    const hy_graph_node n = hy_graph_node_at(g, i);
    char got[TEXT] = "", limit[TEXT] = "";
    hy_verdict v = HY_INIT(hy_verdict);
    hy_status status;
    v.node = i;
    v.supported = 1;
    v.cluster = HY_CLUSTER_ANY;
    v.operand = HY_OPERAND_NONE;
    v.est_us = -1;
    if (cstub_supports(g, &n, &v, got, limit) == 0) {
      v.got = (hy_str){got, strlen(got)};
      v.limit = (hy_str){limit, strlen(limit)};
    }
    status = sink->push(sink->ctx, &v);
    if (status == HY_OK && n.group != HY_NONE)
      status = push_verdicts(g, hy_graph_group_at(g, n.group).parts, sink);
    if (status != HY_OK) return status;
  }
  return HY_OK;
}

hy_status cstub_query(void* device, hy_job* job, const hy_query_args* args,
                      const hy_sink* verdicts) {
  const cstub_device* d = device;
  hy_graph_view g;
  const char* problem = hy_graph_open(args->graph.data, args->graph.size, &g);
  if (problem != NULL)
    return cstub_fail(d->provider, job, HY_ERROR_INVALID_MODEL, "graph: %s", problem);
  return push_verdicts(&g, 0, verdicts);
}
