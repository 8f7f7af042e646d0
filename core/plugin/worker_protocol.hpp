// What a host and a worker say to each other. Both are of one build: numbers stand as they lie in memory.
//
// A line is a channel on which the host asks and the worker replies, one call at a time. Before its reply
// the worker may tell or ask things itself. Lines are made by kConnect on the worker's first channel.
#pragma once

#include <initializer_list>
#include <vector>

#include "core/isolation/wire.hpp"
#include "halyard/abi/plugin.h"
#include "halyard/status.hpp"

namespace halyard::core {

/// Of the host. Objects are named by numbers that the worker gives.
enum class Ask : uint32_t {
  kConnect = 1,  // file: the worker's end of a new line
  kHello,        // version
  kLoad,         // manifest id, kind, library -> reason, detail of a rejection; version, build id
  kCreate,       // -> has artifacts, has options
  kDestroy,
  kDevices,  // -> devices
  kOptions,  // -> schemas
  kOpen,     // index, threads, precision, relaxed types, options -> device
  kClose,    // device
  kQuery,    // device, graph -> verdicts
  kConfirm,  // device, graph -> verdicts
  kCompile,  // device, graph -> executable
  kRelease,  // executable
  kRun,      // executable, bindings; file: the line's memory, where it is a new one -> outputs
  kSave,     // executable -> artifact
  kRestore,  // device, artifact, graph -> executable
};

/// Of the worker.
enum class Tell : uint32_t {
  kReply = 100,  // status, words, then what stands above
  kLog,          // level, text
  kPoll,         // progress -> kAnswer: status
  kWeight,       // id -> kAnswer: status, size, bytes or a file of them
  kOutput,       // port, dims, bytes -> kAnswer: status, words
};
constexpr uint32_t kAnswer = 200;

/// Bytes of weights up to this size go with the message.
constexpr uint64_t kSmallWeight = 16 << 10;

/// A binding of kRun, in the order of ports: inputs, outputs, states.
struct WireBinding {
  uint32_t dtype = 0, flags = 0;
  std::vector<int64_t> dims;
  uint64_t bytes = 0, offset = 0;  // offset: in the line's memory
};

inline void put(WireWriter& w, const WireBinding& b) {
  w.number(b.dtype);
  w.number(b.flags);
  w.number(b.bytes);
  w.number(b.offset);
  w.block({reinterpret_cast<const unsigned char*>(b.dims.data()), b.dims.size() * sizeof(int64_t)});
}

inline std::vector<int64_t> get_dims(WireReader& r) {
  const ByteSpan raw = r.block();
  std::vector<int64_t> out(raw.size() / sizeof(int64_t));
  if (!out.empty()) std::memcpy(out.data(), raw.data(), out.size() * sizeof(int64_t));
  return out;
}

inline WireBinding get_binding(WireReader& r) {
  WireBinding b;
  b.dtype = r.number<uint32_t>();
  b.flags = r.number<uint32_t>();
  b.bytes = r.number<uint64_t>();
  b.offset = r.number<uint64_t>();
  b.dims = get_dims(r);
  return b;
}

/// A record of the ABI as it lies, then its texts. A member that is new in it crosses by itself.
template <class T>
void put_record(WireWriter& w, const T& record, std::initializer_list<hy_str T::*> texts) {
  w.raw({reinterpret_cast<const unsigned char*>(&record), sizeof record});
  for (const auto text : texts) w.text(view(record.*text));
}
/// Its texts are views into the message.
template <class T>
T get_record(WireReader& r, std::initializer_list<hy_str T::*> texts) {
  T out{};
  if (const ByteSpan raw = r.raw(sizeof out); !raw.empty())
    std::memcpy(&out, raw.data(), sizeof out);
  out.struct_size = sizeof out;
  for (const auto text : texts) out.*text = str(r.text());
  return out;
}

inline constexpr std::initializer_list<hy_str hy_option::*> kOptionTexts = {&hy_option::key,
                                                                            &hy_option::value};
inline constexpr std::initializer_list<hy_str hy_verdict::*> kVerdictTexts = {&hy_verdict::got,
                                                                              &hy_verdict::limit};
inline constexpr std::initializer_list<hy_str hy_device::*> kDeviceTexts = {
    &hy_device::name, &hy_device::resource_group, &hy_device::driver, &hy_device::reject_detail};
inline constexpr std::initializer_list<hy_str hy_option_schema::*> kSchemaTexts = {
    &hy_option_schema::key, &hy_option_schema::default_value, &hy_option_schema::choices,
    &hy_option_schema::help};

/// An array of the ABI, whose elements may be of another size than ours.
template <class T>
std::vector<T> copy_array(const hy_array& array) {
  std::vector<T> out(array.data == nullptr ? 0 : array.count, T{});
  for (size_t i = 0; i < out.size(); ++i) {
    const auto* from = static_cast<const char*>(array.data) + i * array.stride;
    uint32_t size = 0;
    std::memcpy(&size, from, sizeof size);
    std::memcpy(static_cast<void*>(&out[i]), from, size < sizeof(T) ? size : sizeof(T));
  }
  return out;
}

inline void put_options(WireWriter& w, const hy_array& options) {
  const auto list = copy_array<hy_option>(options);
  w.number<uint32_t>(static_cast<uint32_t>(list.size()));
  for (const hy_option& o : list) put_record(w, o, kOptionTexts);
}
inline std::vector<hy_option> get_options(WireReader& r) {
  std::vector<hy_option> out;
  const auto count = r.number<uint32_t>();
  for (uint32_t i = 0; i < count && r.ok(); ++i) out.push_back(get_record(r, kOptionTexts));
  return out;
}
inline hy_array array_of(const std::vector<hy_option>& list) {
  return {list.data(), static_cast<uint32_t>(list.size()), sizeof(hy_option)};
}

}  // namespace halyard::core
