// A configuration: sources in order of precedence, what is wrong with them, and what is in force.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/config/option_schema.hpp"
#include "core/config/settings.hpp"
#include "core/config/statements.hpp"
#include "halyard/status.hpp"

namespace halyard::core::config {

/// What is in force, with the origin of each value. Keys that nobody states have their default.
struct Resolved {
  Fields scalars;               // every key with a default, and those that are stated
  std::vector<Item> providers;  // in order of priority, with what earlier sources say about them
  std::vector<Item> unlisted;   // providers about which something is said, and that are not listed
  std::vector<Item> place;
  Where providers_where;
  Layer providers_layer = Layer::kDefault;
};

/// A value: copies are independent. One thread at a time, const members from any thread.
class Config {
 public:
  using Lookup = std::function<const char*(const char* name)>;

  /// Each adds a source. Of one layer a later one wins; the order of calls for different layers is free.
  /// What is wrong goes to issues(); what is right of the source counts.
  void add_file(const std::string& path, Layer layer = Layer::kFile);
  void add_text(std::string_view text, const std::string& name, const std::string& folder = {},
                Layer layer = Layer::kFile);
  /// The system's and the user's file, where they exist: $HALYARD_SYSTEM_CONFIG, else
  /// /etc/halyard/config.yaml; $XDG_CONFIG_HOME/halyard/config.yaml, else ~/.config/halyard/config.yaml.
  void add_default_files(const Lookup& environment);
  /// The variables of the key table; HALYARD_SET, "key=value;key=value"; HALYARD_CONFIG, files separated
  /// by ':', unless a file was added before.
  void add_environment(const Lookup& environment);
  /// ("policy.placement", "cost"), as on the command line. source: "--set policy.placement=cost".
  void set(const std::string& path, const std::string& text, const std::string& source,
           Layer layer = Layer::kFlag);

  /// What the sources so far got wrong, each for itself, in order of the calls. Ends with the next change.
  std::span<const Issue> told() const { return issues_; }
  /// Everything that is wrong, source by source in order, then by place. Also what only the whole tells.
  std::vector<Issue> issues() const;
  /// What is wrong about providers and their options, against the plugins that are there. A provider that
  /// a file names and that is not there is a note: one file serves several machines.
  std::vector<Issue> plugin_issues(std::span<const PluginInfo> plugins) const;
  /// CONFIG with the text of every issue that is an error, one a line.
  Status status() const;

  Resolved resolved() const;
  /// Sources with errors count with what is right of them.
  Settings settings() const;

 private:
  struct Source {
    Layer layer;
    Statements statements;
  };
  std::vector<const Source*> in_order() const;
  Source& source(Layer layer);

  std::vector<Source> sources_;
  std::vector<Issue> issues_;
};

/// CONFIG with the text of every issue that is an error, one a line; ok where there is none.
Status status_of(std::span<const Issue> issues);
/// "default", "model" (what a compiled model was compiled with), "system", "user", "file", "environment", "flag"
const char* layer_name(Layer layer);
/// The process's environment; nothing where it has raised privileges.
const char* process_environment(const char* name);

}  // namespace halyard::core::config
