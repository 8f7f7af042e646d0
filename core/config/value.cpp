#include "core/config/value.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "core/config/spelling.hpp"

namespace halyard::core::config {
namespace {

struct Unit {
  std::string_view name;
  double bytes;
};
constexpr double kKi = 1024;
constexpr std::array<Unit, 10> kUnits = {{{"KiB", kKi},
                                          {"MiB", kKi* kKi},
                                          {"GiB", kKi* kKi* kKi},
                                          {"TiB", kKi* kKi* kKi* kKi},
                                          {"kB", 1e3},
                                          {"KB", 1e3},
                                          {"MB", 1e6},
                                          {"GB", 1e9},
                                          {"TB", 1e12},
                                          {"B", 1}}};
constexpr double kLargestSize = 9e18;

Problem wrong(const Key& key, const YamlNode& node, std::string suggestion = {}) {
  return {fmt::format("{} is wanted; {} stands here", wanted_words(key), describe(node)),
          std::move(suggestion)};
}

std::string unquoted(const YamlNode& node) {
  return node.quoted ? fmt::format("remove the quotes: {}", node.text) : std::string();
}

std::optional<Problem> parse_bool(const Key& key, const YamlNode& node, Value* value) {
  if (!node.quoted && (node.text == "true" || node.text == "false")) {
    *value = node.text == "true";
    return {};
  }
  static constexpr std::string_view kYes[] = {"yes", "Yes", "YES", "on",   "On",
                                              "ON",  "y",   "1",   "True", "TRUE"};
  static constexpr std::string_view kNo[] = {"no",  "No", "NO", "off",   "Off",
                                             "OFF", "n",  "0",  "False", "FALSE"};
  for (const std::string_view word : kYes)
    if (node.text == word) return wrong(key, node, "write true");
  for (const std::string_view word : kNo)
    if (node.text == word) return wrong(key, node, "write false");
  return wrong(key, node, unquoted(node));
}

template <class T>
std::optional<Problem> in_range(const Key& key, T v, const std::string& text, Value* value) {
  if (!(static_cast<double>(v) >= key.min))
    return Problem{fmt::format("{} is too small; {} is wanted", text, wanted_words(key)),
                   fmt::format("the least is {}", key.min)};
  if (static_cast<double>(v) > key.max)
    return Problem{
        fmt::format("{} is too large; {} is wanted", text, wanted_words(key)),
        key.kind == KeyKind::kShare ? "the most is 100%" : fmt::format("the most is {}", key.max)};
  *value = v;
  return {};
}

std::optional<Problem> parse_whole(const Key& key, const YamlNode& node, Value* value) {
  const auto number = node.quoted ? std::nullopt : parse_int(node.text);
  return number ? in_range(key, *number, node.text, value) : wrong(key, node, unquoted(node));
}

std::optional<Problem> parse_real(const Key& key, const YamlNode& node, Value* value) {
  const auto number = node.quoted ? std::nullopt : parse_number(node.text);
  return number ? in_range(key, *number, node.text, value) : wrong(key, node, unquoted(node));
}

std::optional<Problem> parse_bytes(const Key& key, const YamlNode& node, Value* value) {
  if (const auto bytes = parse_size(node.text)) return in_range(key, *bytes, node.text, value);
  // "512M" may mean either; the user has to say which.
  if (parse_size(node.text + "iB")) return wrong(key, node, fmt::format("write {}iB", node.text));
  for (const Unit& unit : kUnits) {
    if (node.text.size() < unit.name.size()) continue;
    const size_t digits = node.text.size() - unit.name.size();
    const std::string meant = node.text.substr(0, digits) + std::string(unit.name);
    if (edit_distance(node.text, meant) == 0 && parse_size(meant))
      return wrong(key, node, fmt::format("write {}", meant));
  }
  return wrong(key, node);
}

std::optional<Problem> parse_share(const Key& key, const YamlNode& node, Value* value) {
  std::string_view text = node.text;
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  const auto number = node.quoted && !percent ? std::nullopt : parse_number(text);
  if (!number) return wrong(key, node, unquoted(node));
  if (!percent && *number > 1 && *number <= 100)
    return Problem{fmt::format("{} is too large; {} is wanted", node.text, wanted_words(key)),
                   fmt::format("write {}%", node.text)};
  return in_range(key, percent ? *number / 100 : *number, node.text, value);
}

std::optional<Problem> parse_choice(const Key& key, const YamlNode& node, std::string* value) {
  const std::string_view meant = choice_meant(key.choices, node.text);
  const auto names = choice_names(key.choices);
  const std::string_view near = closest(node.text, names);
  if (meant.empty())
    return Problem{fmt::format("\"{}\" is none of {}", node.text, fmt::join(names, ", ")),
                   near.empty() ? "" : fmt::format("did you mean \"{}\"?", near)};
  *value = meant;
  return {};
}

std::optional<Problem> parse_text(const YamlNode& node, std::string* value) {
  if (node.text.empty()) return Problem{"the text is empty", "give a value, or remove the key"};
  *value = node.text;
  return {};
}

std::optional<Problem> parse_element(const Key& key, const YamlNode& node, std::string* value) {
  if (!node.is(YamlNode::Kind::kScalar))
    return Problem{fmt::format("an entry must be a text; {} stands here", describe(node)), ""};
  return key.kind == KeyKind::kChoiceList ? parse_choice(key, node, value)
                                          : parse_text(node, value);
}

std::optional<Problem> parse_list(const Key& key, const YamlNode& node, Value* value) {
  std::vector<std::string> out;
  // One entry may stand without brackets.
  if (node.is(YamlNode::Kind::kScalar)) {
    if (node.text.find(',') != std::string::npos && !node.quoted)
      return wrong(key, node, fmt::format("write [{}]", node.text));
    if (auto problem = parse_element(key, node, &out.emplace_back())) return problem;
  } else if (node.is(YamlNode::Kind::kList)) {
    for (const YamlNode& item : node.items)
      if (auto problem = parse_element(key, item, &out.emplace_back())) {
        problem->at = &item;
        return problem;
      }
  } else {
    return wrong(key, node);
  }
  *value = std::move(out);
  return {};
}

}  // namespace

std::string describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
    case YamlNode::Kind::kScalar:
      break;
  }
  constexpr size_t kShown = 40;
  const std::string shown =
      node.text.size() > kShown ? node.text.substr(0, kShown) + "..." : node.text;
  return node.quoted ? fmt::format("the text \"{}\"", shown) : fmt::format("\"{}\"", shown);
}

std::optional<int64_t> parse_int(std::string_view text) {
  int64_t out = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty()
             ? std::optional(out)
             : std::nullopt;
}

std::optional<double> parse_number(std::string_view text) {
  double out = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
  return whole && std::isfinite(out) ? std::optional(out) : std::nullopt;
}

std::optional<int64_t> parse_size(std::string_view text) {
  if (const auto bytes = parse_int(text)) return bytes;
  for (const Unit& unit : kUnits) {
    if (!text.ends_with(unit.name)) continue;
    std::string_view digits = text.substr(0, text.size() - unit.name.size());
    if (digits.ends_with(' ')) digits.remove_suffix(1);
    const auto number = parse_number(digits);
    // "5KiB" ends with "B" too; its number then does not parse.
    if (!number) continue;
    const double bytes = *number * unit.bytes;
    if (std::abs(bytes) > kLargestSize) return std::nullopt;
    return static_cast<int64_t>(std::llround(bytes));
  }
  return std::nullopt;
}

std::optional<Problem> parse_value(const Key& key, const YamlNode& node, Value* value) {
  if (node.is(YamlNode::Kind::kNull))
    return Problem{fmt::format("has no value; {} is wanted", wanted_words(key)),
                   "give one, or remove the key"};
  if (is_list(key.kind)) return parse_list(key, node, value);
  if (!node.is(YamlNode::Kind::kScalar)) return wrong(key, node);
  switch (key.kind) {
    case KeyKind::kBool:
      return parse_bool(key, node, value);
    case KeyKind::kInt:
      return parse_whole(key, node, value);
    case KeyKind::kNumber:
      return parse_real(key, node, value);
    case KeyKind::kSize:
      return parse_bytes(key, node, value);
    case KeyKind::kShare:
      return parse_share(key, node, value);
    case KeyKind::kChoice:
      return parse_choice(key, node, &value->emplace<std::string>());
    default:
      return parse_text(node, &value->emplace<std::string>());
  }
}

std::string value_text(const Key& key, const Value& value) {
  struct Printer {
    const Key& key;
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(double v) const { return fmt::format("{}", v); }
    std::string operator()(const std::string& v) const { return v; }
    std::string operator()(const std::vector<std::string>& v) const {
      return fmt::format("[{}]", fmt::join(v, ", "));
    }
    std::string operator()(int64_t v) const {
      if (key.kind == KeyKind::kSize)
        for (const std::string_view name : {"TiB", "GiB", "MiB", "KiB"})
          for (const Unit& unit : kUnits)
            if (const auto bytes = static_cast<int64_t>(unit.bytes);
                unit.name == name && v != 0 && v % bytes == 0)
              return fmt::format("{}{}", v / bytes, name);
      return fmt::format("{}", v);
    }
  };
  return std::visit(Printer{key}, value);
}

}  // namespace halyard::core::config
