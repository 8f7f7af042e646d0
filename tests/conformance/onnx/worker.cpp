// Runs the cases that come on stdin, a JSON object a line, and answers each with one on stdout.
//   onnx_worker [--provider A[,B...]] [--threads N]
// --provider: these alone; whether the first of them has a node is reported as "claimed".
#include <iostream>

#include "check_case.hpp"

namespace {

using halyard::conformance::Outcome;
using halyard::conformance::Setting;
using nlohmann::json;

Setting parse(int argc, char** argv) {
  Setting s;
  s.session.threads = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--threads") s.session.threads = static_cast<uint32_t>(std::stoul(argv[i + 1]));
    if (option == "--provider") {
      s.session.providers = argv[i + 1];
      s.first_provider = s.session.providers.substr(0, s.session.providers.find(','));
    }
  }
  return s;
}

Outcome check(const halyard::Runtime& runtime, const Setting& setting, const json& spec) {
  try {
    return halyard::conformance::check_case(runtime, setting, spec);
  } catch (const json::exception& e) {
    return {"data", e.what(), false};
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Setting setting = parse(argc, argv);
  const auto runtime = halyard::Runtime::create();
  if (!runtime.ok()) {
    std::cerr << "onnx_worker: " << runtime.status().message() << "\n";
    return 1;
  }
  for (std::string line; std::getline(std::cin, line);) {
    const json spec = json::parse(line, nullptr, false);
    if (spec.is_discarded()) return 2;
    const Outcome o = check(*runtime, setting, spec);
    const json answer = {{"status", o.status}, {"detail", o.detail}, {"claimed", o.claimed}};
    // Names in a message may be anything; they must not cost the answer.
    std::cout << answer.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
  }
  return 0;
}
