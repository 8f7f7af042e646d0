// The JSON documents of the C API and the command line, all with "schema": 1.
#pragma once

#include <string>

#include "core/runtime/session.hpp"

namespace halyard::core {

std::string plugins_report(Registry& registry);
std::string devices_report(Registry& registry);
std::string model_report(const Model& model);
std::string plan_report(const std::string& model, const Plan& plan);

}  // namespace halyard::core
