#include <fmt/format.h>

#include <algorithm>

#include "core/opset/shapes.hpp"

namespace halyard::core {
namespace {

/// What a Reshape knows: the dims it gets, those it is asked for, and which of these is to be inferred.
struct Request {
  Dims data;
  Dims wanted;
  std::vector<bool> copied;  // wanted[i] is data[i]
  std::optional<size_t> open;
  bool minus_one = false;  // it says -1, rather than that nothing is known of it
};

Status read_request(const InferContext& context, Request& r) {
  const bool allow_zero = context.node().attr_int("allowzero") != 0;
  r.copied.resize(r.wanted.size());
  size_t unknown = 0, last_unknown = 0;
  for (size_t i = 0; i < r.wanted.size(); ++i) {
    Dim& w = r.wanted[i];
    if (w.is_fixed(-1)) {
      if (r.open) return context.error("operand \"shape\" holds -1 more than once");
      r.open = i;
      r.minus_one = true;
    } else if (w.is_fixed(0) && !allow_zero) {
      if (i >= r.data.size())
        return context.error(fmt::format(
            "operand \"shape\" holds 0 at {}, but \"data\" of dims {} has no such dim to copy", i,
            context.shape_text(0)));
      w = r.data[i];
      r.copied[i] = true;
    } else if (w.is_fixed() && w.value() < 0) {
      return context.error(
          fmt::format("operand \"shape\" holds {}; a dim is -1, 0 or positive", w.value()));
    } else if (w.is_unknown()) {
      ++unknown;
      last_unknown = i;
    }
  }
  // Whatever a single unknown entry turns out to be (-1 and 0 included), the others determine its dim.
  if (!r.open && unknown == 1) r.open = last_unknown;
  return {};
}

/// The factors left on each side once equal dims are gone, so that unknown ones cancel too.
void cancel(const Request& r, Dims& data, Dims& wanted) {
  std::vector<bool> used(r.data.size());
  for (size_t i = 0; i < r.copied.size(); ++i)
    if (r.copied[i]) used[i] = true;
  for (size_t i = 0; i < r.wanted.size(); ++i) {
    if (r.copied[i] || r.open == i) continue;
    size_t j = 0;
    while (j < used.size() && (used[j] || !same(r.data[j], r.wanted[i]))) ++j;
    if (j < used.size() && !r.wanted[i].is_fixed(0))
      used[j] = true;
    else
      wanted.push_back(r.wanted[i]);
  }
  for (size_t j = 0; j < used.size(); ++j)
    if (!used[j]) data.push_back(r.data[j]);
}

Status fit(const InferContext& context, Request& r) {
  Dims data, wanted;
  cancel(r, data, wanted);
  const Dim have = element_count(data), want = element_count(wanted);
  const bool numbers = have.is_fixed() && want.is_fixed();
  if (r.open && !want.is_fixed(0)) r.wanted[*r.open] = floor_div(have, want);
  if (!numbers) return {};
  const bool divide = r.open && want.value() != 0;
  const bool fits =
      divide ? have.value() % want.value() == 0 : have.value() == want.value() && !r.minus_one;
  if (fits) return {};
  const auto names = context.graph().symbol_names();
  if (r.open) r.wanted[*r.open] = Dim::fixed(-1);
  return context.error(
      fmt::format("operand \"data\" of dims {} cannot become {}: the numbers of "
                  "elements do not fit",
                  context.shape_text(0), shape_text(r.wanted, names)));
}

/// Without the rank of the data, the entries that need no data.
Dims as_given(Dims wanted, bool allow_zero) {
  for (Dim& w : wanted)
    if (w.is_fixed() && (w.value() < 0 || (w.value() == 0 && !allow_zero))) w = Dim();
  return wanted;
}

}  // namespace

Status infer_reshape(InferContext& context) {
  const Shape& data = context.shape(0);
  const KnownInts wanted = contents(context, 1);
  Shape out;
  if (wanted && data) {
    Request r{*data, *wanted, {}, {}, false};
    HY_RETURN_IF_ERROR(read_request(context, r));
    HY_RETURN_IF_ERROR(fit(context, r));
    out = std::move(r.wanted);
  } else if (wanted) {
    out = as_given(*wanted, context.node().attr_int("allowzero") != 0);
  }
  context.set_output(0, context.dtype(0), std::move(out));
  return {};
}

}  // namespace halyard::core
