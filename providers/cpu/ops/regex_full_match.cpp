// RegexFullMatch: ONNX takes RE2's syntax and meaning.
#include <re2/re2.h>

#include <string>

#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

constexpr int64_t kGrain = 256;

/// The library writes to stderr unless told not to.
RE2::Options quiet() {
  RE2::Options options;
  options.set_log_errors(false);
  return options;
}

re2::StringPiece pattern_of(const Node& node) {
  const std::string_view pattern = node.attr_string("pattern", "");
  return {pattern.data(), pattern.size()};
}

class RegexFullMatch final : public Kernel {
 public:
  explicit RegexFullMatch(const Node& node) : pattern_(pattern_of(node), quiet()) {}
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, HY_DTYPE_BOOL, x.dims));
    parallel_for(context.threads(), x.count(), kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const std::string_view text = x.string_at(i);
        y.as<bool>()[i] = RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern_);
      }
    });
    return {};
  }

 private:
  const RE2 pattern_;
};

Verdict supports(const Node& node) {
  if (!node.has_attribute("pattern"))
    return reject(Reason::attribute).got("no pattern").limit("a pattern of RE2's syntax");
  const RE2 pattern(pattern_of(node), quiet());
  if (pattern.ok()) return accept();
  return reject(Reason::attribute)
      .got("pattern: " + pattern.error())
      .limit("a pattern of RE2's syntax");
}

constexpr KernelEntry kRows[] = {{"RegexFullMatch", create_kernel<RegexFullMatch>, supports}};

}  // namespace

std::span<const KernelEntry> regex_full_match_kernels() { return kRows; }

}  // namespace halyard::cpu
