#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>

#include "tests/unit/tools_halyard/bytes.hpp"
#include "tools/halyard/npy.hpp"

namespace halyard::cli::test {
namespace {

/// A file name of this process, gone at the end.
class TempFile {
 public:
  TempFile()
      : path_((std::filesystem::temp_directory_path() / ("npz_test." + std::to_string(getpid())))
                  .string()) {}
  ~TempFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string archive(const NamedTensors& tensors) {
  const TempFile file;
  EXPECT_TRUE(write_npz(file.path(), tensors).ok());
  return *read_file(file.path());
}

template <class T>
void put(std::string& out, T v) {
  out.append(reinterpret_cast<const char*>(&v), sizeof v);
}

std::string deflated(const std::string& bytes) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&z, bytes.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

/// An archive of one deflated member "x.npy"; with zip64, its sizes and the directory's place stand
/// in the ZIP64 records. claimed: the size that the directory gives.
std::string one_member(const std::string& npy, bool zip64, uint64_t claimed) {
  const std::string packed = deflated(npy);
  const auto crc = static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(npy.data()), static_cast<uInt>(npy.size())));
  std::string extra;
  if (zip64) {
    put<uint16_t>(extra, 1);
    put<uint16_t>(extra, 16);
    put<uint64_t>(extra, claimed);
    put<uint64_t>(extra, packed.size());
  }
  std::string fields;
  for (const uint16_t v : {20, 0, 8, 0, 33}) put(fields, v);
  put(fields, crc);
  put(fields, zip64 ? 0xffffffffu : static_cast<uint32_t>(packed.size()));
  put(fields, zip64 ? 0xffffffffu : static_cast<uint32_t>(claimed));
  put<uint16_t>(fields, 5);
  put(fields, static_cast<uint16_t>(extra.size()));
  std::string out("PK\3\4");
  out += fields + "x.npy" + extra + packed;
  const uint64_t directory = out.size();
  out += "PK\1\2";
  put<uint16_t>(out, 45);
  out += fields + std::string(10, '\0');
  put<uint32_t>(out, 0);  // the member's offset
  out += "x.npy" + extra;
  const uint64_t size = out.size() - directory;
  if (zip64) {
    const uint64_t end64 = out.size();
    out += "PK\6\6";
    put<uint64_t>(out, 44);
    put<uint32_t>(out, 45u << 16 | 45u);
    put<uint64_t>(out, 0);
    put<uint64_t>(out, 1);
    put<uint64_t>(out, 1);
    put<uint64_t>(out, size);
    put<uint64_t>(out, directory);
    out += "PK\6\7";
    put<uint32_t>(out, 0);
    put<uint64_t>(out, end64);
    put<uint32_t>(out, 1);
  }
  out += "PK\5\6";
  put<uint32_t>(out, 0);
  for (int i = 0; i < 2; ++i) put<uint16_t>(out, zip64 ? 0xffff : 1);
  put(out, zip64 ? 0xffffffffu : static_cast<uint32_t>(size));
  put(out, zip64 ? 0xffffffffu : static_cast<uint32_t>(directory));
  put<uint16_t>(out, 0);
  return out;
}

const HostTensor kX = tensor<float>(HY_DTYPE_F32, {300}, std::vector<float>(300, 0.25f));

TEST(Npz, ReadsWhatItWrites) {
  const auto back =
      parse_npz(archive({{"x", kX}, {"a/b:0", tensor<int64_t>(HY_DTYPE_I64, {}, {5})}}));
  ASSERT_TRUE(back.ok()) << back.status().message();
  ASSERT_EQ(back->size(), 2u);
  EXPECT_EQ((*back)[0].first, "x");
  EXPECT_EQ((*back)[0].second.bytes, kX.bytes);
  EXPECT_EQ((*back)[1].first, "a/b:0");
}

TEST(Npz, EqualTensorsGiveEqualBytes) { EXPECT_EQ(archive({{"x", kX}}), archive({{"x", kX}})); }

TEST(Npz, ReadsDeflatedMembers) {
  const std::string npy = *format_npy(kX);
  const auto t = parse_npz(one_member(npy, false, npy.size()));
  ASSERT_TRUE(t.ok()) << t.status().message();
  EXPECT_EQ((*t)[0].second.bytes, kX.bytes);
}

TEST(Npz, ReadsZip64) {
  const std::string npy = *format_npy(kX);
  const auto t = parse_npz(one_member(npy, true, npy.size()));
  ASSERT_TRUE(t.ok()) << t.status().message();
  EXPECT_EQ((*t)[0].second.bytes, kX.bytes);
}

TEST(Npz, DoesNotBelieveSizes) {
  const std::string npy = *format_npy(kX);
  for (const uint64_t claimed :
       {uint64_t{0}, uint64_t{npy.size() - 1}, uint64_t{npy.size() + 1}, uint64_t{1} << 40}) {
    const auto t = parse_npz(one_member(npy, true, claimed));
    ASSERT_FALSE(t.ok()) << claimed;
    EXPECT_NE(t.status().message().find("x.npy"), std::string::npos);
  }
}

TEST(Npz, ChecksChecksums) {
  std::string bytes = archive({{"x", kX}});
  bytes[300] = static_cast<char>(bytes[300] + 1);  // within the values
  const auto t = parse_npz(bytes);
  ASSERT_FALSE(t.ok());
  EXPECT_NE(t.status().message().find("checksum"), std::string::npos);
}

TEST(Npz, SaysThatANpyIsNoArchive) {
  const auto t = parse_npz(*format_npy(kX));
  ASSERT_FALSE(t.ok());
  EXPECT_NE(t.status().message().find("--input NAME=@"), std::string::npos);
}

TEST(Npz, ReadsNothingFromAnEmptyArchive) {
  const auto t = parse_npz(archive({}));
  ASSERT_TRUE(t.ok());
  EXPECT_TRUE(t->empty());
}

TEST(Npz, NamesTheFile) {
  const auto t = read_npz("/nowhere/x.npz");
  ASSERT_FALSE(t.ok());
  EXPECT_NE(t.status().message().find("/nowhere/x.npz"), std::string::npos);
}

TEST(Npz, SurvivesDamage) {
  const std::string npy = *format_npy(tensor<float>(HY_DTYPE_F32, {4}, {1, 2, 3, 4}));
  const std::string good[] = {archive({{"x", kX}, {"y", kX}}), one_member(npy, false, npy.size()),
                              one_member(npy, true, npy.size())};
  constexpr unsigned kSeed = 11;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int i = 0; i < 20000; ++i) (void)parse_npz(damaged(good[i % 3], random));
  for (const std::string& g : good)
    for (size_t n = 0; n < g.size(); ++n) EXPECT_FALSE(parse_npz(g.substr(0, n)).ok());
}

}  // namespace
}  // namespace halyard::cli::test
