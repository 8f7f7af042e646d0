// StringSplit: the parts of each element along a new last axis, filled up with empty strings.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/string_output.hpp"

namespace halyard::cpu {

namespace {

constexpr std::string_view kBlanks = " \t\n\v\f\r";

using Parts = std::vector<std::string_view>;

/// Between delimiters; at most `most` cuts.
Parts split_at(std::string_view text, std::string_view delimiter, int64_t most) {
  Parts out;
  for (; most > 0; --most) {
    const size_t end = text.find(delimiter);
    if (end == std::string_view::npos) break;
    out.push_back(text.substr(0, end));
    text.remove_prefix(end + delimiter.size());
  }
  out.push_back(text);
  return out;
}

/// Words between blanks. Blanks before the first word go; after `most` cuts the rest stays as it is.
Parts split_words(std::string_view text, int64_t most) {
  Parts out;
  for (;; --most) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    if (text.empty()) return out;
    const size_t end = most > 0 ? text.find_first_of(kBlanks) : std::string_view::npos;
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end);
  }
}

class StringSplit final : public Kernel {
 public:
  explicit StringSplit(const Node& node) : delimiter_(node.attr_string("delimiter", "")) {
    const int64_t most = node.attr_int("maxsplit", -1);
    most_ = most < 0 ? INT64_MAX : most;
  }
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    std::vector<Parts> parts(static_cast<size_t>(x.count()));
    size_t longest = 0;
    for (size_t i = 0; i < parts.size(); ++i) {
      const std::string_view text = x.string_at(static_cast<int64_t>(i));
      parts[i] = delimiter_.empty() ? split_words(text, most_) : split_at(text, delimiter_, most_);
      longest = std::max(longest, parts[i].size());
    }
    if (context.wants_output(1)) {
      HY_ASSIGN_OR_RETURN(const Tensor z, context.output(1, HY_DTYPE_I64, x.dims));
      for (size_t i = 0; i < parts.size(); ++i) z.as<int64_t>()[i] = std::ssize(parts[i]);
    }
    if (!context.wants_output(0)) return {};
    Dims dims = x.dims;
    dims.push_back(static_cast<int64_t>(longest));
    HY_RETURN_IF_ERROR(check_dims(dims));
    return write_strings(context, 0, dims, [&](int64_t at) -> std::string_view {
      const Parts& row = parts[static_cast<size_t>(at) / longest];
      const size_t i = static_cast<size_t>(at) % longest;
      return i < row.size() ? row[i] : std::string_view();
    });
  }

 private:
  const std::string delimiter_;
  int64_t most_;
};

constexpr KernelEntry kRows[] = {{"StringSplit", create_kernel<StringSplit>}};

}  // namespace

std::span<const KernelEntry> string_split_kernels() { return kRows; }

}  // namespace halyard::cpu
