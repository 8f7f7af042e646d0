// The weights of a model: those that its format holds mapped, and those that the core computed.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "core/graph/graph.hpp"
#include "core/plugin/host.hpp"
#include "core/plugin/model_source.hpp"

namespace halyard::core {

/// Answers host->weight. Gives the memory map's own bytes where they are aligned, else one copy that is
/// kept. Any thread. Keeps the model open.
class WeightStore final : public hy_weights {
 public:
  explicit WeightStore(std::shared_ptr<const ModelSource> model) : model_(std::move(model)) {}
  Result<hy_bytes> get(uint64_t id, uint32_t alignment) override;
  uint64_t add(std::shared_ptr<const std::vector<unsigned char>> bytes);
  /// The bytes of a constant, wherever they are.
  Result<hy_bytes> read(const ConstantData& constant);

 private:
  struct Free {
    void operator()(void* p) const;
  };
  struct Copy {
    std::unique_ptr<void, Free> data;
    uint64_t size = 0;
    uint32_t alignment = 0;
  };
  Result<hy_bytes> original(uint64_t id);

  const std::shared_ptr<const ModelSource> model_;
  std::mutex mutex_;  // guards what follows
  std::vector<std::shared_ptr<const std::vector<unsigned char>>> added_;
  std::multimap<uint64_t, Copy> copies_;  // a copy is never dropped: an executable may use it
};

}  // namespace halyard::core
