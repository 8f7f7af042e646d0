// A graph planned for the cpu provider, which these tests link, and its runs.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/runtime/program.hpp"
#include "tests/unit/runtime/nested_graph.hpp"
#include "tests/unit/runtime/values.hpp"

namespace halyard::core::test {

/// Inferred, planned and compiled as it stands: no pass has removed or folded a node. run() from any thread.
class Compiled {
 public:
  explicit Compiled(const NestedGraph& graph);
  /// The outputs as text, parted by "; ". On failure "MISMATCH: " and the message, or another code: that of
  /// the run or, where there is nothing to run, that of inference and planning.
  std::string run(const std::vector<Value>& inputs);
  std::string run(const std::vector<Value>& inputs, hy_job& job);

 private:
  Result<std::vector<int64_t>> symbols_of(const std::vector<Value>& inputs) const;
  Result<std::string> outputs_of(const std::vector<Value>& inputs, hy_job& job);

  Status status_;
  std::unique_ptr<Program> program_;
};

/// Whether the text has every one of these words.
bool says(const std::string& text, std::initializer_list<std::string_view> words);

}  // namespace halyard::core::test
