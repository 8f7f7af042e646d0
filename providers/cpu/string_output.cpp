#include "providers/cpu/string_output.hpp"

#include <algorithm>

namespace halyard::cpu {

Status write_strings(Context& context, uint32_t output, std::span<const int64_t> dims,
                     const std::function<std::string_view(int64_t)>& text) {
  const int64_t count = count_of(dims);
  size_t bytes = 0;
  for (int64_t i = 0; i < count; ++i) bytes += text(i).size();
  HY_ASSIGN_OR_RETURN(const Tensor y, context.output_strings(output, dims, bytes));
  auto* offset = y.as<uint64_t>();
  char* to = reinterpret_cast<char*>(offset + count + 1);
  *offset = 0;
  for (int64_t i = 0; i < count; ++i, ++offset) {
    const std::string_view t = text(i);
    std::copy(t.begin(), t.end(), to + *offset);
    offset[1] = offset[0] + t.size();
  }
  return {};
}

}  // namespace halyard::cpu
