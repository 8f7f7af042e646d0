/* A cluster as a list of steps over places: ports, constants, temporaries. */
#include <stdlib.h>

#include "cstub.h"

void cstub_release(void* executable) {
  cstub_program* p = executable;
  size_t i;
  if (p == NULL) return;
  for (i = 0; p->constants != NULL && i < p->constant_count; ++i) free(p->constants[i].data);
  for (i = 0; p->temporaries != NULL && i < p->temporary_count; ++i) free(p->temporaries[i].data);
  free(p->constants);
  free(p->temporaries);
  free(p->steps);
  free(p->input_bytes);
  free(p->output_bytes);
  free(p);
}

/* What compile needs while it works. */
typedef struct compiler {
  const cstub_provider* provider;
  hy_job* job;
  hy_weights* weights;
  const hy_graph_view* g;
  hy_graph_subgraph main;
  cstub_program* program;
  cstub_place* places; /* by value of the main subgraph */
} compiler;

static cstub_place* place_of(compiler* c, uint32_t value) {
  return &c->places[value - c->main.first_value];
}

static hy_status keep(cstub_memory* memory, const void* data, uint64_t count) {
  memory->count = count;
  memory->data = calloc(count != 0 ? count : 1, sizeof(float));
  if (memory->data == NULL) return HY_ERROR_OUT_OF_MEMORY;
  if (data != NULL && count != 0) memcpy(memory->data, data, count * sizeof(float));
  return HY_OK;
}

/* A copy on the device of a constant's elements. */
static hy_status add_constant(compiler* c, uint32_t value) {
  const hy_graph_constant k = hy_graph_constant_at(c->g, hy_graph_value_at(c->g, value).constant);
  cstub_memory* memory = &c->program->constants[c->program->constant_count];
  hy_bytes bytes = hy_graph_inline_bytes(c->g, &k);
  if (k.storage == HY_STORAGE_WEIGHT) {
    const hy_status status =
        c->provider->host.weight(c->provider->host.self, c->weights, k.offset, 16, &bytes);
    if (status != HY_OK) return status;
  }
  if (bytes.size != cstub_elements(c->g, value) * sizeof(float))
    return cstub_fail(c->provider, c->job, HY_ERROR_MISMATCH, "a constant has %llu bytes",
                      (unsigned long long)bytes.size);
  *place_of(c, value) = (cstub_place){CSTUB_CONSTANT, (uint32_t)c->program->constant_count++};
  return keep(memory, bytes.data, bytes.size / sizeof(float));
}

static void add_step(compiler* c, uint32_t op, cstub_place a, cstub_place b, cstub_place to,
                     uint64_t count) {
  c->program->steps[c->program->step_count++] = (cstub_step){op, a, b, to, count};
}

static hy_status operand(compiler* c, uint32_t value, cstub_place* out) {
  const hy_graph_value v = hy_graph_value_at(c->g, value);
  if (place_of(c, value)->kind == 0 && v.kind == HY_VALUE_CONSTANT) {
    const hy_status status = add_constant(c, value);
    if (status != HY_OK) return status;
  }
  *out = *place_of(c, value);
  return HY_OK;
}

static hy_status add_node(compiler* c, uint32_t index) {
  const hy_graph_node n = hy_graph_node_at(c->g, index);
  const uint32_t result = hy_graph_node_output(c->g, &n, 0);
  char got[96] = "", limit[96] = "";
  hy_verdict verdict = HY_INIT(hy_verdict);
  const uint32_t op = cstub_supports(c->g, &n, &verdict, got, limit);
  cstub_place a, b = {0, 0};
  hy_status status;
  if (op == 0)
    return cstub_fail(c->provider, c->job, HY_ERROR_UNSUPPORTED, "node %u: %s; %s is supported",
                      index, got, limit);
  status = operand(c, hy_graph_node_input(c->g, &n, 0), &a);
  if (status == HY_OK && op != CSTUB_RELU)
    status = operand(c, hy_graph_node_input(c->g, &n, 1), &b);
  if (status != HY_OK) return status;
  if (place_of(c, result)->kind == 0) {
    cstub_program* p = c->program;
    *place_of(c, result) = (cstub_place){CSTUB_TEMPORARY, (uint32_t)p->temporary_count};
    status = keep(&p->temporaries[p->temporary_count++], NULL, cstub_elements(c->g, result));
    if (status != HY_OK) return status;
  }
  add_step(c, op, a, b, *place_of(c, result), cstub_elements(c->g, result));
  return HY_OK;
}

/* Ports. A result is computed in the first output that it is; other outputs are copies, made last. */
static void add_ports(compiler* c) {
  cstub_program* p = c->program;
  uint32_t i, v;
  for (i = 0; i < p->input_count; ++i) {
    v = hy_graph_operand_at(c->g, c->main.first_input + i);
    *place_of(c, v) = (cstub_place){CSTUB_INPUT, i};
    p->input_bytes[i] = cstub_elements(c->g, v) * sizeof(float);
  }
  for (i = 0; i < p->output_count; ++i) {
    v = hy_graph_operand_at(c->g, c->main.first_output + i);
    if (place_of(c, v)->kind == 0 && hy_graph_value_at(c->g, v).kind == HY_VALUE_RESULT)
      *place_of(c, v) = (cstub_place){CSTUB_OUTPUT, i};
    p->output_bytes[i] = cstub_elements(c->g, v) * sizeof(float);
  }
}

static hy_status add_all(compiler* c) {
  cstub_program* p = c->program;
  const cstub_place nowhere = {0, 0};
  uint32_t i, v;
  add_ports(c);
  for (i = 0; i < c->main.node_count; ++i) {
    const hy_status status = add_node(c, c->main.first_node + i);
    if (status != HY_OK) return status;
  }
  for (i = 0; i < p->output_count; ++i) {
    const cstub_place to = {CSTUB_OUTPUT, i};
    cstub_place from;
    hy_status status;
    v = hy_graph_operand_at(c->g, c->main.first_output + i);
    status = operand(c, v, &from);
    if (status != HY_OK) return status;
    if (from.kind != CSTUB_OUTPUT || from.index != i)
      add_step(c, CSTUB_COPY, from, nowhere, to, cstub_elements(c->g, v));
  }
  return HY_OK;
}

/* A port's dims are known and its elements are f32, or the cluster is none of ours. */
static int ports_fit(const compiler* c) {
  uint32_t i, k;
  for (i = 0; i < c->main.input_count + c->main.output_count; ++i) {
    const uint32_t at = i < c->main.input_count ? c->main.first_input + i
                                                : c->main.first_output + (i - c->main.input_count);
    const hy_graph_value v = hy_graph_value_at(c->g, hy_graph_operand_at(c->g, at));
    const hy_graph_shape s = hy_graph_shape_at(c->g, v.shape);
    if (v.dtype != HY_DTYPE_F32 || v.shape == HY_NONE) return 0;
    for (k = 0; k < s.rank; ++k)
      if (hy_graph_dim_at(c->g, s.first_dim + k).kind != HY_DIM_STATIC) return 0;
  }
  return 1;
}

static void* zeros(size_t count, size_t size) { return calloc(count != 0 ? count : 1, size); }

hy_status cstub_compile(void* device, hy_job* job, const hy_compile_args* args, void** executable) {
  cstub_device* d = device;
  hy_graph_view g;
  const char* problem = hy_graph_open(args->graph.data, args->graph.size, &g);
  compiler c = {d->provider, job, args->weights, &g, {{0, 0}, 0, 0, 0, 0, 0, 0, 0, 0}, NULL, NULL};
  cstub_program* p;
  hy_status status = HY_ERROR_OUT_OF_MEMORY;
  if (problem != NULL)
    return cstub_fail(d->provider, job, HY_ERROR_INVALID_MODEL, "graph: %s", problem);
  c.main = hy_graph_subgraph_at(&g, 0);
  if (!ports_fit(&c))
    return cstub_fail(d->provider, job, HY_ERROR_UNSUPPORTED, "a port is not f32 with static dims");
  c.program = p = calloc(1, sizeof *p);
  c.places = zeros(c.main.value_count, sizeof *c.places);
  if (p != NULL && c.places != NULL) {
    p->device = d;
    p->input_count = c.main.input_count;
    p->output_count = c.main.output_count;
    p->input_bytes = zeros(p->input_count, sizeof *p->input_bytes);
    p->output_bytes = zeros(p->output_count, sizeof *p->output_bytes);
    p->constants = zeros(c.main.value_count, sizeof *p->constants);
    p->temporaries = zeros(c.main.value_count, sizeof *p->temporaries);
    p->steps = zeros((size_t)c.main.node_count + p->output_count, sizeof *p->steps);
    if (p->input_bytes && p->output_bytes && p->constants && p->temporaries && p->steps)
      status = add_all(&c);
  }
  free(c.places);
  if (status == HY_OK)
    *executable = p;
  else
    cstub_release(p);
  return status;
}

static float* memory_at(const cstub_program* p, cstub_place at, float* const* inputs,
                        float* const* outputs) {
  switch (at.kind) {
    case CSTUB_INPUT:
      return inputs[at.index];
    case CSTUB_OUTPUT:
      return outputs[at.index];
    case CSTUB_CONSTANT:
      return p->constants[at.index].data;
    case CSTUB_TEMPORARY:
      return p->temporaries[at.index].data;
    default:
      return NULL;
  }
}

void cstub_execute(const cstub_program* p, float* const* inputs, float* const* outputs) {
  size_t s;
  uint64_t i;
  for (s = 0; s < p->step_count; ++s) {
    const cstub_step* step = &p->steps[s];
    const float* a = memory_at(p, step->a, inputs, outputs);
    const float* b = memory_at(p, step->b, inputs, outputs);
    float* to = memory_at(p, step->to, inputs, outputs);
    for (i = 0; i < step->count; ++i) {
      if (step->op == CSTUB_RELU)
        to[i] = a[i] < 0 ? 0 : a[i]; /* NaN stays NaN */
      else if (step->op == CSTUB_ADD)
        to[i] = a[i] + b[i];
      else if (step->op == CSTUB_MUL)
        to[i] = a[i] * b[i];
      else
        to[i] = a[i];
    }
  }
}
