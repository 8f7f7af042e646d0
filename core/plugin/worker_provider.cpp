#include "core/plugin/worker_provider.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "core/plugin/provider.hpp"
#include "core/plugin/worker.hpp"

namespace halyard::core {
namespace {

// The table's functions. Objects are numbers in the worker; these are their handles here.

struct RemoteProvider {
  std::shared_ptr<Worker> worker;
  WatchdogLimits limits;
  bool artifacts = false;
};
struct RemoteDevice {
  RemoteProvider* provider;
  uint32_t number;
};
struct RemoteExecutable {
  RemoteProvider* provider;
  uint32_t number;
};

RemoteProvider* provider_of(void* p) { return static_cast<RemoteProvider*>(p); }
RemoteDevice* device_of(void* p) { return static_cast<RemoteDevice*>(p); }
RemoteExecutable* executable_of(void* p) { return static_cast<RemoteExecutable*>(p); }

hy_status told(hy_job* job, const Status& status) {
  if (!status.ok() && job != nullptr) job->fail(status.code(), status.message());
  return status.code();
}

/// A call that leaves nothing to be told: its object is gone here in any case.
void forget(RemoteProvider& provider, Ask ask, const char* stage, uint32_t number) {
  WireWriter write;
  write.number(number);
  (void)provider.worker->call(
      {.ask = ask, .stage = stage, .limit = provider.limits.call, .request = write.bytes()});
}

void destroy(void* self) {
  const std::unique_ptr<RemoteProvider> p(provider_of(self));
  forget(*p, Ask::kDestroy, "destroy", 0);
}

/// Pushes every record of a reply, each read by `get`.
template <class F>
hy_status push_all(const std::vector<unsigned char>& payload, F&& get) {
  WireReader read(payload);
  const auto count = read.number<uint32_t>();
  for (uint32_t i = 0; i < count && read.ok(); ++i)
    if (const hy_status code = get(read); code != HY_OK) return code;
  return read.ok() ? HY_OK : HY_ERROR_INTERNAL;
}

hy_status devices(void* self, hy_job* job, const hy_sink* sink) {
  RemoteProvider& p = *provider_of(self);
  const auto reply = p.worker->call(
      {.ask = Ask::kDevices, .stage = "devices", .limit = p.limits.call, .job = job});
  if (!reply.ok()) return told(job, reply.status());
  return push_all(reply->payload, [&](WireReader& read) {
    hy_device d = get_record(read, kDeviceTexts);
    const std::vector<hy_option> properties = get_options(read);
    d.properties = array_of(properties);
    // The worker moves values to and from the device itself.
    d.flags |= HY_DEVICE_HOST_MEMORY;
    return sink->push(sink->ctx, &d);
  });
}

hy_status options(void* self, hy_job* job, const hy_sink* sink) {
  RemoteProvider& p = *provider_of(self);
  const auto reply = p.worker->call(
      {.ask = Ask::kOptions, .stage = "options", .limit = p.limits.call, .job = job});
  if (!reply.ok()) return told(job, reply.status());
  return push_all(reply->payload, [&](WireReader& read) {
    const hy_option_schema s = get_record(read, kSchemaTexts);
    return sink->push(sink->ctx, &s);
  });
}

hy_status open_device(void* self, hy_job* job, const hy_open_args* theirs, void** device) {
  RemoteProvider& p = *provider_of(self);
  const auto args = copy_record<hy_open_args>(theirs);
  WireWriter write;
  write.number(args.device_index);
  write.number(args.threads);
  write.number(args.precision);
  write.number(args.relaxed_types);
  put_options(write, args.options);
  const auto reply = p.worker->call({.ask = Ask::kOpen,
                                     .stage = "open",
                                     .limit = p.limits.call,
                                     .request = write.bytes(),
                                     .job = job});
  if (!reply.ok()) return told(job, reply.status());
  *device = std::make_unique<RemoteDevice>(
                RemoteDevice{&p, WireReader(reply->payload).number<uint32_t>()})
                .release();
  return HY_OK;
}

void close_device(void* self) {
  const std::unique_ptr<RemoteDevice> d(device_of(self));
  forget(*d->provider, Ask::kClose, "close", d->number);
}

/// Asks a device about a graph.
Result<Worker::Reply> ask_about(const RemoteDevice& d, Ask ask, const char* stage,
                                std::chrono::milliseconds limit, hy_job* job, hy_bytes graph,
                                hy_weights* weights, hy_bytes artifact = {}) {
  WireWriter write;
  write.number(d.number);
  if (ask == Ask::kRestore)
    write.block({static_cast<const unsigned char*>(artifact.data), artifact.size});
  write.block({static_cast<const unsigned char*>(graph.data), graph.size});
  return d.provider->worker->call({.ask = ask,
                                   .stage = stage,
                                   .limit = limit,
                                   .request = write.bytes(),
                                   .job = job,
                                   .weights = weights});
}

hy_status push_verdicts(hy_job* job, const Result<Worker::Reply>& reply, const hy_sink* sink) {
  if (!reply.ok()) return told(job, reply.status());
  return push_all(reply->payload, [&](WireReader& read) {
    const hy_verdict v = get_record(read, kVerdictTexts);
    return sink->push(sink->ctx, &v);
  });
}

hy_status query(void* self, hy_job* job, const hy_query_args* theirs, const hy_sink* sink) {
  const RemoteDevice& d = *device_of(self);
  const auto args = copy_record<hy_query_args>(theirs);
  return push_verdicts(
      job,
      ask_about(d, Ask::kQuery, "query", d.provider->limits.call, job, args.graph, args.weights),
      sink);
}

hy_status confirm(void* self, hy_job* job, const hy_compile_args* theirs, const hy_sink* sink) {
  const RemoteDevice& d = *device_of(self);
  const auto args = copy_record<hy_compile_args>(theirs);
  return push_verdicts(job,
                       ask_about(d, Ask::kConfirm, "confirm", d.provider->limits.call, job,
                                 args.graph, args.weights),
                       sink);
}

hy_status take_executable(RemoteProvider* p, hy_job* job, const Result<Worker::Reply>& reply,
                          void** executable) {
  if (!reply.ok()) return told(job, reply.status());
  *executable = std::make_unique<RemoteExecutable>(
                    RemoteExecutable{p, WireReader(reply->payload).number<uint32_t>()})
                    .release();
  return HY_OK;
}

hy_status compile(void* self, hy_job* job, const hy_compile_args* theirs, void** executable) {
  const RemoteDevice& d = *device_of(self);
  const auto args = copy_record<hy_compile_args>(theirs);
  return take_executable(d.provider, job,
                         ask_about(d, Ask::kCompile, "compile", d.provider->limits.compile, job,
                                   args.graph, args.weights),
                         executable);
}

void release(void* self) {
  const std::unique_ptr<RemoteExecutable> e(executable_of(self));
  forget(*e->provider, Ask::kRelease, "release", e->number);
}

// ---- run -------------------------------------------------------------------------------------------

constexpr uint64_t kAlignment = 64;

/// The bindings of a run, laid out in the memory that both sides see.
struct RunLayout {
  std::vector<hy_binding> inputs, outputs, states;
  std::vector<uint64_t> offsets;  // of all, in this order
  uint64_t bytes = 0;

  explicit RunLayout(const hy_run_args& args)
      : inputs(copy_array<hy_binding>(args.inputs)),
        outputs(copy_array<hy_binding>(args.outputs)),
        states(copy_array<hy_binding>(args.states)) {
    for (const auto* list : {&inputs, &outputs, &states})
      for (const hy_binding& b : *list) {
        offsets.push_back(bytes);
        if ((b.flags & HY_BINDING_EMPTY) == 0)
          bytes += (b.bytes + kAlignment - 1) / kAlignment * kAlignment;
      }
  }
  void write(WireWriter& w) const {
    size_t i = 0;
    for (const auto* list : {&inputs, &outputs, &states}) {
      w.number<uint32_t>(static_cast<uint32_t>(list->size()));
      for (const hy_binding& b : *list) {
        WireBinding out{b.dtype, b.flags, {}, b.bytes, offsets[i++]};
        if (b.dims != nullptr) out.dims.assign(b.dims, b.dims + b.rank);
        put(w, out);
      }
    }
  }
  void copy_in(unsigned char* memory) const {
    for (size_t i = 0; i < inputs.size(); ++i) copy(memory + offsets[i], inputs[i].data, inputs[i]);
    const size_t first = inputs.size() + outputs.size();
    for (size_t i = 0; i < states.size(); ++i)
      copy(memory + offsets[first + i], states[i].data, states[i]);
  }
  void copy_out(const unsigned char* memory) const {
    const size_t first = inputs.size();
    for (size_t i = 0; i < outputs.size(); ++i)
      copy(outputs[i].data, memory + offsets[first + i], outputs[i]);
    for (size_t i = 0; i < states.size(); ++i)
      copy(states[i].data, memory + offsets[first + outputs.size() + i], states[i]);
  }

 private:
  static void copy(void* to, const void* from, const hy_binding& b) {
    if ((b.flags & HY_BINDING_EMPTY) == 0 && b.bytes != 0) std::memcpy(to, from, b.bytes);
  }
};

/// The outputs that the run asked memory for: read from the files that the worker wrote them to, which it
/// might cut short, so they are not mapped.
Status read_outputs(const Worker::Reply& reply) {
  if (reply.files.size() != reply.outputs.size())
    return internal_error(
        fmt::format("run gave {} of {} outputs", reply.files.size(), reply.outputs.size()));
  for (size_t i = 0; i < reply.files.size(); ++i) {
    const auto& [data, bytes] = reply.outputs[i];
    for (uint64_t done = 0; done < bytes;) {
      const ssize_t n = pread(reply.files[i].get(), static_cast<char*>(data) + done, bytes - done,
                              static_cast<off_t>(done));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return internal_error("an output that run asked memory for is not whole");
      done += static_cast<uint64_t>(n);
    }
  }
  return {};
}

Status run_in_worker(const RemoteExecutable& e, hy_job* job, const hy_run_args& args) {
  Worker& worker = *e.provider->worker;
  const RunLayout layout(args);
  HY_ASSIGN_OR_RETURN(auto line, worker.take_line());
  std::vector<int> files;
  if (line->memory.data() == nullptr || line->memory.size() < layout.bytes) {
    HY_ASSIGN_OR_RETURN(line->memory,
                        SharedMemory::create(std::max(layout.bytes, 2 * line->memory.size())));
    files.push_back(line->memory.file());
  }
  layout.copy_in(line->memory.data());
  WireWriter write;
  write.number(e.number);
  write.number(line->memory.size());
  layout.write(write);
  auto reply = worker.call(*line, {.ask = Ask::kRun,
                                   .stage = "run",
                                   .limit = e.provider->limits.run,
                                   .request = write.bytes(),
                                   .files = files,
                                   .job = job});
  Status status = reply.ok() ? read_outputs(*reply) : reply.status();
  if (status.ok()) layout.copy_out(line->memory.data());
  worker.give_back(std::move(line));
  return status;
}

hy_status run(void* self, hy_job* job, const hy_run_args* theirs) {
  return told(job, run_in_worker(*executable_of(self), job, copy_record<hy_run_args>(theirs)));
}

// ---- artifacts ------------------------------------------------------------------------------------

hy_status save(void* self, hy_job* job, const hy_sink* sink) {
  const RemoteExecutable& e = *executable_of(self);
  WireWriter write;
  write.number(e.number);
  const auto reply = e.provider->worker->call({.ask = Ask::kSave,
                                               .stage = "save",
                                               .limit = e.provider->limits.compile,
                                               .request = write.bytes(),
                                               .job = job});
  if (!reply.ok()) return told(job, reply.status());
  const hy_bytes bytes{reply->payload.data(), reply->payload.size()};
  return sink->push(sink->ctx, &bytes);
}

hy_status restore(void* self, hy_job* job, hy_bytes artifact, const hy_compile_args* theirs,
                  void** executable) {
  const RemoteDevice& d = *device_of(self);
  const auto args = copy_record<hy_compile_args>(theirs);
  return take_executable(d.provider, job,
                         ask_about(d, Ask::kRestore, "load", d.provider->limits.compile, job,
                                   args.graph, args.weights, artifact),
                         executable);
}

const void* extension(void* self, hy_str id) {
  static const hy_artifact_ext artifact = [] {
    hy_artifact_ext out = HY_INIT(hy_artifact_ext);
    out.save = save;
    out.load = restore;
    return out;
  }();
  return view(id) == HY_EXT_ARTIFACT && provider_of(self)->artifacts ? &artifact : nullptr;
}

hy_provider_api make_table() {
  hy_provider_api t = HY_INIT(hy_provider_api);
  t.destroy = destroy;
  t.devices = devices;
  t.open = open_device;
  t.close = close_device;
  t.query = query;
  t.compile = compile;
  t.run = run;
  t.release = release;
  t.confirm = confirm;
  t.options = options;
  t.extension = extension;
  return t;
}

}  // namespace

Rejection load_in_worker(const Manifest& manifest, std::shared_ptr<Worker> worker,
                         const WatchdogLimits& limits, LoadedPlugin* out) {
  WireWriter version;
  version.text(HALYARD_VERSION);
  const auto hello = worker->call(
      {.ask = Ask::kHello, .stage = "start", .limit = limits.call, .request = version.bytes()});
  if (!hello.ok()) return {kHelperUnfit, hello.status().message()};
  WireWriter write;
  write.text(manifest.id);
  write.number(manifest.kind);
  write.text(manifest.library.string());
  // Taken before it is loaded: what replaces the file later is not what runs.
  const auto state = FileIdentity::of(manifest.library.string());
  const auto loaded = worker->call(
      {.ask = Ask::kLoad, .stage = "load", .limit = limits.call, .request = write.bytes()});
  if (!loaded.ok()) {
    const auto death = worker->death();
    return {reason_name(death ? death->reason : uint32_t{HY_REASON_OTHER}),
            loaded.status().message()};
  }
  WireReader read(loaded->payload);
  Rejection rejection;
  rejection.reason = read.text();
  rejection.detail = read.text();
  if (rejection.rejected()) return rejection;
  out->identity.version = read.text();
  out->identity.build_id = read.text();
  out->identity.file = manifest.library;
  out->identity.file_state = state;
  out->provider = make_table();
  out->worker = worker;
  out->make = [worker, limits](const hy_host*, hy_job* job, void** provider) {
    const auto reply =
        worker->call({.ask = Ask::kCreate, .stage = "create", .limit = limits.call, .job = job});
    if (!reply.ok()) return told(job, reply.status());
    auto made = std::make_unique<RemoteProvider>(RemoteProvider{worker, limits});
    made->artifacts = WireReader(reply->payload).number<uint32_t>() != 0;
    *provider = made.release();
    return hy_status{HY_OK};
  };
  return {};
}

}  // namespace halyard::core
