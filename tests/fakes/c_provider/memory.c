/* hy.memory.0: buffers of the device. The host knows handles and copies, never an address. */
#include <stdlib.h>

#include "cstub.h"

static cstub_buffer* find(cstub_device* d, uint64_t handle) {
  size_t i;
  for (i = 0; i < d->buffer_count; ++i)
    if (handle != 0 && d->buffers[i].handle == handle) return &d->buffers[i];
  return NULL;
}

unsigned char* cstub_at(cstub_device* d, uint64_t handle, uint64_t offset, uint64_t bytes) {
  cstub_buffer* b = find(d, handle);
  if (b == NULL || offset > b->bytes || bytes > b->bytes - offset) return NULL;
  return b->data + offset;
}

/* A free entry of the table, which grows when there is none. */
static cstub_buffer* entry(cstub_device* d) {
  cstub_buffer* more;
  size_t i;
  for (i = 0; i < d->buffer_count; ++i)
    if (d->buffers[i].handle == 0) return &d->buffers[i];
  more = realloc(d->buffers, (d->buffer_count + 1) * sizeof *more);
  if (more == NULL) return NULL;
  d->buffers = more;
  memset(&d->buffers[d->buffer_count], 0, sizeof *more);
  return &d->buffers[d->buffer_count++];
}

static hy_status memory_alloc(void* device, hy_job* job, uint64_t bytes, uint64_t* handle) {
  cstub_device* d = device;
  unsigned char* data = calloc(bytes != 0 ? bytes : 1, 1);
  cstub_buffer* b = NULL;
  if (data != NULL) {
    pthread_mutex_lock(&d->mutex);
    b = entry(d);
    if (b != NULL) {
      b->handle = *handle = ++d->next_id;
      b->bytes = bytes;
      b->data = data;
    }
    pthread_mutex_unlock(&d->mutex);
  }
  if (b != NULL) return HY_OK;
  free(data);
  return cstub_fail(d->provider, job, HY_ERROR_OUT_OF_MEMORY,
                    "no memory for a buffer of %llu bytes", (unsigned long long)bytes);
}

static void memory_free(void* device, uint64_t handle) {
  cstub_device* d = device;
  unsigned char* data = NULL;
  cstub_buffer* b;
  pthread_mutex_lock(&d->mutex);
  b = find(d, handle);
  if (b != NULL) {
    data = b->data;
    memset(b, 0, sizeof *b);
  }
  pthread_mutex_unlock(&d->mutex);
  free(data);
}

static hy_status outside(cstub_device* d, hy_job* job, uint64_t handle, uint64_t offset,
                         uint64_t bytes) {
  return cstub_fail(d->provider, job, HY_ERROR_INVALID_ARGUMENT,
                    "buffer %llu has no %llu bytes at %llu", (unsigned long long)handle,
                    (unsigned long long)bytes, (unsigned long long)offset);
}

/* Copies run outside of the mutex: a buffer is not freed while it is in use, and its owner orders
 * copies and runs by fences. */
static unsigned char* locked_at(cstub_device* d, uint64_t handle, uint64_t offset, uint64_t bytes) {
  unsigned char* at;
  pthread_mutex_lock(&d->mutex);
  at = cstub_at(d, handle, offset, bytes);
  pthread_mutex_unlock(&d->mutex);
  return at;
}

static hy_status memory_write(void* device, hy_job* job, uint64_t handle, uint64_t offset,
                              const void* from, uint64_t bytes) {
  unsigned char* at = locked_at(device, handle, offset, bytes);
  if (at == NULL) return outside(device, job, handle, offset, bytes);
  if (bytes != 0) memcpy(at, from, bytes);
  return HY_OK;
}

static hy_status memory_read(void* device, hy_job* job, uint64_t handle, uint64_t offset, void* to,
                             uint64_t bytes) {
  const unsigned char* at = locked_at(device, handle, offset, bytes);
  if (at == NULL) return outside(device, job, handle, offset, bytes);
  if (bytes != 0) memcpy(to, at, bytes);
  return HY_OK;
}

static hy_status memory_copy(void* device, hy_job* job, uint64_t from, uint64_t from_offset,
                             uint64_t to, uint64_t to_offset, uint64_t bytes) {
  const unsigned char* source = locked_at(device, from, from_offset, bytes);
  unsigned char* target = locked_at(device, to, to_offset, bytes);
  if (source == NULL) return outside(device, job, from, from_offset, bytes);
  if (target == NULL) return outside(device, job, to, to_offset, bytes);
  if (bytes != 0) memmove(target, source, bytes);
  return HY_OK;
}

const hy_memory_ext cstub_memory_table = {
    .struct_size = sizeof(hy_memory_ext),
    .alignment = 16,
    .alloc = memory_alloc,
    .free = memory_free,
    .write = memory_write,
    .read = memory_read,
    .copy = memory_copy,
};
