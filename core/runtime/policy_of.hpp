// From what the configuration says to what the planner asks for.
#pragma once

#include "core/config/settings.hpp"
#include "core/plan/policy.hpp"

namespace halyard::core {

/// By priority where placement or the objective say so; key by key otherwise.
Policy policy_of(const Settings& settings);

}  // namespace halyard::core
