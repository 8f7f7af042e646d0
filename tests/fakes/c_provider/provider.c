/* The entry, the provider and its device. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cstub.h"

#define STR(text) \
  { text, sizeof(text) - 1 }

void cstub_copy(void* ours, size_t size, const void* theirs, size_t their_size) {
  memset(ours, 0, size);
  if (theirs != NULL) memcpy(ours, theirs, size < their_size ? size : their_size);
}

hy_status cstub_fail(const cstub_provider* p, hy_job* job, hy_status code, const char* format,
                     ...) {
  char text[256];
  va_list list;
  hy_str message = {text, 0};
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  message.size = strlen(text);
  p->host.fail(p->host.self, job, code, message);
  return code;
}

static hy_status create(const hy_host* host, hy_job* job, void** provider) {
  cstub_provider* p = calloc(1, sizeof *p);
  (void)job;
  if (p == NULL) return HY_ERROR_OUT_OF_MEMORY;
  cstub_copy(&p->host, sizeof p->host, host, host->struct_size);
  *provider = p;
  return HY_OK;
}

static void destroy(void* provider) { free(provider); }

static hy_status devices(void* provider, hy_job* job, const hy_sink* sink) {
  hy_option memory = HY_INIT(hy_option);
  hy_device d = HY_INIT(hy_device);
  (void)provider;
  (void)job;
  memory.key = (hy_str)STR("memory");
  memory.value = (hy_str)STR("its own; the host cannot address it");
  d.type = HY_DEVICE_TYPE_OTHER;
  /* Neither host memory nor symbolic shapes. Runs queue up, so they may come from several threads. */
  d.flags = HY_DEVICE_CONCURRENT_RUNS;
  d.name = (hy_str)STR("C example device");
  d.resource_group = (hy_str)STR("cpu");
  d.driver = (hy_str)STR("cstub 1");
  d.properties = (hy_array){&memory, 1, sizeof memory};
  return sink->push(sink->ctx, &d);
}

static hy_status open_device(void* provider, hy_job* job, const hy_open_args* args, void** device) {
  cstub_provider* p = provider;
  cstub_device* d;
  if (args->device_index != 0)
    return cstub_fail(p, job, HY_ERROR_NOT_FOUND, "device %u was asked for; there is one",
                      args->device_index);
  d = calloc(1, sizeof *d);
  if (d == NULL) return HY_ERROR_OUT_OF_MEMORY;
  d->provider = p;
  if (!cstub_queue_start(d)) {
    free(d);
    return cstub_fail(p, job, HY_ERROR_DEVICE, "the device's thread does not start");
  }
  *device = d;
  return HY_OK;
}

static void close_device(void* device) {
  cstub_device* d = device;
  size_t i;
  cstub_queue_stop(d);
  for (i = 0; i < d->buffer_count; ++i) free(d->buffers[i].data);
  free(d->buffers);
  free(d->fences);
  free(d);
}

static int is(hy_str id, const char* text) {
  return id.size == strlen(text) && memcmp(id.data, text, id.size) == 0;
}

static const void* extension(void* provider, hy_str id) {
  (void)provider;
  if (is(id, HY_EXT_MEMORY)) return &cstub_memory_table;
  if (is(id, HY_EXT_ASYNC)) return &cstub_async;
  return NULL;
}

static const hy_provider_api api = {
    .struct_size = sizeof(hy_provider_api),
    .create = create,
    .destroy = destroy,
    .devices = devices,
    .open = open_device,
    .close = close_device,
    .query = cstub_query,
    .compile = cstub_compile,
    .run = cstub_run,
    .release = cstub_release,
    .extension = extension,
};

static const hy_plugin plugin = {
    .struct_size = sizeof(hy_plugin),
    .kind = HY_PLUGIN_PROVIDER,
    .id = STR("cstub"),
    .version = STR("0.1.0"),
    .provider = &api,
};

HY_PLUGIN_EXPORT const hy_plugin* HY_PLUGIN_ENTRY(void);
const hy_plugin* HY_PLUGIN_ENTRY(void) { return &plugin; }
