// The C provider through its tables alone, as a host would use it: device memory, fences, failures.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "halyard/graph_builder.hpp"
#include "halyard/provider.hpp"

namespace halyard::test {
namespace {

constexpr uint64_t kForever = ~uint64_t{0};
constexpr uint32_t kCount = 6;
constexpr uint64_t kBytes = kCount * sizeof(float);

/// X, Z -> Relu(X) = a; a + Z = b; b * K = Y, with K an inline constant; b is an output too.
std::vector<unsigned char> graph_bytes() {
  GraphBuilder b;
  const ShapeSpec shape = {{DimSpec::fixed(2), DimSpec::fixed(3)}};
  const float k[kCount] = {2, 2, 2, 2, 2, 2};
  const uint32_t constant = b.add_inline_constant(HY_DTYPE_F32, {2, 3}, k, sizeof k);
  const uint32_t g = b.add_subgraph("main");
  const uint32_t x = b.add_input(g, "X", HY_DTYPE_F32, shape),
                 z = b.add_input(g, "Z", HY_DTYPE_F32, shape);
  const uint32_t kv = b.add_constant_value(g, "K", constant);
  const uint32_t a = b.add_result(g, "a", HY_DTYPE_F32, shape),
                 s = b.add_result(g, "b", HY_DTYPE_F32, shape);
  const uint32_t y = b.add_result(g, "Y", HY_DTYPE_F32, shape);
  b.add_node(g, {"", "Relu", "relu", {x}, {a}, {}, {}});
  b.add_node(g, {"", "Add", "add", {a, z}, {s}, {}, {}});
  b.add_node(g, {"", "Mul", "mul", {s, kv}, {y}, {}, {}});
  b.add_output(g, y);
  b.add_output(g, s);
  return b.finish().value();
}

struct CProvider : testing::Test {
  void SetUp() override {
    void* library = dlopen(HALYARD_TEST_CSTUB, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library, nullptr) << dlerror();
    const auto entry = reinterpret_cast<hy_plugin_query_fn>(dlsym(library, HY_PLUGIN_ENTRY_NAME));
    ASSERT_NE(entry, nullptr);
    const hy_plugin* plugin = entry();
    ASSERT_NE(plugin, nullptr);
    EXPECT_EQ(view(plugin->id), "cstub");
    api = *plugin->provider;
    host.self = this;
    host.fail = [](void* self, hy_job*, hy_status, hy_str m) {
      static_cast<CProvider*>(self)->told = std::string(view(m));
    };
    ASSERT_EQ(api.create(&host, nullptr, &provider), HY_OK);
    memory = static_cast<const hy_memory_ext*>(api.extension(provider, str(HY_EXT_MEMORY)));
    async = static_cast<const hy_async_ext*>(api.extension(provider, str(HY_EXT_ASYNC)));
    const hy_open_args args = HY_INIT(hy_open_args);
    ASSERT_EQ(api.open(provider, nullptr, &args, &device), HY_OK);
  }
  void TearDown() override {
    if (executable != nullptr) api.release(executable);
    api.close(device);
    api.destroy(provider);
  }
  void compile() {
    hy_compile_args args = HY_INIT(hy_compile_args);
    args.graph = {graph.data(), graph.size()};
    ASSERT_EQ(api.compile(device, nullptr, &args, &executable), HY_OK) << told;
  }
  uint64_t buffer(float first) {
    uint64_t handle = 0;
    EXPECT_EQ(memory->alloc(device, nullptr, kBytes, &handle), HY_OK);
    float data[kCount];
    for (uint32_t i = 0; i < kCount; ++i) data[i] = first + static_cast<float>(i);
    EXPECT_EQ(memory->write(device, nullptr, handle, 0, data, kBytes), HY_OK);
    return handle;
  }
  std::vector<float> read(uint64_t handle) {
    std::vector<float> out(kCount);
    EXPECT_EQ(memory->read(device, nullptr, handle, 0, out.data(), kBytes), HY_OK) << told;
    return out;
  }
  uint64_t fence() {
    uint64_t id = 0;
    EXPECT_EQ(async->create(device, nullptr, 0, &id), HY_OK);
    return id;
  }
  hy_status run(uint64_t x, uint64_t z, uint64_t y, uint64_t b, std::vector<hy_fence_point> waits,
                std::vector<hy_fence_point> signals) {
    hy_binding ports[4];
    const uint64_t handles[4] = {x, z, y, b};
    for (int i = 0; i < 4; ++i) {
      ports[i] = HY_INIT(hy_binding);
      ports[i].dtype = HY_DTYPE_F32;
      ports[i].handle = handles[i];
      ports[i].bytes = kBytes;
    }
    hy_run_args args = HY_INIT(hy_run_args);
    args.inputs = {ports, 2, sizeof(hy_binding)};
    args.outputs = {ports + 2, 2, sizeof(hy_binding)};
    args.waits = {waits.data(), static_cast<uint32_t>(waits.size()), sizeof(hy_fence_point)};
    args.signals = {signals.data(), static_cast<uint32_t>(signals.size()), sizeof(hy_fence_point)};
    return api.run(executable, nullptr, &args);
  }

  std::vector<unsigned char> graph = graph_bytes();
  hy_host host = HY_INIT(hy_host);
  hy_provider_api api{};
  const hy_memory_ext* memory = nullptr;
  const hy_async_ext* async = nullptr;
  void *provider = nullptr, *device = nullptr, *executable = nullptr;
  std::string told;
};

TEST_F(CProvider, RunsAndWaitsWithoutFences) {
  compile();
  const uint64_t x = buffer(-2), z = buffer(10), y = buffer(0), b = buffer(0);
  ASSERT_EQ(run(x, z, y, b, {}, {}), HY_OK) << told;
  EXPECT_EQ(read(b), (std::vector<float>{10, 11, 12, 14, 16, 18}));
  EXPECT_EQ(read(y), (std::vector<float>{20, 22, 24, 28, 32, 36}));
}

TEST_F(CProvider, RunsInTheOrderOfTheirFences) {
  compile();
  const uint64_t x = buffer(1), z = buffer(1), y = buffer(0), b = buffer(0), y2 = buffer(0),
                 b2 = buffer(0);
  const uint64_t start = fence(), done = fence();
  ASSERT_EQ(run(x, z, y, b, {{start, 1}}, {{done, 1}}), HY_OK);
  ASSERT_EQ(run(y, b, y2, b2, {{done, 1}}, {{done, 2}}), HY_OK);
  uint64_t value = 99;
  EXPECT_EQ(async->query(device, nullptr, done, &value), HY_OK);
  EXPECT_EQ(value, 0u);
  EXPECT_EQ(async->wait(device, nullptr, done, 2, 1000000), HY_ERROR_DEADLINE);
  EXPECT_EQ(async->signal(device, nullptr, start, 1), HY_OK);
  ASSERT_EQ(async->wait(device, nullptr, done, 2, kForever), HY_OK);
  EXPECT_EQ(read(b2)[0], 4.0f + 2.0f);  // 2 * (1 + 1), then that + 2
  EXPECT_EQ(async->query(device, nullptr, done, &value), HY_OK);
  EXPECT_EQ(value, 2u);
}

TEST_F(CProvider, FailurePoisonsTheFenceAndAllThatWaitForIt) {
  compile();
  const uint64_t x = buffer(1), z = buffer(1), y = buffer(0), b = buffer(0);
  const uint64_t first = fence(), second = fence();
  ASSERT_EQ(run(x, 4711, y, b, {}, {{first, 1}}), HY_OK);
  ASSERT_EQ(run(x, z, y, b, {{first, 1}}, {{second, 1}}), HY_OK);
  EXPECT_EQ(async->wait(device, nullptr, second, 1, kForever), HY_ERROR_INVALID_ARGUMENT);
  EXPECT_NE(told.find("4711"), std::string::npos) << told;
  uint64_t value = 0;
  EXPECT_EQ(async->query(device, nullptr, first, &value), HY_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(run(x, z, y, b, {}, {}), HY_OK) << told;  // the device lives on
}

TEST_F(CProvider, MemoryIsBounded) {
  const uint64_t x = buffer(1), y = buffer(5);
  float data[kCount];
  EXPECT_EQ(memory->read(device, nullptr, x, 4, data, kBytes), HY_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(memory->write(device, nullptr, x, kForever, data, 2), HY_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(memory->copy(device, nullptr, x, 0, y, 4, 8), HY_OK);
  EXPECT_EQ(read(y)[1], 1.0f);
  memory->free(device, x);
  EXPECT_EQ(memory->read(device, nullptr, x, 0, data, 4), HY_ERROR_INVALID_ARGUMENT);
}

TEST_F(CProvider, HostMemoryIsRefused) {
  compile();
  float data[kCount];
  hy_binding ports[4];
  for (hy_binding& p : ports) {
    p = HY_INIT(hy_binding);
    p.data = data;
    p.bytes = kBytes;
  }
  hy_run_args args = HY_INIT(hy_run_args);
  args.inputs = {ports, 2, sizeof(hy_binding)};
  args.outputs = {ports + 2, 2, sizeof(hy_binding)};
  EXPECT_EQ(api.run(executable, nullptr, &args), HY_ERROR_INVALID_ARGUMENT);
  EXPECT_NE(told.find("host memory"), std::string::npos) << told;
}

struct Asked {
  uint32_t reason, operand;
  std::string got, limit;
};

/// The verdict about one node.
Asked ask(const CProvider& p, const char* op, uint32_t dtype, const ShapeSpec& a,
          const ShapeSpec& b) {
  GraphBuilder builder;
  const uint32_t g = builder.add_subgraph("main");
  const uint32_t x = builder.add_input(g, "X", dtype, a), z = builder.add_input(g, "Z", dtype, b);
  const uint32_t y = builder.add_result(g, "Y", dtype, a);
  builder.add_node(g, {"", op, "node", {x, z}, {y}, {}, {}});
  builder.add_output(g, y);
  const auto bytes = builder.finish().value();
  hy_query_args args = HY_INIT(hy_query_args);
  args.graph = {bytes.data(), bytes.size()};
  Asked out{};
  hy_sink sink = HY_INIT(hy_sink);
  sink.ctx = &out;
  sink.push = [](void* ctx, const void* record) -> hy_status {
    const auto v = plugin::copy_in(static_cast<const hy_verdict*>(record));
    *static_cast<Asked*>(ctx) = {v.reason, v.operand, std::string(view(v.got)),
                                 std::string(view(v.limit))};
    return HY_OK;
  };
  EXPECT_EQ(p.api.query(p.device, nullptr, &args, &sink), HY_OK);
  return out;
}

TEST_F(CProvider, EachRefusalSaysWhy) {
  const ShapeSpec six = {{DimSpec::fixed(6)}}, one = {{DimSpec::fixed(1)}},
                  some = {{DimSpec::unknown()}};
  EXPECT_EQ(ask(*this, "Add", HY_DTYPE_F32, six, six).reason, uint32_t{HY_REASON_NONE});
  const Asked op = ask(*this, "Conv", HY_DTYPE_F32, six, six);
  EXPECT_EQ(op.reason, uint32_t{HY_REASON_OP_UNKNOWN});
  EXPECT_EQ(op.got, "Conv");
  const Asked type = ask(*this, "Add", HY_DTYPE_I64, six, six);
  EXPECT_EQ(type.reason, uint32_t{HY_REASON_DTYPE});
  EXPECT_EQ(type.operand, 0u);
  EXPECT_EQ(type.limit, "f32");
  const Asked dynamic = ask(*this, "Add", HY_DTYPE_F32, six, some);
  EXPECT_EQ(dynamic.reason, uint32_t{HY_REASON_DIM_DYNAMIC});
  EXPECT_EQ(dynamic.operand, 1u);
  EXPECT_EQ(dynamic.got, "[?]");
  const Asked broadcast = ask(*this, "Mul", HY_DTYPE_F32, six, one);
  EXPECT_EQ(broadcast.reason, uint32_t{HY_REASON_BROADCAST});
  EXPECT_EQ(broadcast.got, "[1]");
  EXPECT_EQ(broadcast.limit, "[6]");
  const ShapeSpec large = {{DimSpec::fixed(int64_t{1} << 40)}};
  EXPECT_EQ(ask(*this, "Mul", HY_DTYPE_F32, large, large).reason, uint32_t{HY_REASON_DIM_LIMIT});
}

}  // namespace
}  // namespace halyard::test
