#include "op.hpp"

#include <cstring>

#include "half.hpp"

namespace halyard::coreml {

const schema::Argument::Binding* Op::binding(std::string_view name, size_t i) const {
  const auto it = operation_.inputs().find(std::string(name));
  if (it == operation_.inputs().end() || i >= static_cast<size_t>(it->second.arguments_size()))
    return nullptr;
  return &it->second.arguments(static_cast<int>(i));
}

bool Op::has(std::string_view name) const { return binding(name, 0) != nullptr; }

size_t Op::count(std::string_view name) const {
  const auto it = operation_.inputs().find(std::string(name));
  return it == operation_.inputs().end() ? 0 : static_cast<size_t>(it->second.arguments_size());
}

std::string Op::name_of(std::string_view name, size_t i) const {
  const auto* b = binding(name, i);
  return b == nullptr ? std::string() : b->name();
}

Named* Op::named(std::string_view name, size_t i) {
  const auto* b = binding(name, i);
  if (b == nullptr) {
    fail(invalid_model("operand \"" + std::string(name) + "\" is missing"));
    return nullptr;
  }
  Named* out = scope_.find(b->name());
  if (out == nullptr) fail(invalid_model("nothing is called \"" + b->name() + "\""));
  return out;
}

uint32_t Op::x(std::string_view name, size_t i) {
  if (named(name, i) == nullptr) return HY_NONE;
  auto value = scope_.value(name_of(name, i));
  if (!value.ok()) {
    fail(value.status().with_context("operand \"" + std::string(name) + "\""));
    return HY_NONE;
  }
  return *value;
}

Type Op::type_of(std::string_view name, size_t i) {
  const Named* n = named(name, i);
  return n == nullptr ? Type() : n->type;
}

bool Op::is_constant(std::string_view name) {
  return has(name) && named(name) != nullptr && named(name)->constant != nullptr;
}

std::optional<Tensor> Op::constant(std::string_view name, size_t i) {
  if (binding(name, i) == nullptr) return std::nullopt;
  const Named* n = named(name, i);
  if (n == nullptr) return std::nullopt;
  if (n->constant == nullptr) {
    refuse("operand \"" + std::string(name) + "\" is computed; only a constant is taken");
    return std::nullopt;
  }
  auto out = scope_.tensor(*n);
  if (!out.ok()) {
    fail(out.status());
    return std::nullopt;
  }
  return std::move(out).value();
}

int64_t Op::size(std::string_view name, int64_t otherwise, int64_t most) {
  const int64_t v = integer(name, otherwise);
  if (v >= 1 && v <= most) return v;
  refuse(std::string(name) + " " + std::to_string(v) + "; it lies in 1.." + std::to_string(most));
  return 1;
}

int64_t Op::integer(std::string_view name, int64_t otherwise) {
  const auto t = constant(name);
  if (!t) return otherwise;
  if (t->count() != 1 || t->dtype == HY_DTYPE_STRING) {
    fail(invalid_model("\"" + std::string(name) + "\" is no number"));
    return otherwise;
  }
  return t->integer(0);
}

double Op::number(std::string_view name, double otherwise) {
  const auto t = constant(name);
  if (!t) return otherwise;
  if (t->count() != 1 || t->dtype == HY_DTYPE_STRING) {
    fail(invalid_model("\"" + std::string(name) + "\" is no number"));
    return otherwise;
  }
  return t->number(0);
}

bool Op::flag(std::string_view name, bool otherwise) {
  return integer(name, otherwise ? 1 : 0) != 0;
}

std::string Op::word(std::string_view name, std::string_view otherwise) {
  const auto t = constant(name);
  if (!t) return std::string(otherwise);
  if (t->strings.size() != 1) {
    fail(invalid_model("\"" + std::string(name) + "\" is no text"));
    return std::string(otherwise);
  }
  return t->strings[0];
}

std::optional<Ints> Op::ints(std::string_view name) {
  const auto t = constant(name);
  if (!t) return std::nullopt;
  Ints out;
  for (int64_t i = 0; t->dtype != HY_DTYPE_STRING && i < t->count(); ++i)
    out.push_back(t->integer(i));
  return out;
}

int64_t Op::axis(std::string_view name, int64_t otherwise, int64_t rank) {
  const int64_t given = integer(name, otherwise), out = given < 0 ? given + rank : given;
  if (out >= 0 && (out < rank || rank == 0)) return out;
  fail(invalid_model("axis " + std::to_string(given) + " of rank " + std::to_string(rank)));
  return 0;
}

uint32_t Op::tensor(uint32_t dtype, const Ints& dims, std::string bytes) {
  const Tensor t{dtype, dims, scope_.weights().keep(std::move(bytes)), {}, false};
  return scope_.add_constant(scope_.fresh("constant"), t);
}

uint32_t Op::list(const Ints& values) {
  return tensor(HY_DTYPE_I64, {static_cast<int64_t>(values.size())},
                std::string(reinterpret_cast<const char*>(values.data()), values.size() * 8));
}

uint32_t Op::floats(uint32_t dtype, const std::vector<double>& values, const Ints& dims) {
  std::string bytes;
  const auto put = [&](auto v) { bytes.append(reinterpret_cast<const char*>(&v), sizeof v); };
  for (const double v : values) {
    switch (dtype) {
      case HY_DTYPE_F16:
        put(to_half(static_cast<float>(v)));
        break;
      case HY_DTYPE_F64:
        put(v);
        break;
      case HY_DTYPE_I64:
        put(static_cast<int64_t>(v));
        break;
      case HY_DTYPE_I16:
      case HY_DTYPE_U16:
        put(static_cast<int16_t>(v));
        break;
      case HY_DTYPE_I8:
      case HY_DTYPE_U8:
      case HY_DTYPE_BOOL:
        put(static_cast<int8_t>(v));
        break;
      case HY_DTYPE_I32:
      case HY_DTYPE_U32:
        put(static_cast<int32_t>(v));
        break;
      default:
        put(static_cast<float>(v));
    }
  }
  return tensor(dtype, dims, std::move(bytes));
}

uint32_t Op::scalar(uint32_t dtype, double value) { return floats(dtype, {value}, {}); }

std::vector<uint32_t> Op::emit_many(std::string_view op, std::vector<uint32_t> inputs,
                                    Attributes attributes, size_t outputs) {
  std::vector<uint32_t> out(outputs, HY_NONE);
  if (!ok()) return out;
  const std::string base = operation_.outputs_size() > 0 ? operation_.outputs(0).name() : type();
  NodeSpec node;
  node.op = op;
  node.name = base;
  node.inputs = std::move(inputs);
  while (!node.inputs.empty() && node.inputs.back() == HY_NONE) node.inputs.pop_back();
  for (uint32_t& v : out) {
    v = scope_.builder().add_result(scope_.subgraph(), scope_.fresh(base));
    node.outputs.push_back(v);
  }
  node.attributes = std::move(attributes);
  node.origins = {base};
  if (find_operator("", node.op) == nullptr) {
    fail(internal_error("there is no operator " + node.op));
    return out;
  }
  scope_.builder().add_node(scope_.subgraph(), std::move(node));
  return out;
}

uint32_t Op::emit(std::string_view op, std::vector<uint32_t> inputs, Attributes attributes) {
  return emit_many(op, std::move(inputs), std::move(attributes), 1)[0];
}

uint32_t Op::index(std::string_view name, size_t i) {
  const uint32_t value = x(name, i), dtype = type_of(name, i).dtype;
  return dtype == HY_DTYPE_I32 || dtype == HY_DTYPE_I64 ? value : cast(value, HY_DTYPE_I32);
}

Type Op::output_type(size_t i) {
  if (i >= output_count()) return {};
  auto type = read_type(operation_.outputs(static_cast<int>(i)).type());
  if (!type.ok()) {
    fail(type.status());
    return {};
  }
  return std::move(type).value();
}

void Op::give(size_t i, uint32_t value) {
  if (!ok() || i >= output_count()) return;
  Named named;
  named.type = output_type(i);
  named.value = value;
  scope_.set(operation_.outputs(static_cast<int>(i)).name(), std::move(named));
}

}  // namespace halyard::coreml
