// What all uses of oneDNN share: the engine, descriptors, and the border where its exceptions stop.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "halyard/status.hpp"
#include "providers/cpu/kernel.hpp"

namespace halyard::cpu::dnn {

/// The process's CPU. Any thread.
const dnnl::engine& cpu_engine();

/// C order, f32.
dnnl::memory::desc plain(std::span<const int64_t> dims);

/// f32 with blocked channels (layout.hpp). dims: three to five.
dnnl::memory::desc blocked(std::span<const int64_t> dims, int64_t block);
/// The block for which a descriptor of these dims is blocked(); 0: of none.
int64_t block_of(const dnnl::memory::desc& desc, std::span<const int64_t> dims);

/// Runs a callable that uses oneDNN; its exceptions become a Status.
template <class F>
Status guarded(const char* what, F&& body) {
  try {
    return body();
  } catch (const dnnl::error& e) {
    const hy_status code =
        e.status == dnnl_unimplemented ? HY_ERROR_UNSUPPORTED : HY_ERROR_INTERNAL;
    return Status(code, std::string(what) + ": oneDNN: " + e.what());
  }
}

/// Executes a primitive whose scratchpad mode is user; the scratchpad is of the context.
Status execute(Context& context, const dnnl::primitive& primitive,
               const dnnl::memory::desc& scratchpad,
               std::unordered_map<int, dnnl::memory> arguments);

/// Copies between layouts.
Status reorder(Context& context, const dnnl::memory& from, dnnl::memory& to);

/// Data in the wanted layout: itself where the layouts are equal, else a copy in scratch memory.
Result<dnnl::memory> in_layout(Context& context, const dnnl::memory::desc& from, void* data,
                               const dnnl::memory::desc& wanted);
/// Memory to write in the wanted layout: data itself where the layouts are equal, else scratch.
Result<dnnl::memory> room_for(Context& context, const dnnl::memory::desc& plain_desc, void* data,
                              const dnnl::memory::desc& wanted);

/// The attributes of every primitive here: scratchpad of the user, f32 computed as f32.
dnnl::primitive_attr attributes();

/// Weights in the layouts that primitives chose, each made once. Any thread. Owns the copies.
class PackedWeights {
 public:
  /// `plain_weights` described by `from`, as `wanted`. The same memory where the layouts are equal.
  Result<dnnl::memory> get(Context& context, const dnnl::memory::desc& from,
                           const float* plain_weights, const dnnl::memory::desc& wanted) const;

 private:
  mutable std::mutex mutex_;
  mutable std::vector<dnnl::memory> packed_;  // guarded by mutex_
};

/// The newest few results of make(key). Any thread; make() may run twice for one key.
template <class V>
class ShapeCache {
 public:
  template <class Make>
  Result<std::shared_ptr<const V>> get(const Dims& key, Make&& make) const {
    {
      const std::lock_guard lock(mutex_);
      for (auto it = entries_.begin(); it != entries_.end(); ++it) {
        if (it->first != key) continue;
        entries_.splice(entries_.begin(), entries_, it);
        return it->second;
      }
    }
    HY_ASSIGN_OR_RETURN(std::shared_ptr<const V> made, make());
    const std::lock_guard lock(mutex_);
    entries_.emplace_front(key, made);
    if (entries_.size() > kCapacity) entries_.pop_back();
    return made;
  }

 private:
  static constexpr size_t kCapacity = 16;
  mutable std::mutex mutex_;
  mutable std::list<std::pair<Dims, std::shared_ptr<const V>>> entries_;  // guarded by mutex_
};

}  // namespace halyard::cpu::dnn
