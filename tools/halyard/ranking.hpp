// A classifier's best classes, and a short view of any tensor.
#pragma once

#include <string>
#include <vector>

#include "host_tensor.hpp"

namespace halyard::cli {

/// One class of one row.
struct Ranked {
  size_t row = 0;
  std::string label;  // the index where there is no label
  double score = 0;
};

/// The k largest numbers of each row, best first; NaN last. A tensor of rank 2 or more has a row
/// for each index of its first dim, and the classes are the rest: [1,1000], [8,1000] or
/// [1,1000,1,1].
std::vector<Ranked> top_k(const HostTensor& tensor, size_t k,
                          const std::vector<std::string>& labels);

/// One label a line; none for an empty path.
Result<std::vector<std::string>> read_labels(const std::string& path);
/// "circle,square,triangle", as metadata has them.
std::vector<std::string> split_labels(const std::string& text);

/// "[0.1, 0.2, ...]": the first values.
std::string preview(const HostTensor& tensor);

}  // namespace halyard::cli
