#include "function.hpp"

#include <algorithm>
#include <set>

#include "expansion.hpp"
#include "halyard/graph_builder.hpp"
#include "ops/table.hpp"

namespace halyard::coreml {
namespace {

constexpr int kMaxBlockDepth = 60;

/// The states that operations of a block, or of blocks within it, write.
void find_written(const schema::Block& block, std::set<std::string>* out) {
  for (const auto& o : block.operations()) {
    if (o.type() == "write_state" || o.type() == "coreml_update_state") {
      const auto it = o.inputs().find(o.type() == "write_state" ? "input" : "state");
      if (it != o.inputs().end() && it->second.arguments_size() == 1)
        out->insert(it->second.arguments(0).name());
    }
    for (const auto& b : o.blocks()) find_written(b, out);
  }
}

void note_names(const schema::Block& block, std::set<std::string>* defined,
                std::vector<std::string>* used) {
  for (const auto& in : block.inputs()) defined->insert(in.name());
  for (const auto& o : block.operations()) {
    for (const auto& out : o.outputs()) defined->insert(out.name());
    for (const auto& [name, argument] : o.inputs())
      for (const auto& binding : argument.arguments())
        if (!binding.name().empty()) used->push_back(binding.name());
    for (const auto& b : o.blocks()) note_names(b, defined, used);
  }
  used->insert(used->end(), block.outputs().begin(), block.outputs().end());
}

/// What the blocks of an operation use and do not define: each once, in order of the names.
std::vector<std::string> used_names(const schema::Operation& operation) {
  std::set<std::string> defined;
  std::vector<std::string> used, out;
  for (const auto& b : operation.blocks()) note_names(b, &defined, &used);
  std::sort(used.begin(), used.end());
  used.erase(std::unique(used.begin(), used.end()), used.end());
  for (std::string& name : used)
    if (!defined.contains(name)) out.push_back(std::move(name));
  return out;
}

class Importer {
 public:
  Importer(const schema::Function& function, const Features& inputs, Blobs& blobs, Weights& weights)
      : function_(function), features_(inputs), blobs_(blobs), weights_(weights) {}

  Result<std::vector<unsigned char>> run(const std::string& name) {
    const auto block = function_.block_specializations().find(function_.opset());
    if (block == function_.block_specializations().end())
      return invalid_model("there is no block for operator set \"" + function_.opset() + "\"");
    Scope scope(builder_, weights_, builder_.add_subgraph(name), nullptr);
    HY_RETURN_IF_ERROR(add_inputs(scope));
    HY_RETURN_IF_ERROR(import_block(block->second, scope));
    HY_RETURN_IF_ERROR(add_outputs(block->second, scope));
    return builder_.finish();
  }

 private:
  // ---- The function's border ----

  /// Dims from the description, where it allows several; else those of the program.
  ShapeSpec input_shape(const std::string& name, const Type& type) {
    if (type.is_static() || !type.has_rank) return shape_of(type);
    std::vector<DimSpec> out;
    for (size_t i = 0; i < type.dims.size(); ++i) {
      if (type.dims[i] != kUnknownDim) {
        out.push_back(DimSpec::fixed(type.dims[i]));
        continue;
      }
      const auto [min, max] = range_of(name, i);
      out.push_back(DimSpec::symbol(builder_.add_symbol(name + "." + std::to_string(i), min, max)));
    }
    return out;
  }
  std::pair<int64_t, int64_t> range_of(const std::string& name, size_t dim) const {
    const auto it = features_.find(name);
    if (it == features_.end() || !it->second->type().has_multi_array_type()) return {0, -1};
    const auto& array = it->second->type().multi_array_type();
    if (array.has_shape_range() && static_cast<int>(dim) < array.shape_range().size_ranges_size()) {
      const auto& r = array.shape_range().size_ranges(static_cast<int>(dim));
      return {static_cast<int64_t>(r.lower_bound()), r.upper_bound() < 0 ? -1 : r.upper_bound()};
    }
    int64_t min = -1, max = -1;
    for (const auto& s : array.enumerated_shapes().shapes()) {
      if (static_cast<int>(dim) >= s.shape_size()) continue;
      const int64_t d = s.shape(static_cast<int>(dim));
      min = min < 0 ? d : std::min(min, d);
      max = std::max(max, d);
    }
    return {std::max<int64_t>(min, 0), max};
  }

  Status add_inputs(Scope& scope) {
    for (const bool states : {false, true})
      for (const auto& in : function_.inputs()) {
        auto type = read_type(in.type());
        if (!type.ok()) return type.status().with_context("input \"" + in.name() + "\"");
        if ((type->kind == Type::Kind::kState) != states) continue;
        if (type->kind != Type::Kind::kTensor && !states)
          return unsupported("input \"" + in.name() + "\" is no tensor");
        Named named;
        named.type = *type;
        if (!states) {
          ++plain_inputs_;
          named.value = builder_.add_input(scope.subgraph(), in.name(), type->dtype,
                                           input_shape(in.name(), *type));
          scope.set(in.name(), std::move(named));
          continue;
        }
        if (!type->is_static()) return unsupported("state \"" + in.name() + "\" has open dims");
        named.state = in.name();
        scope.set(in.name(), named);
        State s;
        s.name = in.name();
        s.type = *type;
        s.type.kind = Type::Kind::kTensor;
        s.now.type = s.type;
        s.now.value = builder_.add_input(scope.subgraph(), in.name(), type->dtype, shape_of(*type));
        s.now.grown_from = in.name();
        states_.push_back(std::move(s));
      }
    return {};
  }

  Status add_outputs(const schema::Block& block, Scope& scope) {
    uint32_t outputs = 0;
    std::set<std::string> given;
    for (const std::string& name : block.outputs()) {
      if (!given.insert(name).second)
        continue;  // one name is one output, however often it stands there
      auto value = scope.value(name);
      if (!value.ok()) return value.status().with_context("output \"" + name + "\"");
      const uint32_t y = builder_.add_result(scope.subgraph(), name);
      // A number alone is an array of one at the border.
      const Named* named = scope.find(name);
      const bool scalar = named->type.kind == Type::Kind::kTensor && named->type.has_rank &&
                          named->type.dims.empty() && named->type.dtype != HY_DTYPE_STRING;
      NodeSpec node{"", scalar ? "Reshape" : "Identity", name, {*value}, {y}, {}, {name}};
      const int64_t one = 1;
      if (scalar)
        node.inputs.push_back(scope.add_constant(
            "one", {HY_DTYPE_I64,
                    {1},
                    weights_.keep(std::string(reinterpret_cast<const char*>(&one), 8)),
                    {},
                    false}));
      builder_.add_node(scope.subgraph(), std::move(node));
      builder_.add_output(scope.subgraph(), y);
      ++outputs;
    }
    for (size_t i = 0; i < states_.size(); ++i) {
      State& s = states_[i];
      if (s.written) builder_.add_output(scope.subgraph(), s.now.value);
      const bool grows = s.grows && s.axis;
      builder_.add_state(s.name, s.type.dtype, s.type.dims, HY_NONE,
                         grows ? static_cast<uint32_t>(*s.axis) : HY_NONE,
                         plain_inputs_ + static_cast<uint32_t>(i), s.written ? outputs++ : HY_NONE);
    }
    return {};
  }

  // ---- Blocks ----

  Status import_block(const schema::Block& block, Scope& scope) {
    if (++depth_ > kMaxBlockDepth)
      return unsupported("blocks within blocks more than " + std::to_string(kMaxBlockDepth) +
                         " deep");
    for (const auto& operation : block.operations()) {
      Op op(scope, operation, function_.opset());
      Status status = bind_literals(op, scope);
      if (status.ok()) status = import_operation(op, scope);
      if (status.ok()) status = op.status();
      if (!status.ok()) {
        const std::string what = operation.outputs_size() > 0 ? operation.outputs(0).name() : "?";
        return status.with_context("operation " + operation.type() + " (" + what + ")");
      }
    }
    --depth_;
    return {};
  }

  /// Values that stand in the operands themselves get names; the operation is read with those.
  Status bind_literals(Op& op, Scope& scope) {
    auto& operation = const_cast<schema::Operation&>(op.operation());
    for (auto& [name, argument] : *operation.mutable_inputs())
      for (auto& binding : *argument.mutable_arguments()) {
        if (binding.binding_case() != schema::Argument::Binding::kValue) continue;
        HY_ASSIGN_OR_RETURN(const std::string given, add_literal(binding.value(), name, scope));
        binding.set_name(given);
      }
    // The older form of compressed constants has its operands among the attributes.
    if (!is_constexpr(operation.type())) return {};
    for (const auto& [name, value] : operation.attributes()) {
      if (name == "name" || operation.inputs().contains(name)) continue;
      HY_ASSIGN_OR_RETURN(const std::string given, add_literal(value, name, scope));
      (*operation.mutable_inputs())[name].add_arguments()->set_name(given);
    }
    return {};
  }

  Result<std::string> add_literal(const schema::Value& value, const std::string& what,
                                  Scope& scope) {
    auto tensor = read_literal(value, blobs_, weights_);
    if (!tensor.ok()) return tensor.status().with_context("\"" + what + "\"");
    const std::string name = "literal/" + std::to_string(++literals_);
    scope.set(name, constant_of(std::move(tensor).value()));
    return name;
  }

  static Named constant_of(Tensor tensor) {
    Named out;
    out.type.dtype = tensor.dtype;
    out.type.dims = tensor.dims;
    out.constant = std::make_shared<const Constant>(Constant{std::move(tensor), std::nullopt});
    return out;
  }

  Status import_operation(Op& op, Scope& scope) {
    const std::string& type = op.type();
    if (type == "const") return import_const(op, scope);
    if (is_constexpr(type)) return import_constexpr(op, scope);
    if (type == "read_state") return read_state(op, scope);
    if (type == "write_state" || type == "coreml_update_state") return write_state(op, scope);
    if (type == "cond") return import_cond(op, scope);
    if (type == "while_loop") return import_while(op, scope);
    const Rule* rule = find_rule(type);
    if (rule == nullptr) return unsupported("there is no rule for it");
    rule->apply(op);
    if (op.ok()) trace_growth(op, scope);
    return op.status();
  }

  Status import_const(Op& op, Scope& scope) {
    const auto& attributes = op.operation().attributes();
    const auto val = attributes.find("val");
    if (val == attributes.end() || op.output_count() != 1) return invalid_model("it has no value");
    HY_ASSIGN_OR_RETURN(Tensor tensor, read_literal(val->second, blobs_, weights_));
    scope.set(op.operation().outputs(0).name(), constant_of(std::move(tensor)));
    return {};
  }

  /// Its bytes are expanded when they are asked for; those with two results at once.
  Status import_constexpr(Op& op, Scope& scope) {
    Operands operands;
    for (const auto& [name, argument] : op.operation().inputs()) {
      if (argument.arguments_size() != 1)
        return invalid_model("\"" + name + "\" has several values");
      if (const auto t = op.constant(name)) operands[name] = *t;
    }
    HY_RETURN_IF_ERROR(op.status());
    HY_ASSIGN_OR_RETURN(Expanded about, describe(op.type(), operands));
    if (op.output_count() == 2) {
      HY_ASSIGN_OR_RETURN(Expanded whole, expand(op.type(), operands));
      Tensor mask{
          HY_DTYPE_U1, op.output_type(0).dims, weights_.keep(std::move(whole.mask)), {}, false};
      Tensor data{whole.dtype, whole.dims, weights_.keep(std::move(whole.bytes)), {}, false};
      scope.set(op.operation().outputs(0).name(), constant_of(std::move(mask)));
      scope.set(op.operation().outputs(1).name(), constant_of(std::move(data)));
      return op.status();
    }
    Named named;
    named.type.dtype = about.dtype;
    named.type.dims = about.dims;
    const uint64_t id = weights_.add([type = op.type(), operands]() -> Result<std::string> {
      HY_ASSIGN_OR_RETURN(Expanded e, expand(type, operands));
      return std::move(e.bytes);
    });
    named.constant =
        std::make_shared<const Constant>(Constant{{about.dtype, about.dims, {}, {}, false}, id});
    if (op.output_count() == 1) scope.set(op.operation().outputs(0).name(), std::move(named));
    return {};
  }

  // ---- States ----

  struct State {
    std::string name;
    Type type;
    Named now;  // its value at this point of the program
    bool written = false;
    // Every write changed it along this axis alone.
    bool grows = true;
    std::optional<int64_t> axis;
  };

  Result<State*> state_of(Op& op, const char* operand) {
    const Named* named = op.named(operand);
    HY_RETURN_IF_ERROR(op.status());
    for (State& s : states_)
      if (!named->state.empty() && s.name == named->state) return &s;
    return invalid_model("\"" + op.name_of(operand) + "\" is no state");
  }

  Status read_state(Op& op, Scope& scope) {
    HY_ASSIGN_OR_RETURN(State * s, state_of(op, "input"));
    if (op.output_count() == 1) scope.set(op.operation().outputs(0).name(), s->now);
    return {};
  }

  Status write_state(Op& op, Scope& scope) {
    const bool old = op.type() == "write_state";
    HY_ASSIGN_OR_RETURN(State * s, state_of(op, old ? "input" : "state"));
    const char* operand = old ? "data" : "value";
    const uint32_t value = op.x(operand);
    HY_RETURN_IF_ERROR(op.status());
    const Named& from = *op.named(operand);
    if (from.type.dtype != s->type.dtype ||
        (from.type.is_static() && from.type.dims != s->type.dims))
      return invalid_model("what is written into \"" + s->name + "\" is " +
                           dims_text(from.type.dims) + "; the state is " + dims_text(s->type.dims));
    if (from.grown_from != s->name ||
        (s->axis && from.grown_along && *s->axis != *from.grown_along))
      s->grows = false;
    else if (from.grown_along)
      s->axis = from.grown_along;
    s->now = from;
    s->now.type = s->type;
    s->now.value = value;
    s->now.constant = nullptr;
    s->now.grown_from = s->name;
    s->written = true;
    if (op.output_count() == 1) scope.set(op.operation().outputs(0).name(), s->now);
    return {};
  }

  /// A state grows along an axis where it is only ever masked, added to, or replaced in slices along it.
  void trace_growth(Op& op, Scope& scope) {
    if (op.output_count() != 1) return;
    const std::string& type = op.type();
    const auto pass = [&](const Named& from, std::optional<int64_t> axis) {
      if (from.grown_from.empty() || (axis && from.grown_along && *axis != *from.grown_along))
        return;
      Named* out = scope.find(op.operation().outputs(0).name());
      out->grown_from = from.grown_from;
      out->grown_along = axis ? axis : from.grown_along;
    };
    if (type == "slice_update") {
      const Type x = op.type_of("x"), update = op.type_of("update");
      if (x.rank() == update.rank()) {
        if (const auto axis = sole_difference(x.dims, update.dims)) pass(*op.named("x"), axis);
      }
      return;
    }
    if (type != "mul" && type != "add" && type != "identity") return;
    if (type == "identity") return pass(*op.named("x"), std::nullopt);
    Named &x = *op.named("x"), &y = *op.named("y");
    const bool first = !x.grown_from.empty();
    Named &kept = first ? x : y, &other = first ? y : x;
    if (kept.grown_from.empty() || !other.grown_from.empty()) return;
    if (type == "add") return pass(kept, std::nullopt);
    // A mask with one value for each place along an axis.
    std::vector<int64_t> mask = other.type.dims;
    while (mask.size() < kept.type.dims.size()) mask.insert(mask.begin(), 1);
    std::optional<int64_t> axis;
    for (size_t i = 0; i < mask.size(); ++i)
      if (mask[i] != 1) {
        if (axis || mask[i] != kept.type.dims[i]) return;
        axis = static_cast<int64_t>(i);
      }
    if (axis) pass(kept, axis);
  }
  static std::optional<int64_t> sole_difference(const std::vector<int64_t>& a,
                                                const std::vector<int64_t>& b) {
    std::optional<int64_t> out;
    for (size_t i = 0; i < a.size(); ++i) {
      if (a[i] == b[i]) continue;
      if (out) return std::nullopt;
      out = static_cast<int64_t>(i);
    }
    return out;
  }

  // ---- Control flow ----

  /// The states that blocks of an operation write, which leave them as values of their own.
  std::vector<State*> written_in(const schema::Operation& operation) {
    std::set<std::string> names;
    for (const auto& b : operation.blocks()) find_written(b, &names);
    std::vector<State*> out;
    for (State& s : states_)
      if (names.contains(s.name)) out.push_back(&s);
    return out;
  }

  /// What a state is outside becomes a value that the block sees, under a name of its own.
  static std::string inner_name(const State& s) { return "state/" + s.name; }

  /// A block as the body of a node. What it uses from outside becomes its inputs in one order for all blocks of a node.
  struct Body {
    uint32_t subgraph = HY_NONE;
    std::unique_ptr<Scope> scope;
  };
  Body begin_body(const schema::Operation& operation, Scope& outside) {
    Body out;
    out.subgraph = builder_.add_subgraph(operation.type());
    out.scope = std::make_unique<Scope>(builder_, weights_, out.subgraph, &outside);
    return out;
  }
  /// Those of these names that are computed outside of the block.
  static void capture(const std::vector<std::string>& names, Scope& inner) {
    for (const std::string& name : names) (void)inner.find(name);
  }

  /// A body's output must not be one of its inputs or constants under another name.
  void add_body_output(Scope& inner, uint32_t v) {
    const uint32_t y = builder_.add_result(inner.subgraph(), inner.fresh("out"));
    builder_.add_node(inner.subgraph(), NodeSpec{"", "Identity", "out", {v}, {y}, {}, {}});
    builder_.add_output(inner.subgraph(), y);
  }

  Result<std::vector<uint32_t>> outer_values(const Scope& inner, Scope& scope) {
    std::vector<uint32_t> out;
    for (const std::string& name : inner.captured()) {
      HY_ASSIGN_OR_RETURN(const uint32_t v, scope.value(name));
      out.push_back(v);
    }
    return out;
  }

  Status import_cond(Op& op, Scope& scope) {
    const schema::Operation& operation = op.operation();
    if (operation.blocks_size() != 2) return invalid_model("cond has two blocks");
    const std::vector<State*> written = written_in(operation);
    std::vector<Named> before;
    std::vector<std::string> names = used_names(operation);
    for (State* s : written) {
      before.push_back(s->now);
      scope.set(inner_name(*s), s->now);
      names.push_back(inner_name(*s));
    }
    std::vector<Body> bodies;
    for (const auto& block : operation.blocks()) {
      bodies.push_back(begin_body(operation, scope));
      Scope& inner = *bodies.back().scope;
      capture(names, inner);
      for (size_t i = 0; i < written.size(); ++i) {
        written[i]->now = before[i];
        HY_ASSIGN_OR_RETURN(written[i]->now.value, inner.value(inner_name(*written[i])));
      }
      HY_RETURN_IF_ERROR(import_block(block, inner));
      for (const std::string& name : block.outputs()) {
        HY_ASSIGN_OR_RETURN(const uint32_t v, inner.value(name));
        add_body_output(inner, v);
      }
      for (State* s : written) add_body_output(inner, s->now.value);
    }
    std::vector<uint32_t> inputs{op.x("pred")};
    HY_ASSIGN_OR_RETURN(const auto outer, outer_values(*bodies[0].scope, scope));
    inputs.insert(inputs.end(), outer.begin(), outer.end());
    const size_t n = op.output_count();
    const auto out = op.emit_many("If", std::move(inputs),
                                  {{"then_branch", GraphAttr{bodies[0].subgraph}},
                                   {"else_branch", GraphAttr{bodies[1].subgraph}},
                                   {"num_outer", static_cast<int64_t>(outer.size())}},
                                  n + written.size());
    leave_blocks(op, out, written);
    return op.status();
  }

  /// The results of an operation with blocks; the states that they wrote come last.
  void leave_blocks(Op& op, const std::vector<uint32_t>& out, const std::vector<State*>& written) {
    const size_t n = op.output_count();
    for (size_t i = 0; i < n; ++i) op.give(i, out[i]);
    for (size_t i = 0; i < written.size(); ++i) {
      State& s = *written[i];
      s.now = Named();
      s.now.type = s.type;
      s.now.value = out[n + i];
      s.written = true;
      s.grows = false;
    }
  }

  /// The names that a block's inputs stand for.
  static Status bind_block(const schema::Block& block, const std::vector<uint32_t>& values,
                           Scope& scope) {
    if (static_cast<size_t>(block.inputs_size()) != values.size())
      return invalid_model("a block has " + std::to_string(block.inputs_size()) + " inputs for " +
                           std::to_string(values.size()) + " values");
    for (size_t i = 0; i < values.size(); ++i) {
      const auto& in = block.inputs(static_cast<int>(i));
      Named named;
      HY_ASSIGN_OR_RETURN(named.type, read_type(in.type()));
      named.value = values[i];
      scope.set(in.name(), std::move(named));
    }
    return {};
  }

  /// The condition is computed once before the loop and at the end of each round.
  Result<uint32_t> import_condition(const schema::Block& block, const std::vector<uint32_t>& values,
                                    Scope& scope) {
    HY_RETURN_IF_ERROR(bind_block(block, values, scope));
    HY_RETURN_IF_ERROR(import_block(block, scope));
    if (block.outputs_size() != 1) return invalid_model("a condition has one output");
    return scope.value(block.outputs(0));
  }

  Status import_while(Op& op, Scope& scope) {
    const schema::Operation& operation = op.operation();
    if (operation.blocks_size() != 2) return invalid_model("while_loop has two blocks");
    const schema::Block &condition = operation.blocks(0), &round = operation.blocks(1);
    const std::vector<State*> written = written_in(operation);
    std::vector<uint32_t> initial;
    for (size_t i = 0; i < op.count("loop_vars"); ++i) initial.push_back(op.x("loop_vars", i));
    HY_RETURN_IF_ERROR(op.status());
    const std::vector<std::string> names = used_names(operation);
    HY_ASSIGN_OR_RETURN(const uint32_t first, import_condition(condition, initial, scope));
    std::vector<uint32_t> inputs{HY_NONE, first};
    inputs.insert(inputs.end(), initial.begin(), initial.end());
    for (State* s : written) inputs.push_back(s->now.value);

    Body body = begin_body(operation, scope);
    Scope& inner = *body.scope;
    builder_.add_input(body.subgraph, "round", HY_DTYPE_I64, std::vector<DimSpec>{});
    builder_.add_input(body.subgraph, "go_on", HY_DTYPE_BOOL, std::vector<DimSpec>{});
    std::vector<uint32_t> carried;
    for (const auto& in : round.inputs()) {
      HY_ASSIGN_OR_RETURN(const Type type, read_type(in.type()));
      carried.push_back(builder_.add_input(body.subgraph, in.name(), type.dtype, shape_of(type)));
    }
    for (State* s : written) {
      s->now = Named();
      s->now.type = s->type;
      s->now.value = builder_.add_input(body.subgraph, s->name, s->type.dtype, shape_of(s->type));
    }
    capture(names, inner);
    HY_RETURN_IF_ERROR(bind_block(round, carried, inner));
    HY_RETURN_IF_ERROR(import_block(round, inner));
    std::vector<uint32_t> next;
    for (const std::string& name : round.outputs()) {
      HY_ASSIGN_OR_RETURN(const uint32_t v, inner.value(name));
      next.push_back(v);
    }
    HY_ASSIGN_OR_RETURN(const uint32_t go_on, import_condition(condition, next, inner));
    add_body_output(inner, go_on);
    for (const uint32_t v : next) add_body_output(inner, v);
    for (State* s : written) add_body_output(inner, s->now.value);

    HY_ASSIGN_OR_RETURN(const auto outer, outer_values(inner, scope));
    inputs.insert(inputs.end(), outer.begin(), outer.end());
    const auto out = op.emit_many(
        "Loop", std::move(inputs),
        {{"body", GraphAttr{body.subgraph}}, {"num_outer", static_cast<int64_t>(outer.size())}},
        op.output_count() + written.size());
    leave_blocks(op, out, written);
    return op.status();
  }

  const schema::Function& function_;
  const Features& features_;
  Blobs& blobs_;
  Weights& weights_;
  GraphBuilder builder_;
  std::vector<State> states_;
  uint32_t plain_inputs_ = 0;
  int literals_ = 0, depth_ = 0;
};

}  // namespace

Result<std::vector<unsigned char>> import_function(const std::string& name,
                                                   const schema::Function& function,
                                                   const Features& inputs, Blobs& blobs,
                                                   Weights& weights) {
  auto out = Importer(function, inputs, blobs, weights).run(name);
  if (!out.ok()) return out.status().with_context("function \"" + name + "\"");
  return out;
}

}  // namespace halyard::coreml
