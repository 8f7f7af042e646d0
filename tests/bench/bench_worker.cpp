// Times a model over halyard.hpp. side_by_side.py starts it beside its peer and talks to both by lines:
//
//   bench_worker MODEL INPUTS THREADS       INPUTS: a JSON list of {name, type, dims, file}
//   < run N                                 N predictions
//   > SECONDS                               for all of them
//
// Exit 2: what could not be done, on stderr.
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "halyard/halyard.hpp"
#include "halyard/opset.hpp"

namespace {

using halyard::Result;
using halyard::Status;
using halyard::Tensor;

struct Prepared {
  std::vector<std::string> names;
  std::vector<Tensor> tensors;
};

Result<Prepared> read_inputs(const std::string& path) {
  std::ifstream file(path);
  const auto list = nlohmann::json::parse(file, nullptr, false);
  if (!list.is_array()) return halyard::io_error(path + " is no JSON list");
  Prepared out;
  for (const auto& entry : list) {
    const uint32_t dtype = halyard::dtype_from_name(entry.at("type").get<std::string>());
    if (dtype == HY_DTYPE_UNDEFINED)
      return halyard::invalid_argument("unknown type " + entry.at("type").dump());
    const auto dims = entry.at("dims").get<std::vector<int64_t>>();
    HY_ASSIGN_OR_RETURN(Tensor tensor, Tensor::create(dtype, dims));
    std::ifstream data(entry.at("file").get<std::string>(), std::ios::binary);
    data.read(static_cast<char*>(tensor.data()), static_cast<std::streamsize>(tensor.bytes()));
    if (static_cast<uint64_t>(data.gcount()) != tensor.bytes())
      return halyard::io_error(entry.at("file").dump() + " has not the bytes of its dims");
    out.names.push_back(entry.at("name").get<std::string>());
    out.tensors.push_back(std::move(tensor));
  }
  return out;
}

Status serve(const std::string& path, const std::string& inputs, uint32_t threads) {
  HY_ASSIGN_OR_RETURN(const halyard::Runtime runtime, halyard::Runtime::create());
  HY_ASSIGN_OR_RETURN(const halyard::Model model, runtime.load(path));
  halyard::SessionOptions options;
  options.threads = threads;
  HY_ASSIGN_OR_RETURN(const halyard::Session session, model.session(options));
  HY_ASSIGN_OR_RETURN(const Prepared prepared, read_inputs(inputs));
  std::vector<std::pair<std::string, const Tensor*>> given;
  for (size_t i = 0; i < prepared.names.size(); ++i)
    given.emplace_back(prepared.names[i], &prepared.tensors[i]);
  std::vector<std::string> wanted;
  for (const halyard::Port& port : session.outputs()) wanted.push_back(port.name);

  std::string verb;
  for (int64_t n = 0; std::cin >> verb >> n;) {
    const auto begin = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < n; ++i) HY_RETURN_IF_ERROR(session.run(given, wanted).status());
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    std::cout << taken.count() << std::endl;
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: bench_worker MODEL INPUTS THREADS\n";
    return 2;
  }
  const Status status = serve(argv[1], argv[2], static_cast<uint32_t>(std::stoul(argv[3])));
  if (status.ok()) return 0;
  std::cerr << status.message() << "\n";
  return 2;
}
