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
#include "ranking.hpp"
#include "sound.hpp"
#include "value_proto.hpp"

namespace halyard::cli {
namespace {

constexpr std::string_view kRandom = "random";

bool ends_with(const std::string& path, std::string_view suffix) {
  if (path.size() < suffix.size()) return false;
  return std::equal(
      suffix.begin(), suffix.end(), path.end() - static_cast<std::ptrdiff_t>(suffix.size()),
      [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
}

Result<HostTensor> sound_file(const std::string& path, const Port& port,
                              const ValueOptions& options) {
  if (!port.has_rank)
    return invalid_argument(path + ": the model does not say which dims a sound should have");
  HY_ASSIGN_OR_RETURN(const std::string bytes, read_file(path));
  const auto sound = parse_wav(bytes);
  if (!sound.ok()) return sound.status().with_context(path);
  auto tensor = sound_tensor(*sound, port.dims, port.dtype, options.sample_rate);
  if (!tensor.ok()) return tensor.status().with_context(path);
  if (options.notes != nullptr)
    options.notes->push_back(fmt::format("{}: {} samples at {} Hz, {} channel{}, as {}", path,
                                         sound->frames, sound->rate, sound->channels,
                                         sound->channels == 1 ? "" : "s", describe(*tensor)));
  return tensor;
}

/// The dims of `count` strings for a port: the first open dim takes what the others leave.
std::vector<int64_t> dims_of_lines(std::vector<int64_t> dims, int64_t count) {
  int64_t fixed = 1;
  for (int64_t d : dims) fixed *= d < 0 ? 1 : d;
  for (int64_t& d : dims)
    if (d < 0) {
      d = fixed > 0 && count % fixed == 0 ? count / fixed : count;
      break;
    }
  return closed(dims);
}

Result<HostTensor> text_file(const std::string& path, const Port& port) {
  if (port.dtype != HY_DTYPE_STRING)
    return invalid_argument(fmt::format("{}: a text file is for inputs of strings; this one is {}",
                                        path, dtype_name(port.dtype)));
  HY_ASSIGN_OR_RETURN(std::string text, read_file(path));
  HostTensor t;
  t.dtype = HY_DTYPE_STRING;
  const bool whole = element_count(port.dims) == 1;  // -1 where a dim is open
  if (whole) {
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    t.strings = {std::move(text)};
    t.dims = port.dims;
    return t;
  }
  HY_ASSIGN_OR_RETURN(t.strings, read_labels(path));
  const auto count = static_cast<int64_t>(t.strings.size());
  t.dims = port.has_rank ? dims_of_lines(port.dims, count) : std::vector<int64_t>{count};
  if (element_count(t.dims) != count)
    return invalid_argument(fmt::format("{}: {} lines do not fill dims {} (-1: open)", path, count,
                                        dims_text(port.dims)));
  return t;
}

Result<HostTensor> parse_file(const std::string& path, const Port& port,
                              const ValueOptions& options) {
  if (ends_with(path, ".wav")) return sound_file(path, port, options);
  if (ends_with(path, ".txt")) return text_file(path, port);
  if (ends_with(path, ".png") || ends_with(path, ".jpg") || ends_with(path, ".jpeg")) {
    if (!port.has_rank)
      return invalid_argument(path + ": the model does not say which dims a picture should have");
    return load_image(path, port.dims, port.dtype, options.images);
  }
  const bool npy = ends_with(path, ".npy");
  if (!npy && !ends_with(path, ".pb"))
    return invalid_argument(path + ": .npy, .pb, .png, .jpg, .wav and .txt files can be given");
  HY_ASSIGN_OR_RETURN(const std::string bytes, read_file(path));
  if (npy && port.kind != HY_TYPE_TENSOR)
    return invalid_argument(path + ": the input is no tensor; a .pb file can hold its value");
  auto tensor = npy ? parse_npy(bytes) : parse_value_proto(bytes, port.kind);
  if (tensor.ok() && tensor->dtype == HY_DTYPE_UNDEFINED)
    tensor->dtype = port.dtype;  // it is empty
  if (tensor.ok() && tensor->kind == HY_TYPE_TENSOR && port.dtype != HY_DTYPE_UNDEFINED)
    tensor = convert(*tensor, port.dtype);
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
                               const ValueOptions& options) {
  if (text.starts_with('@')) return parse_file(text.substr(1), port, options);
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
