#include "input_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <random>

#include "convert.hpp"
#include "halyard/opset.hpp"
#include "literal.hpp"
#include "npy.hpp"
#include "tensor_proto.hpp"

namespace halyard::cli {
namespace {

constexpr std::string_view kRandom = "random";

bool ends_with(const std::string& path, std::string_view suffix) {
  if (path.size() < suffix.size()) return false;
  return std::equal(
      suffix.begin(), suffix.end(), path.end() - static_cast<std::ptrdiff_t>(suffix.size()),
      [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
}

Result<HostTensor> parse_file(const std::string& path, const Port& port,
                              const ImageOptions& images) {
  if (ends_with(path, ".png") || ends_with(path, ".jpg") || ends_with(path, ".jpeg")) {
    if (!port.has_rank)
      return invalid_argument(path + ": the model does not say which dims a picture should have");
    return load_image(path, port.dims, port.dtype, images);
  }
  const bool npy = ends_with(path, ".npy");
  if (!npy && !ends_with(path, ".pb"))
    return invalid_argument(path + ": .npy, .pb, .png and .jpg files can be given");
  HY_ASSIGN_OR_RETURN(const std::string bytes, read_file(path));
  auto tensor = npy ? parse_npy(bytes) : parse_tensor_proto(bytes);
  if (tensor.ok() && port.dtype != HY_DTYPE_UNDEFINED) tensor = convert(*tensor, port.dtype);
  if (!tensor.ok()) return tensor.status().with_context(path);
  return tensor;
}

Result<uint64_t> parse_seed(std::string_view text) {
  uint64_t seed = 0;
  if (text == kRandom) return seed;
  const std::string_view digits = text.substr(kRandom.size() + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seed);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size())
    return invalid_argument(fmt::format("\"{}\": the seed must be a whole number", text));
  return seed;
}

std::vector<std::string> random_strings(size_t count, std::mt19937_64& random) {
  std::vector<std::string> out(count, std::string(8, 'a'));
  for (std::string& s : out)
    for (char& c : s) c = static_cast<char>('a' + random() % 26);
  return out;
}

}  // namespace

Result<HostTensor> random_value(const Port& port, uint64_t seed) {
  if (!port.has_rank)
    return invalid_argument("the model does not say which rank it has; give it a value");
  HostTensor t;
  t.dtype = port.dtype;
  t.dims = closed(port.dims);
  const bool strings = port.dtype == HY_DTYPE_STRING;
  if (!strings && !is_numeric(port.dtype))
    return unsupported(
        fmt::format("random values of type {} cannot be made", dtype_name(port.dtype)));
  HY_RETURN_IF_ERROR(dense_bytes(HY_DTYPE_C128, t.dims).status());
  const auto count = static_cast<size_t>(element_count(t.dims));
  // The distributions of <random> differ between libraries; the engine does not.
  std::mt19937_64 random(seed);
  if (strings) {
    t.strings = random_strings(count, random);
    return t;
  }
  std::vector<Wide> values(count);
  for (Wide& v : values)
    v = is_float(port.dtype) ? static_cast<Wide>(random() >> 40) * 0x1p-24L
                             : static_cast<Wide>(random() >> 63);
  return from_wide(values, t.dims, port.dtype);
}

Result<HostTensor> parse_value(const std::string& text, const Port& port,
                               const ImageOptions& images) {
  if (text.starts_with('@')) return parse_file(text.substr(1), port, images);
  if (text == kRandom || text.starts_with("random:")) {
    HY_ASSIGN_OR_RETURN(const uint64_t seed, parse_seed(text));
    return random_value(port, seed);
  }
  if (port.dtype != HY_DTYPE_STRING || is_typed_literal(text))
    return parse_literal(text, {port.dtype, port.has_rank, port.dims});
  // Plain text is one string, commas and all.
  HostTensor t;
  t.dtype = HY_DTYPE_STRING;
  t.dims = closed(port.dims);
  t.strings = {text};
  if (element_count(t.dims) != 1)
    return invalid_argument(
        fmt::format("one text cannot fill dims {}; write 2xstring=a,b", dims_text(t.dims)));
  return t;
}

}  // namespace halyard::cli
