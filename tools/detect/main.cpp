// halyard-detect MODEL IMAGE OUT.png: finds faces and draws a box around each.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <string>

#include "halyard/halyard.hpp"
#include "tools/detect/faces.hpp"
#include "tools/detect/picture.hpp"
#include "tools/halyard/image.hpp"

namespace halyard::detect {
namespace {

enum ExitCode { kOk = 0, kUsage = 2, kModel = 3, kPlacement = 4, kDevice = 5 };

int fail(ExitCode code, const Status& status) {
  fmt::print(stderr, "halyard-detect: {}\n", status.message());
  return code;
}

/// Which ports of the model are which.
struct Ports {
  Port input, scores, boxes;
};

Result<Ports> find_ports(const Session& session) {
  const auto inputs = session.inputs();
  if (inputs.size() != 1 || inputs[0].dims.size() != 4 || inputs[0].dtype != HY_DTYPE_F32)
    return invalid_model(
        "the model is no detector of this kind: one input, f32 [1,3,H,W], is wanted");
  Ports ports{inputs[0], {}, {}};
  for (const Port& p : session.outputs()) {
    if (p.dtype != HY_DTYPE_F32 || p.dims.size() != 3) continue;
    if (p.dims.back() == 2) ports.scores = p;
    if (p.dims.back() == 4) ports.boxes = p;
  }
  if (ports.scores.name.empty() || ports.boxes.name.empty())
    return invalid_model(
        "the model is no detector of this kind: outputs f32 [1,N,2] and f32 [1,N,4] are wanted");
  return ports;
}

void report(const Picture& picture, const std::vector<Face>& faces, double ms,
            const std::string& summary) {
  const auto width = static_cast<float>(picture.width), height = static_cast<float>(picture.height);
  fmt::print("{} face{} found in {:.2f} ms\n", faces.size(), faces.size() == 1 ? "" : "s", ms);
  for (const Face& f : faces)
    fmt::print("  confidence {:.3f} at ({:.0f}, {:.0f}) to ({:.0f}, {:.0f})\n", f.confidence,
               f.left * width, f.top * height, f.right * width, f.bottom * height);
  fmt::print("{}\n", summary);
}

int detect(const std::string& model_path, const std::string& image_path,
           const std::string& out_path) {
  auto picture = read_picture(image_path);
  if (!picture.ok()) return fail(kUsage, picture.status());
  auto runtime = Runtime::create();
  if (!runtime.ok()) return fail(kDevice, runtime.status());
  auto model = runtime->load(model_path);
  if (!model.ok()) return fail(kModel, model.status());
  auto session = model->session();
  if (!session.ok())
    return fail(session.status().code() == HY_ERROR_UNPLACED ? kPlacement : kModel,
                session.status());
  auto ports = find_ports(*session);
  if (!ports.ok()) return fail(kModel, ports.status().with_context(model_path));

  const cli::ImageOptions scaling{.scale = {1.0 / 128}, .mean = {127}};
  auto pixels = cli::load_image(image_path, ports->input.dims, HY_DTYPE_F32, scaling);
  if (!pixels.ok()) return fail(kUsage, pixels.status());
  auto input =
      Tensor::borrow(HY_DTYPE_F32, pixels->dims, pixels->bytes.data(), pixels->bytes.size());
  if (!input.ok()) return fail(kUsage, input.status());

  const auto start = std::chrono::steady_clock::now();
  auto outputs =
      session->run({{ports->input.name, &*input}}, {ports->scores.name, ports->boxes.name});
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  if (!outputs.ok()) return fail(kDevice, outputs.status());

  const auto faces = find_faces((*outputs)[0].as<const float>(), (*outputs)[1].as<const float>());
  for (const Face& f : faces) draw_box(*picture, f);
  if (Status s = write_png(out_path, *picture); !s.ok()) return fail(kUsage, s);
  report(*picture, faces, took.count(), session->summary());
  return kOk;
}

}  // namespace
}  // namespace halyard::detect

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: halyard-detect MODEL IMAGE OUT.png\n");
    return halyard::detect::kUsage;
  }
  try {
    return halyard::detect::detect(argv[1], argv[2], argv[3]);
  } catch (const std::exception& e) {  // out of memory
    fmt::print(stderr, "halyard-detect: {}\n", e.what());
    return halyard::detect::kDevice;
  }
}
