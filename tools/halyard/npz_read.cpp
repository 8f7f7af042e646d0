// The ZIP side of .npz (PKWARE APPNOTE: end record, central directory, local headers, ZIP64).

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "npy.hpp"

namespace halyard::cli {
namespace {

constexpr uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50;
constexpr uint32_t kEnd64 = 0x06064b50, kLocator64 = 0x07064b50;
constexpr size_t kEndSize = 22, kLocatorSize = 20, kEnd64Size = 56, kCentralSize = 46,
                 kLocalSize = 30;
constexpr uint16_t kEncrypted = 1, kStored = 0, kDeflated = 8;

Status bad(std::string m) { return invalid_argument("not a usable .npz: " + std::move(m)); }

/// Little-endian numbers; zero past the end.
template <class T>
T get(std::string_view bytes, uint64_t at) {
  T out = 0;
  if (at <= bytes.size() && sizeof(T) <= bytes.size() - at)
    std::memcpy(&out, bytes.data() + at, sizeof(T));
  return out;
}

struct Member {
  std::string name;
  uint64_t packed = 0, size = 0, offset = 0;
  uint32_t crc = 0;
  uint16_t method = 0, flags = 0;
};

/// Fields of 0xffffffff stand in the ZIP64 extra field, in this order.
void read_zip64(std::string_view extra, Member* m) {
  while (extra.size() >= 4) {
    const auto id = get<uint16_t>(extra, 0), length = get<uint16_t>(extra, 2);
    if (length > extra.size() - 4) return;
    size_t at = 4;
    for (uint64_t* field : {&m->size, &m->packed, &m->offset})
      if (id == 1 && *field == 0xffffffffu && at + 8 <= 4u + length) {
        *field = get<uint64_t>(extra, at);
        at += 8;
      }
    extra.remove_prefix(4u + length);
  }
}

/// Where the central directory is, and how many entries it has.
struct Directory {
  uint64_t offset = 0, count = 0;
};

Result<Directory> find_directory(std::string_view bytes) {
  if (bytes.size() < kEndSize) return bad("shorter than an archive's end record");
  size_t end = bytes.size() - kEndSize;
  while (get<uint32_t>(bytes, end) != kEnd) {
    if (end == 0 || bytes.size() - end > kEndSize + 0xffff)
      return bad("there is no end record; is the file cut off, or no .npz?");
    --end;
  }
  Directory d{get<uint32_t>(bytes, end + 16), get<uint16_t>(bytes, end + 10)};
  if (end < kLocatorSize || get<uint32_t>(bytes, end - kLocatorSize) != kLocator64) return d;
  const auto at = get<uint64_t>(bytes, end - kLocatorSize + 8);
  if (at > bytes.size() || bytes.size() - at < kEnd64Size || get<uint32_t>(bytes, at) != kEnd64)
    return bad("the ZIP64 end record is damaged");
  return Directory{get<uint64_t>(bytes, at + 48), get<uint64_t>(bytes, at + 32)};
}

Result<std::vector<Member>> read_directory(std::string_view bytes) {
  HY_ASSIGN_OR_RETURN(const Directory d, find_directory(bytes));
  uint64_t at = d.offset;
  std::vector<Member> out;
  for (uint64_t i = 0; i < d.count; ++i) {
    if (at > bytes.size() || bytes.size() - at < kCentralSize ||
        get<uint32_t>(bytes, at) != kCentral)
      return bad(fmt::format("entry {} of the directory is damaged", i));
    Member m;
    m.flags = get<uint16_t>(bytes, at + 8);
    m.method = get<uint16_t>(bytes, at + 10);
    m.crc = get<uint32_t>(bytes, at + 16);
    m.packed = get<uint32_t>(bytes, at + 20);
    m.size = get<uint32_t>(bytes, at + 24);
    m.offset = get<uint32_t>(bytes, at + 42);
    const size_t name = get<uint16_t>(bytes, at + 28), extra = get<uint16_t>(bytes, at + 30),
                 comment = get<uint16_t>(bytes, at + 32);
    if (name + extra + comment > bytes.size() - at - kCentralSize)
      return bad(fmt::format("entry {} of the directory is cut off", i));
    m.name = bytes.substr(at + kCentralSize, name);
    read_zip64(bytes.substr(at + kCentralSize + name, extra), &m);
    at += kCentralSize + name + extra + comment;
    out.push_back(std::move(m));
  }
  return out;
}

/// The uncompressed bytes; the size grows with what is really there, whatever the directory claims.
Result<std::string> inflate_member(std::string_view packed, const Member& m) {
  constexpr size_t kStep = size_t{1} << 20;
  z_stream z{};
  if (inflateInit2(&z, -MAX_WBITS) != Z_OK) return internal_error("zlib cannot start");
  std::string out;
  int code = Z_OK;
  while (code == Z_OK) {
    if (z.avail_in == 0 && !packed.empty()) {
      z.avail_in = static_cast<uInt>(std::min(packed.size(), kStep));
      z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
      packed.remove_prefix(z.avail_in);
    }
    const size_t have = out.size();
    out.resize(have + std::min<uint64_t>(m.size - have, kStep) +
               1);  // one more: is there too much?
    z.next_out = reinterpret_cast<Bytef*>(&out[have]);
    z.avail_out = static_cast<uInt>(out.size() - have);
    code = inflate(&z, Z_NO_FLUSH);
    out.resize(out.size() - z.avail_out);
    if (out.size() > m.size) code = Z_DATA_ERROR;
  }
  inflateEnd(&z);
  if (code != Z_STREAM_END || out.size() != m.size)
    return bad(fmt::format("the compressed data of member {} is damaged", m.name));
  return out;
}

Result<std::string> content(std::string_view bytes, const Member& m) {
  const auto outside = [&] {
    return bad(fmt::format("member {} lies outside of the file", m.name));
  };
  if (m.offset > bytes.size() || bytes.size() - m.offset < kLocalSize ||
      get<uint32_t>(bytes, m.offset) != kLocal)
    return outside();
  const uint64_t start = m.offset + kLocalSize + get<uint16_t>(bytes, m.offset + 26) +
                         get<uint16_t>(bytes, m.offset + 28);
  if (start > bytes.size() || m.packed > bytes.size() - start) return outside();
  const std::string_view packed = bytes.substr(start, m.packed);
  if ((m.flags & kEncrypted) != 0) return bad(fmt::format("member {} is encrypted", m.name));
  std::string out;
  if (m.method == kDeflated) {
    HY_ASSIGN_OR_RETURN(out, inflate_member(packed, m));
  } else if (m.method == kStored) {
    out = packed;
  } else {
    return bad(fmt::format("member {} uses compression {}; stored and deflated are read", m.name,
                           m.method));
  }
  if (crc32_z(0, reinterpret_cast<const Bytef*>(out.data()), out.size()) != m.crc)
    return bad(fmt::format("the checksum of member {} is wrong", m.name));
  return out;
}

}  // namespace

Result<NamedTensors> parse_npz(std::string_view bytes) {
  if (bytes.starts_with("\x93NUMPY"))
    return invalid_argument(
        "it is one .npy array, not an archive; give it as --input NAME=@FILE.npy");
  HY_ASSIGN_OR_RETURN(const auto members, read_directory(bytes));
  NamedTensors out;
  for (const Member& m : members) {
    HY_ASSIGN_OR_RETURN(const std::string npy, content(bytes, m));
    auto tensor = parse_npy(npy);
    if (!tensor.ok()) return tensor.status().with_context("member " + m.name);
    std::string name = m.name;
    if (name.ends_with(".npy")) name.resize(name.size() - 4);
    out.emplace_back(std::move(name), std::move(tensor).value());
  }
  return out;
}

Result<NamedTensors> read_npz(const std::string& path) {
  HY_ASSIGN_OR_RETURN(const std::string bytes, read_file(path));
  auto out = parse_npz(bytes);
  if (!out.ok()) return out.status().with_context(path);
  return out;
}

}  // namespace halyard::cli
