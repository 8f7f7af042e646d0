#include "core/cache/entry.hpp"

#include <fmt/format.h>

#include <cstring>

#include "core/cache/byte_reader.hpp"

namespace halyard::core {
namespace {

constexpr char kMagic[8] = {'H', 'Y', 'E', 'N', 'T', 'R', 'Y', '\n'};
constexpr uint32_t kVersion = 1;
constexpr uint64_t kMaxHead = uint64_t{1} << 24;  // of key and of notes

struct Header {
  char magic[8];
  uint32_t version;
  uint32_t header_bytes;
  uint64_t key_bytes, notes_bytes, payload_bytes;
  Digest payload;
  Digest head;  // of the header up to here, the key and the notes
};
static_assert(sizeof(Header) == 72);

uint64_t payload_offset(const Header& h) {
  const uint64_t end = sizeof(Header) + h.key_bytes + h.notes_bytes;
  return (end + kEntryAlignment - 1) / kEntryAlignment * kEntryAlignment;
}

Digest head_digest(const Header& h, ByteSpan key, ByteSpan notes) {
  Hasher hasher;
  hasher.add({reinterpret_cast<const unsigned char*>(&h), offsetof(Header, head)});
  hasher.add(key);
  hasher.add(notes);
  return hasher.digest();
}

Result<Header> read_header(ByteReader& reader, uint64_t total_bytes) {
  const auto h = reader.record<Header>();
  if (!h)
    return invalid_model(fmt::format("is {} bytes long, too short for an entry", total_bytes));
  if (std::memcmp(h->magic, kMagic, sizeof kMagic) != 0)
    return invalid_model("does not begin as an entry does");
  if (h->version != kVersion || h->header_bytes != sizeof(Header))
    return invalid_model(
        fmt::format("has version {}; this library reads {}", h->version, kVersion));
  if (h->key_bytes > kMaxHead || h->notes_bytes > kMaxHead || h->payload_bytes > total_bytes)
    return invalid_model("states lengths that are too large");
  if (payload_offset(*h) + h->payload_bytes != total_bytes)
    return invalid_model(fmt::format("is {} bytes long and should be {}", total_bytes,
                                     payload_offset(*h) + h->payload_bytes));
  return *h;
}

/// Key and notes, checked against their digest; *payload_at becomes where the payload begins.
Result<EntryView> read_head(const Header& h, ByteReader& reader) {
  const auto key = reader.piece(h.key_bytes);
  const auto notes = reader.piece(h.notes_bytes);
  if (!key || !notes) return invalid_model("ends within its key");
  if (head_digest(h, *key, *notes) != h.head)
    return invalid_model("the checksum of the key is wrong");
  EntryView out;
  HY_ASSIGN_OR_RETURN(out.key, CacheKey::decode(*key));
  out.notes = {reinterpret_cast<const char*>(notes->data()), notes->size()};
  return out;
}

}  // namespace

std::string encode_entry_head(const CacheKey& key, std::string_view notes, ByteSpan payload) {
  const std::string key_bytes = key.encode();
  Header h{};
  std::memcpy(h.magic, kMagic, sizeof kMagic);
  h.version = kVersion;
  h.header_bytes = sizeof h;
  h.key_bytes = key_bytes.size();
  h.notes_bytes = notes.size();
  h.payload_bytes = payload.size();
  h.payload = digest_of(payload);
  h.head = head_digest(h, bytes_of(key_bytes), bytes_of(notes));
  std::string out;
  append_record(&out, h);
  out += key_bytes;
  out += notes;
  out.resize(static_cast<size_t>(payload_offset(h)), '\0');
  return out;
}

Result<EntryView> decode_entry(ByteSpan bytes) {
  ByteReader reader(bytes);
  HY_ASSIGN_OR_RETURN(const Header h, read_header(reader, bytes.size()));
  HY_ASSIGN_OR_RETURN(EntryView out, read_head(h, reader));
  const auto padding =
      reader.piece(payload_offset(h) - sizeof(Header) - h.key_bytes - h.notes_bytes);
  const auto payload = reader.piece(h.payload_bytes);
  if (!padding || !payload) return invalid_model("ends within its payload");
  if (digest_of(*payload) != h.payload)
    return invalid_model("the checksum of the artefact is wrong");
  out.payload = *payload;
  return out;
}

Result<EntryView> decode_entry_head(ByteSpan first_bytes, uint64_t total_bytes) {
  ByteReader reader(first_bytes);
  HY_ASSIGN_OR_RETURN(const Header h, read_header(reader, total_bytes));
  return read_head(h, reader);
}

}  // namespace halyard::core
