// The table of configuration keys: the one source of what may be written, checked, printed and documented.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace halyard::core::config {

enum class KeyKind {
  kGroup,    // holds the keys below it
  kItems,    // a list of groups
  kOptions,  // any names, each with a scalar
  kBool,
  kInt,
  kNumber,
  kSize,   // bytes: 4096, 512MiB, 2GB
  kShare,  // 0 to 1, or 50%
  kChoice,
  kText,
  kPath,  // relative to the folder of its file; ~/ is the home folder
  kTextList,
  kPathList,
  kGlobList,
  kChoiceList
};

struct Key {
  std::string_view path;  // "policy.placement", "providers[].id"
  KeyKind kind = KeyKind::kGroup;
  std::string_view preset;        // the default, as in a file; empty: none
  std::string_view choices = {};  // "fail|warn"; "a=x=y|b": x and y are other names of a
  double min = 0, max = 0;        // of numbers
  std::string_view doc = {};
  bool required = false;           // in each item of its list
  std::string_view flag = {};      // of the command line
  std::string_view variable = {};  // of the environment; empty: made from the path
};

/// In the order in which people read them: a group before its keys.
std::span<const Key> key_table();
/// The row of a path without numbers ("providers[].id"), or null.
const Key* find_key(std::string_view path);
/// The last names of the rows right below a path; "" is the root.
std::vector<std::string_view> names_below(std::string_view path);
/// The rows whose last name is this.
std::vector<std::string_view> paths_named(std::string_view name);

/// "providers[3].options.x" -> "providers[].options.x"
std::string without_numbers(std::string_view path);

/// The canonical names of a choice, and the one that a text means; empty where it means none.
std::vector<std::string_view> choice_names(std::string_view choices);
std::string_view choice_meant(std::string_view choices, std::string_view text);

/// The environment variable that sets the key: HALYARD_POLICY_PLACEMENT; empty where there is none.
std::string variable_of(const Key& key);
bool is_list(KeyKind kind);
/// "a whole number from 0 to 4096", "one of fail, warn"
std::string wanted_words(const Key& key);

}  // namespace halyard::core::config
