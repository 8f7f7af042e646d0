// StringNormalizer: drops words, changes case.
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/string_output.hpp"
#include "providers/cpu/text_case.hpp"

namespace halyard::cpu {

namespace {

enum class Change { kNone, kLower, kUpper };

class StringNormalizer final : public Kernel {
 public:
  StringNormalizer(const Node& node, std::optional<TextCase> text_case)
      : case_(std::move(text_case)), any_case_(node.attr_int("is_case_sensitive") == 0) {
    const std::string_view change = node.attr_string("case_change_action", "NONE");
    change_ = change == "LOWER"   ? Change::kLower
              : change == "UPPER" ? Change::kUpper
                                  : Change::kNone;
    for (std::string_view word : node.attr_strings("stopwords"))
      stopwords_.insert(any_case_ ? case_->lower(word) : std::string(word));
  }

  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    if (x.rank() != 1 && !(x.rank() == 2 && x.dim(0) == 1))
      return invalid_argument("operand \"X\" is " + dims_text(x.dims) +
                              "; it must be [words] or [1,words]");
    std::vector<std::string> kept;
    for (int64_t i = 0; i < x.count(); ++i) {
      const std::string_view word = x.string_at(i);
      if (!is_stopword(word)) kept.push_back(changed(word));
    }
    if (kept.empty()) kept.emplace_back();
    Dims dims = x.dims;
    dims.back() = std::ssize(kept);
    return write_strings(context, 0, dims,
                         [&](int64_t i) { return std::string_view(kept[static_cast<size_t>(i)]); });
  }

 private:
  bool is_stopword(std::string_view word) const {
    if (stopwords_.empty()) return false;
    return stopwords_.contains(any_case_ ? case_->lower(word) : std::string(word));
  }
  std::string changed(std::string_view word) const {
    if (change_ == Change::kLower) return case_->lower(word);
    if (change_ == Change::kUpper) return case_->upper(word);
    return std::string(word);
  }

  const std::optional<TextCase> case_;  // there where something needs it
  const bool any_case_;
  Change change_ = Change::kNone;
  std::unordered_set<std::string> stopwords_;  // in lower case, where any_case_
};

Result<std::unique_ptr<Kernel>> create(const Node& node, CompileContext&) {
  std::optional<TextCase> text_case;
  if (node.attr_string("case_change_action", "NONE") != "NONE" ||
      (node.attr_int("is_case_sensitive") == 0 && !node.attr_strings("stopwords").empty())) {
    HY_ASSIGN_OR_RETURN(text_case, TextCase::make(node.attr_string("locale", "")));
  }
  return std::unique_ptr<Kernel>(std::make_unique<StringNormalizer>(node, std::move(text_case)));
}

Verdict supports(const Node& node) {
  const std::string_view change = node.attr_string("case_change_action", "NONE");
  if (change == "NONE" || change == "LOWER" || change == "UPPER") return accept();
  return reject(Reason::attribute)
      .got("case_change_action " + std::string(change))
      .limit("NONE, LOWER or UPPER");
}

constexpr KernelEntry kRows[] = {{"StringNormalizer", create, supports}};

}  // namespace

std::span<const KernelEntry> string_normalizer_kernels() { return kRows; }

}  // namespace halyard::cpu
