#include "run_report.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "halyard/opset.hpp"

namespace halyard::cli {
namespace {

using Json = nlohmann::ordered_json;

/// JSON has no infinities and no NaN.
Json number(double v) { return std::isfinite(v) ? Json(v) : Json(fmt::format("{}", v)); }

bool several_rows(const Prediction& p) { return !p.top.empty() && p.top.back().row > 0; }

Json to_json(const Prediction& p, bool compared) {
  Json outputs = Json::array();
  for (const auto& [name, t] : p.outputs)
    outputs.push_back({{"name", name}, {"type", dtype_name(t.dtype)}, {"dims", t.dims}});
  Json out{{"ms", p.ms}, {"outputs", outputs}};
  for (const Ranked& r : p.top) {
    Json ranked{{"label", r.label}, {"score", number(r.score)}};
    if (several_rows(p)) ranked["row"] = r.row;
    out["top"].push_back(ranked);
  }
  if (compared) out["differences"] = p.differences;
  return out;
}

void print_differences(const RunReport& report) {
  std::fflush(stdout);
  for (size_t i = 0; i < report.predictions.size(); ++i)
    for (const std::string& d : report.predictions[i].differences)
      fmt::print(stderr, "halyard: prediction {}: {}\n", i, d);
}

void print_prediction(const Prediction& p, const std::string& indent) {
  for (const auto& [name, t] : p.outputs)
    fmt::print("{}{}: {} {}\n", indent, name, describe(t), preview(t));
  for (size_t i = 0; i < p.top.size(); ++i) {
    if (several_rows(p) && (i == 0 || p.top[i].row != p.top[i - 1].row))
      fmt::print("{}  row {}\n", indent, p.top[i].row);
    fmt::print("{}  {:9.4f}  {}\n", indent, p.top[i].score, p.top[i].label);
  }
  fmt::print("{}time: {:.2f} ms\n", indent, p.ms);
}

}  // namespace

void print_text(const RunReport& report) {
  const bool several = report.predictions.size() > 1;
  for (size_t i = 0; i < report.predictions.size(); ++i) {
    if (several) fmt::print("prediction {}\n", i);
    print_prediction(report.predictions[i], several ? "  " : "");
  }
  fmt::print("{}\n", report.summary);
  if (report.compared) fmt::print("{}\n", report.as_expected() ? "as expected" : "NOT as expected");
  print_differences(report);
}

void print_json(const RunReport& report) {
  Json predictions = Json::array();
  for (const Prediction& p : report.predictions) predictions.push_back(to_json(p, report.compared));
  Json out{{"schema", 1}, {"model", report.model}, {"predictions", predictions}};
  out["summary"] = Json::parse(report.plan)["summary"];
  fmt::print("{}\n", out.dump(-1, ' ', false, Json::error_handler_t::replace));
  print_differences(report);
}

}  // namespace halyard::cli
