/* Private to the provider: its objects, and what each file does for the others. */
#ifndef CSTUB_H_
#define CSTUB_H_

#include <pthread.h>

#include "halyard/abi/graph_reader.h"
#include "halyard/abi/plugin.h"

#define CSTUB_MAX_ELEMENTS (1 << 24) /* of one tensor: what the pretended device addresses */

typedef struct cstub_provider {
  hy_host host; /* a copy, cut or zero-filled to this side's size */
} cstub_provider;

/* Memory of the device: a handle is a number of the table, never an address. */
typedef struct cstub_buffer {
  uint64_t handle; /* 0: free */
  uint64_t bytes;
  unsigned char* data;
} cstub_buffer;

/* A timeline: value only grows; once failed, for ever. */
typedef struct cstub_fence {
  uint64_t id; /* 0: free */
  uint64_t value;
  hy_status failed;
  char message[160];
} cstub_fence;

struct cstub_task;

/* One device: its memory, its fences, and a thread that runs tasks in their order. */
typedef struct cstub_device {
  cstub_provider* provider;
  pthread_t worker;
  pthread_mutex_t mutex; /* guards what follows */
  pthread_cond_t changed;
  cstub_buffer* buffers;
  size_t buffer_count;
  cstub_fence* fences;
  size_t fence_count;
  uint64_t next_id;
  struct cstub_task *first, *last;
  int closing;
} cstub_device;

/* Where a value of a program lies. */
enum { CSTUB_INPUT = 1, CSTUB_OUTPUT = 2, CSTUB_CONSTANT = 3, CSTUB_TEMPORARY = 4 };
typedef struct cstub_place {
  uint32_t kind;
  uint32_t index;
} cstub_place;

enum { CSTUB_RELU = 1, CSTUB_ADD = 2, CSTUB_MUL = 3, CSTUB_COPY = 4 };
typedef struct cstub_step {
  uint32_t op;
  cstub_place a, b, to;
  uint64_t count; /* elements */
} cstub_step;

typedef struct cstub_memory {
  float* data;
  uint64_t count;
} cstub_memory;

/* A compiled cluster. Constant once compiled, but for the temporaries, which the worker alone touches. */
typedef struct cstub_program {
  cstub_device* device;
  cstub_step* steps;
  size_t step_count;
  cstub_memory *constants, *temporaries;
  size_t constant_count, temporary_count;
  uint64_t *input_bytes, *output_bytes;
  uint32_t input_count, output_count;
} cstub_program;

/* Tells the host why a call fails, and gives the code back. */
hy_status cstub_fail(const cstub_provider* p, hy_job* job, hy_status code, const char* format, ...)
    __attribute__((format(printf, 4, 5)));
/* min(theirs, ours) bytes into a zeroed struct of ours. */
void cstub_copy(void* ours, size_t size, const void* theirs, size_t their_size);

/* support.c: CSTUB_* of a node that the device takes, else 0 and the refusal in *verdict; text in got and
 * limit, of 96 bytes each. */
uint32_t cstub_supports(const hy_graph_view* g, const hy_graph_node* n, hy_verdict* verdict,
                        char* got, char* limit);
/* Elements of a value whose dims are static. */
uint64_t cstub_elements(const hy_graph_view* g, uint32_t value);
hy_status cstub_query(void* device, hy_job* job, const hy_query_args* args,
                      const hy_sink* verdicts);

/* program.c */
hy_status cstub_compile(void* device, hy_job* job, const hy_compile_args* args, void** executable);
void cstub_release(void* executable);
/* Runs all steps on memory of the device; on the worker. */
void cstub_execute(const cstub_program* p, float* const* inputs, float* const* outputs);

/* queue.c: hy.async.0, and run(). */
extern const hy_async_ext cstub_async;
hy_status cstub_run(void* executable, hy_job* job, const hy_run_args* args);
int cstub_queue_start(cstub_device* d);
void cstub_queue_stop(cstub_device* d);

/* memory.c: hy.memory.0. */
extern const hy_memory_ext cstub_memory_table;
/* The bytes at offset of a buffer, if it has that many there; else null. The mutex is held. */
unsigned char* cstub_at(cstub_device* d, uint64_t handle, uint64_t offset, uint64_t bytes);

#endif
