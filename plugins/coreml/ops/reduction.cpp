// Reductions, sorting, sums along an axis.
#include "ops/table.hpp"

namespace halyard::coreml {
namespace {

void reduce(Op& op, const char* name) {
  uint32_t axes = HY_NONE;
  if (const auto given = op.ints("axes"); given && !given->empty()) axes = op.list(*given);
  op.finish(name, {op.x("x"), axes}, {{"keepdims", int64_t{op.flag("keep_dims", false) ? 1 : 0}}});
}
#define HY_REDUCE(function, name) \
  void function(Op& op) { reduce(op, name); }
HY_REDUCE(mean, "ReduceMean")
HY_REDUCE(sum, "ReduceSum")
HY_REDUCE(max, "ReduceMax")
HY_REDUCE(min, "ReduceMin")
HY_REDUCE(prod, "ReduceProd")
HY_REDUCE(l1, "ReduceL1")
HY_REDUCE(l2, "ReduceL2")
HY_REDUCE(log_sum, "ReduceLogSum")
HY_REDUCE(log_sum_exp, "ReduceLogSumExp")
HY_REDUCE(sum_square, "ReduceSumSquare")
#undef HY_REDUCE

void arg(Op& op, const char* name) {
  const uint32_t i = op.emit(name, {op.x("x")},
                             {{"axis", op.axis("axis", -1, op.rank("x"))},
                              {"keepdims", int64_t{op.flag("keep_dims", false) ? 1 : 0}}});
  op.give(0, op.cast(i, op.output_type(0).dtype));
}
void argmax(Op& op) { arg(op, "ArgMax"); }
void argmin(Op& op) { arg(op, "ArgMin"); }

void cumsum(Op& op) {
  const int64_t axis = op.axis("axis", 0, op.rank("x"));
  op.finish("CumSum", {op.x("x"), op.floats(HY_DTYPE_I64, {static_cast<double>(axis)}, {})},
            {{"exclusive", int64_t{op.flag("exclusive", false) ? 1 : 0}},
             {"reverse", int64_t{op.flag("reverse", false) ? 1 : 0}}});
}

void argsort(Op& op) {
  const int64_t axis = op.axis("axis", -1, op.rank("x"));
  const uint32_t shape = op.emit("Shape", {op.x("x")}, {{"start", axis}, {"end", axis + 1}});
  const auto out = op.emit_many("TopK", {op.x("x"), shape},
                                {{"axis", axis},
                                 {"largest", int64_t{op.flag("ascending", false) ? 0 : 1}},
                                 {"sorted", int64_t{1}}},
                                2);
  op.give(0, op.cast(out[1], op.output_type(0).dtype));
}

void topk(Op& op) {
  const int64_t axis = op.axis("axis", -1, op.rank("x"));
  uint32_t k = HY_NONE;
  if (!op.has("k"))
    k = op.list({1});
  else if (op.is_constant("k"))
    k = op.list({op.integer("k", 1)});
  else
    k = op.reshape(op.index("k"), {1});
  const auto out = op.emit_many("TopK", {op.x("x"), k},
                                {{"axis", axis},
                                 {"largest", int64_t{op.flag("ascending", false) ? 0 : 1}},
                                 {"sorted", int64_t{1}}},
                                2);
  op.give(0, out[0]);
  if (op.output_count() > 1) op.give(1, op.cast(out[1], op.output_type(1).dtype));
}

constexpr Rule kRules[] = {
    {"reduce_mean", mean},
    {"reduce_sum", sum},
    {"reduce_max", max},
    {"reduce_min", min},
    {"reduce_prod", prod},
    {"reduce_l1_norm", l1},
    {"reduce_l2_norm", l2},
    {"reduce_log_sum", log_sum},
    {"reduce_log_sum_exp", log_sum_exp},
    {"reduce_sum_square", sum_square},
    {"reduce_argmax", argmax},
    {"reduce_argmin", argmin},
    {"cumsum", cumsum},
    {"argsort", argsort},
    {"topk", topk},
};

}  // namespace

std::span<const Rule> reduction_rules() { return kRules; }

}  // namespace halyard::coreml
