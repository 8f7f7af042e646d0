// A provider for Relu on f32 that misbehaves in one way, chosen by -DZOO_<WAY>. CMakeLists.txt beside it
// lists the ways; ../README.md has the rule that each one tests. It uses the C header alone and on
// purpose none of the helpers that would keep it from misbehaving.
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <exception>
#include <string_view>

#include "halyard/abi/graph_reader.h"
#include "halyard/abi/plugin.h"

#ifndef ZOO_ID
#define ZOO_ID "zoo"
#endif

namespace {

struct Boom : std::exception {
  const char* what() const noexcept override { return "boom"; }
};

template <size_t N>
constexpr hy_str text(const char (&s)[N]) {
  return {s, N - 1};
}

const hy_host* the_host;
int the_object;  // its address stands for provider, device and executable

[[maybe_unused]] hy_status fails(hy_job* job, hy_status code, hy_str why) {
  the_host->fail(the_host->self, job, code, why);
  return code;
}

/// Each function begins with this. -DZOO_CRASH_AT="stage" and -DZOO_HANG_AT="stage" make one of them the last
/// that anybody hears of it.
void at([[maybe_unused]] std::string_view stage) {
#if defined(ZOO_CRASH_AT)
  if (stage == ZOO_CRASH_AT) std::raise(SIGSEGV);
#elif defined(ZOO_HANG_AT)
  while (stage == ZOO_HANG_AT) pause();
#endif
}

hy_status create(const hy_host* host, [[maybe_unused]] hy_job* job,
                 [[maybe_unused]] void** provider) {
  the_host = host;
  at("create");
#if defined(ZOO_CREATE_FAILS)
  return fails(job, HY_ERROR_DEVICE, text("the driver is too old"));
#elif defined(ZOO_CREATE_THROWS)
  throw Boom();
#else
  *provider = &the_object;
  return HY_OK;
#endif
}

void destroy(void*) { at("destroy"); }

hy_status devices(void*, [[maybe_unused]] hy_job* job, [[maybe_unused]] const hy_sink* sink) {
  at("devices");
#if defined(ZOO_NO_DEVICE)
  return HY_OK;
#elif defined(ZOO_DEVICES_THROWS)
  throw Boom();
#else
  hy_device d = HY_INIT(hy_device);
  d.type = HY_DEVICE_TYPE_OTHER;
  d.flags = HY_DEVICE_HOST_MEMORY;
  d.name = text("cage");
#if defined(ZOO_DEVICE_REJECTED)
  d.reject_reason = HY_REASON_DRIVER_VERSION;
  d.reject_detail = text("driver 3; 5 is needed");
#elif defined(ZOO_NO_MEMORY)
  d.flags = 0;
#elif defined(ZOO_UNKNOWN_ENUMS)
  d.type = 4711;
  d.flags |= 1u << 30;
#elif defined(ZOO_SHORT_RECORDS)
  d.struct_size = offsetof(hy_device, resource_group);
  std::memset(&d.resource_group, 0xff, sizeof d - d.struct_size);
#elif defined(ZOO_LONG_RECORDS)
  struct {
    hy_device known;
    unsigned char more[64];
  } longer;
  std::memset(&longer, 0xff, sizeof longer);
  longer.known = d;
  longer.known.struct_size = sizeof longer;
  return sink->push(sink->ctx, &longer);
#endif
  return sink->push(sink->ctx, &d);
#endif
}

hy_status open_device(void*, [[maybe_unused]] hy_job* job, const hy_open_args*,
                      [[maybe_unused]] void** device) {
  at("open");
#if defined(ZOO_OPEN_FAILS)
  return fails(job, HY_ERROR_DEVICE, text("the device is in use"));
#elif defined(ZOO_OPEN_THROWS)
  throw Boom();
#else
  *device = &the_object;
  return HY_OK;
#endif
}

void close_device(void*) {
  at("close");
#if defined(ZOO_CLOSE_THROWS)
  throw Boom();
#endif
}

hy_status answer(const hy_sink* sink, const hy_graph_view& g, uint32_t node) {
  const hy_graph_node n = hy_graph_node_at(&g, node);
  hy_verdict v = HY_INIT(hy_verdict);
  v.node = node;
  v.supported = hy_graph_text_is(&g, n.op, "Relu") ? 1 : 0;
  v.reason = v.supported ? HY_REASON_NONE : HY_REASON_OP_UNKNOWN;
  v.cluster = HY_CLUSTER_ANY;
  v.operand = HY_OPERAND_NONE;
  v.est_us = -1;
#if defined(ZOO_TAKES_ALL)
  v.supported = 1;
  v.reason = HY_REASON_NONE;
#elif defined(ZOO_NO_REASON)
  v.reason = HY_REASON_NONE;
#elif defined(ZOO_UNKNOWN_ENUMS)
  if (!v.supported) v.reason = 4711;
#elif defined(ZOO_SHORT_RECORDS)
  v.struct_size = offsetof(hy_verdict, operand);
  std::memset(&v.operand, 0xff, sizeof v - v.struct_size);
#elif defined(ZOO_LONG_RECORDS)
  struct {
    hy_verdict known;
    unsigned char more[64];
  } longer;
  std::memset(&longer, 0xff, sizeof longer);
  longer.known = v;
  longer.known.struct_size = sizeof longer;
  return sink->push(sink->ctx, &longer);
#endif
  return sink->push(sink->ctx, &v);
}

hy_status query(void*, [[maybe_unused]] hy_job* job, const hy_query_args* args,
                const hy_sink* sink) {
  at("query");
  hy_graph_view g;
  if (hy_graph_open(args->graph.data, args->graph.size, &g) != nullptr)
    return HY_ERROR_INVALID_MODEL;
  const hy_graph_subgraph main = hy_graph_subgraph_at(&g, 0);
  for (uint32_t i = main.first_node; i < main.first_node + main.node_count; ++i) {
#if defined(ZOO_MUTE_AND_TWICE)
    if (i == main.first_node) continue;
    if (const hy_status s = answer(sink, g, i); s != HY_OK) return s;
#endif
    if (const hy_status s = answer(sink, g, i); s != HY_OK) return s;
  }
#if defined(ZOO_VERDICT_OUT_OF_RANGE)
  hy_verdict v = HY_INIT(hy_verdict);
  v.node = 0xfffffff0;
  v.supported = 1;
  return sink->push(sink->ctx, &v);
#elif defined(ZOO_QUERY_FAILS)
  return fails(job, HY_ERROR_INTERNAL, text("lost the thread"));
#elif defined(ZOO_QUERY_THROWS)
  throw Boom();
#else
  return HY_OK;
#endif
}

[[maybe_unused]] hy_status confirm(void*, hy_job*, const hy_compile_args*, const hy_sink* sink) {
  hy_verdict v = HY_INIT(hy_verdict);
  v.node = HY_OPERAND_NONE;
  v.reason = HY_REASON_MEMORY_BUDGET;
  v.operand = HY_OPERAND_NONE;
  v.got = text("9 KiB");
  v.limit = text("8 KiB");
  return sink->push(sink->ctx, &v);
}

hy_status compile(void*, [[maybe_unused]] hy_job* job, [[maybe_unused]] const hy_compile_args* args,
                  [[maybe_unused]] void** executable) {
#if defined(ZOO_SPARES_PROBE)
  // It behaves as long as it is only tried.
  hy_graph_view g;
  if (hy_graph_open(args->graph.data, args->graph.size, &g) != nullptr)
    return HY_ERROR_INVALID_MODEL;
  if (!hy_graph_text_is(&g, hy_graph_node_at(&g, 0).name, "probe")) at("compile");
#else
  at("compile");
#endif
#if defined(ZOO_COMPILE_FAILS)
  return fails(job, HY_ERROR_UNSUPPORTED, text("no registers left"));
#elif defined(ZOO_COMPILE_FAILS_MUTELY)
  return HY_ERROR_UNSUPPORTED;
#elif defined(ZOO_COMPILE_THROWS)
  throw Boom();
#else
  *executable = &the_object;
  return HY_OK;
#endif
}

[[maybe_unused]] hy_binding binding(hy_array list, uint32_t i) {
  hy_binding b{};
  std::memcpy(&b, static_cast<const char*>(list.data) + size_t{i} * list.stride,
              list.stride < sizeof b ? list.stride : sizeof b);
  return b;
}

hy_status run(void*, [[maybe_unused]] hy_job* job, [[maybe_unused]] const hy_run_args* args) {
  at("run");
#if defined(ZOO_RUN_FAILS)
  return fails(job, HY_ERROR_DEVICE, text("the device fell off the bus"));
#elif defined(ZOO_RUN_THROWS)
  throw Boom();
#elif defined(ZOO_WRONG_OUTPUT_DIMS)
  const int64_t dims[3] = {7, 7, 7};
  void* data = nullptr;
  uint64_t handle = 0;
  return the_host->output(the_host->self, job, 0, 3, dims, sizeof(float) * 343, &data, &handle);
#elif defined(ZOO_OUTPUT_OF_NO_PORT)
  const int64_t dims[1] = {1};
  void* data = nullptr;
  uint64_t handle = 0;
  return the_host->output(the_host->self, job, 99, 1, dims, sizeof(float), &data, &handle);
#else
  // Every cluster is a chain of Relus: the output of one is that of all.
  const hy_binding in = binding(args->inputs, 0), out = binding(args->outputs, 0);
  const auto* from = static_cast<const float*>(in.data);
  auto* to = static_cast<float*>(out.data);
  for (uint64_t i = 0; i < out.bytes / sizeof(float); ++i) to[i] = from[i] > 0 ? from[i] : 0;
  return HY_OK;
#endif
}

void release(void*) {
  at("release");
#if defined(ZOO_CLOSE_THROWS)
  throw Boom();
#endif
}

// What a plugin of an older host knows: the table ends after its mandatory part.
constexpr uint32_t kMandatory = offsetof(hy_provider_api, confirm);

struct Table {
  hy_provider_api known;
  unsigned char more[256];
};

constexpr Table make_table() {
  Table t{};
  t.known.struct_size = sizeof(hy_provider_api);
  t.known.create = create;
  t.known.destroy = destroy;
  t.known.devices = devices;
  t.known.open = open_device;
  t.known.close = close_device;
  t.known.query = query;
  t.known.compile = compile;
  t.known.run = run;
  t.known.release = release;
#if defined(ZOO_CONFIRM_REFUSES)
  t.known.confirm = confirm;
#endif
#if defined(ZOO_NULL_FUNCTION)
  t.known.compile = nullptr;
#endif
#if defined(ZOO_OLDER)
  t.known.struct_size = kMandatory;
#elif defined(ZOO_TOO_OLD)
  t.known.struct_size = offsetof(hy_provider_api, run);
#elif defined(ZOO_NEWER)
  t.known.struct_size = sizeof(Table);
  for (unsigned char& byte : t.more) byte = 0xa5;
#endif
  return t;
}

Table table = make_table();

#if defined(ZOO_OLDER)
// Beyond the size that it states lies anything.
const bool scribbled = (std::memset(reinterpret_cast<unsigned char*>(&table) + kMandatory, 0xa5,
                                    sizeof table - kMandatory),
                        true);
#endif

#if defined(ZOO_NO_TABLE)
constexpr hy_provider_api* kTable = nullptr;
#else
constexpr hy_provider_api* kTable = &table.known;
#endif

const hy_plugin plugin = {
    sizeof(hy_plugin), HY_PLUGIN_PROVIDER, text(ZOO_ID), text("0.0.1"), kTable, nullptr};

}  // namespace

#if defined(ZOO_UNRESOLVED)
extern "C" void zoo_function_that_nobody_defines(void);
#endif

#if !defined(ZOO_NO_SYMBOL)
extern "C" HY_PLUGIN_EXPORT const hy_plugin* HY_PLUGIN_ENTRY(void) {
  at("load");
#if defined(ZOO_ENTRY_NULL)
  return nullptr;
#elif defined(ZOO_ENTRY_THROWS)
  throw Boom();
#elif defined(ZOO_UNRESOLVED)
  zoo_function_that_nobody_defines();
  return &plugin;
#else
  return &plugin;
#endif
}
#else
extern "C" HY_PLUGIN_EXPORT const hy_plugin* zoo_another_symbol(void) { return &plugin; }
#endif
