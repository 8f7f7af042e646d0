/* hy.async.0: fences, and the thread that runs tasks one after the other in the order they came. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cstub.h"

typedef struct port {
  uint64_t handle, offset;
} port;

/* One run(): copied from its arguments, which end with the call. */
typedef struct cstub_task {
  struct cstub_task* next;
  const cstub_program* program;
  port* ports; /* inputs, then outputs */
  float** memory;
  hy_fence_point *waits, *signals;
  uint32_t wait_count, signal_count;
} cstub_task;

static cstub_fence* find(cstub_device* d, uint64_t id) {
  size_t i;
  for (i = 0; i < d->fence_count; ++i)
    if (id != 0 && d->fences[i].id == id) return &d->fences[i];
  return NULL;
}

static void free_task(cstub_task* t) {
  if (t == NULL) return;
  free(t->ports);
  free(t->memory);
  free(t->waits);
  free(t->signals);
  free(t);
}

/* ---- the worker: the mutex is held, but for the work itself ---- */

/* HY_OK: all reached. HY_ERROR_BUSY: not yet. Else the failure of one of them, and its words. */
static hy_status waits_of(cstub_device* d, const cstub_task* t, char* message, size_t size) {
  uint32_t i;
  for (i = 0; i < t->wait_count; ++i) {
    const cstub_fence* f = find(d, t->waits[i].fence);
    if (f == NULL) {
      snprintf(message, size, "a run waits for a fence that is gone");
      return HY_ERROR_INVALID_ARGUMENT;
    }
    if (f->failed != HY_OK) {
      snprintf(message, size, "%s", f->message);
      return f->failed;
    }
    if (f->value < t->waits[i].value) return HY_ERROR_BUSY;
  }
  return HY_OK;
}

static void finish(cstub_device* d, const cstub_task* t, hy_status status, const char* message) {
  uint32_t i;
  for (i = 0; i < t->signal_count; ++i) {
    cstub_fence* f = find(d, t->signals[i].fence);
    if (f == NULL || f->failed != HY_OK) continue;
    if (status == HY_OK) {
      if (f->value < t->signals[i].value) f->value = t->signals[i].value;
    } else {
      f->failed = status;
      snprintf(f->message, sizeof f->message, "%s", message);
    }
  }
  pthread_cond_broadcast(&d->changed);
}

/* Handles to memory of the device; 0: one of them is none. */
static int resolve(cstub_device* d, const cstub_task* t, char* message, size_t size) {
  const cstub_program* p = t->program;
  uint32_t i;
  for (i = 0; i < p->input_count + p->output_count; ++i) {
    const uint64_t bytes =
        i < p->input_count ? p->input_bytes[i] : p->output_bytes[i - p->input_count];
    t->memory[i] = (float*)(void*)cstub_at(d, t->ports[i].handle, t->ports[i].offset, bytes);
    if (t->memory[i] == NULL || t->ports[i].offset % 16 != 0) {
      snprintf(message, size, "port %u: buffer %llu has no %llu bytes at %llu", i,
               (unsigned long long)t->ports[i].handle, (unsigned long long)bytes,
               (unsigned long long)t->ports[i].offset);
      return 0;
    }
  }
  return 1;
}

static void work_on(cstub_device* d, cstub_task* t) {
  char message[160] = "";
  hy_status status;
  while ((status = waits_of(d, t, message, sizeof message)) == HY_ERROR_BUSY && !d->closing)
    pthread_cond_wait(&d->changed, &d->mutex);
  if (d->closing && status == HY_ERROR_BUSY) {
    status = HY_ERROR_CLOSED;
    snprintf(message, sizeof message, "the device was closed before the run began");
  }
  if (status == HY_OK && !resolve(d, t, message, sizeof message))
    status = HY_ERROR_INVALID_ARGUMENT;
  if (status == HY_OK) {
    pthread_mutex_unlock(&d->mutex);
    cstub_execute(t->program, t->memory, t->memory + t->program->input_count);
    pthread_mutex_lock(&d->mutex);
  }
  finish(d, t, status, message);
}

static void* worker(void* device) {
  cstub_device* d = device;
  pthread_mutex_lock(&d->mutex);
  for (;;) {
    cstub_task* t = d->first;
    if (t != NULL) {
      d->first = t->next;
      if (d->first == NULL) d->last = NULL;
      work_on(d, t);
      free_task(t);
    } else if (d->closing) {
      break;
    } else {
      pthread_cond_wait(&d->changed, &d->mutex);
    }
  }
  pthread_mutex_unlock(&d->mutex);
  return NULL;
}

int cstub_queue_start(cstub_device* d) {
  pthread_condattr_t monotonic;
  pthread_mutex_init(&d->mutex, NULL);
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&d->changed, &monotonic);
  pthread_condattr_destroy(&monotonic);
  return pthread_create(&d->worker, NULL, worker, d) == 0;
}

void cstub_queue_stop(cstub_device* d) {
  pthread_mutex_lock(&d->mutex);
  d->closing = 1;
  pthread_cond_broadcast(&d->changed);
  pthread_mutex_unlock(&d->mutex);
  pthread_join(d->worker, NULL);
  pthread_cond_destroy(&d->changed);
  pthread_mutex_destroy(&d->mutex);
}

/* ---- fences ---- */

static hy_status fence_create(void* device, hy_job* job, uint64_t initial, uint64_t* fence) {
  cstub_device* d = device;
  cstub_fence* f = NULL;
  size_t i;
  pthread_mutex_lock(&d->mutex);
  for (i = 0; i < d->fence_count && f == NULL; ++i)
    if (d->fences[i].id == 0) f = &d->fences[i];
  if (f == NULL) {
    cstub_fence* more = realloc(d->fences, (d->fence_count + 1) * sizeof *more);
    if (more != NULL) {
      d->fences = more;
      f = &d->fences[d->fence_count++];
    }
  }
  if (f != NULL) {
    memset(f, 0, sizeof *f);
    f->id = *fence = ++d->next_id;
    f->value = initial;
  }
  pthread_mutex_unlock(&d->mutex);
  return f != NULL ? HY_OK
                   : cstub_fail(d->provider, job, HY_ERROR_OUT_OF_MEMORY, "no memory for a fence");
}

static void fence_destroy(void* device, uint64_t fence) {
  cstub_device* d = device;
  cstub_fence* f;
  pthread_mutex_lock(&d->mutex);
  f = find(d, fence);
  if (f != NULL) memset(f, 0, sizeof *f);
  pthread_cond_broadcast(&d->changed);
  pthread_mutex_unlock(&d->mutex);
}

/* What a fence says now: HY_OK when it has reached value, HY_ERROR_BUSY when not, else its failure. */
static hy_status look(cstub_device* d, uint64_t fence, uint64_t value, cstub_fence* copy) {
  const cstub_fence* f = find(d, fence);
  memset(copy, 0, sizeof *copy);
  if (f == NULL) {
    snprintf(copy->message, sizeof copy->message, "there is no such fence");
    return HY_ERROR_INVALID_ARGUMENT;
  }
  *copy = *f;
  if (f->failed != HY_OK) return f->failed;
  return f->value >= value ? HY_OK : HY_ERROR_BUSY;
}

static hy_status fence_query(void* device, hy_job* job, uint64_t fence, uint64_t* value) {
  cstub_device* d = device;
  cstub_fence copy;
  hy_status status;
  pthread_mutex_lock(&d->mutex);
  status = look(d, fence, 0, &copy);
  pthread_mutex_unlock(&d->mutex);
  *value = copy.value;
  return status == HY_OK ? HY_OK : cstub_fail(d->provider, job, status, "%s", copy.message);
}

/* timeout_ns from now; a century where that would overflow. */
static struct timespec deadline(uint64_t timeout_ns) {
  const uint64_t most = 3600ull * 24 * 36500;
  const uint64_t seconds = timeout_ns / 1000000000u;
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  at.tv_sec += (time_t)(seconds < most ? seconds : most);
  at.tv_nsec += (long)(timeout_ns % 1000000000u);
  if (at.tv_nsec >= 1000000000) {
    at.tv_nsec -= 1000000000;
    ++at.tv_sec;
  }
  return at;
}

static hy_status fence_wait(void* device, hy_job* job, uint64_t fence, uint64_t value,
                            uint64_t timeout_ns) {
  cstub_device* d = device;
  const struct timespec until = deadline(timeout_ns);
  cstub_fence copy;
  hy_status status;
  int late = 0;
  pthread_mutex_lock(&d->mutex);
  while ((status = look(d, fence, value, &copy)) == HY_ERROR_BUSY && !late)
    late = pthread_cond_timedwait(&d->changed, &d->mutex, &until) != 0;
  pthread_mutex_unlock(&d->mutex);
  if (status == HY_OK) return HY_OK;
  if (status == HY_ERROR_BUSY) return HY_ERROR_DEADLINE;
  return cstub_fail(d->provider, job, status, "%s", copy.message);
}

static hy_status fence_signal(void* device, hy_job* job, uint64_t fence, uint64_t value) {
  cstub_device* d = device;
  cstub_fence* f;
  pthread_mutex_lock(&d->mutex);
  f = find(d, fence);
  if (f != NULL && f->value < value) f->value = value;
  pthread_cond_broadcast(&d->changed);
  pthread_mutex_unlock(&d->mutex);
  return f != NULL
             ? HY_OK
             : cstub_fail(d->provider, job, HY_ERROR_INVALID_ARGUMENT, "there is no such fence");
}

const hy_async_ext cstub_async = {
    .struct_size = sizeof(hy_async_ext),
    .create = fence_create,
    .destroy = fence_destroy,
    .query = fence_query,
    .wait = fence_wait,
    .signal = fence_signal,
};

/* ---- run ---- */

static void record_at(hy_array array, uint32_t i, void* out, size_t size) {
  cstub_copy(out, size, (const char*)array.data + (size_t)i * array.stride, array.stride);
}

static hy_fence_point* points(hy_array from, uint32_t* count) {
  hy_fence_point* out = calloc(from.count + 1, sizeof *out);
  uint32_t i;
  for (i = 0; out != NULL && i < from.count; ++i) record_at(from, i, &out[i], sizeof *out);
  *count = from.count;
  return out;
}

static hy_status bind_port(const cstub_program* p, hy_job* job, const hy_run_args* args, uint32_t i,
                           port* out) {
  hy_binding b;
  const int is_input = i < p->input_count;
  const uint32_t index = is_input ? i : i - p->input_count;
  const uint64_t bytes = is_input ? p->input_bytes[index] : p->output_bytes[index];
  record_at(is_input ? args->inputs : args->outputs, index, &b, sizeof b);
  if (b.data != NULL)
    return cstub_fail(p->device->provider, job, HY_ERROR_INVALID_ARGUMENT,
                      "port %u is bound to host memory, which this device cannot address", i);
  if (b.bytes != bytes)
    return cstub_fail(p->device->provider, job, HY_ERROR_MISMATCH,
                      "port %u has %llu bytes; it was compiled for %llu", i,
                      (unsigned long long)b.bytes, (unsigned long long)bytes);
  out->handle = b.handle;
  out->offset = b.offset;
  return HY_OK;
}

static hy_status make_task(const cstub_program* p, hy_job* job, const hy_run_args* args,
                           cstub_task* t) {
  const uint32_t ports = p->input_count + p->output_count;
  uint32_t i;
  t->program = p;
  t->ports = calloc(ports + 1, sizeof *t->ports);
  t->memory = calloc(ports + 1, sizeof *t->memory);
  t->waits = points(args->waits, &t->wait_count);
  t->signals = points(args->signals, &t->signal_count);
  if (!t->ports || !t->memory || !t->waits || !t->signals) return HY_ERROR_OUT_OF_MEMORY;
  for (i = 0; i < ports; ++i) {
    const hy_status status = bind_port(p, job, args, i, &t->ports[i]);
    if (status != HY_OK) return status;
  }
  return HY_OK;
}

static void push(cstub_device* d, cstub_task* t) {
  pthread_mutex_lock(&d->mutex);
  if (d->last != NULL)
    d->last->next = t;
  else
    d->first = t;
  d->last = t;
  pthread_cond_broadcast(&d->changed);
  pthread_mutex_unlock(&d->mutex);
}

hy_status cstub_run(void* executable, hy_job* job, const hy_run_args* theirs) {
  const cstub_program* p = executable;
  cstub_device* d = p->device;
  hy_run_args args;
  hy_fence_point own = {0, 1};
  cstub_task* t;
  hy_status status;
  cstub_copy(&args, sizeof args, theirs, theirs->struct_size);
  if (args.inputs.count != p->input_count || args.outputs.count != p->output_count)
    return cstub_fail(d->provider, job, HY_ERROR_MISMATCH,
                      "%u inputs and %u outputs are bound; there are %u and %u", args.inputs.count,
                      args.outputs.count, p->input_count, p->output_count);
  if (args.signals.count == 0) { /* nobody asks for a fence: wait for one of our own */
    status = fence_create(d, job, 0, &own.fence);
    if (status != HY_OK) return status;
    args.signals = (hy_array){&own, 1, sizeof own};
  }
  t = calloc(1, sizeof *t);
  status = t == NULL ? HY_ERROR_OUT_OF_MEMORY : make_task(p, job, &args, t);
  if (status == HY_OK)
    push(d, t);
  else
    free_task(t);
  if (status == HY_OK && own.fence != 0) status = fence_wait(d, job, own.fence, 1, UINT64_MAX);
  if (own.fence != 0) fence_destroy(d, own.fence);
  return status;
}
