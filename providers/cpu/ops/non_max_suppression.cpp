// NonMaxSuppression: greedy, box by box of falling score, for each batch and class.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "providers/cpu/axes.hpp"
#include "providers/cpu/float_io.hpp"
#include "providers/cpu/ops/table.hpp"

namespace halyard::cpu {

namespace {

struct Box {
  float y0, x0, y1, x1, area;
};

/// Corners in any order, or centre and size.
Box box_of(const float* b, bool center) {
  Box out{};
  if (center) {
    const float w = b[2] / 2, h = b[3] / 2;
    out = {b[1] - h, b[0] - w, b[1] + h, b[0] + w, 0};
  } else {
    out = {std::min(b[0], b[2]), std::min(b[1], b[3]), std::max(b[0], b[2]), std::max(b[1], b[3]),
           0};
  }
  out.area = (out.y1 - out.y0) * (out.x1 - out.x0);
  return out;
}

/// Intersection over union is above the threshold.
bool overlap(const Box& a, const Box& b, float threshold) {
  const float h = std::min(a.y1, b.y1) - std::max(a.y0, b.y0);
  const float w = std::min(a.x1, b.x1) - std::max(a.x0, b.x0);
  if (h <= 0 || w <= 0 || a.area <= 0 || b.area <= 0) return false;
  const float both = h * w;
  return both / (a.area + b.area - both) > threshold;
}

/// A scalar operand, or what stands for an absent one.
Result<float> scalar_of(Context& context, uint32_t i, float otherwise) {
  const Tensor* t = context.input(i);
  if (t == nullptr) return otherwise;
  if (t->count() != 1)
    return invalid_argument("operand " + std::to_string(i) + " has " + std::to_string(t->count()) +
                            " elements; it has one");
  HY_ASSIGN_OR_RETURN(const float* value, read_f32(context, *t));
  return *value;
}

class NonMaxSuppression final : public Kernel {
 public:
  explicit NonMaxSuppression(const Node& node) : center_(node.attr_int("center_point_box") != 0) {}
  Status run(Context& context) const override {
    const Tensor &boxes = *context.input(0), &scores = *context.input(1);
    if (boxes.rank() != 3 || scores.rank() != 3 || boxes.dim(2) != 4 ||
        boxes.dim(0) != scores.dim(0) || boxes.dim(1) != scores.dim(2))
      return mismatch("boxes " + dims_text(boxes.dims) + " and scores " + dims_text(scores.dims) +
                      " are not [batch, n, 4] and [batch, classes, n]");
    int64_t most = 0;  // absent: no box at all, as ONNX says
    if (const Tensor* m = context.input(2)) {
      HY_ASSIGN_OR_RETURN(const Dims list, list_operand(*m, "max_output_boxes_per_class"));
      if (list.size() != 1) return invalid_argument("max_output_boxes_per_class is no scalar");
      most = list[0];
    }
    HY_ASSIGN_OR_RETURN(const float iou, scalar_of(context, 3, 0));
    HY_ASSIGN_OR_RETURN(const float least,
                        scalar_of(context, 4, -std::numeric_limits<float>::infinity()));
    if (!(iou >= 0 && iou <= 1))
      return invalid_argument("iou_threshold is " + std::to_string(iou) + "; it lies in 0..1");
    HY_ASSIGN_OR_RETURN(const float* corners, read_f32(context, boxes));
    HY_ASSIGN_OR_RETURN(const float* score, read_f32(context, scores));
    const int64_t n = boxes.dim(1), classes = scores.dim(1);
    std::vector<int64_t> chosen;
    for (int64_t b = 0; b < boxes.dim(0); ++b) {
      std::vector<Box> all;
      for (int64_t i = 0; i < n; ++i) all.push_back(box_of(corners + (b * n + i) * 4, center_));
      for (int64_t c = 0; c < classes; ++c)
        for (int64_t i : select(all, score + (b * classes + c) * n, most, iou, least))
          chosen.insert(chosen.end(), {b, c, i});
    }
    const int64_t dims[] = {std::ssize(chosen) / 3, 3};
    HY_ASSIGN_OR_RETURN(const Tensor out, context.output(0, HY_DTYPE_I64, dims));
    std::copy(chosen.begin(), chosen.end(), out.as<int64_t>());
    return {};
  }

 private:
  static std::vector<int64_t> select(const std::vector<Box>& boxes, const float* score,
                                     int64_t most, float iou, float least) {
    std::vector<int64_t> order, kept;
    for (int64_t i = 0; i < std::ssize(boxes); ++i)
      if (score[i] > least) order.push_back(i);
    std::stable_sort(order.begin(), order.end(),
                     [&](int64_t a, int64_t b) { return score[a] > score[b]; });
    for (int64_t i : order) {
      if (std::ssize(kept) >= most) break;
      const auto covers = [&](int64_t k) {
        return overlap(boxes[static_cast<size_t>(k)], boxes[static_cast<size_t>(i)], iou);
      };
      if (std::none_of(kept.begin(), kept.end(), covers)) kept.push_back(i);
    }
    return kept;
  }

  const bool center_;
};

constexpr KernelEntry kRows[] = {{"NonMaxSuppression", create_kernel<NonMaxSuppression>}};

}  // namespace

std::span<const KernelEntry> non_max_suppression_kernels() { return kRows; }

}  // namespace halyard::cpu
