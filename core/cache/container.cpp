#include "core/cache/container.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <tuple>

#include "core/base/descriptor.hpp"
#include "core/cache/byte_reader.hpp"

namespace halyard::core {
namespace {

constexpr char kMagic[8] = {'H', 'Y', 'C', 'M', 'O', 'D', 'E', 'L'};
constexpr uint32_t kVersion = 1;
constexpr uint32_t kMaxSections = 1u << 22;

struct Header {
  char magic[8];
  uint32_t version, header_bytes;
  uint64_t total_bytes;
  uint64_t directory_offset;
  uint32_t section_count, section_stride;
  Digest digest;  // of the header up to here and the directory
  uint64_t reserved;
};
static_assert(sizeof(Header) == kSectionAlignment);

struct Record {
  uint32_t kind, flags;
  uint64_t number, offset, bytes;
  Digest digest;
};
static_assert(sizeof(Record) == 48);

Digest directory_digest(const Header& h, ByteSpan directory) {
  Hasher hasher;
  hasher.add({reinterpret_cast<const unsigned char*>(&h), offsetof(Header, digest)});
  hasher.add(directory);
  return hasher.digest();
}

bool before(const Section& a, const Section& b) {
  return std::tie(a.kind, a.number) < std::tie(b.kind, b.number);
}

Result<Header> read_header(ByteSpan bytes) {
  const auto h = ByteReader(bytes).record<Header>();
  if (!h)
    return invalid_model(fmt::format("it is {} bytes long; the header of a compiled model has {}",
                                     bytes.size(), sizeof(Header)));
  if (!Container::begins_as_container(bytes))
    return invalid_model("it does not begin as a compiled model does");
  if (h->version != kVersion || h->header_bytes != sizeof(Header) ||
      h->section_stride != sizeof(Record))
    return invalid_model(fmt::format("it has version {} of the format; this library reads {}",
                                     h->version, kVersion));
  if (h->total_bytes != bytes.size())
    return invalid_model(
        fmt::format("it is {} bytes long and says that it has {}", bytes.size(), h->total_bytes));
  if (h->section_count > kMaxSections || h->directory_offset > bytes.size() ||
      uint64_t{h->section_count} * sizeof(Record) > bytes.size() - h->directory_offset)
    return invalid_model(fmt::format("its directory of {} sections at byte {} lies outside of it",
                                     h->section_count, h->directory_offset));
  return *h;
}

Result<Section> read_section(const Record& r, uint32_t index, ByteSpan bytes) {
  if (r.offset % kSectionAlignment != 0 || r.offset < sizeof(Header) || r.offset > bytes.size() ||
      r.bytes > bytes.size() - r.offset)
    return invalid_model(
        fmt::format("section {}: {} bytes at byte {} are not aligned or lie outside of the file",
                    index, r.bytes, r.offset));
  const ByteSpan content =
      bytes.subspan(static_cast<size_t>(r.offset), static_cast<size_t>(r.bytes));
  if (digest_of(content) != r.digest)
    return invalid_model(fmt::format("section {} (kind {}, number {}): its checksum is wrong",
                                     index, r.kind, r.number));
  return Section{r.kind, r.number, content, r.digest};
}

}  // namespace

bool Container::begins_as_container(ByteSpan first_bytes) {
  return first_bytes.size() >= sizeof kMagic &&
         std::memcmp(first_bytes.data(), kMagic, sizeof kMagic) == 0;
}

Status Container::read(ByteSpan bytes) {
  HY_ASSIGN_OR_RETURN(const Header h, read_header(bytes));
  const ByteSpan directory = bytes.subspan(static_cast<size_t>(h.directory_offset),
                                           size_t{h.section_count} * sizeof(Record));
  if (directory_digest(h, directory) != h.digest)
    return invalid_model("the checksum of its directory is wrong");
  ByteReader reader(directory);
  for (uint32_t i = 0; i < h.section_count; ++i) {
    HY_ASSIGN_OR_RETURN(Section s, read_section(*reader.record<Record>(), i, bytes));
    sections_.push_back(s);
  }
  std::sort(sections_.begin(), sections_.end(), before);
  for (size_t i = 1; i < sections_.size(); ++i)
    if (!before(sections_[i - 1], sections_[i]))
      return invalid_model(fmt::format("there are two sections of kind {} and number {}",
                                       sections_[i].kind, sections_[i].number));
  return {};
}

Result<std::shared_ptr<const Container>> Container::parse(ByteSpan bytes) {
  std::shared_ptr<Container> out(new Container);
  HY_RETURN_IF_ERROR(out->read(bytes));
  return std::shared_ptr<const Container>(std::move(out));
}

Result<std::shared_ptr<const Container>> Container::open(const std::filesystem::path& file) {
  const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat s {};
  if (!fd.valid() || fstat(fd.get(), &s) != 0)
    return io_error(fmt::format("{}: {}", file.string(), std::strerror(errno)));
  if (!S_ISREG(s.st_mode)) return invalid_model(file.string() + ": it is not a file");
  std::shared_ptr<Container> out(new Container);
  const auto size = static_cast<size_t>(s.st_size);
  if (size != 0) {
    void* map = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (map == MAP_FAILED)
      return io_error(
          fmt::format("{}: mapping {} bytes: {}", file.string(), size, std::strerror(errno)));
    out->map_ = map;
    out->map_bytes_ = size;
  }
  const ByteSpan bytes(static_cast<const unsigned char*>(out->map_), size);
  HY_RETURN_IF_ERROR(out->read(bytes).with_context(file.string()));
  return std::shared_ptr<const Container>(std::move(out));
}

Container::~Container() {
  if (map_ != nullptr) munmap(map_, map_bytes_);
}

const Section* Container::find(uint32_t kind, uint64_t number) const {
  Section wanted;
  wanted.kind = kind;
  wanted.number = number;
  const auto it = std::lower_bound(sections_.begin(), sections_.end(), wanted, before);
  return it != sections_.end() && !before(wanted, *it) ? &*it : nullptr;
}

std::vector<const Section*> Container::all(uint32_t kind) const {
  std::vector<const Section*> out;
  for (const Section& s : sections_)
    if (s.kind == kind) out.push_back(&s);
  return out;
}

Result<std::unique_ptr<ContainerWriter>> ContainerWriter::create(
    const std::filesystem::path& file) {
  std::unique_ptr<ContainerWriter> out(new ContainerWriter);
  out->file_ = file;
  std::string name = file.string() + ".new-XXXXXX";
  out->fd_ = mkostemp(name.data(), O_CLOEXEC);
  if (out->fd_ < 0)
    return io_error(fmt::format("{}: cannot be written: {}", file.string(), std::strerror(errno)));
  out->temporary_ = name;
  HY_RETURN_IF_ERROR(out->write(std::vector<unsigned char>(sizeof(Header))));
  return out;
}

ContainerWriter::~ContainerWriter() {
  if (fd_ >= 0) close(fd_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Status ContainerWriter::write(ByteSpan bytes) {
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::write(fd_, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      return io_error(fmt::format("{}: writing at byte {}: {}", file_.string(), at_ + done,
                                  std::strerror(errno)));
    done += static_cast<size_t>(n);
  }
  at_ += bytes.size();
  return {};
}

Status ContainerWriter::pad() {
  static constexpr unsigned char kZeros[kSectionAlignment] = {};
  const uint64_t over = at_ % kSectionAlignment;
  return over == 0 ? Status() : write(ByteSpan(kZeros).first(kSectionAlignment - over));
}

Status ContainerWriter::add(uint32_t kind, uint64_t number,
                            std::initializer_list<ByteSpan> pieces) {
  HY_RETURN_IF_ERROR(pad());
  const uint64_t begin = at_;
  Hasher hasher;
  for (const ByteSpan piece : pieces) {
    hasher.add(piece);
    HY_RETURN_IF_ERROR(write(piece));
  }
  records_.push_back({kind, number, begin, at_ - begin, hasher.digest()});
  return {};
}

Status ContainerWriter::finish() {
  HY_RETURN_IF_ERROR(pad());
  std::string directory;
  for (const Written& w : records_)
    append_record(&directory, Record{w.kind, 0, w.number, w.offset, w.bytes, w.digest});
  Header h{};
  std::memcpy(h.magic, kMagic, sizeof kMagic);
  h.version = kVersion;
  h.header_bytes = sizeof h;
  h.directory_offset = at_;
  h.total_bytes = at_ + directory.size();
  h.section_count = static_cast<uint32_t>(records_.size());
  h.section_stride = sizeof(Record);
  h.digest = directory_digest(h, bytes_of(directory));
  HY_RETURN_IF_ERROR(write(bytes_of(directory)));
  const bool done = pwrite(fd_, &h, sizeof h, 0) == static_cast<ssize_t>(sizeof h) &&
                    fchmod(fd_, 0644) == 0 && fsync(fd_) == 0 &&
                    rename(temporary_.c_str(), file_.c_str()) == 0;
  if (!done)
    return io_error(fmt::format("{}: finishing it: {}", file_.string(), std::strerror(errno)));
  temporary_.clear();
  return {};
}

}  // namespace halyard::core
