// A file of sections, each with a kind, a number and a checksum, aligned so that it can be used where the map
// of the file lies.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "halyard/status.hpp"

namespace halyard::core {

struct Section {
  uint32_t kind = 0;
  uint64_t number = 0;  // unique within a kind
  ByteSpan bytes;       // aligned to kSectionAlignment
  Digest digest;        // of the bytes; verified
};

inline constexpr uint64_t kSectionAlignment = 64;

/// A map of a file, every part of which was checked. Constant; any thread. Its sections live as long as it.
class Container {
 public:
  /// The first bytes of a file say that it wants to be one.
  static bool begins_as_container(ByteSpan first_bytes);
  /// INVALID_MODEL says what is wrong with the file; IO that it cannot be read.
  static Result<std::shared_ptr<const Container>> open(const std::filesystem::path& file);
  /// Of bytes that the caller keeps alive: for tests.
  static Result<std::shared_ptr<const Container>> parse(ByteSpan bytes);
  ~Container();
  Container(const Container&) = delete;

  const std::vector<Section>& sections() const { return sections_; }
  /// The section, or null.
  const Section* find(uint32_t kind, uint64_t number) const;
  std::vector<const Section*> all(uint32_t kind) const;

 private:
  Container() = default;
  Status read(ByteSpan bytes);
  void* map_ = nullptr;
  size_t map_bytes_ = 0;
  std::vector<Section> sections_;  // by kind, then number
};

/// Writes a container beside the file and renames it at the end: who opens the name sees the old file or all
/// of the new one. One thread. Gone without a trace unless finish() was reached.
class ContainerWriter {
 public:
  static Result<std::unique_ptr<ContainerWriter>> create(const std::filesystem::path& file);
  ~ContainerWriter();
  ContainerWriter(const ContainerWriter&) = delete;
  /// The pieces make up one section.
  Status add(uint32_t kind, uint64_t number, std::initializer_list<ByteSpan> pieces);
  Status finish();

 private:
  struct Written {
    uint32_t kind;
    uint64_t number, offset, bytes;
    Digest digest;
  };
  ContainerWriter() = default;
  Status write(ByteSpan bytes);
  Status pad();
  std::filesystem::path file_, temporary_;
  int fd_ = -1;
  uint64_t at_ = 0;
  std::vector<Written> records_;
};

}  // namespace halyard::core
