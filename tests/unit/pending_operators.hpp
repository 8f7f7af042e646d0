// Rows of the operator table that nothing implements yet. Tests check both ways: what stands here has
// neither a shape function nor a kernel, what does not has both.
#pragma once

#include <set>
#include <string>

namespace halyard::test {

inline const std::set<std::string>& pending_operators() {
  static const std::set<std::string> names = {
      "ImageDecoder",
      "ai.onnx.ml:DictVectorizer",
      "ai.onnx.ml:CastMap",
  };
  return names;
}

/// What the core's own executor runs: it has shape functions and no kernels.
inline const std::set<std::string>& core_operators() {
  static const std::set<std::string> names = {"If",
                                              "Loop",
                                              "Scan",
                                              "SequenceMap",
                                              "SequenceConstruct",
                                              "SequenceEmpty",
                                              "SequenceInsert",
                                              "SequenceErase",
                                              "SequenceAt",
                                              "SequenceLength",
                                              "SplitToSequence",
                                              "ConcatFromSequence",
                                              "Optional",
                                              "OptionalHasElement",
                                              "OptionalGetElement",
                                              "ai.onnx.ml:ZipMap"};
  return names;
}

inline std::string qualified(const char* domain, const char* name) {
  return (*domain != 0 ? domain + std::string(":") : std::string()) + name;
}

}  // namespace halyard::test
