// An artefact together with what it depends on, as bytes: of a file of the cache, or of a section of a
// compiled model.
#pragma once

#include "core/cache/cache_key.hpp"

namespace halyard::core {

/// What decode_entry found. Views into the bytes that it was given.
struct EntryView {
  CacheKey key;
  std::string_view notes;  // for people: a JSON object
  ByteSpan payload;
};

inline constexpr size_t kEntryAlignment = 64;  // of the payload, from the start of the entry

/// All that stands before the payload; the payload follows at once.
std::string encode_entry_head(const CacheKey& key, std::string_view notes, ByteSpan payload);

/// Checks everything: magic, version, lengths, both checksums. INVALID_MODEL says what is wrong.
Result<EntryView> decode_entry(ByteSpan bytes);

/// The key and the notes alone, of a file of total_bytes whose first bytes are given. The payload stays
/// unchecked, and empty. Fewer bytes than the head has: INVALID_MODEL.
Result<EntryView> decode_entry_head(ByteSpan first_bytes, uint64_t total_bytes);

}  // namespace halyard::core
