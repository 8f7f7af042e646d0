#include "core/cache/mapped_files.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <fstream>

namespace halyard::core {

MappedFiles::MappedFiles() {
  std::ifstream in("/proc/self/maps");
  for (std::string line; std::getline(in, line);) {
    Map m;
    char rights[5] = "";
    int path_at = 0;
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " %4s %" SCNx64 " %*s %" SCNu64 " %n",
                    &m.begin, &m.end, rights, &m.offset, &m.inode, &path_at) != 5)
      continue;
    if (m.inode == 0 || rights[0] != 'r' || rights[1] == 'w') continue;
    m.path = line.substr(std::min(line.size(), static_cast<size_t>(path_at)));
    maps_.push_back(std::move(m));
  }
}

std::optional<MappedPiece> MappedFiles::find(const void* data, uint64_t size) const {
  const auto begin = reinterpret_cast<uintptr_t>(data);
  const auto after = std::upper_bound(maps_.begin(), maps_.end(), begin,
                                      [](uintptr_t at, const Map& m) { return at < m.begin; });
  if (after == maps_.begin()) return std::nullopt;
  const Map& m = *std::prev(after);
  if (begin >= m.end || size > m.end - begin) return std::nullopt;
  const auto file = FileIdentity::of(m.path);
  if (!file || file->inode != m.inode) return std::nullopt;
  return MappedPiece{*file, m.offset + (begin - m.begin)};
}

}  // namespace halyard::core
