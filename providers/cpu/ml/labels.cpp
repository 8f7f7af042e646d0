#include "providers/cpu/ml/labels.hpp"

#include "providers/cpu/string_output.hpp"

namespace halyard::cpu {

Labels::Labels(const Node& node, const char* ints, const char* strings)
    : ints_(node.attr_ints(ints)) {
  for (std::string_view s : node.attr_strings(strings)) strings_.emplace_back(s);
}

Status Labels::write(Context& context, std::span<const int64_t> classes) const {
  if (!context.wants_output(0)) return {};
  const auto rows = static_cast<int64_t>(classes.size());
  const bool named = count() >= 2;
  if (!strings_.empty())
    return write_strings(context, 0, std::span(&rows, 1), [&](int64_t i) -> std::string_view {
      const auto c = static_cast<size_t>(classes[static_cast<size_t>(i)]);
      return named ? std::string_view(strings_[c]) : c == 0 ? "0" : "1";
    });
  HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, HY_DTYPE_I64, std::span(&rows, 1)));
  for (size_t i = 0; i < classes.size(); ++i)
    y.as<int64_t>()[i] = named ? ints_[static_cast<size_t>(classes[i])] : classes[i];
  return {};
}

}  // namespace halyard::cpu
