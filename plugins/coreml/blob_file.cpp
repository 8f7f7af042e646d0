#include "blob_file.hpp"

#include <cstring>

namespace halyard::coreml {
namespace {

constexpr uint64_t kHeader = 64, kRecord = 64;
constexpr uint32_t kVersion = 2, kSentinel = 0xDEADBEEF;

// The numbers of BlobDataType, which are not those of MIL's DataType.
constexpr uint32_t kTypes[] = {HY_DTYPE_UNDEFINED, HY_DTYPE_F16,   HY_DTYPE_F32, HY_DTYPE_U8,
                               HY_DTYPE_I8,        HY_DTYPE_BF16,  HY_DTYPE_I16, HY_DTYPE_U16,
                               HY_DTYPE_I4,        HY_DTYPE_U1,    HY_DTYPE_U2,  HY_DTYPE_U4,
                               HY_DTYPE_U3,        HY_DTYPE_U6,    HY_DTYPE_I32, HY_DTYPE_U32,
                               HY_DTYPE_F8E4M3FN,  HY_DTYPE_F8E5M2};

template <class T>
T at(std::string_view bytes, uint64_t offset) {
  T out;
  std::memcpy(&out, bytes.data() + offset, sizeof out);
  return out;
}

}  // namespace

Result<BlobFile> BlobFile::open(const std::string& path) {
  HY_ASSIGN_OR_RETURN(FileMap map, FileMap::open(path));
  const std::string_view bytes = map.bytes();
  if (bytes.size() < kHeader)
    return invalid_model(path + " has " + std::to_string(bytes.size()) +
                         " bytes; its header alone has " + std::to_string(kHeader));
  if (const auto version = at<uint32_t>(bytes, 4); version != kVersion)
    return unsupported(path + " is of version " + std::to_string(version) + "; " +
                       std::to_string(kVersion) + " is read");
  return BlobFile(path, std::move(map));
}

Result<std::string_view> BlobFile::find(uint64_t offset, uint32_t dtype,
                                        const std::vector<int64_t>& dims) const {
  const std::string_view bytes = map_.bytes();
  const std::string where = path_ + ": the constant at " + std::to_string(offset);
  if (offset % kRecord != 0 || offset < kHeader || offset > bytes.size() ||
      bytes.size() - offset < kRecord)
    return invalid_model(where + ": the file has " + std::to_string(bytes.size()) + " bytes");
  if (at<uint32_t>(bytes, offset) != kSentinel)
    return invalid_model(where + ": no record is there");
  // Padding and what is reserved hold anything in files of older tools.
  const auto type = at<uint32_t>(bytes, offset + 4);
  const auto size = at<uint64_t>(bytes, offset + 8), data = at<uint64_t>(bytes, offset + 16);
  const bool boolean = dtype == HY_DTYPE_BOOL && type < std::size(kTypes) &&
                       (kTypes[type] == HY_DTYPE_U8 || kTypes[type] == HY_DTYPE_I8);
  if (type >= std::size(kTypes) || (kTypes[type] != dtype && !boolean))
    return invalid_model(where + ": it is of another type than the program says (" +
                         std::to_string(type) + ")");
  if (const uint64_t wanted = bytes_of(dtype, dims); size != wanted)
    return invalid_model(where + " has " + std::to_string(size) + " bytes; " + dims_text(dims) +
                         " needs " + std::to_string(wanted));
  if (data > bytes.size() || size > bytes.size() - data)
    return invalid_model(where + ": its data end at " + std::to_string(data + size) +
                         "; the file has " + std::to_string(bytes.size()) + " bytes");
  return bytes.substr(data, size);
}

}  // namespace halyard::coreml
