// What the tests of this folder give to a run, and what comes out of one as text.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/runtime/tensor.hpp"

namespace halyard::core::test {

using Value = std::shared_ptr<hy_tensor>;
using Ints = std::vector<int64_t>;

Value f32(const Ints& dims, const std::vector<float>& elements);
Value i64(const Ints& dims, const Ints& elements);
Value i64(int64_t element);
Value bools(const Ints& dims, const std::vector<bool>& elements);
Value truth(bool element);
Value texts(const Ints& dims, const std::vector<std::string>& elements);
/// Two elements a byte, the first in the low half.
Value i4(const Ints& dims, const std::vector<unsigned char>& bytes);
Value sequence(uint32_t dtype, const std::vector<Value>& elements);
Value some(const Value& element);
Value nothing(uint32_t dtype);

/// "f32[2,1] 1 2"; a sequence: "(f32[] 1, f32[] 2)"; an optional: "some f32[] 1" or "none".
std::string text_of(const hy_tensor& value);

}  // namespace halyard::core::test
