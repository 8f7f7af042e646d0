// All rules, by family.
#pragma once

#include <span>
#include <string_view>

#include "op.hpp"

namespace halyard::coreml {

std::span<const Rule> elementwise_rules();
std::span<const Rule> neural_rules();
std::span<const Rule> normalisation_rules();
std::span<const Rule> image_rules();
std::span<const Rule> reduction_rules();
std::span<const Rule> movement_rules();
std::span<const Rule> slice_rules();
std::span<const Rule> scatter_rules();
std::span<const Rule> recurrent_rules();
std::span<const Rule> list_rules();
std::span<const Rule> other_rules();

/// Null: there is none.
const Rule* find_rule(std::string_view type);

}  // namespace halyard::coreml
