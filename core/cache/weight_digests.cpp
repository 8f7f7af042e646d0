#include "core/cache/weight_digests.hpp"

#include <fmt/format.h>

#include <ctime>

#include "core/cache/byte_reader.hpp"

namespace halyard::core {
namespace {

constexpr uint64_t kLarge = uint64_t{1} << 20;  // smaller ones are digested faster than looked up

CacheKey key_of(const FileIdentity& f) {
  CacheKey key;
  key.add("format", "file digests 1");
  key.add("file", fmt::format("device {} inode {} bytes {} modified {} changed {}", f.device,
                              f.inode, f.bytes, f.modified_ns, f.changed_ns));
  return key;
}

int64_t now_ns() {
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

}  // namespace

WeightDigests::WeightDigests(hy_weights& weights, ContentStore* store, Known known)
    : weights_(weights), store_(store), known_(std::move(known)) {}

Result<Digest> WeightDigests::of(uint64_t id) {
  const std::scoped_lock lock(mutex_);
  if (const auto it = digests_.find(id); it != digests_.end()) return it->second;
  if (const auto known = known_ ? known_(id) : std::nullopt) return digests_[id] = *known;
  HY_ASSIGN_OR_RETURN(const hy_bytes bytes, weights_.get(id, 1));
  return digests_[id] = compute(bytes);
}

Digest WeightDigests::compute(hy_bytes bytes) {
  const ByteSpan span(static_cast<const unsigned char*>(bytes.data),
                      static_cast<size_t>(bytes.size));
  if (store_ == nullptr || bytes.size < kLarge) return digest_of(span);
  if (maps_ == nullptr) maps_ = std::make_unique<MappedFiles>();
  const auto place = maps_->find(bytes.data, bytes.size);
  // A file that was changed just now could be changed again without its times telling.
  if (!place || !place->file.settled(now_ns())) return digest_of(span);
  File& f = file(place->file);
  const Piece piece{place->offset, bytes.size};
  if (const auto it = f.pieces.find(piece); it != f.pieces.end()) return it->second;
  f.changed = true;
  return f.pieces[piece] = digest_of(span);
}

WeightDigests::File& WeightDigests::file(const FileIdentity& identity) {
  for (File& f : files_)
    if (f.identity == identity) return f;
  files_.push_back({identity, {}, false});
  File& f = files_.back();
  const auto entry = store_->find(key_of(identity));
  ByteReader reader(entry ? entry->payload() : ByteSpan());
  while (!reader.at_end()) {
    const auto piece = reader.record<Piece>();
    const auto digest = reader.record<Digest>();
    if (!piece || !digest) break;
    f.pieces[*piece] = *digest;
  }
  return f;
}

void WeightDigests::flush() {
  const std::scoped_lock lock(mutex_);
  for (File& f : files_) {
    if (!f.changed) continue;
    f.changed = false;
    std::string records;
    for (const auto& [piece, digest] : f.pieces) {
      append_record(&records, piece);
      append_record(&records, digest);
    }
    store_->publish(key_of(f.identity), "", bytes_of(records));
  }
}

}  // namespace halyard::core
