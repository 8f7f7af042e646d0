#include "core/config/document.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

namespace halyard::core::config {
namespace {

/// Ends the parser from inside an event.
struct Stop : std::runtime_error {
  Stop() : std::runtime_error("stopped") {}
};

/// Bytes of the character at text[i], or 0 where they are not UTF-8. Table 3-7 of the Unicode standard.
size_t character_bytes(std::string_view text, size_t i) {
  const auto byte = [&](size_t k) {
    return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0u;
  };
  const auto tail = [&](size_t k, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(k) >= low && byte(k) <= high;
  };
  const unsigned b = byte(0);
  if (b < 0x80) return 1;
  if (b >= 0xC2 && b <= 0xDF) return tail(1) ? 2 : 0;
  if (b >= 0xE0 && b <= 0xEF)
    return tail(1, b == 0xE0 ? 0xA0 : 0x80, b == 0xED ? 0x9F : 0xBF) && tail(2) ? 3 : 0;
  if (b >= 0xF0 && b <= 0xF4)
    return tail(1, b == 0xF0 ? 0x90 : 0x80, b == 0xF4 ? 0x8F : 0xBF) && tail(2) && tail(3) ? 4 : 0;
  return 0;
}

/// The first byte that no YAML file may hold.
bool check_characters(std::string_view text, const std::string& source,
                      std::vector<Issue>* issues) {
  Where at{source, 1, 1};
  for (size_t i = 0; i < text.size(); ++at.column) {
    const size_t bytes = character_bytes(text, i);
    const auto first = static_cast<unsigned char>(text[i]);
    if (bytes == 0) {
      issues->push_back(
          {at, "", fmt::format("byte 0x{:02x} is not UTF-8", first), "save the file as UTF-8"});
      return false;
    }
    if (first < 0x20 && first != '\t' && first != '\n' && first != '\r') {
      issues->push_back(
          {at, "", fmt::format("a control character, 0x{:02x}, stands here", first), "remove it"});
      return false;
    }
    i += bytes;
    if (first == '\n') {
      ++at.line;
      at.column = 0;
    }
  }
  return true;
}

/// Builds the tree from the parser's events.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, const std::string& source, std::vector<Issue>* issues)
      : text_(text), source_(source), issues_(issues) {
    stack_.push_back(&root_holder_);
    root_holder_.kind = YamlNode::Kind::kList;
  }

  bool indented_by_tab(const YAML::Mark& mark) const {
    const size_t at = std::min(static_cast<size_t>(std::max(mark.pos, 0)), text_.size());
    const size_t line = at == 0 ? 0 : text_.rfind('\n', at - 1) + 1;  // npos + 1 is 0
    const std::string_view rest = text_.substr(line);
    return rest.substr(0, rest.find_first_not_of(" \t")).find('\t') != std::string_view::npos;
  }

  /// Keys that are no names; where brackets are missing the parser takes all kinds of things for keys.
  void tell_bad_keys() { issues_->insert(issues_->end(), bad_keys_.begin(), bad_keys_.end()); }

  /// The parser stopped at an error: the last value may be half of something.
  void drop_last() {
    for (YamlNode* node = &root_holder_;;) {
      if (!node->members.empty()) {
        YamlNode& last = node->members.back().second;
        if (last.members.empty() && last.items.empty()) return node->members.pop_back();
        node = &last;
      } else if (!node->items.empty()) {
        YamlNode& last = node->items.back();
        if (last.members.empty() && last.items.empty()) return node->items.pop_back();
        node = &last;
      } else {
        return;
      }
    }
  }

  YamlNode root() {
    return root_holder_.items.empty() ? YamlNode() : std::move(root_holder_.items.front());
  }

  /// Lines and columns from 1, in characters. Counts on from the last place where it can: a long line
  /// of many values is no work of squares.
  Where where(const YAML::Mark& mark) {
    const size_t end = std::min(static_cast<size_t>(std::max(mark.pos, 0)), text_.size());
    if (mark.line != last_.line || end < last_end_) {
      last_end_ = end - std::min(end, static_cast<size_t>(std::max(mark.column, 0)));
      last_column_ = 1;
    }
    for (size_t i = last_end_; i < end; ++i)
      if ((static_cast<unsigned char>(text_[i]) & 0xC0) != 0x80) ++last_column_;
    last_ = mark;
    last_end_ = end;
    return {source_, static_cast<uint32_t>(mark.line + 1), last_column_};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    if (text_.substr(static_cast<size_t>(std::max(mark.pos, 0))).starts_with("---"))
      issue(mark, "a second document begins here; a configuration is one", "remove the line `---`");
    else
      issue(mark, "the document ended before this", "check brackets and the indentation");
    throw Stop();
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    check(mark, "?", anchor);
    add(mark, YamlNode::Kind::kNull);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    issue(mark, "an alias stands here; a configuration has none", "write the value itself");
    add(mark, YamlNode::Kind::kNull);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check(mark, tag, anchor);
    const bool plain = tag == "?";
    const bool null = plain && (value == "~" || value == "null" || value == "Null" ||
                                value == "NULL" || value.empty());
    YamlNode& node = add(mark, null ? YamlNode::Kind::kNull : YamlNode::Kind::kScalar);
    node.text = value;
    node.quoted = tag == "!";
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check(mark, tag, anchor);
    enter(mark, YamlNode::Kind::kList);
  }
  void OnSequenceEnd() override { stack_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check(mark, tag, anchor);
    enter(mark, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { stack_.pop_back(); }

  void issue(const YAML::Mark& mark, std::string message, std::string suggestion) {
    issues_->push_back({where(mark), "", std::move(message), std::move(suggestion)});
  }

 private:
  void check(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) issue(mark, "an anchor stands here; a configuration has none", "remove it");
    if (!tag.empty() && tag != "?" && tag != "!")
      issue(mark, fmt::format("the tag {} stands here; a configuration has none", tag),
            "remove it");
  }

  /// A place for the next node. A map gets key and value in turn; a key that is no scalar is an error.
  YamlNode& add(const YAML::Mark& mark, YamlNode::Kind kind) {
    if (++nodes_ > kMaxYamlNodes) {
      issue(mark, fmt::format("more than {} values", kMaxYamlNodes), "");
      throw Stop();
    }
    YamlNode& parent = *stack_.back();
    YamlNode* node = nullptr;
    if (parent.kind == YamlNode::Kind::kMap) {
      const bool key = parent.members.empty() || parent.text == "value";
      if (key) {
        if (kind != YamlNode::Kind::kScalar)
          bad_keys_.push_back({where(mark), "", "a key must be a name", "write `name: value`"});
        parent.members.emplace_back();
      }
      // Until the map is complete, its text says which half came last.
      parent.text = key ? "key" : "value";
      node = key ? &parent.members.back().first : &parent.members.back().second;
    } else {
      node = &parent.items.emplace_back();
    }
    node->kind = kind;
    Where at = where(mark);
    // The parser finds out that a value is missing only at what comes after it.
    if (kind == YamlNode::Kind::kNull && &node_of_value(parent) == node)
      at = {source_, parent.members.back().first.line, parent.members.back().first.column};
    else if (kind == YamlNode::Kind::kNull && parent.line != 0)
      at = dash_before(mark, at);
    node->line = at.line;
    node->column = at.column;
    return *node;
  }

  static const YamlNode& node_of_value(const YamlNode& parent) {
    return parent.members.empty() ? parent : parent.members.back().second;
  }

  /// The `-` of an entry without a value, if it is near.
  Where dash_before(const YAML::Mark& mark, Where at) {
    constexpr size_t kNear = 200;
    size_t i = std::min(static_cast<size_t>(std::max(mark.pos, 0)), text_.size());
    for (size_t n = 0; n < kNear && i > 0; ++n) {
      const char c = text_[--i];
      if (c == '-') {
        const size_t line = text_.rfind('\n', i) + 1;
        at.column = static_cast<uint32_t>(i - line) + 1;
        return at;
      }
      if (c == '\n')
        --at.line;
      else if (c != ' ' && c != '\r')
        break;
    }
    return where(mark);
  }

  void enter(const YAML::Mark& mark, YamlNode::Kind kind) {
    if (stack_.size() > kMaxYamlDepth) {
      issue(mark, fmt::format("nested more than {} deep", kMaxYamlDepth), "");
      throw Stop();
    }
    // A parent takes no more children until this one is complete, so that the pointer stays good.
    stack_.push_back(&add(mark, kind));
  }

  const std::string_view text_;
  const std::string& source_;
  std::vector<Issue>* const issues_;
  YamlNode root_holder_;
  YAML::Mark last_;  // the last place asked for, its byte and its column
  size_t last_end_ = 0;
  uint32_t last_column_ = 1;
  std::vector<YamlNode*> stack_;
  std::vector<Issue> bad_keys_;
  size_t nodes_ = 0;
  int documents_ = 0;
};

/// What people do about the parser's complaints.
std::string advice(const std::string& message) {
  using namespace YAML::ErrorMsg;
  if (message == TAB_IN_INDENTATION) return "indent with spaces; YAML forbids tabs";
  if (message == END_OF_MAP || message == END_OF_SEQ)
    return "check the indentation of this line and that `key:` is followed by a space";
  if (message == END_OF_MAP_FLOW) return "close the map with }, and quotes before it";
  if (message == END_OF_SEQ_FLOW) return "close the list with ], and quotes before it";
  if (message == MAP_VALUE || message == MAP_KEY)
    return "check the indentation, and quote text that holds \": \"";
  if (message == UNKNOWN_TOKEN) return "quote text that begins with a special character";
  if (message == FLOW_END) return "remove the bracket, or open it before";
  if (message == EOF_IN_SCALAR) return "close the quotes";
  return "";
}

}  // namespace

YamlNode read_yaml(std::string_view text, const std::string& source, std::vector<Issue>* issues) {
  if (text.size() > kMaxYamlBytes) {
    issues->push_back({{source, 0, 0},
                       "",
                       fmt::format("has {} bytes; at most {} are read", text.size(), kMaxYamlBytes),
                       "is it the right file?"});
    return {};
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!check_characters(text, source, issues)) return {};
  TreeBuilder builder(text, source, issues);
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {
    }
    builder.tell_bad_keys();
  } catch (const Stop&) {
    // Its issue is told.
  } catch (const YAML::Exception& e) {
    const std::string message = e.msg.empty() ? e.what() : e.msg;
    builder.issue(e.mark, message,
                  builder.indented_by_tab(e.mark) ? "indent with spaces; YAML forbids tabs"
                                                  : advice(message));
    builder.drop_last();
  } catch (const std::exception& e) {
    issues->push_back({{source, 0, 0}, "", fmt::format("cannot be read: {}", e.what()), ""});
  }
  return builder.root();
}

}  // namespace halyard::core::config
