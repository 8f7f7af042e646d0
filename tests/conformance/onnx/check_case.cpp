#include "check_case.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "case_values.hpp"
#include "compare.hpp"
#include "input_value.hpp"
#include "predictions.hpp"

namespace halyard::conformance {
namespace {

using cli::HostTensor;
using nlohmann::json;

Outcome failed(const char* status, const Status& why) { return {status, why.message(), false}; }

bool is_claimed(const Session& session, const std::string& provider) {
  const json plan = json::parse(session.plan(), nullptr, false);
  if (provider.empty() || plan.is_discarded()) return true;
  const json& summary = plan.at("summary");
  if (summary.at("nodes").get<size_t>() == 0) return true;
  const auto found = summary.at("per_provider").find(provider);
  return found != summary.at("per_provider").end() && found->at("nodes").get<size_t>() > 0;
}

/// Which port each recorded value is for: by name where the record has names, else in order. Where
/// there are as many values as ports that need one, those are meant: the others have a value in the
/// model.
Result<std::vector<std::string>> ports_of(const std::vector<Value>& values,
                                          const std::vector<Port>& ports) {
  std::vector<std::string> out;
  const auto needed = static_cast<size_t>(
      std::count_if(ports.begin(), ports.end(), [](const Port& p) { return !p.optional; }));
  const bool only_needed = needed == values.size();
  size_t at = 0;
  for (const Value& v : values) {
    if (!v.name.empty()) {
      out.push_back(v.name);
      continue;
    }
    while (at < ports.size() && only_needed && ports[at].optional) ++at;
    if (at >= ports.size())
      return invalid_argument(
          fmt::format("{} values are recorded for {} ports", values.size(), ports.size()));
    out.push_back(ports[at++].name);
  }
  return out;
}

Result<std::vector<HostTensor>> predict(const Session& session, std::vector<Value>& values,
                                        const std::vector<std::string>& input_names,
                                        const std::vector<std::string>& output_names) {
  std::vector<Tensor> tensors;
  std::vector<std::pair<std::string, const Tensor*>> inputs;
  for (Value& v : values) {
    HY_ASSIGN_OR_RETURN(Tensor t, cli::to_tensor(v.tensor));
    tensors.push_back(std::move(t));
  }
  for (size_t i = 0; i < tensors.size(); ++i) inputs.emplace_back(input_names[i], &tensors[i]);
  HY_ASSIGN_OR_RETURN(const auto results, session.run(inputs, output_names));
  std::vector<HostTensor> out;
  for (const Tensor& t : results) {
    HY_ASSIGN_OR_RETURN(HostTensor host, cli::to_host(t));
    out.push_back(std::move(host));
  }
  return out;
}

std::string difference(const std::string& name, const HostTensor& got, const HostTensor& want,
                       const json& spec) {
  if (got.kind != want.kind || got.children.size() != want.children.size())
    return fmt::format("output \"{}\" is of another kind, or has {} parts instead of {}", name,
                       got.children.size(), want.children.size());
  for (size_t i = 0; i < want.children.size(); ++i)
    if (std::string found =
            difference(fmt::format("{}.{}", name, i), got.children[i], want.children[i], spec);
        !found.empty())
      return found;
  if (want.kind != HY_TYPE_TENSOR) return {};
  const bool type_and_dims = !spec.value("values", true);
  if (got.dtype != want.dtype || (type_and_dims && got.dims != want.dims))
    return fmt::format("output \"{}\" is {}, expected {}", name, cli::describe(got),
                       cli::describe(want));
  if (type_and_dims) return {};
  const bool half = want.dtype == HY_DTYPE_F16 || want.dtype == HY_DTYPE_BF16;
  const auto rtol = spec.at("rtol").get<double>();
  const cli::Tolerance bar{half ? spec.value("half_rtol", rtol) : rtol,
                           spec.at("atol").get<double>()};
  return cli::difference(name, got, want, bar);
}

/// A value that holds nothing has no type of its own.
void type_empty_ones(std::vector<Value>& values, const std::vector<std::string>& names,
                     const std::vector<Port>& ports) {
  for (size_t i = 0; i < values.size(); ++i)
    for (const Port& p : ports)
      if (p.name == names[i] && values[i].tensor.dtype == HY_DTYPE_UNDEFINED)
        values[i].tensor.dtype = p.dtype;
}

/// Before 1.13, ONNX recorded bfloat16 as u16 of the same bits.
void read_bfloat16(std::vector<Value>& values, const std::vector<std::string>& names,
                   const std::vector<Port>& ports) {
  for (size_t i = 0; i < values.size(); ++i)
    for (const Port& p : ports)
      if (p.name == names[i] && p.dtype == HY_DTYPE_BF16 && values[i].tensor.dtype == HY_DTYPE_U16)
        values[i].tensor.dtype = HY_DTYPE_BF16;
}

Outcome check_set(const Session& session, DataSet& data, const json& spec) {
  const auto in = ports_of(data.inputs, session.inputs());
  if (!in.ok()) return failed("data", in.status());
  const auto out = ports_of(data.outputs, session.outputs());
  if (!out.ok()) return failed("data", out.status());
  type_empty_ones(data.inputs, *in, session.inputs());
  read_bfloat16(data.inputs, *in, session.inputs());
  read_bfloat16(data.outputs, *out, session.outputs());
  const auto results = predict(session, data.inputs, *in, *out);
  if (!results.ok()) return failed("run", results.status());
  for (size_t i = 0; i < results->size(); ++i) {
    std::string found = difference((*out)[i], (*results)[i], data.outputs[i].tensor, spec);
    if (!found.empty()) return {"wrong", std::move(found), false};
  }
  return {"pass", {}, false};
}

Result<std::vector<DataSet>> read_data(const Session& session, const json& spec) {
  std::vector<DataSet> out;
  if (spec.contains("record")) {
    HY_ASSIGN_OR_RETURN(DataSet set, read_record(spec.at("record").get<std::string>()));
    out.push_back(std::move(set));
    return out;
  }
  for (const json& files : spec.at("sets")) {
    DataSet set;
    for (const json& file : files.at("inputs")) {
      HY_ASSIGN_OR_RETURN(Value v, read_value(file));
      set.inputs.push_back(std::move(v));
    }
    for (const json& file : files.at("outputs")) {
      HY_ASSIGN_OR_RETURN(Value v, read_value(file));
      set.outputs.push_back(std::move(v));
    }
    if (spec.value("ramp", false)) {
      for (const Port& p : session.inputs()) {
        if (p.optional) continue;
        HY_ASSIGN_OR_RETURN(HostTensor t, ramp(p));
        set.inputs.push_back({p.name, std::move(t)});
      }
    }
    out.push_back(std::move(set));
  }
  return out;
}

/// Whatever comes of random inputs is fine, as long as it comes.
void try_random(const Session& session) {
  std::vector<Value> values;
  std::vector<std::string> in, out;
  for (const Port& p : session.inputs()) {
    if (p.optional) continue;
    auto value = cli::random_value(p, 0);
    if (!value.ok()) return;
    values.push_back({p.name, std::move(value).value()});
    in.push_back(p.name);
  }
  for (const Port& p : session.outputs()) out.push_back(p.name);
  (void)predict(session, values, in, out);
}

}  // namespace

Outcome check_case(const Runtime& runtime, const Setting& setting, const json& spec) {
  const bool robust = spec.value("robust", false);
  const auto refused = [&](const char* status, const Status& why) {
    return robust ? Outcome{"pass", why.message(), true} : failed(status, why);
  };
  const auto model = runtime.load(spec.at("model").get<std::string>());
  if (!model.ok()) return refused("load", model.status());
  const auto session = model->session(setting.session);
  if (!session.ok())
    return refused(session.status().code() == HY_ERROR_UNPLACED ? "unplaced" : "load",
                   session.status());
  const bool claimed = is_claimed(*session, setting.first_provider);
  if (robust) {
    try_random(*session);
    return {"pass", {}, claimed};
  }
  auto sets = read_data(*session, spec);
  if (!sets.ok()) return failed("data", sets.status());
  if (sets->empty()) return {"data", "the case has no data", claimed};
  for (DataSet& set : *sets) {
    Outcome one = check_set(*session, set, spec);
    one.claimed = claimed;
    if (one.status != "pass") return one;
  }
  return {"pass", {}, claimed};
}

}  // namespace halyard::conformance
