// A provider that compiles slowly and keeps what it compiled: Relu, Neg, Add and Mul of f32, static dims.
// The environment says how slowly (HALYARD_KEEPER_MS), which driver it claims (HALYARD_KEEPER_DRIVER), and where
// it notes each "compile", "load" and "stale" (HALYARD_KEEPER_LOG). -DKEEPER_<WAY> makes it lie in one way.
#include <errno.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>

#include "halyard/provider.hpp"

namespace hy = halyard::plugin;
using halyard::Graph, halyard::Node, halyard::Result, halyard::Status, halyard::Value;

#ifndef KEEPER_VERSION
#define KEEPER_VERSION "1.0.0"
#endif

namespace {

constexpr char kMagic[] = "keeper program 1";

std::string environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

/// Not of a trial in another process: that compiles, too, and is no matter of the cache.
void note(const char* what) {
  if (std::string_view(program_invocation_short_name) == "halyard-worker") return;
  const std::string file = environment("HALYARD_KEEPER_LOG", "");
  if (file.empty()) return;
  if (std::FILE* f = std::fopen(file.c_str(), "a")) {
    std::fputs((std::string(what) + "\n").c_str(), f);
    std::fclose(f);
  }
}

/// One operation: its kind and the places of its operands and of its result.
struct Step {
  uint32_t kind, a, b, to;
};
enum : uint32_t { kRelu, kNeg, kAdd, kMul };
constexpr std::string_view kOps[] = {"Relu", "Neg", "Add", "Mul"};

/// Plain records: places 0 .. inputs-1 are the inputs; then the constants, then results.
struct Program {
  uint32_t places = 0;
  std::vector<Step> steps;
  std::vector<uint32_t> inputs, outputs;
  std::vector<std::pair<uint32_t, std::vector<float>>> constants;
};

template <class T>
void put(std::string* to, const std::vector<T>& list) {
  const uint64_t count = list.size();
  to->append(reinterpret_cast<const char*>(&count), sizeof count);
  to->append(reinterpret_cast<const char*>(list.data()), list.size() * sizeof(T));
}

template <class T>
bool take(std::string_view* from, std::vector<T>* list) {
  uint64_t count = 0;
  if (from->size() < sizeof count) return false;
  std::memcpy(&count, from->data(), sizeof count);
  from->remove_prefix(sizeof count);
  if (count > from->size() / sizeof(T)) return false;
  list->resize(count);
  if (count != 0) std::memcpy(list->data(), from->data(), count * sizeof(T));
  from->remove_prefix(count * sizeof(T));
  return true;
}

std::string encode(const Program& p) {
  std::string out(kMagic, sizeof kMagic);
  put(&out, std::vector<uint32_t>{p.places, static_cast<uint32_t>(p.constants.size())});
  put(&out, p.steps);
  put(&out, p.inputs);
  put(&out, p.outputs);
  for (const auto& [place, values] : p.constants) {
    put(&out, std::vector<uint32_t>{place});
    put(&out, values);
  }
  return out;
}

bool decode(std::string_view bytes, Program* p) {
  if (!bytes.starts_with(std::string_view(kMagic, sizeof kMagic))) return false;
  bytes.remove_prefix(sizeof kMagic);
  std::vector<uint32_t> counts, place;
  if (!take(&bytes, &counts) || counts.size() != 2 || !take(&bytes, &p->steps) ||
      !take(&bytes, &p->inputs) || !take(&bytes, &p->outputs))
    return false;
  p->places = counts[0];
  for (uint32_t i = 0; i < counts[1]; ++i) {
    p->constants.emplace_back();
    if (!take(&bytes, &place) || place.size() != 1 || !take(&bytes, &p->constants.back().second))
      return false;
    p->constants.back().first = place[0];
  }
  return bytes.empty();
}

class Kept : public hy::Executable {
 public:
  explicit Kept(Program program) : program_(std::move(program)) {}

  Status run(hy::Run& run) override {
    std::vector<std::vector<float>> values(program_.places);
    for (const auto& [place, list] : program_.constants) values[place] = list;
    for (uint32_t i = 0; i < program_.inputs.size(); ++i) {
      const hy_binding b = run.input(i);
      const auto* f = static_cast<const float*>(b.data);
      values[program_.inputs[i]].assign(f, f + b.bytes / sizeof(float));
    }
    for (const Step& s : program_.steps) apply(s, values);
    for (uint32_t i = 0; i < program_.outputs.size(); ++i) {
      const hy_binding b = run.output(i);
      const std::vector<float>& y = values[program_.outputs[i]];
      if (b.bytes != y.size() * sizeof(float))
        return halyard::mismatch("an output has another size than was compiled for");
      std::copy(y.begin(), y.end(), static_cast<float*>(b.data));
    }
    return {};
  }

  Status save(const hy::ArtifactWriter& to) const override {
#if defined(KEEPER_SAVE_FAILS)
    return halyard::device_error("the printer is out of paper");
#elif defined(KEEPER_SAVE_THROWS)
    throw 1;
#elif defined(KEEPER_GARBAGE)
    return to.write("garbage", 7);
#endif
    const std::string bytes = encode(program_);
    const size_t half = bytes.size() / 2;  // in pieces, as a large one would come
    HY_RETURN_IF_ERROR(to.write(bytes.data(), half));
    return to.write(bytes.data() + half, bytes.size() - half);
  }

 private:
  static void apply(const Step& s, std::vector<std::vector<float>>& values) {
    const std::vector<float>&a = values[s.a], &b = values[s.b];
    std::vector<float> y(std::max(a.size(), s.kind >= kAdd ? b.size() : 0));
    for (size_t i = 0; i < y.size(); ++i) {
      const float p = a[i % a.size()], q = b[i % b.size()];
      y[i] = s.kind == kRelu  ? std::max(p, 0.0f)
             : s.kind == kNeg ? -p
             : s.kind == kAdd ? p + q
                              : p * q;
    }
    values[s.to] = std::move(y);
  }

  const Program program_;
};

class Keeper : public hy::Provider, public hy::Artifacts {
 public:
  Status devices(hy::Job&, std::vector<hy::Device>& list) override {
    hy::Device d;
    d.name = "Keeper";
    d.flags = HY_DEVICE_HOST_MEMORY | HY_DEVICE_CONCURRENT_RUNS;
    d.driver = environment("HALYARD_KEEPER_DRIVER", "1.0");
    list.push_back(d);
    return {};
  }

  hy::Verdict supports(const Node& node, const hy::OpenDevice&) override {
    if (std::find(std::begin(kOps), std::end(kOps), node.op()) == std::end(kOps))
      return hy::reject(hy::Reason::op_unknown).got(std::string(node.op()));
    for (uint32_t i = 0; i < node.input_count(); ++i) {
      const Value in = node.input(i);
      if (in.dtype() != HY_DTYPE_F32) return hy::reject(hy::Reason::dtype).operand(i).limit("f32");
      if (!in.is_static()) return hy::reject(hy::Reason::dim_dynamic).operand(i);
      if (in.dims() != node.input(0).dims() && !in.dims().empty())
        return hy::reject(hy::Reason::broadcast).operand(i).limit("equal dims or a scalar");
    }
    return hy::accept().est_us(1);
  }

  Result<std::unique_ptr<hy::Executable>> compile(const Graph& graph, hy::OpenDevice&,
                                                  hy::Job& job) override {
    note("compile");
    const int ms = std::atoi(environment("HALYARD_KEEPER_MS", "0").c_str());
    for (int i = 0; i < ms; ++i) {
      HY_RETURN_IF_ERROR(job.poll());
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    Program p;
    const auto main = graph.main();
    const uint32_t first = main.first_value();
    p.places = main.value_count();
    for (uint32_t i = 0; i < main.value_count(); ++i) {
      const auto c = main.value(i).constant();
      if (!c) continue;
      hy_bytes bytes{};
      if (c->is_inline()) {
        bytes = c->inline_bytes();
      } else {
        HY_ASSIGN_OR_RETURN(bytes, job.weight(c->weight_id()));
      }
      std::vector<float> values(bytes.size / sizeof(float));
      if (!values.empty()) std::memcpy(values.data(), bytes.data, values.size() * sizeof(float));
      p.constants.emplace_back(i, std::move(values));
    }
    for (uint32_t i = 0; i < main.node_count(); ++i) {
      const Node n = main.node(i);
      const auto kind = std::find(std::begin(kOps), std::end(kOps), n.op()) - std::begin(kOps);
      const uint32_t a = n.input(0).index() - first;
      const uint32_t b = n.input_count() > 1 ? n.input(1).index() - first : a;
      p.steps.push_back({static_cast<uint32_t>(kind), a, b, n.output(0).index() - first});
    }
    for (uint32_t i = 0; i < main.input_count(); ++i)
      p.inputs.push_back(main.input(i).index() - first);
    for (uint32_t i = 0; i < main.output_count(); ++i)
      p.outputs.push_back(main.output(i).index() - first);
    return std::make_unique<Kept>(std::move(p));
  }

  Result<std::unique_ptr<hy::Executable>> load(hy_bytes artifact, const Graph&, hy::OpenDevice&,
                                               hy::Job&) override {
#if defined(KEEPER_LOAD_FAILS)
    return halyard::device_error("the tape is torn");
#elif defined(KEEPER_LOAD_THROWS)
    throw 1;
#elif defined(KEEPER_LOAD_NULL)
    return std::unique_ptr<hy::Executable>();
#endif
    Program p;
    if (!decode({static_cast<const char*>(artifact.data), artifact.size}, &p)) {
      note("stale");
      return halyard::stale("these bytes are no program of mine");
    }
    note("load");
    return std::make_unique<Kept>(std::move(p));
  }
};

}  // namespace

HALYARD_PROVIDER(Keeper, "keeper", KEEPER_VERSION)
