// The C++ layer over the plugin ABI, driven through its C table as the core does.
#include "halyard/provider.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/fuzz/graph_seeds.hpp"

namespace halyard::plugin {
namespace {

struct Told {
  hy_status code = HY_OK;
  std::string message;
};
void fail(void* self, hy_job*, hy_status code, hy_str message) {
  *static_cast<Told*>(self) = {code, std::string(view(message))};
}

struct Host {
  Told told;
  hy_host table = HY_INIT(hy_host);
  Host() {
    table.self = &told;
    table.fail = fail;
  }
};

struct Records {
  std::vector<hy_verdict> verdicts;
  std::vector<std::string> texts;  // "got/limit"
  hy_sink sink() {
    hy_sink s = HY_INIT(hy_sink);
    s.ctx = this;
    s.push = [](void* ctx, const void* record) -> hy_status {
      auto* self = static_cast<Records*>(ctx);
      const auto v = copy_in(static_cast<const hy_verdict*>(record));
      self->verdicts.push_back(v);
      self->texts.push_back(std::string(view(v.got)) + "/" + std::string(view(v.limit)));
      return HY_OK;
    };
    return s;
  }
};

class Picky : public Provider {
 public:
  Status devices(Job&, std::vector<Device>& list) override {
    list.push_back({.name = "picky"});
    return {};
  }
  Verdict supports(const Node& node, const OpenDevice&) override {
    if (node.op() == "Relu") return accept().cluster(3).est_us(1.5);
    if (node.op() == "Tanh") throw std::runtime_error("boom");
    return reject(Reason::dim_limit).operand(1).got(5000).limit(4096);
  }
  Result<std::unique_ptr<Executable>> compile(const Graph&, OpenDevice&, Job&) override {
    return unsupported("never");
  }
};

struct Table : testing::Test {
  void SetUp() override {
    ASSERT_EQ(api.create(&host.table, nullptr, &provider), HY_OK);
    hy_open_args args = HY_INIT(hy_open_args);
    ASSERT_EQ(api.open(provider, nullptr, &args, &device), HY_OK);
  }
  void TearDown() override {
    api.close(device);
    api.destroy(provider);
  }
  hy_status query(const test::Bytes& graph) {
    hy_query_args args = HY_INIT(hy_query_args);
    args.graph = {graph.data(), graph.size()};
    const hy_sink sink = records.sink();
    return api.query(device, nullptr, &args, &sink);
  }
  hy_provider_api api = detail::Trampolines<Picky>::api();
  Host host;
  Records records;
  void *provider = nullptr, *device = nullptr;
};

TEST_F(Table, AcceptanceCarriesClusterAndEstimate) {
  ASSERT_EQ(query(test::small_graph()), HY_OK);
  ASSERT_EQ(records.verdicts.size(), 1u);
  EXPECT_EQ(records.verdicts[0].supported, 1u);
  EXPECT_EQ(records.verdicts[0].reason, uint32_t{HY_REASON_NONE});
  EXPECT_EQ(records.verdicts[0].cluster, 3u);
  EXPECT_EQ(records.verdicts[0].est_us, 1.5);
}

TEST_F(Table, RefusalCarriesReasonOperandAndLimit) {
  ASSERT_EQ(query(test::symbolic_graph()), HY_OK);
  ASSERT_EQ(records.verdicts.size(), 2u);
  const hy_verdict& v = records.verdicts[0];
  EXPECT_EQ(v.supported, 0u);
  EXPECT_EQ(v.reason, uint32_t{HY_REASON_DIM_LIMIT});
  EXPECT_EQ(v.operand, 1u);
  EXPECT_EQ(v.cluster, HY_CLUSTER_ANY);
  EXPECT_EQ(records.texts[0], "5000/4096");
}

TEST_F(Table, ExceptionsStopAtTheBorder) {
  EXPECT_EQ(query(test::nested_graph()), HY_ERROR_INTERNAL);
  EXPECT_EQ(host.told.code, HY_ERROR_INTERNAL);
  EXPECT_NE(host.told.message.find("boom"), std::string::npos) << host.told.message;
}

TEST_F(Table, FailuresAreToldOnce) {
  const test::Bytes graph = test::small_graph();
  hy_compile_args args = HY_INIT(hy_compile_args);
  args.graph = {graph.data(), graph.size()};
  void* executable = &host;
  EXPECT_EQ(api.compile(device, nullptr, &args, &executable), HY_ERROR_UNSUPPORTED);
  EXPECT_EQ(host.told.message, "never");
}

// Not to be had: a verdict without a reason, a default verdict.
static_assert(!std::is_default_constructible_v<Verdict>);
static_assert(!std::is_constructible_v<Verdict, uint32_t>);
static_assert(!std::is_invocable_v<decltype(reject)>);

}  // namespace
}  // namespace halyard::plugin
