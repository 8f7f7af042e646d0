// A host that exports another protobuf's functions: Halyard must refuse to read, and say why.
//
//   neighbours_protobuf MODEL...

#include <cstdio>
#include <string>

#include "halyard/halyard.hpp"

extern "C" {
// The name that google::protobuf::internal::VerifyVersion(int, int, const char*) has in every protobuf 3.
__attribute__((visibility("default"))) void neighbour_verify_version(int, int, const char*) asm(
    "_ZN6google8protobuf8internal13VerifyVersionEiiPKc");
void neighbour_verify_version(int, int, const char*) {}
}

bool refused(halyard::Runtime& runtime, const char* path) {
  const auto model = runtime.load(path);
  if (model.ok()) return std::printf("FAIL %s was read\n", path), false;
  const std::string words = model.status().message();
  const bool said = model.status().code() == HY_ERROR_UNSUPPORTED &&
                    words.find("takes protobuf from") != std::string::npos &&
                    words.find("libprotobuf-lite.so.") != std::string::npos &&
                    words.find("neighbours_protobuf") != std::string::npos;
  std::printf("%s %s\n", said ? "ok  " : "FAIL", words.c_str());
  return said;
}

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  auto runtime = halyard::Runtime::create();
  if (!runtime.ok()) return std::printf("FAIL %s\n", runtime.status().message().c_str()), 1;
  bool all = true;
  for (int i = 1; i < argc; ++i) all = refused(*runtime, argv[i]) && all;
  return all ? 0 : 1;
}
