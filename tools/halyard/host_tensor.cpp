#include "host_tensor.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "halyard/opset.hpp"

namespace halyard::cli {
namespace fs = std::filesystem;

int64_t element_count(const std::vector<int64_t>& dims) {
  int64_t n = 1;
  for (int64_t d : dims)
    if (d < 0 || __builtin_mul_overflow(n, d, &n)) return -1;
  return n;
}

Result<size_t> dense_bytes(uint32_t dtype, const std::vector<int64_t>& dims) {
  const int64_t count = element_count(dims), bits = dtype_bits(dtype);
  int64_t total = 0;
  if (bits == 0)
    return unsupported(fmt::format("tensors of type {} have no fixed size", dtype_name(dtype)));
  if (count < 0 || __builtin_mul_overflow(count, bits, &total))
    return invalid_argument(fmt::format("dims {} are negative or overflow", dims_text(dims)));
  const int64_t bytes = total / 8 + (total % 8 != 0 ? 1 : 0);
  const int64_t memory = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  if (memory > 0 && bytes > memory)
    return invalid_argument(fmt::format("{} {} needs {} MiB; this machine has {} MiB of memory",
                                        dtype_name(dtype), dims_text(dims), bytes >> 20,
                                        memory >> 20));
  return static_cast<size_t>(bytes);
}

std::string dims_text(const std::vector<int64_t>& dims) {
  return fmt::format("[{}]", fmt::join(dims, ","));
}

std::string describe(const HostTensor& t) {
  return fmt::format("{} {}", dtype_name(t.dtype), dims_text(t.dims));
}

Result<std::string> read_file(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error))
    return io_error(fmt::format("{}: is a folder, not a file", path));
  std::ifstream in(path, std::ios::binary);
  if (!in) return io_error(fmt::format("{}: {}", path, std::strerror(errno)));
  std::string bytes;
  char block[1 << 16];
  while (in.read(block, sizeof block) || in.gcount() > 0)
    bytes.append(block, static_cast<size_t>(in.gcount()));
  if (in.bad()) return io_error(fmt::format("{}: reading failed", path));
  return bytes;
}

Status write_file(const std::string& path, std::string_view bytes) {
  // A device, a pipe or a link is written through; a plain file is replaced.
  std::error_code error;
  const auto kind = fs::symlink_status(path, error).type();
  const bool replace = kind == fs::file_type::not_found || kind == fs::file_type::regular;
  const std::string target = replace ? fmt::format("{}.{}.part", path, getpid()) : path;
  std::ofstream out(target, std::ios::binary | std::ios::trunc);
  if (!out) return io_error(fmt::format("{}: {}", path, std::strerror(errno)));
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  const bool written = !out.fail();
  if (replace && written) fs::rename(target, path, error);
  if (replace && (!written || error)) std::remove(target.c_str());
  if (!written)
    return io_error(
        fmt::format("{}: writing {} bytes failed; is the disk full?", path, bytes.size()));
  if (error) return io_error(fmt::format("{}: {}", path, error.message()));
  return {};
}

}  // namespace halyard::cli
