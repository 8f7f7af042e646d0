#include "tests/fuzz/random/families/windows.hpp"

#include <algorithm>

namespace halyard::fuzz {

int image(Builder& b, Types types) {
  const int x = b.operand(types, 3, 5);
  int64_t spatial = 1;
  for (size_t i = 2; i < b.dims_of(x).size(); ++i) spatial *= b.dims_of(x)[i];
  if (spatial > 1) return x;
  Dims dims = {b.pick(1, 2), b.pick(1, 4)};
  for (int64_t i = b.pick(1, 3); i > 0; --i) dims.push_back(b.pick(2, 5));
  return b.input(b.type(x), dims);
}

RandomWindow random_window(Builder& b, const Dims& spatial, bool dilations, bool ceil_mode) {
  RandomWindow out;
  reference::Window& w = out.window;
  const int64_t how = b.pick(0, 5);  // 0: SAME_UPPER, 1: SAME_LOWER, 2: VALID, else pads
  w.ceil = ceil_mode && how > 2 && b.chance(40);
  std::vector<int64_t> pads_begin, pads_end;
  for (const int64_t d : spatial) {
    const int64_t k = b.pick(1, std::min<int64_t>(d, 3));
    const int64_t dilation = dilations && (k - 1) * 2 + 1 <= d && b.chance(30) ? 2 : 1;
    const int64_t stride = b.pick(1, 3), span = (k - 1) * dilation + 1;
    int64_t begin = 0, end = 0;
    if (how < 2) {
      const int64_t places = (d + stride - 1) / stride;
      const int64_t total = std::max<int64_t>(0, (places - 1) * stride + span - d);
      begin = how == 0 ? total / 2 : total - total / 2;
      end = total - begin;
    } else if (how > 2) {
      begin = b.pick(0, k - 1);
      end = b.pick(0, k - 1);
    }
    w.kernel.push_back(k);
    w.dilations.push_back(dilation);
    w.strides.push_back(stride);
    pads_begin.push_back(begin);
    pads_end.push_back(end);
  }
  w.begin = pads_begin;
  w.end = pads_end;
  out.attributes = {{"kernel_shape", w.kernel}, {"strides", w.strides}};
  if (dilations) out.attributes.push_back({"dilations", w.dilations});
  if (how < 3) {
    static const char* const kNames[] = {"SAME_UPPER", "SAME_LOWER", "VALID"};
    out.attributes.push_back({"auto_pad", kNames[how]});
  } else {
    std::vector<int64_t> pads = pads_begin;
    pads.insert(pads.end(), pads_end.begin(), pads_end.end());
    out.attributes.push_back({"pads", pads});
  }
  if (w.ceil) out.attributes.push_back({"ceil_mode", true});
  return out;
}

}  // namespace halyard::fuzz
