// TfIdfVectorizer: how often n-grams of a pool occur in each row, with up to max_skip_count items left out
// between two of an n-gram.
#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/ops/table.hpp"
#include "providers/cpu/parallel.hpp"

namespace halyard::cpu {

namespace {

constexpr int32_t kNothing = -1;
constexpr int64_t kGrain = 1 << 12;  // items

/// Numbers for the items that occur in the pool, from 0 on.
class Items {
 public:
  void add(std::string_view text) { texts_.emplace(text, static_cast<int32_t>(texts_.size())); }
  void add(int64_t number) { ints_.emplace(number, static_cast<int32_t>(ints_.size())); }
  int32_t find(const std::string& text) const { return found(texts_, text); }
  int32_t find(int64_t number) const { return found(ints_, number); }

 private:
  template <class Map, class Key>
  static int32_t found(const Map& map, const Key& key) {
    const auto it = map.find(key);
    return it != map.end() ? it->second : kNothing;
  }
  std::unordered_map<std::string, int32_t> texts_;
  std::unordered_map<int64_t, int32_t> ints_;
};

/// The pool's n-grams as a tree: a step for each item.
class Tree {
 public:
  /// False where the n-gram is there already.
  bool add(std::span<const int32_t> items, int32_t gram) {
    int32_t at = 0;
    for (int32_t item : items) {
      const auto [it, is_new] = steps_.emplace(key(at, item), std::ssize(grams_));
      if (is_new) grams_.push_back(kNothing);
      at = it->second;
    }
    int32_t& place = grams_[static_cast<size_t>(at)];
    if (place != kNothing) return false;
    place = gram;
    return true;
  }
  /// The place after one more item, or kNothing. 0 is the root.
  int32_t step(int32_t at, int32_t item) const {
    const auto it = steps_.find(key(at, item));
    return it != steps_.end() ? it->second : kNothing;
  }
  int32_t gram(int32_t at) const { return grams_[static_cast<size_t>(at)]; }

 private:
  static uint64_t key(int32_t at, int32_t item) {
    return static_cast<uint64_t>(at) << 32 | static_cast<uint32_t>(item);
  }
  std::unordered_map<uint64_t, int32_t> steps_;
  std::vector<int32_t> grams_ = {kNothing};
};

enum class Mode { kTf, kIdf, kTfIdf };

struct Pool {
  Items items;
  Tree tree;
  std::vector<int64_t> columns;  // by n-gram
  std::vector<float> weights;    // by n-gram
  int64_t width = 0;             // columns of the output
};

struct Lengths {
  int64_t shortest, longest, skips;
};

class TfIdfVectorizer final : public Kernel {
 public:
  TfIdfVectorizer(Pool pool, Lengths lengths, Mode mode)
      : pool_(std::move(pool)), lengths_(lengths), mode_(mode) {}

  Status run(Context& context) const override {
    const Tensor& x = *context.input(0);
    if (x.rank() != 1 && x.rank() != 2)
      return invalid_argument("operand \"X\" is " + dims_text(x.dims) +
                              "; it must be [items] or [rows,items]");
    std::vector<int32_t> items(static_cast<size_t>(x.count()));
    for (size_t i = 0; i < items.size(); ++i) items[i] = item_at(x, static_cast<int64_t>(i));
    Dims dims = x.dims;
    dims.back() = pool_.width;
    HY_RETURN_IF_ERROR(check_dims(dims));
    HY_ASSIGN_OR_RETURN(const Tensor y, context.output(0, HY_DTYPE_F32, dims));
    const int64_t rows = x.rank() == 1 ? 1 : x.dim(0), length = x.dims.back();
    const int64_t grain = std::max<int64_t>(1, kGrain / std::max<int64_t>(length, 1));
    parallel_for(context.threads(), rows, grain, [&](int64_t begin, int64_t end) {
      std::vector<float> counts;
      for (int64_t r = begin; r < end; ++r) {
        counts.assign(pool_.columns.size(), 0.0f);
        count(
            std::span(items).subspan(static_cast<size_t>(r * length), static_cast<size_t>(length)),
            &counts);
        write(counts, y.as<float>() + r * pool_.width);
      }
    });
    return {};
  }

 private:
  int32_t item_at(const Tensor& x, int64_t i) const {
    return x.dtype == HY_DTYPE_STRING ? pool_.items.find(std::string(x.string_at(i)))
                                      : pool_.items.find(x.index_at(i));
  }

  void count(std::span<const int32_t> row, std::vector<float>* counts) const {
    const auto n = static_cast<int64_t>(row.size());
    // An n-gram of one item has no gaps: it counts once, not once a distance.
    if (lengths_.shortest == 1) count_at(row, 1, 1, 1, counts);
    const int64_t shortest = std::max<int64_t>(lengths_.shortest, 2);
    const int64_t furthest = std::min(lengths_.skips, n - 2) + 1;
    for (int64_t distance = 1; distance <= furthest && lengths_.longest > 1; ++distance)
      count_at(row, distance, shortest, lengths_.longest, counts);
  }

  void count_at(std::span<const int32_t> row, int64_t distance, int64_t shortest, int64_t longest,
                std::vector<float>* counts) const {
    for (int64_t first = 0; first < std::ssize(row); ++first) {
      int32_t at = 0;
      int64_t size = 1;
      for (int64_t i = first; i < std::ssize(row) && size <= longest; i += distance, ++size) {
        at = pool_.tree.step(at, row[static_cast<size_t>(i)]);
        if (at == kNothing) break;
        const int32_t gram = pool_.tree.gram(at);
        if (gram != kNothing && size >= shortest) (*counts)[static_cast<size_t>(gram)] += 1;
      }
    }
  }

  void write(const std::vector<float>& counts, float* y) const {
    std::fill_n(y, pool_.width, 0.0f);
    for (size_t g = 0; g < counts.size(); ++g) {
      if (counts[g] == 0) continue;
      const float count = mode_ == Mode::kIdf ? 1.0f : counts[g];
      const float weight = mode_ == Mode::kTf || pool_.weights.empty() ? 1.0f : pool_.weights[g];
      y[pool_.columns[g]] += count * weight;
    }
  }

  const Pool pool_;
  const Lengths lengths_;
  const Mode mode_;
};

Status wrong(const std::string& what) { return invalid_model(what); }

/// Adds the n-grams of all lengths; each takes the next element of ngram_indexes.
Status add_grams(const std::vector<int32_t>& items, const std::vector<int64_t>& starts,
                 size_t expected, Tree* tree) {
  size_t gram = 0;
  for (size_t k = 0; k < starts.size(); ++k) {
    const auto total = static_cast<int64_t>(items.size());
    const int64_t begin = starts[k], end = k + 1 < starts.size() ? starts[k + 1] : total;
    const auto size = static_cast<int64_t>(k) + 1;
    if (begin < 0 || end < begin || end > total || (end - begin) % size != 0)
      return wrong("attribute \"ngram_counts\" gives items " + std::to_string(begin) + " to " +
                   std::to_string(end) + " of " + std::to_string(total) + " to n-grams of " +
                   std::to_string(size));
    for (int64_t at = begin; at < end; at += size, ++gram) {
      const auto items_of = std::span(items).subspan(static_cast<size_t>(at), k + 1);
      if (!tree->add(items_of, static_cast<int32_t>(gram)))
        return wrong("n-gram " + std::to_string(gram) + " is in the pool twice");
    }
  }
  if (gram != expected)
    return wrong("attribute \"ngram_indexes\" has " + std::to_string(expected) +
                 " elements; the pool has " + std::to_string(gram) + " n-grams");
  return {};
}

Result<std::unique_ptr<Kernel>> create(const Node& node, CompileContext&) {
  Pool pool;
  std::vector<int32_t> items;
  for (std::string_view text : node.attr_strings("pool_strings")) {
    pool.items.add(text);
    items.push_back(pool.items.find(std::string(text)));
  }
  const bool texts = !items.empty();
  for (int64_t number : node.attr_ints("pool_int64s")) {
    if (texts) return wrong("it has both \"pool_strings\" and \"pool_int64s\"; one is needed");
    pool.items.add(number);
    items.push_back(pool.items.find(number));
  }
  const uint32_t dtype = node.input(0).dtype();
  if (dtype != HY_DTYPE_UNDEFINED && (dtype == HY_DTYPE_STRING) != texts)
    return wrong(std::string("the input is ") + dtype_name(dtype) + ", and the pool is of " +
                 (texts ? "strings" : "integers"));
  pool.columns = node.attr_ints("ngram_indexes");
  for (int64_t column : pool.columns) {
    if (column < 0)
      return wrong("attribute \"ngram_indexes\" has the element " + std::to_string(column));
    pool.width = std::max(pool.width, column + 1);
  }
  for (double w : node.attr_floats("weights")) pool.weights.push_back(static_cast<float>(w));
  if (!pool.weights.empty() && pool.weights.size() != pool.columns.size())
    return wrong("attribute \"weights\" has " + std::to_string(pool.weights.size()) +
                 " elements, \"ngram_indexes\" " + std::to_string(pool.columns.size()));
  const std::vector<int64_t> starts = node.attr_ints("ngram_counts");
  HY_RETURN_IF_ERROR(add_grams(items, starts, pool.columns.size(), &pool.tree));
  const Lengths lengths{node.attr_int("min_gram_length"), node.attr_int("max_gram_length"),
                        node.attr_int("max_skip_count")};
  if (lengths.shortest < 1 || lengths.longest < lengths.shortest ||
      lengths.longest > std::ssize(starts) || lengths.skips < 0)
    return wrong("n-grams of " + std::to_string(lengths.shortest) + " to " +
                 std::to_string(lengths.longest) + " items with up to " +
                 std::to_string(lengths.skips) + " skipped; the pool has lengths 1 to " +
                 std::to_string(starts.size()));
  const std::string_view mode = node.attr_string("mode");
  return std::unique_ptr<Kernel>(std::make_unique<TfIdfVectorizer>(std::move(pool), lengths,
                                                                   mode == "TF"    ? Mode::kTf
                                                                   : mode == "IDF" ? Mode::kIdf
                                                                                   : Mode::kTfIdf));
}

Verdict supports(const Node& node) {
  const std::string_view mode = node.attr_string("mode");
  if (mode == "TF" || mode == "IDF" || mode == "TFIDF") return accept();
  return reject(Reason::attribute).got("mode " + std::string(mode)).limit("TF, IDF or TFIDF");
}

constexpr KernelEntry kRows[] = {{"TfIdfVectorizer", create, supports}};

}  // namespace

std::span<const KernelEntry> tf_idf_vectorizer_kernels() { return kRows; }

}  // namespace halyard::cpu
