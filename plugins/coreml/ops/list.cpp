// Lists of equal tensors: here one tensor whose first dim counts them.
#include "ops/table.hpp"

namespace halyard::coreml {
namespace {

void give_list(Op& op, uint32_t value) { op.give(0, value); }

/// Zeros, as long as it begins.
void make_list(Op& op) {
  Ints dims{op.integer("init_length", 1)};
  for (size_t i = 0; i < op.count("elem_shape"); ++i) {
    const auto d = op.constant("elem_shape", i);
    if (!d) return;
    if (d->dtype == HY_DTYPE_STRING) return op.refuse("elements whose dims are not known");
    for (int64_t k = 0; k < d->count(); ++k) dims.push_back(d->integer(k));
  }
  uint32_t dtype = dtype_of(op.word("dtype", "fp32"));
  if (dtype == HY_DTYPE_UNDEFINED) dtype = HY_DTYPE_F32;
  give_list(op, op.emit("Expand", {op.scalar(dtype, 0), op.list(dims)}));
}

uint32_t length_of(Op& op, uint32_t list) {
  return op.emit("Shape", {list}, {{"start", int64_t{0}}, {"end", int64_t{1}}});  // i64 [1]
}

/// An index past the end makes the list longer.
uint32_t grown(Op& op, uint32_t list, uint32_t last, int64_t rank) {
  const uint32_t needed = op.emit("Add", {last, op.list({1})});
  const uint32_t more =
      op.emit("Max", {op.emit("Sub", {needed, length_of(op, list)}), op.list({0})});
  std::vector<uint32_t> amounts{op.list(Ints(static_cast<size_t>(rank), 0)), more};
  if (rank > 1) amounts.push_back(op.list(Ints(static_cast<size_t>(rank) - 1, 0)));
  return op.emit("Pad", {list, op.emit("Concat", std::move(amounts), {{"axis", int64_t{0}}})});
}

void list_write(Op& op) {
  const uint32_t at = op.reshape(op.cast(op.x("index"), HY_DTYPE_I64), {1});
  const int64_t rank = op.rank("value") + 1;
  const uint32_t list = grown(op, op.x("ls"), at, rank);
  give_list(op,
            op.emit("ScatterND", {list, op.reshape(at, {1, 1}), op.unsqueeze(op.x("value"), {0})}));
}

void list_scatter(Op& op) {
  const uint32_t at = op.cast(op.x("indices"), HY_DTYPE_I64);
  const uint32_t last = op.reshape(op.emit("ReduceMax", {at}, {{"keepdims", int64_t{0}}}), {1});
  const uint32_t list = grown(op, op.x("ls"), last, op.rank("value"));
  give_list(op, op.emit("ScatterND", {list, op.unsqueeze(at, {1}), op.x("value")}));
}

void list_read(Op& op) {
  op.finish("Gather", {op.x("ls"), op.index("index")}, {{"axis", int64_t{0}}});
}
void list_gather(Op& op) {
  op.finish("Gather", {op.x("ls"), op.index("indices")}, {{"axis", int64_t{0}}});
}
void list_length(Op& op) {
  const uint32_t n = op.emit("Squeeze", {length_of(op, op.x("ls")), op.list({0})});
  op.give(0, op.cast(n, op.output_type(0).dtype));
}

constexpr Rule kRules[] = {
    {"make_list", make_list, "the dims of elements must be known"},
    {"list_write", list_write},
    {"list_scatter", list_scatter},
    {"list_read", list_read},
    {"list_gather", list_gather},
    {"list_length", list_length},
};

}  // namespace

std::span<const Rule> list_rules() { return kRules; }

}  // namespace halyard::coreml
