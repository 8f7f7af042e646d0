// Digests of a model's weights, each computed once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "core/cache/content_store.hpp"
#include "core/cache/mapped_files.hpp"
#include "core/plugin/host.hpp"

namespace halyard::core {

/// Those of large weights that lie in a map of a file are kept in the store, by the file's identity: a model
/// of gigabytes is read for its digests once, not at every load. Any thread. The weights and the store must
/// outlive it.
class WeightDigests {
 public:
  /// store: null, and nothing is kept. known: digests that somebody has already, or null.
  using Known = std::function<std::optional<Digest>(uint64_t id)>;
  WeightDigests(hy_weights& weights, ContentStore* store, Known known = nullptr);

  Result<Digest> of(uint64_t id);
  /// Keeps what was computed since the last call.
  void flush();

 private:
  struct Piece {
    uint64_t offset = 0, size = 0;
    auto operator<=>(const Piece&) const = default;
  };
  /// The digests of one file's pieces.
  struct File {
    FileIdentity identity;
    std::map<Piece, Digest> pieces;
    bool changed = false;
  };
  Digest compute(hy_bytes bytes);
  File& file(const FileIdentity& identity);

  hy_weights& weights_;
  ContentStore* const store_;
  const Known known_;
  std::mutex mutex_;  // guards what follows
  std::map<uint64_t, Digest> digests_;
  std::unique_ptr<MappedFiles> maps_;
  std::vector<File> files_;
};

}  // namespace halyard::core
