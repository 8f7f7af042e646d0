#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "draw.hpp"
#include "exit_code.hpp"
#include "expectation.hpp"
#include "predictions.hpp"
#include "ranking.hpp"
#include "run_report.hpp"
#include "verbs.hpp"

namespace halyard::cli {
namespace {

struct RunOptions {
  std::vector<std::string> input, inputs, expect;
  std::string outputs, labels, profile;
  size_t top = 0;
  Tolerance tolerance;
  std::string image_mean, image_scale, image_layout, draw_to;
  std::vector<std::string> draw;
  int64_t sample_rate = 0;

  size_t predictions() const { return std::max<size_t>(inputs.size(), 1); }
  bool into_folder() const {
    return predictions() > 1 || outputs.ends_with('/') || std::filesystem::is_directory(outputs);
  }
};

Status check(const RunOptions& o) {
  const auto config = [](std::string m) { return Status(HY_ERROR_CONFIG, std::move(m)); };
  if (!o.expect.empty() && o.expect.size() != o.predictions())
    return config(
        fmt::format("--expect is given {} times for {} predictions; give one for each --inputs",
                    o.expect.size(), o.predictions()));
  if (o.predictions() > 1 && o.outputs.ends_with(".npz"))
    return config(fmt::format("--outputs {}: {} predictions need a folder; write --outputs DIR/",
                              o.outputs, o.predictions()));
  if (o.draw.empty() != o.draw_to.empty())
    return config("--draw SPEC and --draw-to FILE.png belong together");
  if (!o.draw.empty() && o.predictions() > 1)
    return config(
        fmt::format("--draw is for one prediction; --inputs asks for {}", o.predictions()));
  return {};
}

/// How pictures become numbers: the options, else the model's metadata, else the defaults.
Result<ImageOptions> image_options(const Model& model, const RunOptions& o) {
  const auto either = [&](const std::string& option, const char* key) -> std::string {
    if (!option.empty()) return option;
    const auto metadata = model.metadata(key);
    return metadata.ok() ? *metadata : std::string();
  };
  ImageOptions out;
  if (const std::string text = either(o.image_scale, "image.scale"); !text.empty()) {
    HY_ASSIGN_OR_RETURN(out.scale, parse_factors(text));
  }
  if (const std::string text = either(o.image_mean, "image.mean"); !text.empty()) {
    HY_ASSIGN_OR_RETURN(out.mean, parse_factors(text));
  }
  // Metadata says for example "NCHW, BGR"; where the channels lie is known from the dims.
  const std::string layout = either(o.image_layout, "image.layout");
  out.bgr = layout.find("bgr") != std::string::npos || layout.find("BGR") != std::string::npos;
  return out;
}

Result<std::vector<std::string>> class_labels(const Model& model, const RunOptions& o) {
  if (!o.labels.empty() || o.top == 0) return read_labels(o.labels);
  const auto metadata = model.metadata("labels");
  return metadata.ok() ? split_labels(*metadata) : std::vector<std::string>();
}

Result<NamedTensors> read_inputs(const RunOptions& o, size_t index, const std::vector<Port>& ports,
                                 const ImageOptions& images, bool quiet) {
  std::vector<std::string> notes;
  NamedTensors archive;
  if (!o.inputs.empty()) {
    HY_ASSIGN_OR_RETURN(archive, read_npz(o.inputs[index]));
  }
  HY_ASSIGN_OR_RETURN(NamedTensors values, gather_inputs(ports, std::move(archive), o.input,
                                                         {images, o.sample_rate, &notes}));
  if (!quiet)
    for (const std::string& note : notes) fmt::print(stderr, "halyard: {}\n", note);
  HY_ASSIGN_OR_RETURN(const auto made_up, fill_missing(ports, &values));
  if (!made_up.empty() && !quiet)
    fmt::print(stderr, "halyard: no value is given for {}: random:0 is used\n",
               fmt::join(made_up, ", "));
  return values;
}

/// state: null for a model that keeps none.
Result<Prediction> predict(const Session& session, const State* state, NamedTensors values) {
  HY_ASSIGN_OR_RETURN(const Bound bound, bind_values(session.outputs(), values));
  const auto start = std::chrono::steady_clock::now();
  HY_ASSIGN_OR_RETURN(const auto results, session.run(bound.inputs, bound.outputs, {}, state));
  Prediction out;
  out.ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  for (size_t i = 0; i < results.size(); ++i) {
    HY_RETURN_IF_ERROR(append_host(bound.outputs[i], results[i], &out.outputs));
  }
  return out;
}

/// The --input that is a picture: its port's name and its file.
std::optional<std::pair<std::string, std::string>> picture_input(const RunOptions& o) {
  for (const std::string& text : o.input) {
    const size_t at = text.find("=@");
    if (at == std::string::npos) continue;
    const std::string file = text.substr(at + 2);
    const std::string end = std::filesystem::path(file).extension().string();
    if (end == ".png" || end == ".jpg" || end == ".jpeg" || end == ".PNG" || end == ".JPG" ||
        end == ".JPEG")
      return std::pair(text.substr(0, at), file);
  }
  return std::nullopt;
}

/// The picture with what --draw asks for, to --draw-to. size: width and height that the model saw.
Status draw_outputs(const RunOptions& o, const std::vector<DrawSpec>& specs,
                    const NamedTensors& outputs, std::pair<int64_t, int64_t> size, bool quiet) {
  HY_ASSIGN_OR_RETURN(Picture picture, read_picture(picture_input(o)->second));
  int64_t count = 0;
  for (const DrawSpec& spec : specs) {
    HY_ASSIGN_OR_RETURN(const int64_t drawn, draw(picture, outputs, spec, size.first, size.second));
    count += drawn;
  }
  HY_RETURN_IF_ERROR(write_png(o.draw_to, picture));
  if (!quiet)
    fmt::print(stderr, "halyard: {} drawn into {}\n",
               count == 1 ? "1 thing is" : fmt::format("{} things are", count), o.draw_to);
  return {};
}

/// FILE.npz, or a folder with 0.npz, 1.npz, ...
Status save(const RunOptions& o, const std::vector<Prediction>& predictions) {
  if (o.outputs.empty()) return {};
  if (!o.into_folder()) return write_npz(o.outputs, predictions[0].outputs);
  std::error_code error;
  std::filesystem::create_directories(o.outputs, error);
  if (error) return io_error(fmt::format("{}: {}", o.outputs, error.message()));
  for (size_t i = 0; i < predictions.size(); ++i) {
    const auto file = std::filesystem::path(o.outputs) / fmt::format("{}.npz", i);
    HY_RETURN_IF_ERROR(write_npz(file.string(), predictions[i].outputs));
  }
  return {};
}

int run(const Common& common, ModelOptions& model_options, const RunOptions& o) {
  if (Status s = check(o); !s.ok()) return fail(s, Stage::kArguments);
  std::vector<NamedTensors> expected;
  for (const std::string& file : o.expect) {
    auto archive = read_npz(file);
    if (!archive.ok()) return fail(archive.status(), Stage::kArguments);
    expected.push_back(std::move(archive).value());
  }
  std::vector<DrawSpec> specs;
  for (const std::string& text : o.draw) {
    auto spec = parse_draw(text);
    if (!spec.ok()) return fail(spec.status(), Stage::kArguments);
    specs.push_back(std::move(spec).value());
  }
  const auto picture = picture_input(o);
  if (!specs.empty() && !picture)
    return fail({HY_ERROR_CONFIG, "--draw needs a picture: --input NAME=@picture.png"},
                Stage::kArguments);
  auto runtime = make_runtime(common, model_options.placement);
  if (!runtime.ok()) return fail(runtime.status(), Stage::kArguments);
  const auto model = open_model(*runtime, common, model_options);
  if (!model.ok()) return fail(model.status(), Stage::kModel);
  const auto images = image_options(*model, o);
  if (!images.ok()) return fail(images.status(), Stage::kArguments);
  const auto labels = class_labels(*model, o);
  if (!labels.ok()) return fail(labels.status(), Stage::kArguments);
  const auto session = model->session(model_options.session);
  if (!session.ok()) return fail(session.status(), Stage::kPlacement);

  if (!o.profile.empty())
    if (Status s = session->record(true); !s.ok()) return fail(s, Stage::kRun);
  const auto state = fresh_state(*session);  // one for all predictions, which go on from each other
  if (!state.ok()) return fail(state.status(), Stage::kRun);
  RunReport report{model_options.model, {}, {}, !o.expect.empty(), {}};
  const std::vector<Port> ports = session->inputs();
  for (size_t i = 0; i < o.predictions(); ++i) {
    auto values = read_inputs(o, i, ports, *images, common.quiet);
    if (!values.ok()) return fail(values.status(), Stage::kArguments);
    std::pair<int64_t, int64_t> seen;
    for (const auto& [name, value] : *values)
      if (picture && name == picture->first) seen = picture_size(value.dims);
    auto prediction = predict(*session, state->get(), std::move(values).value());
    if (!prediction.ok()) return fail(prediction.status(), Stage::kRun);
    if (o.top > 0 && !prediction->outputs.empty())
      prediction->top = top_k(prediction->outputs[0].second, o.top, *labels);
    if (!specs.empty())
      if (Status s = draw_outputs(o, specs, prediction->outputs, seen, common.quiet); !s.ok())
        return fail(s, Stage::kArguments);
    if (!expected.empty())
      prediction->differences = differences(prediction->outputs, expected[i], o.tolerance);
    report.predictions.push_back(std::move(prediction).value());
  }
  // After the runs: where dims are open, only these tell the providers what they are.
  report.plan = session->plan();
  report.summary = session->summary();
  if (Status s = save(o, report.predictions); !s.ok()) return fail(s, Stage::kArguments);
  if (!o.profile.empty()) (void)session->record(false);  // keeps what was measured
  if (!o.profile.empty())
    if (Status s = write_file(o.profile, session->trace()); !s.ok())
      return fail(s, Stage::kArguments);
  if (common.json)
    print_json(report);
  else
    print_text(report);
  return report.as_expected() ? kOk : kDifferent;
}

}  // namespace

void add_run(CLI::App& app, int* exit_code) {
  auto* verb = app.add_subcommand("run", "One or more predictions");
  auto common = std::make_shared<Common>();
  auto model = std::make_shared<ModelOptions>();
  auto o = std::make_shared<RunOptions>();
  add_common(*verb, *common);
  add_model(*verb, *model);
  const auto repeatable = [&](const char* name, std::vector<std::string>& to, const char* help) {
    verb->add_option(name, to, help)->allow_extra_args(false);
  };
  repeatable("--input", o->input,
             "NAME=VALUE: @file.npy, @file.pb, @picture.png, @picture.jpg, @sound.wav, @text.txt, "
             "random[:SEED], 1x3xf32=0.5, 7, or text");
  repeatable("--inputs", o->inputs,
             "An .npz whose keys are input names; repeat for several predictions");
  repeatable("--expect", o->expect,
             "An .npz to compare with, matched to --inputs in order; exit code 1 on a difference");
  verb->add_option("--outputs", o->outputs, "FILE.npz, or DIR/ for several predictions");
  verb->add_option("--profile", o->profile,
                   "A file for a Chrome trace of the runs, which Perfetto opens");
  verb->add_option("--rtol", o->tolerance.rtol,
                   "Relative tolerance; default 1e-3, for f16 and bf16 1e-2")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--atol", o->tolerance.atol,
                   "Absolute tolerance; default 1e-5, for f16 and bf16 1e-3")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--top", o->top, "Print the K best classes of the first output");
  verb->add_option("--labels", o->labels, "A file with the name of a class in each line");
  verb->add_option(
      "--image-scale", o->image_scale,
      "A picture's values are (v - mean) * scale, v in 0..255; default the model's, else 1/255");
  verb->add_option("--image-mean", o->image_mean,
                   "One number, or one for each channel: 123.7,116.3,103.5");
  verb->add_option("--image-layout", o->image_layout,
                   "The order of the channels that the model wants")
      ->check(CLI::IsMember({"rgb", "bgr"}));
  verb->add_option("--sample-rate", o->sample_rate,
                   "What the model wants of a sound, in Hz; a file of another rate is an error")
      ->check(CLI::PositiveNumber);
  repeatable("--draw", o->draw,
             "boxes=OUTPUT[,scores=OUTPUT][,class=K][,threshold=T][,nms=T]"
             "[,format=xyxy|xywh|cxcywh|yxyx][,normalised] or mask=OUTPUT: onto the picture given");
  verb->add_option("--draw-to", o->draw_to, "The PNG that --draw writes");
  verb->footer("Example: halyard run m.onnx --inputs in.npz --expect out.npz --rtol 1e-4");
  verb->callback([=] { *exit_code = run(*common, *model, *o); });
}

}  // namespace halyard::cli
