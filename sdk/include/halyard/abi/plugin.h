/* The Halyard plugin ABI: everything a provider or a format plugin must know, in one C11 header.
 *
 * Status: 0.x, UNSTABLE. Until 1.0 a minor release may change it; the entry symbol's suffix changes
 * with it, so that an old plugin is refused by name and never misread.
 *
 * The rules (each has a test; core/decisions/0001-plugin-abi.md has the reasons):
 *  1. A plugin exports one symbol, hy_plugin_query_v0. It is called first and it is pure: it does no
 *     work and returns the address of a static table.
 *  2. Every table and every struct that may grow begins with struct_size, which HY_INIT writes. The
 *     reader copies min(theirs, ours) bytes into a zeroed struct of its own and uses only that copy:
 *     what the other side does not know is zero, and zero means the documented default.
 *  3. Structs grow at the end only. No sized struct is a member of another: pointers or arrays only.
 *  4. An array carries its stride, so that its elements may grow too.
 *  5. A string is pointer and length, UTF-8, without a terminator. Nothing is freed across the border:
 *     who allocates frees, and a view lives until the call that passed it returns, unless said here.
 *  6. A function returns a plain status code. The words go to host->fail with the job of the call.
 *  7. No exception, longjmp, abort, exit or output to stdout/stderr crosses or leaves a plugin.
 *  8. Enumerations are open: an unknown value is refused with a reason, never a crash.
 *  9. Plugins are loaded once and never unloaded before the process exits.
 * 10. Threads: create/destroy/devices are called from one thread at a time. All other functions may be
 *     called from any thread, on different objects at once; run() on one executable concurrently only
 *     where the device says HY_DEVICE_CONCURRENT_RUNS.
 *
 * Graphs cross this border in the flat form of graph.h; see there. */
#ifndef HALYARD_ABI_PLUGIN_H_
#define HALYARD_ABI_PLUGIN_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define HY_PLUGIN_EXPORT __declspec(dllexport)
#else
#define HY_PLUGIN_EXPORT __attribute__((visibility("default")))
#endif

/* Initialises a sized struct: hy_verdict v = HY_INIT(hy_verdict); */
#ifdef __cplusplus
#define HY_INIT(type)                    \
  ([] {                                  \
    type hy_init_{};                     \
    hy_init_.struct_size = sizeof(type); \
    return hy_init_;                     \
  }())
#else
#define HY_INIT(type) ((type){.struct_size = (uint32_t)sizeof(type)})
#endif

/* ---- Basic types: frozen for ever -------------------------------------------------------------- */

typedef int32_t hy_status;
enum {
  HY_OK = 0,
  HY_ERROR_INVALID_ARGUMENT = 1, /* the caller broke the contract */
  HY_ERROR_INVALID_MODEL = 2,    /* the model's bytes are wrong */
  HY_ERROR_NOT_FOUND = 3,
  HY_ERROR_UNSUPPORTED = 4, /* legal, and not within this one's abilities */
  HY_ERROR_OUT_OF_MEMORY = 5,
  HY_ERROR_IO = 6,
  HY_ERROR_DEVICE = 7, /* the device or its driver failed */
  HY_ERROR_CANCELLED = 8,
  HY_ERROR_DEADLINE = 9,
  HY_ERROR_BUSY = 10,
  HY_ERROR_CLOSED = 11,
  HY_ERROR_INTERNAL = 12,
  HY_ERROR_CONFIG = 13,   /* options or configuration */
  HY_ERROR_UNPLACED = 14, /* no provider takes a node */
  HY_ERROR_MISMATCH = 15, /* a value, shape or type is not what was declared */
  HY_ERROR_STALE = 16     /* an artefact that no longer fits: compile again */
};

typedef struct hy_str {
  const char* data;
  uint64_t size;
} hy_str;

typedef struct hy_bytes {
  const void* data;
  uint64_t size;
} hy_bytes;

/* count elements, the i-th at (char*)data + i * stride. */
typedef struct hy_array {
  const void* data;
  uint32_t count;
  uint32_t stride;
} hy_array;

/* Element types. Sub-byte elements are packed from the lowest bits of each byte up. */
enum {
  HY_DTYPE_UNDEFINED = 0,
  HY_DTYPE_F32 = 1,
  HY_DTYPE_F64 = 2,
  HY_DTYPE_F16 = 3,
  HY_DTYPE_BF16 = 4,
  HY_DTYPE_F8E4M3FN = 5,
  HY_DTYPE_F8E4M3FNUZ = 6,
  HY_DTYPE_F8E5M2 = 7,
  HY_DTYPE_F8E5M2FNUZ = 8,
  HY_DTYPE_F8E8M0 = 9,
  HY_DTYPE_F4E2M1 = 10,
  HY_DTYPE_C64 = 11,  /* two f32 */
  HY_DTYPE_C128 = 12, /* two f64 */
  HY_DTYPE_I8 = 16,
  HY_DTYPE_I16 = 17,
  HY_DTYPE_I32 = 18,
  HY_DTYPE_I64 = 19,
  HY_DTYPE_U8 = 20,
  HY_DTYPE_U16 = 21,
  HY_DTYPE_U32 = 22,
  HY_DTYPE_U64 = 23,
  HY_DTYPE_I4 = 24,
  HY_DTYPE_U4 = 25,
  HY_DTYPE_I2 = 26,
  HY_DTYPE_U2 = 27,
  HY_DTYPE_U1 = 28, /* palette indices */
  HY_DTYPE_U3 = 29,
  HY_DTYPE_U6 = 30,
  HY_DTYPE_BOOL = 32,  /* one byte, 0 or 1 */
  HY_DTYPE_STRING = 33 /* see hy_binding */
};

/* Why a node was not taken: one catalogue for everybody, append-only. Unknown codes read as OTHER. */
enum {
  HY_REASON_NONE = 0, /* only with support: a refusal must have a reason */
  HY_REASON_OP_UNKNOWN = 1,
  HY_REASON_SIGNATURE = 2, /* the operator's digest differs from the one the provider implements */
  HY_REASON_ATTRIBUTE = 3,
  HY_REASON_DTYPE = 4,
  HY_REASON_RANK = 5,
  HY_REASON_DIM_LIMIT = 6,
  HY_REASON_DIM_DYNAMIC = 7,
  HY_REASON_LAYOUT = 8,
  HY_REASON_ENCODING = 9, /* of a compressed constant */
  HY_REASON_CONST_REQUIRED = 10,
  HY_REASON_BROADCAST = 11,
  HY_REASON_OPERAND_MISSING = 12,
  HY_REASON_CONTROL_FLOW = 13,
  HY_REASON_STATE_PATTERN = 14,
  HY_REASON_MEMORY_BUDGET = 15,
  HY_REASON_DEVICE_FEATURE = 16,
  HY_REASON_DRIVER_VERSION = 17,
  HY_REASON_PRECISION_POLICY = 18,
  HY_REASON_NOT_PROFITABLE = 19,
  HY_REASON_CONVEXITY = 20,
  HY_REASON_POLICY_DENIED = 21,
  HY_REASON_CONFIRM_REFUSED = 22,
  HY_REASON_COMPILE_FAILED = 23,
  HY_REASON_TIMEOUT = 24,
  HY_REASON_CRASHED = 25,
  HY_REASON_QUARANTINED = 26,
  HY_REASON_UNSTATED = 27,          /* the provider gave no verdict */
  HY_REASON_DUPLICATE_VERDICT = 28, /* it gave two */
  HY_REASON_LOWER_PRIORITY = 29,    /* it could; a provider of higher priority took the node */
  HY_REASON_COST = 30,              /* it could; another plan was estimated faster */
  HY_REASON_QUERY_FAILED = 31,
  HY_REASON_NO_DEVICE = 32,
  HY_REASON_OTHER = 0xffff
};

/* ---- Host ---------------------------------------------------------------------------------------- */

/* One call's context. Errors, cancellation and progress belong to a job, never to a thread. */
typedef struct hy_job hy_job;
/* The weights that the graph of this call refers to. */
typedef struct hy_weights hy_weights;

typedef struct hy_host {
  uint32_t struct_size;
  uint32_t reserved;
  void* self;
  /* Says why the call of this job fails. The last message wins; it is copied. job may be null. */
  void (*fail)(void* self, hy_job* job, hy_status code, hy_str message);
  /* level: 0 trace, 1 debug, 2 info, 3 warn, 4 error. */
  void (*log)(void* self, uint32_t level, hy_str message);
  /* A weight's bytes in canonical layout, aligned to alignment (a power of two up to 4096): the memory
   * map's own where it is aligned, else one copy that the core keeps. They live until the executable
   * made by this job is released, or, at compile failure, until the call returns. */
  hy_status (*weight)(void* self, hy_weights* weights, uint64_t id, uint32_t alignment,
                      hy_bytes* out);
  /* Heartbeat, progress (0..1, or negative for unknown) and cancel point of a long call.
   * HY_OK, or HY_ERROR_CANCELLED / HY_ERROR_DEADLINE: stop soon and return that code. */
  hy_status (*poll)(void* self, hy_job* job, double progress);
  /* During run: the dims of an output that was bound empty. Once a port; then *data is host memory (or
   * *handle device memory, for a device with hy.memory.0) for the whole tensor. bytes is the size of
   * the element data; for strings see hy_binding. Fails when the dims contradict the declared ones. */
  hy_status (*output)(void* self, hy_job* job, uint32_t port, uint32_t rank, const int64_t* dims,
                      uint64_t bytes, void** data, uint64_t* handle);
  /* Types and dims of every value of a graph. The result is given to *sink* as one hy_bytes record, in
   * the flat form, and lives until the sink returns. */
  hy_status (*infer)(void* self, hy_job* job, hy_bytes graph, void* sink_ctx,
                     hy_status (*sink)(void* sink_ctx, hy_bytes graph));
} hy_host;

/* A receiver of records. push copies what it needs; a non-zero status means: stop and return it. */
typedef struct hy_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* ctx;
  hy_status (*push)(void* ctx, const void* record);
} hy_sink;

/* One option from the configuration, as text. */
typedef struct hy_option {
  uint32_t struct_size;
  uint32_t reserved;
  hy_str key;
  hy_str value;
} hy_option;

/* An option that a plugin understands; the configuration is checked against it. */
typedef struct hy_option_schema {
  uint32_t struct_size;
  uint32_t type; /* HY_OPTION_* */
  hy_str key;
  hy_str default_value;
  hy_str choices; /* comma-separated, for HY_OPTION_CHOICE */
  hy_str help;
  uint32_t no_effect_on_artifact; /* 1: not part of the compile cache's key */
  uint32_t reserved;
} hy_option_schema;
enum {
  HY_OPTION_STRING = 1,
  HY_OPTION_INT = 2,
  HY_OPTION_FLOAT = 3,
  HY_OPTION_BOOL = 4,
  HY_OPTION_CHOICE = 5,
  HY_OPTION_BYTES = 6 /* "512MiB" */
};

/* ---- Provider ------------------------------------------------------------------------------------ */

enum {
  HY_DEVICE_TYPE_CPU = 1,
  HY_DEVICE_TYPE_GPU = 2,
  HY_DEVICE_TYPE_NPU = 3,
  HY_DEVICE_TYPE_OTHER = 4
};
enum {
  HY_DEVICE_SYMBOLIC_SHAPES = 1u << 0, /* one executable serves all dims, and data-dependent ones */
  HY_DEVICE_CONCURRENT_RUNS = 1u << 1, /* run() of one executable from several threads at once */
  HY_DEVICE_SOFTWARE = 1u << 2,        /* emulates hardware on the CPU: never chosen unless named */
  HY_DEVICE_HOST_MEMORY = 1u << 3, /* run() takes host pointers. Unset: hy.memory.0 is required */
  HY_DEVICE_STATES = 1u << 4       /* a graph may have STATES: run() updates them where they lie */
};

/* Record of devices(): one push each. */
typedef struct hy_device {
  uint32_t struct_size;
  uint32_t type;  /* HY_DEVICE_TYPE_* */
  uint32_t flags; /* HY_DEVICE_* */
  uint32_t reserved;
  hy_str name;
  hy_str resource_group;  /* devices of one group share hardware; never planned as overlapping */
  hy_str driver;          /* driver, firmware, instruction sets: part of the compile cache's key */
  uint64_t memory_bytes;  /* 0: unknown */
  double flops;           /* estimate, f32 operations a second; 0: unknown */
  double bandwidth;       /* estimate, bytes a second; 0: unknown */
  hy_array properties;    /* of hy_option: for people and reports */
  uint32_t reject_reason; /* HY_REASON_*: the device is there and cannot be used, and this is why */
  uint32_t reserved2;
  hy_str reject_detail;
  /* What placement by cost reckons with. 0: unknown, and the core takes a figure for the device's type;
   * of copies it measures them. */
  double launch_us;       /* from run() to the first operation: the cost of each cluster */
  double copy_latency_us; /* of a copy between host memory and hy.memory.0, whatever its size */
  double copy_bandwidth;  /* of such copies, bytes a second */
  double watts;           /* drawn above idle while it computes */
} hy_device;

typedef struct hy_open_args {
  uint32_t struct_size;
  uint32_t device_index; /* in the order of devices() */
  uint32_t threads;      /* for run(), on any thread; 0: as many as there are cores */
  uint32_t precision;    /* HY_PRECISION_* */
  hy_array options;      /* of hy_option */
  uint32_t
      relaxed_types; /* of RELAXED: f32 may compute in these, 1u << HY_DTYPE_* each; 0: f16, bf16 */
  uint32_t reserved;
} hy_open_args;
enum { HY_PRECISION_STRICT = 0, HY_PRECISION_RELAXED = 1 };

typedef struct hy_query_args {
  uint32_t struct_size;
  uint32_t reserved;
  hy_bytes graph; /* valid: the core has run the validator */
  hy_weights* weights;
} hy_query_args;

/* Record of query(): exactly one for each node of the graph's main subgraph and of its groups' parts.
 * No bodies: those are asked for by themselves, unless the node that holds them is taken whole. */
typedef struct hy_verdict {
  uint32_t struct_size;
  uint32_t node;      /* index in the NODES table */
  uint32_t supported; /* 1 or 0 */
  uint32_t reason;    /* HY_REASON_*, when not supported */
  uint32_t
      cluster; /* a proposal: equal numbers want to run as one; HY_CLUSTER_ANY: the core decides */
  uint32_t
      operand;   /* which operand the reason is about, or HY_OPERAND_NONE; outputs follow inputs */
  hy_str got;    /* what was found there, */
  hy_str limit;  /* and what is supported */
  double est_us; /* estimated time of this node in microseconds; negative: unknown */
} hy_verdict;
#define HY_CLUSTER_ANY 0xffffffffu
#define HY_OPERAND_NONE 0xffffffffu

/* A cluster to confirm or to compile. Its graph is a whole graph: inputs and outputs of the main
 * subgraph, in order, are the ports of run(). Inputs whose value is known carry a constant. */
typedef struct hy_compile_args {
  uint32_t struct_size;
  uint32_t reserved;
  hy_bytes graph;
  hy_weights* weights;
} hy_compile_args;

/* One tensor at a port of run(), contiguous in C order. */
typedef struct hy_binding {
  uint32_t struct_size;
  uint32_t dtype;
  uint32_t rank;
  uint32_t flags; /* HY_BINDING_* */
  const int64_t* dims;
  void* data;      /* host memory, or null */
  uint64_t handle; /* hy.memory.0 memory, when data is null */
  uint64_t offset; /* into handle */
  uint64_t
      bytes; /* size of the element data. Strings: (count + 1) u64 offsets, then the text bytes;
                      string i is text[offset i, offset i+1) */
} hy_binding;
enum {
  HY_BINDING_EMPTY = 1u << 0, /* an output whose dims the core cannot compute: call host->output */
  HY_BINDING_READWRITE = 1u << 1, /* a state: read, then written in place */
  HY_BINDING_DONATED = 1u << 2    /* an input that nobody reads again: may be overwritten */
};

/* A point on a timeline fence of hy.async.0. */
typedef struct hy_fence_point {
  uint64_t fence;
  uint64_t value;
} hy_fence_point;

typedef struct hy_run_args {
  uint32_t struct_size;
  uint32_t reserved;
  hy_array inputs;  /* of hy_binding, in port order */
  hy_array outputs; /* of hy_binding */
  hy_array
      states; /* of hy_binding, in the order of the graph's STATES: content before, then after */
  hy_array waits;   /* of hy_fence_point: start after these */
  hy_array signals; /* of hy_fence_point: reached when done; empty: run() returns when done */
} hy_run_args;

/* M: mandatory. A null pointer elsewhere means the default that stands there. */
typedef struct hy_provider_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* M  host lives until destroy returns. */
  hy_status (*create)(const hy_host* host, hy_job* job, void** provider);
  void (*destroy)(void* provider); /* M */
  /* M  pushes hy_device records. None is legal: say why through a record with reject_reason. */
  hy_status (*devices)(void* provider, hy_job* job, const hy_sink* devices);
  hy_status (*open)(void* provider, hy_job* job, const hy_open_args* args, void** device); /* M */
  void (*close)(void* device); /* M  after the last executable was released */
  /* M  pushes hy_verdict records. The answer depends on the arguments alone. */
  hy_status (*query)(void* device, hy_job* job, const hy_query_args* args, const hy_sink* verdicts);
  /* M */
  hy_status (*compile)(void* device, hy_job* job, const hy_compile_args* args, void** executable);
  hy_status (*run)(void* executable, hy_job* job, const hy_run_args* args); /* M */
  void (*release)(void* executable);                                        /* M */
  /* Null: every cluster of supported nodes is confirmed. Refuses with a hy_verdict of node
   * HY_OPERAND_NONE, or of the node at fault. Cheap: no compilation. */
  hy_status (*confirm)(void* device, hy_job* job, const hy_compile_args* args,
                       const hy_sink* verdicts);
  /* Null: no options. Pushes hy_option_schema records. */
  hy_status (*options)(void* provider, hy_job* job, const hy_sink* schemas);
  /* Null: no extensions. A static table by its id, or null. Ids: HY_EXT_*. */
  const void* (*extension)(void* provider, hy_str id);
} hy_provider_api;

/* ---- Extension tables of a provider: optional, each with a size of its own ------------------------ */

/* Memory of the device's own. A buffer is a handle, never an address. */
#define HY_EXT_MEMORY "hy.memory.0"
typedef struct hy_memory_ext {
  uint32_t struct_size;
  uint32_t alignment; /* of allocations and of offsets, a power of two */
  hy_status (*alloc)(void* device, hy_job* job, uint64_t bytes, uint64_t* handle);
  void (*free)(void* device, uint64_t handle);
  /* Blocking copies between host memory and a buffer. */
  hy_status (*write)(void* device, hy_job* job, uint64_t handle, uint64_t offset, const void* from,
                     uint64_t bytes);
  hy_status (*read)(void* device, hy_job* job, uint64_t handle, uint64_t offset, void* to,
                    uint64_t bytes);
  /* Optional: within the device. Null: through the host. */
  hy_status (*copy)(void* device, hy_job* job, uint64_t from, uint64_t from_offset, uint64_t to,
                    uint64_t to_offset, uint64_t bytes);
  /* Optional, for memory that the host can address: map invalidates, unmap flushes. */
  hy_status (*map)(void* device, hy_job* job, uint64_t handle, uint64_t offset, uint64_t bytes,
                   void** at);
  void (*unmap)(void* device, uint64_t handle, void* at);
} hy_memory_ext;

/* Timeline fences: a 64-bit value that only grows. A fence that failed keeps its status for ever, and
 * so does every fence that waits for it. */
#define HY_EXT_ASYNC "hy.async.0"
typedef struct hy_async_ext {
  uint32_t struct_size;
  uint32_t max_in_flight; /* runs of one device at once; 0: no limit */
  hy_status (*create)(void* device, hy_job* job, uint64_t initial, uint64_t* fence);
  void (*destroy)(void* device, uint64_t fence);
  /* HY_OK and *value, or the status that the fence failed with. */
  hy_status (*query)(void* device, hy_job* job, uint64_t fence, uint64_t* value);
  /* HY_OK: reached. HY_ERROR_DEADLINE: not within timeout_ns. Else the fence's failure, told on job. */
  hy_status (*wait)(void* device, hy_job* job, uint64_t fence, uint64_t value, uint64_t timeout_ns);
  /* Optional: the host reaches a value itself. */
  hy_status (*signal)(void* device, hy_job* job, uint64_t fence, uint64_t value);
} hy_async_ext;

/* States. The core allocates a state as one buffer in canonical layout and binds it read-write, or as a plain
 * input and output of a device without HY_DEVICE_STATES; a device that must keep states in a layout of its own
 * says so here and converts. */
#define HY_EXT_STATE "hy.state.0"
typedef struct hy_state_ext {
  uint32_t struct_size;
  uint32_t reserved;
  /* Zeroes from length on along axis, in place. Null: the core does it through hy.memory.0. */
  hy_status (*truncate)(void* device, hy_job* job, const hy_binding* state, uint32_t axis,
                        uint64_t length);
  /* A copy of a state. Null: the core copies the bytes. */
  hy_status (*fork)(void* device, hy_job* job, const hy_binding* from, const hy_binding* to);
} hy_state_ext;

/* Memory that another API or process made. */
#define HY_EXT_IMPORT "hy.import.0"
enum { HY_EXTERNAL_HOST_POINTER = 1, HY_EXTERNAL_FD = 2, HY_EXTERNAL_DMABUF = 3 };
typedef struct hy_external {
  uint32_t struct_size;
  uint32_t type; /* HY_EXTERNAL_* */
  int64_t fd;    /* stays the core's: duplicate it to keep it */
  void* pointer;
  uint64_t bytes;
} hy_external;
typedef struct hy_import_ext {
  uint32_t struct_size;
  uint32_t types;     /* bit mask of 1 << HY_EXTERNAL_* that adopt takes */
  uint32_t alignment; /* of pointer and bytes */
  uint32_t reserved;
  hy_status (*adopt)(void* device, hy_job* job, const hy_external* from, uint64_t* handle);
  hy_status (*share)(void* device, hy_job* job, uint64_t handle, uint32_t type, hy_external* out);
} hy_import_ext;

/* Executables as bytes, for the compile cache and for compiled models. They come back only to the same
 * plugin build, device, driver, options and cluster, weights included, and with the checksum they left with.
 * load must all the same refuse what it cannot use: HY_ERROR_STALE means that compile would do; after
 * any other failure the core compiles, too, and logs a warning. */
#define HY_EXT_ARTIFACT "hy.artifact.0"
typedef struct hy_artifact_ext {
  uint32_t struct_size;
  uint32_t reserved;
  /* sink receives hy_bytes records, to be concatenated. HY_ERROR_UNSUPPORTED: not this executable. */
  hy_status (*save)(void* executable, hy_job* job, const hy_sink* bytes);
  /* As compile, with the bytes of save at hand, which live until the call returns. args: of the cluster. */
  hy_status (*load)(void* device, hy_job* job, hy_bytes artifact, const hy_compile_args* args,
                    void** executable);
} hy_artifact_ext;

/* Times of a run, by node of the executable's graph. Asked for after run() with the same job, and before another
 * run() with that job; never while it is off. Many runs of one executable may be on at once. */
#define HY_EXT_PROFILE "hy.profile.0"
typedef struct hy_profile_event {
  uint32_t struct_size;
  uint32_t
      node; /* index in NODES, of several that ran as one the first; HY_OPERAND_NONE: the cluster */
  uint64_t start_ns; /* since the start of run() */
  uint64_t duration_ns;
  hy_str name;
} hy_profile_event;
typedef struct hy_profile_ext {
  uint32_t struct_size;
  uint32_t reserved;
  /* on: 1 before the first run whose times are wanted, 0 after the last. */
  hy_status (*enable)(void* executable, hy_job* job, uint32_t on);
  /* Pushes hy_profile_event records. */
  hy_status (*events)(void* executable, hy_job* job, const hy_sink* events);
} hy_profile_ext;

/* ---- Format -------------------------------------------------------------------------------------- */

typedef struct hy_import_args {
  uint32_t struct_size;
  uint32_t reserved;
  hy_str path;      /* a file or a folder, as the user gave it */
  hy_array options; /* of hy_option */
} hy_import_args;

/* Receives a model's parts. Functions: the first is the default one. */
typedef struct hy_model_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* ctx;
  /* A function's graph in the flat form; its weight ids are answered by weight(). Copied. */
  hy_status (*function)(void* ctx, hy_str name, hy_bytes graph);
  hy_status (*metadata)(void* ctx, hy_str key, hy_str value);
} hy_model_sink;

typedef struct hy_format_api {
  uint32_t struct_size;
  uint32_t reserved;
  hy_status (*create)(const hy_host* host, hy_job* job, void** format); /* M */
  void (*destroy)(void* format);                                        /* M */
  /* M  How surely path is of this format: 0 no, 100 yes. head: its first bytes (empty for a folder). */
  uint32_t (*probe)(void* format, hy_str path, hy_bytes head);
  /* M  Opens a model. It stays open, with its files mapped, until close. */
  hy_status (*open)(void* format, hy_job* job, const hy_import_args* args, void** model);
  hy_status (*read)(void* model, hy_job* job, const hy_model_sink* sink); /* M */
  /* M  A weight's bytes, in canonical layout, valid until close. From any thread. */
  hy_status (*weight)(void* model, hy_job* job, uint64_t id, hy_bytes* out);
  void (*close)(void* model); /* M */
  /* Null: no extensions. */
  const void* (*extension)(void* format, hy_str id);
} hy_format_api;

/* A format that can write. */
#define HY_EXT_WRITE "hy.write.0"
typedef struct hy_write_ext {
  uint32_t struct_size;
  uint32_t reserved;
  hy_status (*write)(void* format, hy_job* job, hy_str path, hy_bytes graph, hy_weights* weights);
} hy_write_ext;

/* ---- Operators of a plugin's own domain ----------------------------------------------------------- */

/* Asked for by either kind of plugin through extension(). Rows as in halyard/opset/operators.h. */
#define HY_EXT_OPERATORS "hy.operators.0"
typedef struct hy_operator_row {
  uint32_t struct_size;
  uint32_t flags;
  hy_str domain;
  hy_str name;
  hy_str operands;
  hy_str attributes;
  hy_str types;
} hy_operator_row;
typedef struct hy_operators_ext {
  uint32_t struct_size;
  uint32_t reserved;
  hy_array rows; /* of hy_operator_row */
  /* Given one node with its inputs' types and dims as a graph, pushes one hy_bytes record: the same
   * graph with the outputs' filled in. Null: dims come with the graph or at run time. */
  hy_status (*infer)(void* self, hy_job* job, hy_bytes graph, const hy_sink* graphs);
  /* The node as a graph of simpler operators, likewise. Null: no decomposition. */
  hy_status (*decompose)(void* self, hy_job* job, hy_bytes graph, const hy_sink* graphs);
} hy_operators_ext;

/* ---- The entry ------------------------------------------------------------------------------------ */

enum { HY_PLUGIN_PROVIDER = 1, HY_PLUGIN_FORMAT = 2 };
typedef struct hy_plugin {
  uint32_t struct_size;
  uint32_t kind; /* HY_PLUGIN_* */
  hy_str id;     /* equals the manifest's */
  hy_str version;
  const hy_provider_api* provider; /* of a provider */
  const hy_format_api* format;     /* of a format */
} hy_plugin;

/* The only export. Null: cannot serve this host. */
#define HY_PLUGIN_ENTRY hy_plugin_query_v0
#define HY_PLUGIN_ENTRY_NAME "hy_plugin_query_v0"
typedef const hy_plugin* (*hy_plugin_query_fn)(void);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* HALYARD_ABI_PLUGIN_H_ */
