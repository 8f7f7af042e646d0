// Small programs, written here operation by operation, for what Core ML Tools' tests do not hold.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "coreml.pb.h"
#include "halyard/halyard.hpp"

namespace halyard::test {
namespace {

namespace schema = coreml::schema;
using Dims = std::vector<int64_t>;
using Floats = std::vector<float>;
using Constant = std::variant<bool, std::string, std::vector<float>, std::vector<int32_t>>;

enum DataType { kBool = 1, kString = 2, kF32 = 11, kI32 = 23 };

void set_type(schema::ValueType* type, int data_type, const Dims& dims) {
  schema::TensorType* t = type->mutable_tensor_type();
  t->set_data_type(data_type);
  t->set_rank(static_cast<int64_t>(dims.size()));
  for (const int64_t d : dims)
    t->add_dimensions()->mutable_constant()->set_size(static_cast<uint64_t>(d));
}

/// A program of one function; every value is f32 unless it is said.
class Program {
 public:
  explicit Program(const std::string& opset) {
    model_.set_specification_version(8);
    function_ = &(*model_.mutable_ml_program()->mutable_functions())["main"];
    model_.mutable_ml_program()->set_version(1);
    function_->set_opset(opset);
    block_ = &(*function_->mutable_block_specializations())[opset];
  }
  Program& input(const std::string& name, const Dims& dims, int data_type = kF32) {
    schema::NamedValueType* in = function_->add_inputs();
    in->set_name(name);
    set_type(in->mutable_type(), data_type, dims);
    return *this;
  }
  /// operands: names of values; constants: with their dims, none for a scalar.
  struct Parameter {
    std::string name;
    Constant value;
    Dims dims = {};
  };
  struct Output {
    std::string name;
    Dims dims;
    int data_type = kF32;
  };
  Program& op(const std::string& type,
              const std::vector<std::pair<std::string, std::string>>& operands,
              const std::vector<Parameter>& constants, const std::vector<Output>& outputs) {
    schema::Operation* o = block_->add_operations();
    o->set_type(type);
    for (const auto& [name, value] : operands)
      (*o->mutable_inputs())[name].add_arguments()->set_name(value);
    for (const Parameter& p : constants)
      set_value((*o->mutable_inputs())[p.name].add_arguments()->mutable_value(), p);
    for (const Output& out : outputs) {
      schema::NamedValueType* v = o->add_outputs();
      v->set_name(out.name);
      set_type(v->mutable_type(), out.data_type, out.dims);
      block_->add_outputs(out.name);
    }
    return *this;
  }
  std::string bytes() const { return model_.SerializeAsString(); }

 private:
  static void set_value(schema::Value* to, const Parameter& p) {
    schema::TensorValue* t = to->mutable_immediate_value()->mutable_tensor();
    if (const auto* flag = std::get_if<bool>(&p.value)) {
      set_type(to->mutable_type(), kBool, p.dims);
      t->mutable_bools()->add_values(*flag);
    } else if (const auto* word = std::get_if<std::string>(&p.value)) {
      set_type(to->mutable_type(), kString, p.dims);
      t->mutable_strings()->add_values(*word);
    } else if (const auto* floats = std::get_if<std::vector<float>>(&p.value)) {
      set_type(to->mutable_type(), kF32, p.dims);
      for (const float v : *floats) t->mutable_floats()->add_values(v);
    } else {
      set_type(to->mutable_type(), kI32, p.dims);
      for (const int32_t v : std::get<std::vector<int32_t>>(p.value))
        t->mutable_ints()->add_values(v);
    }
  }

  schema::Model model_;
  schema::Function* function_;
  schema::Block* block_;
};

class Programs : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "coreml_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    path_ = name + "/program.mlmodel";
    auto runtime = Runtime::create();
    ASSERT_TRUE(runtime.ok()) << runtime.status().message();
    runtime_.emplace(std::move(runtime).value());
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(std::filesystem::path(path_).parent_path(), ignored);
  }
  Result<Model> load(const Program& program) {
    std::ofstream(path_, std::ios::binary) << program.bytes();
    return runtime_->load(path_);
  }
  /// Inputs f32, in the order of the program.
  std::vector<Tensor> run(const Program& program, const std::vector<Floats>& inputs) {
    auto model = load(program);
    EXPECT_TRUE(model.ok()) << model.status().message();
    if (!model.ok()) return {};
    auto session = model->session();
    EXPECT_TRUE(session.ok()) << session.status().message();
    if (!session.ok()) return {};
    std::vector<Tensor> tensors;
    tensors.reserve(inputs.size());
    std::vector<std::pair<std::string, const Tensor*>> bound;
    for (size_t i = 0; i < inputs.size(); ++i) {
      auto t = Tensor::create(HY_DTYPE_F32, session->inputs()[i].dims);
      EXPECT_TRUE(t.ok());
      tensors.push_back(std::move(t).value());
      std::copy(inputs[i].begin(), inputs[i].end(), tensors[i].as<float>().begin());
      bound.emplace_back(session->inputs()[i].name, &tensors[i]);
    }
    std::vector<std::string> names;
    for (const auto& o : session->outputs()) names.push_back(o.name);
    auto results = session->run(bound, names);
    EXPECT_TRUE(results.ok()) << results.status().message();
    return results.ok() ? std::move(results).value() : std::vector<Tensor>();
  }
  template <class T>
  static std::vector<T> values(const Tensor& t) {
    const auto span = t.as<T>();
    return {span.begin(), span.end()};
  }

  std::optional<Runtime> runtime_;
  std::string path_;
};

// ---- non_maximum_suppression ---------------------------------------------------------------------------

// Of two pictures: 0 and 1 overlap, and so do 2 and 3.
const Floats kBoxes = {0, 0, 2, 2, 0.125F, 0, 2, 2, 10, 10, 2, 2, 10, 10.125F, 2, 2,
                       0, 0, 2, 2, 0.125F, 0, 2, 2, 10, 10, 2, 2, 10, 10.125F, 2, 2};
const Floats kScores = {0.9F, 0.1F, 0.2F, 0.8F, 0.3F, 0.1F, 0.6F,  0.2F,
                        0.1F, 0.1F, 0.1F, 0.1F, 0.1F, 0.2F, 0.25F, 0.2F};

Program suppression(bool per_class, int32_t most) {
  Program p("CoreML6");
  p.input("boxes", {2, 4, 4}).input("scores", {2, 4, 2});
  p.op("non_maximum_suppression", {{"boxes", "boxes"}, {"scores", "scores"}},
       {{"iou_threshold", Floats{0.5F}},
        {"score_threshold", Floats{0.25F}},
        {"max_boxes", std::vector<int32_t>{most}},
        {"per_class_suppression", per_class}},
       {{"b", {2, most, 4}}, {"s", {2, most, 2}}, {"i", {2, most}, kI32}, {"n", {2}, kI32}});
  return p;
}

TEST_F(Programs, SuppressionFillsUpWhatIsLeft) {
  const auto out = run(suppression(false, 3), {kBoxes, kScores});
  ASSERT_EQ(out.size(), 4u);
  EXPECT_EQ(out[0].dims(), (Dims{2, 3, 4}));
  EXPECT_EQ(values<float>(out[0]), (Floats{0,  0,       2, 2, 10, 10.125F, 2, 2, 0, 0, 0, 0,
                                           10, 10.125F, 2, 2, 0,  0,       0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(values<float>(out[1]), (Floats{0.9F, 0.1F, 0.6F, 0.2F, 0, 0, 0.25F, 0.2F, 0, 0, 0, 0}));
  EXPECT_EQ(values<int32_t>(out[2]), (std::vector<int32_t>{0, 3, -1, 3, -1, -1}));
  EXPECT_EQ(values<int32_t>(out[3]), (std::vector<int32_t>{2, 1}));
}

TEST_F(Programs, SuppressionOfEachClassAlone) {
  const auto all = run(suppression(true, 3), {kBoxes, kScores});
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(values<int32_t>(all[2]), (std::vector<int32_t>{0, 1, 3, 3, -1, -1}));
  EXPECT_EQ(values<int32_t>(all[3]), (std::vector<int32_t>{3, 1}));
  const auto best = run(suppression(true, 1), {kBoxes, kScores});
  ASSERT_EQ(best.size(), 4u);
  EXPECT_EQ(values<int32_t>(best[2]), (std::vector<int32_t>{0, 3}));
  EXPECT_EQ(values<float>(best[1]), (Floats{0.9F, 0.1F, 0.25F, 0.2F}));
}

// ---- What is wrong with a program is said -------------------------------------------------------------

std::string refusal(const Result<Model>& model) {
  return model.ok() ? "it was read" : model.status().message();
}

TEST_F(Programs, AnUnknownOperationIsNamed) {
  Program p("CoreML7");
  p.input("x", {2}).op("frobnicate", {{"x", "x"}}, {}, {{"y", {2}}});
  const std::string words = refusal(load(p));
  EXPECT_NE(words.find("operation frobnicate (y): there is no rule for it"), std::string::npos)
      << words;
}

TEST_F(Programs, ANameThatNothingHasIsNamed) {
  Program p("CoreML7");
  p.input("x", {2}).op("add", {{"x", "x"}, {"y", "z"}}, {}, {{"sum", {2}}});
  const std::string words = refusal(load(p));
  EXPECT_NE(words.find("add (sum)"), std::string::npos) << words;
  EXPECT_NE(words.find("\"z\""), std::string::npos) << words;
}

TEST_F(Programs, AMissingOperandIsNamed) {
  Program p("CoreML7");
  p.input("x", {2}).op("add", {{"x", "x"}}, {}, {{"sum", {2}}});
  const std::string words = refusal(load(p));
  EXPECT_NE(words.find("add (sum)"), std::string::npos) << words;
  EXPECT_NE(words.find("\"y\""), std::string::npos) << words;
}

TEST_F(Programs, AConstantOfTheWrongSizeIsNamed) {
  Program p("CoreML7");
  p.input("x", {2}).op("add", {{"x", "x"}}, {{"y", Floats{1, 2, 3}, {2}}}, {{"sum", {2}}});
  const std::string words = refusal(load(p));
  EXPECT_NE(words.find("add (sum)"), std::string::npos) << words;
}

TEST_F(Programs, ANegativeMaximumIsRefused) {
  const std::string words = refusal(load(suppression(false, -1)));
  EXPECT_NE(words.find("max_boxes -1"), std::string::npos) << words;
}

TEST_F(Programs, AnEmptyFileIsRefused) {
  std::ofstream(path_, std::ios::binary) << "";
  const std::string words = refusal(runtime_->load(path_));
  EXPECT_NE(words.find("no Core ML specification"), std::string::npos) << words;
}

}  // namespace
}  // namespace halyard::test
