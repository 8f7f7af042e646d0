#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "npy.hpp"

namespace halyard::cli {
namespace {

template <class T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// What the local header and the directory share. ZIP64 is not written.
std::string entry_fields(const std::string& name, uint32_t crc, uint32_t size) {
  const bool ascii = std::all_of(name.begin(), name.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  std::string out;
  put<uint16_t>(out, 20);                   // version needed
  put<uint16_t>(out, ascii ? 0 : 1 << 11);  // flags: the name is UTF-8
  put<uint16_t>(out, 0);                    // stored
  put<uint16_t>(out, 0);                    // time
  put<uint16_t>(out, 0x0021);  // date: 1980-01-01, so that equal results give equal files
  put(out, crc);
  put(out, size);
  put(out, size);
  put(out, static_cast<uint16_t>(name.size()));
  put<uint16_t>(out, 0);  // extra
  return out;
}

void put_end(std::string& out, size_t entries, size_t directory_bytes, size_t directory_offset) {
  put<uint32_t>(out, 0x06054b50);
  put<uint32_t>(out, 0);  // disks
  put(out, static_cast<uint16_t>(entries));
  put(out, static_cast<uint16_t>(entries));
  put(out, static_cast<uint32_t>(directory_bytes));
  put(out, static_cast<uint32_t>(directory_offset));
  put<uint16_t>(out, 0);  // comment
}

}  // namespace

Status write_npz(const std::string& path, const NamedTensors& tensors) {
  constexpr size_t kMaxArchive = 0xfffffff0u, kMaxName = 0xff00, kMaxEntries = 0xfffe;
  if (tensors.size() > kMaxEntries)
    return unsupported(
        fmt::format("{}: {} arrays; an archive holds {}", path, tensors.size(), kMaxEntries));
  std::string out, directory;
  for (const auto& [key, tensor] : tensors) {
    const std::string name = key + ".npy";
    if (name.size() > kMaxName)
      return unsupported(path + ": a name is longer than an archive can hold");
    auto npy = format_npy(tensor);
    if (!npy.ok()) return npy.status().with_context(path + ": " + key);
    if (npy->size() + out.size() > kMaxArchive)
      return unsupported(fmt::format("{}: archives of over 4 GiB are not written", path));
    const auto crc =
        static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(npy->data()), npy->size()));
    const std::string fields = entry_fields(name, crc, static_cast<uint32_t>(npy->size()));
    put<uint32_t>(directory, 0x02014b50);
    put<uint16_t>(directory, 20);  // made by
    directory += fields;
    directory.append(10, '\0');  // comment, disk, attributes
    put(directory, static_cast<uint32_t>(out.size()));
    directory += name;
    put<uint32_t>(out, 0x04034b50);
    out += fields + name + *npy;
  }
  const size_t offset = out.size();
  out += directory;
  put_end(out, tensors.size(), directory.size(), offset);
  return write_file(path, out);
}

}  // namespace halyard::cli
