// A time, and where it comes from.
#pragma once

namespace halyard::core {

enum class EstimateSource {
  kUnknown,   // nothing is estimated
  kProvider,  // the provider's own figure
  kMeasured,  // from earlier runs
  kRoofline,  // the larger of operations over flops and bytes over bandwidth
  kAssumed,   // that, with dims that are not known counted at their smallest
};
/// "provider", "measured", "roofline", "assumed"; "" for kUnknown.
const char* estimate_source_name(EstimateSource source);

struct Estimate {
  double us = -1;
  EstimateSource source = EstimateSource::kUnknown;
};

}  // namespace halyard::core
