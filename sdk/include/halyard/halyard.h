/* The Halyard application API: load a model, see where it runs, run it. C11, and C++ through
 * halyard.hpp, which is header-only over this.
 *
 * Status: 0.x, UNSTABLE.
 *
 * Conventions:
 *  1. Objects are opaque pointers from a create/load/open function and go to the matching destroy
 *     function, which takes null too. Children keep what they need of their parents alive.
 *  2. Functions return a hy_status (values in abi/plugin.h); on failure the out parameters are null or
 *     zero and hy_last_error() of the same thread has the words.
 *  3. Strings out are hy_str views: UTF-8, not terminated, alive as long as the object that gave them.
 *     Strings in are terminated by a zero byte.
 *  4. Runtime, model and session may be used from any thread at once. A tensor may be read by many
 *     threads or written by one.
 *  5. The library never prints. Log lines go to the callback of the runtime.
 *  6. Reports are JSON documents with "schema": 1, the same that the command line prints. */
#ifndef HALYARD_HALYARD_H_
#define HALYARD_HALYARD_H_

#include "halyard/abi/graph.h"
#include "halyard/abi/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(HALYARD_BUILD)
#define HY_API __attribute__((visibility("default")))
#else
#define HY_API
#endif

typedef struct hy_config hy_config;
typedef struct hy_runtime hy_runtime;
typedef struct hy_model hy_model;
typedef struct hy_session hy_session;
typedef struct hy_state hy_state;
typedef struct hy_tensor hy_tensor;

/* "0.1.0" */
HY_API const char* hy_version(void);
/* The message of the last function of this thread that failed; "" if none did. Ends with the next
 * call of this thread. */
HY_API const char* hy_last_error(void);
/* "f32", "i64", ...; "undefined" for an unknown code. */
HY_API const char* hy_dtype_name(uint32_t dtype);
/* The code of a name as above, or HY_DTYPE_UNDEFINED. */
HY_API uint32_t hy_dtype_from_name(const char* name);
/* Bits of one element; 0 for strings and unknown codes. */
HY_API uint32_t hy_dtype_bits(uint32_t dtype);

/* ---- Configuration: what YAML files, the environment and the caller say ----------------------------- */

/* Keys, their ranges and defaults: configs/keys.md, or HY_CONFIG_SCHEMA below. Precedence, weakest first:
 * defaults, the system's file, the user's file, hy_config_add_file and _add_text in the order of the calls,
 * the environment, hy_config_set; so the order of calls matters among equals alone. The library reads no
 * file and no variable of this unless it is told to here. One thread at a time; runtimes and sessions keep
 * copies.
 *
 * Each function that adds something fails with HY_ERROR_CONFIG where that has errors: one line for each,
 * "file:line:column: error: key: what is wrong; what to do". The object stays usable: what is right counts,
 * more can be added, and every error is kept for the report. hy_runtime_create and hy_session_create
 * refuse a configuration with errors. */
HY_API hy_status hy_config_create(hy_config** config);
HY_API void hy_config_destroy(hy_config* config);
/* /etc/halyard/config.yaml ($HALYARD_SYSTEM_CONFIG instead, where it is set), and halyard/config.yaml in
 * $XDG_CONFIG_HOME, else in ~/.config; each where it exists. */
HY_API hy_status hy_config_add_default_files(hy_config* config);
HY_API hy_status hy_config_add_file(hy_config* config, const char* path);
/* name: stands for the file's name in messages. */
HY_API hy_status hy_config_add_text(hy_config* config, const char* yaml, const char* name);
/* HALYARD_PROVIDERS, HALYARD_POLICY_PLACEMENT, ...: configs/keys.md has them all; HALYARD_SET="key=value;...";
 * HALYARD_CONFIG="file:file", unless a file or text was added before. Nothing in a process with raised
 * privileges. */
HY_API hy_status hy_config_add_environment(hy_config* config);
/* ("policy.placement", "cost"), ("providers", "a,b"), ("providers.a.threads", "2"), ("place", "[{...}]").
 * source: who says so, for messages and reports: "--set"; null: "hy_config_set". */
HY_API hy_status hy_config_set(hy_config* config, const char* key, const char* value,
                               const char* source);
/* Every error so far. With a runtime (else null) also those about providers and their options, from the
 * manifests of its plugins; no library is opened for that. */
HY_API hy_status hy_config_check(hy_config* config, hy_runtime* runtime);

enum {
  /* {"schema":1, "values":[{"key", "value", "origin":{"layer", "source", "line", "column"}}]}; layer is
   * default, system, user, file, environment or flag. */
  HY_CONFIG_EFFECTIVE = 1,
  /* {"schema":1, "errors":[{"file", "line", "column", "key", "message", "suggestion"}], "notes":[...]} as
   * hy_config_check finds them; line and column from 1, 0 where there is none. */
  HY_CONFIG_ISSUES = 2,
  /* JSON Schema (draft 2020-12) of a file; with a runtime, the options of its providers too. */
  HY_CONFIG_SCHEMA = 3
};
/* runtime may be null. The text lives until the next report of this kind. */
HY_API hy_status hy_config_report(hy_config* config, hy_runtime* runtime, uint32_t which,
                                  hy_str* json);

/* ---- Runtime: the plugins and devices that are there ---------------------------------------------- */

/* level as in hy_host.log: 0 trace ... 4 error. Called from any thread, as long as the runtime or a model
 * or session of it lives, also during destroy. */
typedef void (*hy_log_fn)(void* user, uint32_t level, hy_str message);

typedef struct hy_runtime_options {
  uint32_t struct_size;
  uint32_t log_level; /* the least level that log receives */
  hy_log_fn log;      /* null: nothing is logged */
  void* log_user;
  /* Folders that are searched for plugins before the default ones, separated by ':'. Null: those of
   * HALYARD_PLUGIN_PATH. The default: halyard/ beside the library's own file. */
  const char* plugin_path;
  uint32_t no_default_plugins; /* 1: search plugin_path alone */
  uint32_t reserved;
  /* Null: defaults alone. Copied; also what sessions use that are given none. Its log.level, where it is
   * stated, stands for log_level, and its plugins.path for HALYARD_PLUGIN_PATH. */
  const hy_config* config;
  /* What keeps a provider plugin that crashes or hangs from this process. Null: HALYARD_ISOLATION, else what
   * the configuration says of single providers, else "probe".
   *   none    it runs in this process, untried
   *   probe   so, after a trial in a process of its own: once for each state of its file
   *   canary  so, and a graph that it was never seen to compile is compiled in the other process first
   *   worker  it runs in a process of its own; if that ends, the run that was under way fails
   * A list says it for single providers: "probe,a=worker,b=none".
   * The other process is halyard-worker, beside the default plugins; without it all is as with none. */
  const char* isolation;
  /* Where it is kept what was learnt of plugins. Null: HALYARD_STATE_DIR, else halyard/ in XDG_STATE_HOME
   * or ~/.local/state. What cannot be written there is learnt again each time. */
  const char* state_dir;
} hy_runtime_options;

/* options may be null. A plugin that cannot be used is no failure: it is in the report. HY_ERROR_CONFIG where
 * the options, the configuration or the environment have errors, HY_ERROR_IO where its log.file cannot be
 * written.
 * After a fork() the child's copies of runtimes, models and sessions answer HY_ERROR_CLOSED, and destroying
 * them does nothing; a new runtime works there. */
HY_API hy_status hy_runtime_create(const hy_runtime_options* options, hy_runtime** runtime);
HY_API void hy_runtime_destroy(hy_runtime* runtime);

enum { HY_REPORT_PLUGINS = 1, HY_REPORT_DEVICES = 2 };
/* JSON as `halyard plugins --json` and `halyard devices --json` print it. HY_REPORT_DEVICES opens the
 * provider plugins. The text lives until the next report of this runtime and kind. */
HY_API hy_status hy_runtime_report(hy_runtime* runtime, uint32_t which, hy_str* json);

/* Lifts the quarantine of a plugin that crashed or hung: runtimes made after this open it again.
 * HY_ERROR_NOT_FOUND where there is no such plugin, or it is not quarantined. */
HY_API hy_status hy_runtime_release_plugin(hy_runtime* runtime, const char* id);

/* ---- The folder of compiled artefacts ------------------------------------------------------------- */

/* Which folder, as in hy_session_options. */
typedef struct hy_cache_options {
  uint32_t struct_size;
  uint32_t reserved;
  const char* dir;
  uint64_t max_bytes;
} hy_cache_options;

/* JSON: the folder, its limit and its entries, latest used first. options may be null. The text lives until the
 * next such call for this runtime. */
HY_API hy_status hy_runtime_cache(hy_runtime* runtime, const hy_cache_options* options,
                                  hy_str* json);
/* Throws out the entries that were used longest ago until max_bytes are left. JSON: how many went and stayed. */
HY_API hy_status hy_runtime_cache_prune(hy_runtime* runtime, const hy_cache_options* options,
                                        uint64_t max_bytes, hy_str* json);

/* ---- Model: bytes read, nothing compiled ----------------------------------------------------------- */

HY_API hy_status hy_model_load(hy_runtime* runtime, const char* path, hy_model** model);
HY_API void hy_model_destroy(hy_model* model);
/* JSON as `halyard inspect --json` prints it. */
HY_API hy_status hy_model_report(hy_model* model, hy_str* json);
/* A metadata value by key; HY_ERROR_NOT_FOUND. */
HY_API hy_status hy_model_metadata(hy_model* model, const char* key, hy_str* value);

/* ---- Session: a model placed on devices and compiled ------------------------------------------------ */

/* Told while something is compiled: when a session is made, or when a run meets new dims. what: "cluster 3 of 12 (40 nodes) for
 * npu"; done: of all that is to be compiled, 0 to 1, which comes last. From the thread that compiles; it must not throw. */
typedef void (*hy_progress_fn)(void* user, hy_str what, double done);

typedef struct hy_session_options {
  uint32_t struct_size;
  uint32_t threads;     /* of each provider; 0: as many as there are cores */
  const char* function; /* null: the model's default */
  const char*
      providers;       /* "a,b": these alone, in this order of priority. Null: all, by their rank */
  const char* require; /* a provider's id: fail rather than place a node elsewhere */
  const char* shapes;  /* "input=1x3x224x224;other=1x8": fixes symbolic dims */
  uint32_t precision;  /* HY_PRECISION_* */
  uint32_t no_passes;  /* 1: do not rewrite the graph (for tests) */
  uint32_t plan_only;  /* 1: negotiate and report, compile nothing; the session cannot run */
  uint32_t max_cluster_nodes; /* the most nodes of one cluster (for tests); 0: no limit */
  /* Null: the runtime's. Copied. What stands above is stronger where it is not 0. */
  const hy_config* config;
  uint32_t
      all_values; /* 1: every tensor that a node of the model computes is an output, after the model's
                          own, in the order of the nodes; one without a name is "#" and its number */
  uint32_t reserved;
  /* The folder of compiled artefacts. Null: HALYARD_CACHE_DIR, else halyard/ in XDG_CACHE_HOME or ~/.cache. */
  const char* cache_dir;
  uint64_t cache_max; /* bytes that the folder may hold; 0: HALYARD_CACHE_MAX, else 4 GiB */
  uint32_t no_cache;  /* 1: the folder is neither read nor written; as HALYARD_CACHE=off */
  uint32_t stale;     /* HY_STALE_*: what to do where a compiled model has no artefact that fits */
  hy_progress_fn progress; /* null: none */
  void* progress_user;
} hy_session_options;
enum { HY_STALE_RECOMPILE = 0, HY_STALE_REFUSE = 1 };

/* HY_ERROR_UNPLACED names every node that no provider takes, and why; HY_ERROR_INVALID_MODEL where one of
 * them has an operator that is not in the operator set; HY_ERROR_CONFIG has every error of the configuration,
 * and of providers and options in it. options may be null. */
HY_API hy_status hy_session_create(hy_model* model, const hy_session_options* options,
                                   hy_session** session);
HY_API void hy_session_destroy(hy_session* session);
/* JSON as `halyard plan --json` prints it. Where dims are open and a device wants them known, a run
 * places the model for its own dims: then this is the plan of the run that began last. */
HY_API hy_status hy_session_plan(hy_session* session, hy_str* json);
/* "a 9/12 nodes (3 clusters), b 3/12 nodes (1 cluster); refused: ...": the line that also goes to the log,
 * about the same plan as hy_session_plan. */
HY_API hy_status hy_session_summary(hy_session* session, hy_str* line);

/* on: 1: records the runs that begin from now on, and forgets what was recorded; 0: ends that. Recording costs
 * about a microsecond a cluster. */
HY_API hy_status hy_session_record(hy_session* session, uint32_t on);
/* What was recorded, as a Chrome trace (JSON), which Perfetto opens: runs, clusters and copies, one track a device.
 * The text lives until the next call for this session. */
HY_API hy_status hy_session_trace(hy_session* session, hy_str* json);
/* JSON: for each cluster that was made ready so far whether it was loaded ("hit"), compiled ("miss", with the
 * first part of its key that differs from the closest artefact), or belongs to a provider that saves nothing
 * ("not_kept"); "off" without a cache. Of a session made with plan_only: what would become of each. The text
 * lives until the next call for this session. */
HY_API hy_status hy_session_cache(hy_session* session, hy_str* json);

/* Writes a compiled model: one file (.hyc by custom) with the model, its weights, the plan, and the artefact of
 * each cluster that was made ready so far, for any dims. hy_model_load takes it, also on another machine: what
 * its artefacts were made for and is the same there is loaded, the rest compiled or refused, as
 * hy_session_options.stale says. A session of it without options has those of this session. HY_ERROR_IO names
 * the file; an old one of that name is then as it was. */
HY_API hy_status hy_session_save(hy_session* session, const char* path);

/* One input or output. Dims that are not known are -1 and have text ("batch", "2*n+1") in dim_text. */
typedef struct hy_port_info {
  uint32_t struct_size;
  uint32_t dtype;
  hy_str name;
  uint32_t rank; /* HY_NONE_RANK: unknown */
  uint32_t optional;
  const int64_t* dims;
  const hy_str* dim_text;
  uint32_t kind;         /* HY_TYPE_* of abi/graph.h; dtype, rank and dims are the elements' */
  uint32_t element_kind; /* of an OPTIONAL: HY_TYPE_* of what it may hold */
  uint32_t key_dtype;    /* of a MAP */
  uint32_t reserved;
} hy_port_info;
#define HY_NONE_RANK 0xffffffffu
HY_API uint32_t hy_session_input_count(hy_session* session);
HY_API uint32_t hy_session_output_count(hy_session* session);
/* info->struct_size must be set. HY_ERROR_NOT_FOUND past the end. */
HY_API hy_status hy_session_input(hy_session* session, uint32_t index, hy_port_info* info);
HY_API hy_status hy_session_output(hy_session* session, uint32_t index, hy_port_info* info);

/* ---- States: what a model keeps from run to run --------------------------------------------------------- */

/* Of a session. info as for inputs; dims are all known. growth_axis may be null: the axis along which runs write the
 * state bit by bit, HY_NONE_AXIS where each run rewrites it as a whole. */
#define HY_NONE_AXIS 0xffffffffu
HY_API uint32_t hy_session_state_count(hy_session* session);
HY_API hy_status hy_session_state(hy_session* session, uint32_t index, hy_port_info* info,
                                  uint32_t* growth_axis);

/* The contents of all states of a session, as they are before any run. It belongs to no session: every session whose states are
 * among its own, by name, type and dims, can run on it, one function that reads a prompt and another that goes on,
 * say. Runs on one state, and the calls below, take turns in the order in which they were begun. */
HY_API hy_status hy_session_make_state(hy_session* session, hy_state** state);
/* A run that is on keeps what it needs. */
HY_API void hy_state_destroy(hy_state* state);
/* As it was made. Also mends what a failed run broke. */
HY_API hy_status hy_state_reset(hy_state* state);
/* A copy that goes its own way. */
HY_API hy_status hy_state_fork(hy_state* state, hy_state** copy);
/* Zeroes from length on along axis, so that runs can go on from there. name: null for all states. Nothing is changed where one
 * refuses: HY_ERROR_UNSUPPORTED where a state does not grow, HY_ERROR_INVALID_ARGUMENT where it grows along another
 * axis or has fewer than length. */
HY_API hy_status hy_state_truncate(hy_state* state, const char* name, uint32_t axis,
                                   uint64_t length);
/* A copy of one state's content, which the caller destroys; and the way back. HY_ERROR_NOT_FOUND lists the names,
 * HY_ERROR_MISMATCH names both types and dims. */
HY_API hy_status hy_state_export(hy_state* state, const char* name, hy_tensor** tensor);
HY_API hy_status hy_state_import(hy_state* state, const char* name, const hy_tensor* tensor);

/* ---- Tensor ------------------------------------------------------------------------------------------ */

/* Memory of the tensor's own, zeroed, aligned to 64 bytes. Not for strings. */
HY_API hy_status hy_tensor_create(uint32_t dtype, uint32_t rank, const int64_t* dims,
                                  hy_tensor** tensor);
/* The caller's memory: bytes must be at least the size of the elements; it must outlive the tensor and
 * every run that uses it. */
HY_API hy_status hy_tensor_borrow(uint32_t dtype, uint32_t rank, const int64_t* dims, void* data,
                                  uint64_t bytes, hy_tensor** tensor);
/* A string tensor; copies. count strings in C order. */
HY_API hy_status hy_tensor_strings(uint32_t rank, const int64_t* dims, const hy_str* strings,
                                   uint64_t count, hy_tensor** tensor);
HY_API void hy_tensor_destroy(hy_tensor* tensor);
HY_API uint32_t hy_tensor_dtype(const hy_tensor* tensor);
HY_API uint32_t hy_tensor_rank(const hy_tensor* tensor);
HY_API const int64_t* hy_tensor_dims(const hy_tensor* tensor);
/* Elements in C order; strings: as hy_binding has them. */
HY_API void* hy_tensor_data(const hy_tensor* tensor);
HY_API uint64_t hy_tensor_bytes(const hy_tensor* tensor);
HY_API uint64_t hy_tensor_count(const hy_tensor* tensor);
/* The i-th string in C order; HY_ERROR_NOT_FOUND past the end. */
HY_API hy_status hy_tensor_string(const hy_tensor* tensor, uint64_t index, hy_str* string);

/* ---- Sequences, optionals and maps -------------------------------------------------------------------- */

/* A hy_tensor may stand for a value that holds others, its children, and has no rank and data of its own:
 * a SEQUENCE has its elements, an OPTIONAL nothing or one child, a MAP two: its keys and its values. */
/* HY_TYPE_TENSOR, ... of abi/graph.h. */
HY_API uint32_t hy_tensor_kind(const hy_tensor* tensor);
HY_API uint64_t hy_tensor_child_count(const hy_tensor* tensor);
/* A new object that shares the child's memory; the caller destroys it. HY_ERROR_NOT_FOUND past the end. */
HY_API hy_status hy_tensor_child(const hy_tensor* tensor, uint64_t index, hy_tensor** child);
/* A value made of children, which share their memory with it and stay the caller's. dtype: the elements'
 * type, needed where there is no child. */
HY_API hy_status hy_tensor_compose(uint32_t kind, uint32_t dtype, const hy_tensor* const* children,
                                   uint64_t count, hy_tensor** tensor);

/* ---- Run --------------------------------------------------------------------------------------------- */

typedef struct hy_named_tensor {
  const char* name;
  hy_tensor* tensor;
} hy_named_tensor;

/* One prediction. inputs: every required input by name, in any order.
 * outputs: names wanted; where tensor is null it receives a new tensor that the caller destroys, else
 * the result is written into it, and its type and dims must be the result's.
 * Errors name the input, what was given and what is wanted. A failed run leaves the session usable. */
HY_API hy_status hy_session_run(hy_session* session, const hy_named_tensor* inputs,
                                uint32_t input_count, hy_named_tensor* outputs,
                                uint32_t output_count);

/* ---- Runs with a deadline, and runs that are not waited for -------------------------------------------- */

typedef struct hy_run hy_run;
/* Called once, when the run has ended, on a thread of the library. It may use the run, destroy it and begin
 * others; it must not throw, and it holds up one of the library's threads. */
typedef void (*hy_run_done_fn)(void* user, hy_run* run, hy_status status);

typedef struct hy_run_options {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t
      timeout_us; /* from the call on: a run that is not done by then ends with HY_ERROR_DEADLINE, at
                          the next point where its provider looks; 0: no limit */
  hy_run_done_fn done; /* null: none. Not for hy_session_run_with */
  void* user;          /* of done */
  /* What the run goes on from, and changes. Needed by a model with states; it may be destroyed as soon as the run was begun. A run that fails after it has begun to change a state leaves that broken: runs on it fail, and
   * say so, until it is reset or imported. Not for batches, which have no order. */
  hy_state* state;
} hy_run_options;

/* hy_session_run, with a time limit. options may be null. */
HY_API hy_status hy_session_run_with(hy_session* session, const hy_named_tensor* inputs,
                                     uint32_t input_count, hy_named_tensor* outputs,
                                     uint32_t output_count, const hy_run_options* options);

/* Begins a run and returns. Names are copied. Tensors that are given, as inputs or to be written into, must
 * live, and be left alone, until the run has ended. Nulls fail here; a wrong
 * name, type or shape ends the run, as all that goes wrong later. options may be null. run may be null where options->done is set: then the run
 * destroys itself after that. */
HY_API hy_status hy_session_run_async(hy_session* session, const hy_named_tensor* inputs,
                                      uint32_t input_count, const hy_named_tensor* outputs,
                                      uint32_t output_count, const hy_run_options* options,
                                      hy_run** run);
/* Waits until the run has ended, and for timeout_us at most (UINT64_MAX: without a limit). The status it ended
 * with, and hy_last_error its words; HY_ERROR_BUSY while it is on. From any thread, as often as wanted. */
HY_API hy_status hy_run_wait(hy_run* run, uint64_t timeout_us);
/* Asks the run to end soon, with HY_ERROR_CANCELLED. It still has to be waited for. */
HY_API void hy_run_cancel(hy_run* run);
/* The index-th output that was asked for, as a new object that the caller destroys, once: later calls, and
 * outputs that were written into a tensor given, are HY_ERROR_NOT_FOUND. The run's own status where it failed,
 * HY_ERROR_BUSY while it is on. */
HY_API hy_status hy_run_output(hy_run* run, uint32_t index, hy_tensor** tensor);
/* Cancels a run that is on, and waits for its end. Null is allowed. */
HY_API void hy_run_destroy(hy_run* run);

/* Many predictions at once: those of one batch overlap as far as the devices allow, so that one device works
 * on the next while another ends the last. Each is a hy_session_run of its own. */
typedef struct hy_batch_item {
  uint32_t struct_size;
  hy_status status; /* out: of this prediction */
  const hy_named_tensor* inputs;
  hy_named_tensor* outputs;
  uint32_t input_count;
  uint32_t output_count;
} hy_batch_item;
/* Returns when all have ended: HY_OK if all did well, else the status and words of the first that failed; the
 * others have their results all the same. options may be null; options->done must be. */
HY_API hy_status hy_session_run_batch(hy_session* session, hy_batch_item* items, uint32_t count,
                                      const hy_run_options* options);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* HALYARD_HALYARD_H_ */
