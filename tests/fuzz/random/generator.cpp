#include "tests/fuzz/random/generator.hpp"

#include "tests/fuzz/random/families/families.hpp"

namespace halyard::fuzz {

namespace {

const std::vector<Operator>& operators() {
  static const std::vector<Operator> all = [] {
    std::vector<Operator> out;
    for (const auto& family :
         {unary_operators(),       activation_operators(), binary_operators(),
          logic_operators(),       reduce_operators(),     movement_operators(),
          reshape_operators(),     indexing_operators(),   scatter_operators(),
          select_operators(),      fill_operators(),       matrix_operators(),
          convolution_operators(), pool_operators(),       normalize_operators(),
          sampling_operators(),    recurrent_operators(),  quantize_operators(),
          attention_operators(),   loss_operators()})
      out.insert(out.end(), family.begin(), family.end());
    return out;
  }();
  return all;
}

}  // namespace

RandomGraph make_graph(uint64_t seed) {
  Builder builder(seed);
  const auto nodes = static_cast<size_t>(builder.pick(1, 12));
  for (int tries = 0; builder.node_count() < nodes && tries < 200; ++tries)
    builder.one_of(operators()).add(builder);
  return builder.take();
}

const std::set<std::string>& covered_operators() {
  static const std::set<std::string> names = [] {
    std::set<std::string> out;
    for (const Operator& o : operators()) out.insert(o.name);
    return out;
  }();
  return names;
}

}  // namespace halyard::fuzz
