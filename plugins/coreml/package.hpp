// Where the parts of a model lie: a package, a compiled folder, or a file alone.
#pragma once

#include <string>

#include "coreml.pb.h"
#include "halyard/status.hpp"

namespace halyard::coreml {

struct Package {
  std::string root;        // the specification, a file
  std::string model_path;  // what "@model_path" stands for: the folder that holds it
};

/// Finds the root of a .mlpackage through its manifest; a .mlmodel stands for itself. INVALID_MODEL where a path leaves
/// the package, UNSUPPORTED for what is known and not read.
Result<Package> find_package(const std::string& path);

/// Reads a specification.
Result<schema::Model> read_model(const std::string& file);

/// OK for a program; else UNSUPPORTED with the kind's name.
Status check_kind(const schema::Model& model);

}  // namespace halyard::coreml
