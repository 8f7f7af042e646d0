// CategoryMapper LabelEncoder OneHotEncoder.
#include <cmath>
#include <unordered_map>
#include <variant>

#include "providers/cpu/convert.hpp"
#include "providers/cpu/dispatch.hpp"
#include "providers/cpu/ml/rows.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/string_output.hpp"

namespace halyard::cpu {

namespace {

// ---- LabelEncoder, and CategoryMapper as one ----------------------------------------------------

/// A key or a value. Integers of every width are i64, floats f64.
using Item = std::variant<int64_t, double, std::string>;

struct Items {
  uint32_t dtype = HY_DTYPE_UNDEFINED;  // of the list; UNDEFINED: there is none
  std::vector<Item> list;
};

struct ItemHash {
  size_t operator()(const Item& item) const {
    return std::visit([](const auto& v) { return std::hash<std::decay_t<decltype(v)>>()(v); },
                      item);
  }
};
/// All NaN are one key.
struct ItemEqual {
  bool operator()(const Item& a, const Item& b) const {
    const auto* x = std::get_if<double>(&a);
    const auto* y = std::get_if<double>(&b);
    return a == b || (x != nullptr && y != nullptr && std::isnan(*x) && std::isnan(*y));
  }
};

/// Nothing where the kernel does not know the type.
std::optional<Item> item_at(const Tensor& t, int64_t i) {
  switch (t.dtype) {
    case HY_DTYPE_STRING:
      return Item(std::string(t.string_at(i)));
    case HY_DTYPE_I64:
      return Item(t.as<const int64_t>()[i]);
    case HY_DTYPE_I32:
      return Item(static_cast<int64_t>(t.as<const int32_t>()[i]));
    case HY_DTYPE_I16:
      return Item(static_cast<int64_t>(t.as<const int16_t>()[i]));
    case HY_DTYPE_F32: {
      // One NaN, so that its hash is one.
      const auto v = static_cast<double>(t.as<const float>()[i]);
      return Item(std::isnan(v) ? std::nan("") : v);
    }
    case HY_DTYPE_F64: {
      const double v = t.as<const double>()[i];
      return Item(std::isnan(v) ? std::nan("") : v);
    }
    default:
      return std::nullopt;
  }
}

Result<Items> items_of(const Node& node, CompileContext& context, const std::string& kind) {
  Items out;
  if (const auto constant = node.attr_tensor((kind + "_tensor").c_str())) {
    HY_ASSIGN_OR_RETURN(const Tensor t, context.tensor(*constant));
    out.dtype = t.dtype;
    for (int64_t i = 0; i < t.count(); ++i) {
      std::optional<Item> item = item_at(t, i);
      if (!item) return no_kernel_for(t.dtype);
      out.list.push_back(std::move(*item));
    }
    return out;
  }
  for (int64_t v : node.attr_ints((kind + "_int64s").c_str())) out.list.emplace_back(v);
  if (!out.list.empty()) return out.dtype = HY_DTYPE_I64, out;
  for (double v : node.attr_floats((kind + "_floats").c_str()))
    out.list.emplace_back(std::isnan(v) ? std::nan("") : v);
  if (!out.list.empty()) return out.dtype = HY_DTYPE_F32, out;
  for (std::string_view v : node.attr_strings((kind + "_strings").c_str()))
    out.list.emplace_back(std::string(v));
  if (!out.list.empty()) out.dtype = HY_DTYPE_STRING;
  return out;
}

class Mapping final : public Kernel {
 public:
  Mapping(const Items& keys, const Items& values, Item otherwise)
      : from_(keys.dtype), to_(values.dtype), otherwise_(std::move(otherwise)) {
    for (size_t i = 0; i < keys.list.size(); ++i) map_.emplace(keys.list[i], values.list[i]);
  }

  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    if ((x.dtype == HY_DTYPE_STRING) != (from_ == HY_DTYPE_STRING))
      return invalid_argument(std::string("the input is ") + dtype_name(x.dtype) +
                              "; the keys are " + dtype_name(from_));
    std::vector<const Item*> found(static_cast<size_t>(x.count()));
    for (int64_t i = 0; i < x.count(); ++i) {
      const std::optional<Item> key = item_at(x, i);
      if (!key) return no_kernel_for(x.dtype);
      const auto it = map_.find(*key);
      found[static_cast<size_t>(i)] = it != map_.end() ? &it->second : &otherwise_;
    }
    if (to_ == HY_DTYPE_STRING)
      return write_strings(context, 0, x.dims, [&](int64_t i) -> std::string_view {
        return std::get<std::string>(*found[static_cast<size_t>(i)]);
      });
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, to_, x.dims));
    return visit_numeric(to_, [&](auto tag) -> Status {
      using T = decltype(tag);
      for (size_t i = 0; i < found.size(); ++i)
        y.as<T>()[i] = std::visit(
            [](const auto& v) {
              if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::string>)
                return T();
              else if constexpr (std::is_constructible_v<T, decltype(v)>)
                return static_cast<T>(v);
              else
                return T(static_cast<float>(v));
            },
            *found[i]);
      return {};
    });
  }

 private:
  const uint32_t from_, to_;
  const Item otherwise_;
  std::unordered_map<Item, Item, ItemHash, ItemEqual> map_;
};

/// What an unknown key gives: default_tensor, or the default of the values' type.
Result<Item> default_item(const Node& node, CompileContext& context, const Items& values) {
  if (const auto constant = node.attr_tensor("default_tensor")) {
    HY_ASSIGN_OR_RETURN(const Tensor t, context.tensor(*constant));
    if (t.dtype != values.dtype || t.count() != 1)
      return invalid_model(std::string("attribute \"default_tensor\" is ") + dtype_name(t.dtype) +
                           " " + dims_text(t.dims) + "; one " + dtype_name(values.dtype) +
                           " is needed");
    return *item_at(t, 0);
  }
  if (values.dtype == HY_DTYPE_STRING)
    return Item(std::string(node.attr_string("default_string", "_Unused")));
  if (values.dtype == HY_DTYPE_F32 || values.dtype == HY_DTYPE_F64)
    return Item(node.attr_float("default_float", -0.0));
  return Item(node.attr_int("default_int64", -1));
}

Result<std::unique_ptr<Kernel>> create_label_encoder(const Node& node, CompileContext& context) {
  HY_ASSIGN_OR_RETURN(const Items keys, items_of(node, context, "keys"));
  HY_ASSIGN_OR_RETURN(const Items values, items_of(node, context, "values"));
  if (keys.dtype == HY_DTYPE_UNDEFINED || values.dtype == HY_DTYPE_UNDEFINED)
    return invalid_model("it has no keys or no values");
  if (keys.list.size() != values.list.size())
    return invalid_model(std::to_string(keys.list.size()) + " keys for " +
                         std::to_string(values.list.size()) + " values");
  HY_ASSIGN_OR_RETURN(Item otherwise, default_item(node, context, values));
  return std::unique_ptr<Kernel>(std::make_unique<Mapping>(keys, values, std::move(otherwise)));
}

Result<std::unique_ptr<Kernel>> create_category_mapper(const Node& node, CompileContext&) {
  Items ints{HY_DTYPE_I64, {}}, strings{HY_DTYPE_STRING, {}};
  for (int64_t v : node.attr_ints("cats_int64s")) ints.list.emplace_back(v);
  for (std::string_view v : node.attr_strings("cats_strings"))
    strings.list.emplace_back(std::string(v));
  if (ints.list.size() != strings.list.size())
    return invalid_model("attribute \"cats_int64s\" has " + std::to_string(ints.list.size()) +
                         " elements, \"cats_strings\" " + std::to_string(strings.list.size()));
  const bool from_strings = node.input(0).dtype() == HY_DTYPE_STRING;
  Item otherwise = from_strings ? Item(node.attr_int("default_int64", -1))
                                : Item(std::string(node.attr_string("default_string", "_Unused")));
  return std::unique_ptr<Kernel>(std::make_unique<Mapping>(
      from_strings ? strings : ints, from_strings ? ints : strings, std::move(otherwise)));
}

// ---- OneHotEncoder ------------------------------------------------------------------------------

class OneHotEncoder final : public Kernel {
 public:
  explicit OneHotEncoder(const Node& node) : zeros_(node.attr_int("zeros", 1) != 0) {
    for (int64_t v : node.attr_ints("cats_int64s"))
      ints_.emplace(v, static_cast<int64_t>(ints_.size()));
    for (std::string_view v : node.attr_strings("cats_strings"))
      strings_.emplace(v, static_cast<int64_t>(strings_.size()));
  }
  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    const bool text = x.dtype == HY_DTYPE_STRING;
    const auto n = static_cast<int64_t>(text ? strings_.size() : ints_.size());
    if (n == 0)
      return invalid_model(std::string("it has no categories for an input of ") +
                           dtype_name(x.dtype));
    Dims dims = x.dims;
    dims.push_back(n);
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, HY_DTYPE_F32, dims));
    std::fill_n(y.as<float>(), y.count(), 0.0f);
    std::vector<int64_t> whole(text ? 0 : static_cast<size_t>(x.count()));
    if (!text) convert_loop(x.dtype, HY_DTYPE_I64)(x.data, whole.data(), x.count());
    for (int64_t i = 0; i < x.count(); ++i) {
      const int64_t at = text ? find(strings_, std::string(x.string_at(i)))
                              : find(ints_, whole[static_cast<size_t>(i)]);
      if (at >= 0)
        y.as<float>()[i * n + at] = 1;
      else if (!zeros_)
        return invalid_argument("element " + std::to_string(i) + " is of no category, and zeros=0");
    }
    return {};
  }

 private:
  template <class K>
  static int64_t find(const std::unordered_map<K, int64_t>& map, const K& key) {
    const auto it = map.find(key);
    return it != map.end() ? it->second : -1;
  }
  const bool zeros_;
  std::unordered_map<int64_t, int64_t> ints_;
  std::unordered_map<std::string, int64_t> strings_;
};

constexpr std::string_view kDomain = "ai.onnx.ml";
constexpr KernelEntry kEntries[] = {
    {"CategoryMapper", create_category_mapper, nullptr, nullptr, kDomain},
    {"LabelEncoder", create_label_encoder, nullptr, nullptr, kDomain},
    {"OneHotEncoder", create_kernel<OneHotEncoder>, nullptr, nullptr, kDomain},
};

}  // namespace

std::span<const KernelEntry> ml_encoders_kernels() { return kEntries; }

}  // namespace halyard::cpu
