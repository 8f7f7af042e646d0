#include "core/plugin/worker_server.hpp"

#include <fmt/format.h>

#include <cstring>
#include <map>
#include <thread>

#include "core/plugin/library.hpp"
#include "core/plugin/worker_line.hpp"
#include "core/plugin/worker_objects.hpp"
#include "core/plugin/worker_protocol.hpp"

namespace halyard::core {
namespace {

// Which line the log of this thread goes to: host->log names no job.
thread_local WorkerLine* current_line = nullptr;

struct Answer {
  Status status;
  WireWriter payload = {};
  std::vector<Descriptor> files = {};
};

/// Calls into the plugin, with a job that reaches the host.
template <class F>
Status plugin_call(WorkerLine& line, F&& f) {
  hy_job job;
  job.on_poll = [&](double progress) { return line.poll(progress); };
  try {
    const hy_status code = f(job);
    return code == HY_OK ? Status() : Status(code, job.words(code));
  } catch (const std::exception& e) {
    return internal_error(fmt::format("the plugin let an exception out: {}", e.what()));
  } catch (...) {
    return internal_error("the plugin let an exception out");
  }
}

class Server {
 public:
  Server() : host_(make_logger(log_to_line, nullptr, 0)) {}

  void serve_line(Channel channel) {
    WorkerLine line(std::move(channel));
    current_line = &line;
    Message ask;
    while (line.next(&ask)) {
      line.begin_call();
      Answer answer = serve(line, ask);
      std::vector<int> files;
      for (const Descriptor& d : answer.files) files.push_back(d.get());
      if (!line.reply(answer.status, answer.payload.bytes(), files)) return;
    }
  }

 private:
  static void log_to_line(void*, uint32_t level, hy_str text) {
    if (current_line != nullptr) current_line->log(level, view(text));
  }

  Answer serve(WorkerLine& line, Message& ask) {
    WireReader read(ask.payload);
    switch (static_cast<Ask>(ask.kind)) {
      case Ask::kHello:
        return hello(read);
      case Ask::kLoad:
        return load(read);
      case Ask::kCreate:
        return create(line);
      case Ask::kDestroy:
        return {plugin_call(line, [&](hy_job&) { return api().destroy(self_), HY_OK; })};
      case Ask::kDevices:
        return devices(line);
      case Ask::kOptions:
        return options(line);
      case Ask::kOpen:
        return open(line, read);
      case Ask::kClose:
        return close(line, read);
      case Ask::kQuery:
      case Ask::kConfirm:
        return verdicts(line, read, static_cast<Ask>(ask.kind));
      case Ask::kCompile:
      case Ask::kRestore:
        return compile(line, read, static_cast<Ask>(ask.kind));
      case Ask::kRelease:
        return release(line, read);
      case Ask::kRun:
        return run(line, read, ask);
      case Ask::kSave:
        return save(line, read);
      default:
        return {internal_error(fmt::format("there is no call {}", ask.kind))};
    }
  }

  const hy_provider_api& api() const { return plugin_.provider; }

  static Answer hello(WireReader& read) {
    if (const auto version = read.text(); version != HALYARD_VERSION)
      return {Status(
          HY_ERROR_UNSUPPORTED,
          fmt::format("the helper is of version {}, the library of {}", HALYARD_VERSION, version))};
    return {};
  }

  Answer load(WireReader& read) {
    Manifest manifest;
    manifest.id = read.text();
    manifest.kind = read.number<uint32_t>();
    manifest.library = std::string(read.text());
    const Rejection rejection = load_library(manifest, &plugin_);
    Answer out;
    out.payload.text(rejection.reason);
    out.payload.text(rejection.detail);
    out.payload.text(plugin_.identity.version);
    out.payload.text(plugin_.identity.build_id);
    return out;
  }

  Answer create(WorkerLine& line) {
    Answer out;
    out.status =
        plugin_call(line, [&](hy_job& job) { return api().create(host_.table(), &job, &self_); });
    if (!out.status.ok() || api().extension == nullptr) {
      out.payload.number<uint32_t>(0);
      return out;
    }
    const auto table = [&](std::string_view id) { return api().extension(self_, str(id)); };
    artifact_ = copy_record<hy_artifact_ext>(table(HY_EXT_ARTIFACT));
    memory_ = copy_record<hy_memory_ext>(table(HY_EXT_MEMORY));
    out.payload.number<uint32_t>(artifact_.save != nullptr && artifact_.load != nullptr ? 1 : 0);
    return out;
  }

  Answer devices(WorkerLine& line) {
    WireWriter list;
    uint32_t count = 0;
    flags_.clear();
    auto sink = collect<hy_device>([&](const hy_device& d) {
      put_record(list, d, kDeviceTexts);
      put_options(list, d.properties);
      flags_.push_back(d.flags);
      ++count;
    });
    const Status s =
        plugin_call(line, [&](hy_job& job) { return api().devices(self_, &job, sink.sink()); });
    return counted(s, count, list);
  }

  Answer options(WorkerLine& line) {
    WireWriter list;
    uint32_t count = 0;
    auto sink = collect<hy_option_schema>([&](const hy_option_schema& o) {
      put_record(list, o, kSchemaTexts);
      ++count;
    });
    const Status s = api().options == nullptr ? Status() : plugin_call(line, [&](hy_job& job) {
      return api().options(self_, &job, sink.sink());
    });
    return counted(s, count, list);
  }

  static Answer counted(const Status& s, uint32_t count, const WireWriter& list) {
    Answer out{s};
    out.payload.number(count);
    out.payload.raw(list.bytes());
    return out;
  }

  Answer open(WorkerLine& line, WireReader& read) {
    hy_open_args args = HY_INIT(hy_open_args);
    args.device_index = read.number<uint32_t>();
    args.threads = read.number<uint32_t>();
    args.precision = read.number<uint32_t>();
    args.relaxed_types = read.number<uint32_t>();
    const std::vector<hy_option> list = get_options(read);
    args.options = array_of(list);
    auto device = std::make_shared<WorkerDevice>();
    device->memory = memory_;
    device->host_memory = args.device_index < flags_.size() &&
                          (flags_[args.device_index] & HY_DEVICE_HOST_MEMORY) != 0;
    if (!device->host_memory && !device->has_memory())
      return {
          device_error(fmt::format("it takes no host memory and has no whole {}", HY_EXT_MEMORY))};
    Answer out{plugin_call(
        line, [&](hy_job& job) { return api().open(self_, &job, &args, &device->self); })};
    if (out.status.ok()) out.payload.number(devices_.add(std::move(device)));
    return out;
  }

  Answer close(WorkerLine& line, WireReader& read) {
    const auto device = devices_.take(read.number<uint32_t>());
    if (device == nullptr) return {not_found("there is no such device")};
    return {plugin_call(line, [&](hy_job&) { return api().close(device->self), HY_OK; })};
  }

  Answer verdicts(WorkerLine& line, WireReader& read, Ask ask) {
    const auto device = devices_.find(read.number<uint32_t>());
    if (device == nullptr) return {not_found("there is no such device")};
    const ByteSpan graph = read.block();
    WireWriter list;
    uint32_t count = 0;
    auto sink = collect<hy_verdict>([&](const hy_verdict& v) {
      put_record(list, v, kVerdictTexts);
      ++count;
    });
    const Status s = plugin_call(line, [&](hy_job& job) -> hy_status {
      if (ask == Ask::kQuery) {
        hy_query_args args = HY_INIT(hy_query_args);
        args.graph = {graph.data(), graph.size()};
        args.weights = &line;
        return api().query(device->self, &job, &args, sink.sink());
      }
      if (api().confirm == nullptr) return HY_OK;
      const hy_compile_args args = compile_args(line, graph);
      return api().confirm(device->self, &job, &args, sink.sink());
    });
    return counted(s, count, list);
  }

  static hy_compile_args compile_args(WorkerLine& line, ByteSpan graph) {
    hy_compile_args args = HY_INIT(hy_compile_args);
    args.graph = {graph.data(), graph.size()};
    args.weights = &line;
    return args;
  }

  Answer compile(WorkerLine& line, WireReader& read, Ask ask) {
    auto executable = std::make_shared<WorkerExecutable>();
    executable->device = devices_.find(read.number<uint32_t>());
    if (executable->device == nullptr) return {not_found("there is no such device")};
    const ByteSpan artifact = ask == Ask::kRestore ? read.block() : ByteSpan();
    const hy_compile_args args = compile_args(line, read.block());
    void* device = executable->device->self;
    Answer out{plugin_call(line, [&](hy_job& job) {
      if (ask == Ask::kCompile) return api().compile(device, &job, &args, &executable->self);
      return artifact_.load(device, &job, {artifact.data(), artifact.size()}, &args,
                            &executable->self);
    })};
    executable->weights = line.weights();
    if (out.status.ok()) out.payload.number(executables_.add(std::move(executable)));
    return out;
  }

  Answer release(WorkerLine& line, WireReader& read) {
    const auto executable = executables_.take(read.number<uint32_t>());
    if (executable == nullptr) return {not_found("there is no such executable")};
    return {plugin_call(line, [&](hy_job&) { return api().release(executable->self), HY_OK; })};
  }

  Answer save(WorkerLine& line, WireReader& read) {
    const auto executable = executables_.find(read.number<uint32_t>());
    if (executable == nullptr) return {not_found("there is no such executable")};
    Answer out;
    hy_sink sink = HY_INIT(hy_sink);
    sink.ctx = &out.payload;
    sink.push = [](void* ctx, const void* record) -> hy_status {
      const auto* bytes = static_cast<const hy_bytes*>(record);
      static_cast<WireWriter*>(ctx)->raw(
          {static_cast<const unsigned char*>(bytes->data), bytes->size});
      return HY_OK;
    };
    out.status = plugin_call(
        line, [&](hy_job& job) { return artifact_.save(executable->self, &job, &sink); });
    return out;
  }

  Answer run(WorkerLine& line, WireReader& read, Message& ask) {
    const auto executable = executables_.find(read.number<uint32_t>());
    const auto size = read.number<uint64_t>();
    if (!ask.files.empty()) {
      auto memory = SharedMemory::map(std::move(ask.files.front()), size);
      if (!memory.ok()) return {memory.status()};
      line.memory = std::move(memory).value();
    }
    if (executable == nullptr) return {not_found("there is no such executable")};
    WorkerRun run(*executable->device, line);
    if (!run.read(read)) return {internal_error("the bindings of run make no sense")};
    Answer out;
    out.status = plugin_call(line, [&](hy_job& job) -> hy_status {
      if (const hy_status code = run.prepare(job); code != HY_OK) return code;
      if (const hy_status code = api().run(executable->self, &job, &run.args()); code != HY_OK)
        return code;
      return run.finish(job);
    });
    if (out.status.ok()) out.files = run.take_outputs();
    return out;
  }

  Host host_;
  LoadedPlugin plugin_;
  void* self_ = nullptr;
  std::vector<uint32_t> flags_;  // of devices
  hy_artifact_ext artifact_{};
  hy_memory_ext memory_{};
  Numbered<WorkerDevice> devices_;
  Numbered<WorkerExecutable> executables_;
};

}  // namespace

void serve_worker(Channel control) {
  const auto server = std::make_shared<Server>();
  Message message;
  while (control.receive(&message) == Channel::Got::kMessage)
    for (Descriptor& line : message.files)
      std::thread([server, line = Channel(std::move(line))]() mutable {
        server->serve_line(std::move(line));
      }).detach();
}

}  // namespace halyard::core
