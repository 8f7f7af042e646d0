#include "core/plugin/plugin_identity.hpp"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <link.h>

#include <array>
#include <cstring>

#include "core/base/descriptor.hpp"

namespace halyard::core {
namespace {

struct Search {
  uintptr_t code;
  std::string build_id;
};

/// The build id among the notes of one segment: name size, description size, type, name, description.
std::string build_id_in(const unsigned char* notes, size_t size) {
  while (size >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    std::memcpy(&note, notes, sizeof note);
    const size_t name_size = (size_t{note.n_namesz} + 3) / 4 * 4;
    const size_t text_size = (size_t{note.n_descsz} + 3) / 4 * 4;
    if (sizeof note + name_size + text_size > size) return {};
    const unsigned char* name = notes + sizeof note;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0) {
      std::string out;
      for (size_t i = 0; i < note.n_descsz; ++i) out += fmt::format("{:02x}", name[name_size + i]);
      return out;
    }
    notes += sizeof note + name_size + text_size;
    size -= sizeof note + name_size + text_size;
  }
  return {};
}

int visit(dl_phdr_info* info, size_t, void* ctx) {
  auto& search = *static_cast<Search*>(ctx);
  bool here = false;
  for (size_t i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& p = info->dlpi_phdr[i];
    const uintptr_t begin = info->dlpi_addr + p.p_vaddr;
    here = here || (p.p_type == PT_LOAD && search.code >= begin && search.code - begin < p.p_memsz);
  }
  for (size_t i = 0; here && i < info->dlpi_phnum && search.build_id.empty(); ++i) {
    const ElfW(Phdr)& p = info->dlpi_phdr[i];
    if (p.p_type == PT_NOTE)
      search.build_id = build_id_in(
          reinterpret_cast<const unsigned char*>(info->dlpi_addr + p.p_vaddr), p.p_memsz);
  }
  return here ? 1 : 0;
}

}  // namespace

PluginIdentity PluginIdentity::find(std::string version, const std::filesystem::path& file,
                                    const void* code) {
  Search search{reinterpret_cast<uintptr_t>(code), {}};
  dl_iterate_phdr(visit, &search);
  return {std::move(version), search.build_id, file, FileIdentity::of(file.string())};
}

std::optional<Digest> PluginIdentity::file_digest() const {
  if (!file_state) return std::nullopt;
  const Descriptor fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat s {};
  const auto unchanged = [&] {
    return fd.valid() && fstat(fd.get(), &s) == 0 && FileIdentity::from(s) == *file_state;
  };
  if (!unchanged()) return std::nullopt;
  Hasher hasher;
  std::array<unsigned char, 1 << 16> piece;
  for (uint64_t left = file_state->bytes; left != 0;) {
    const size_t n = static_cast<size_t>(std::min<uint64_t>(left, piece.size()));
    if (!fd.read_all(piece.data(), n)) return std::nullopt;
    hasher.add(ByteSpan(piece).first(n));
    left -= n;
  }
  if (!unchanged()) return std::nullopt;
  return hasher.digest();
}

}  // namespace halyard::core
