// halyard-read-text MODEL IMAGE...: reads the text in pictures.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>

#include "tools/read_text/reader.hpp"

namespace halyard::read_text {
namespace {

using nlohmann::json;

enum ExitCode { kOk = 0, kUsage = 2, kModel = 3, kPlacement = 4, kDevice = 5 };

struct Options {
  std::string model, drawing;
  std::vector<std::string> images;
  bool as_json = false;
};

int fail(ExitCode code, const Status& status) {
  fmt::print(stderr, "halyard-read-text: {}\n", status.message());
  return code;
}

void draw(cli::Picture& picture, const Reading& reading) {
  constexpr cli::Colour kLine = {0, 160, 255}, kCharacter = {255, 64, 0};
  for (const PlacedLine& l : reading.lines) {
    for (const Box& b : l.characters)
      cli::draw_frame(picture, b.left, b.top, b.right, b.bottom, kCharacter);
    cli::draw_frame(picture, l.box.left - 4, l.box.top - 4, l.box.right + 4, l.box.bottom + 4,
                    kLine);
  }
}

json box_json(const Box& b) { return {b.left, b.top, b.right, b.bottom}; }

json reading_json(const std::string& path, const Reading& r) {
  json lines = json::array();
  for (const PlacedLine& l : r.lines) {
    json characters = json::array();
    for (size_t i = 0; i < l.characters.size(); ++i)
      characters.push_back({{"text", l.line.characters[i].text},
                            {"confidence", l.line.characters[i].confidence},
                            {"box", box_json(l.characters[i])}});
    lines.push_back({{"text", l.line.text},
                     {"confidence", l.line.confidence},
                     {"box", box_json(l.box)},
                     {"characters", std::move(characters)}});
  }
  return {{"picture", path},       {"lines", std::move(lines)},
          {"slope", r.slope},      {"candidates", r.candidates},
          {"find_ms", r.find_ms},  {"network_ms", r.network_ms},
          {"total_ms", r.total_ms}};
}

void print(const std::string& path, const Reading& r) {
  if (r.lines.empty()) fmt::print("{}: no text found\n", path);
  for (const PlacedLine& l : r.lines)
    fmt::print("{}\n  confidence {:.3f}, {} characters at ({:.0f}, {:.0f}) to ({:.0f}, {:.0f})\n",
               l.line.text, l.line.confidence, l.characters.size(), l.box.left, l.box.top,
               l.box.right, l.box.bottom);
  fmt::print(
      "  {:.2f} ms: {:.2f} ms to find the characters (slope {:.1f} degrees), {:.2f} ms for the "
      "network on {} candidates\n",
      r.total_ms, r.find_ms, r.slope, r.network_ms, r.candidates);
}

/// Each cluster, its device and the nodes that run there, from the plan.
void print_placement(const Session& session) {
  const json plan = json::parse(session.plan(), nullptr, false);
  if (plan.is_discarded()) return;
  for (const json& cluster : plan.value("clusters", json::array())) {
    std::string nodes;
    for (const json& index : cluster.value("nodes", json::array())) {
      const json& node = plan["nodes"][index.get<size_t>()];
      nodes += (nodes.empty() ? "" : " ") + node.value("op", std::string());
    }
    fmt::print("  {} on {}: {}\n", cluster.value("provider", std::string()),
               cluster.value("device", std::string()), nodes);
  }
  fmt::print("{}\n", session.summary());
}

int run(const Options& o) {
  auto runtime = Runtime::create();
  if (!runtime.ok()) return fail(kDevice, runtime.status());
  const auto reader = Reader::create(*runtime, o.model);
  if (!reader.ok())
    return fail(reader.status().code() == HY_ERROR_UNPLACED ? kPlacement : kModel, reader.status());
  json pictures = json::array();
  for (const std::string& path : o.images) {
    auto picture = cli::read_picture(path);
    if (!picture.ok()) return fail(kUsage, picture.status());
    const auto reading = reader->read(*picture);
    if (!reading.ok()) return fail(kDevice, reading.status().with_context(path));
    if (o.as_json)
      pictures.push_back(reading_json(path, *reading));
    else
      print(path, *reading);
    if (o.drawing.empty()) continue;
    draw(*picture, *reading);
    if (Status s = cli::write_png(o.drawing, *picture); !s.ok()) return fail(kUsage, s);
  }
  if (o.as_json)
    fmt::print("{}\n", json{{"schema", 1}, {"pictures", std::move(pictures)}}.dump());
  else
    print_placement(reader->session());
  return kOk;
}

int main(int argc, char** argv) {
  Options o;
  CLI::App app(
      "Reads the text in pictures: finds the characters, has a network name each, and puts "
      "words together.",
      "halyard-read-text");
  app.add_option("MODEL", o.model, "A network for one character, as tools/demo_data/text.onnx")
      ->required();
  app.add_option("IMAGE", o.images, "PNG or JPEG")->required();
  app.add_flag("--json", o.as_json, "Lines, characters, confidences and boxes as JSON");
  app.add_option("--draw", o.drawing, "Write the picture with its boxes here, as PNG; one IMAGE");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kOk : kUsage;
  }
  if (!o.drawing.empty() && o.images.size() != 1) {
    fmt::print(stderr, "halyard-read-text: --draw takes one picture, {} are given\n",
               o.images.size());
    return kUsage;
  }
  return run(o);
}

}  // namespace
}  // namespace halyard::read_text

int main(int argc, char** argv) {
  try {
    return halyard::read_text::main(argc, argv);
  } catch (const std::exception& e) {  // out of memory
    fmt::print(stderr, "halyard-read-text: {}\n", e.what());
    return halyard::read_text::kDevice;
  }
}
