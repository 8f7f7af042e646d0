// Quantised operators of com.microsoft: operands are dequantised, the float operator runs, its result is
// quantised. Source: ContribOperators.md of ONNX Runtime.
#include <algorithm>
#include <string>

#include "normalise/table.hpp"

namespace halyard::onnx {

namespace {

/// Operands i, i + 1 and i + 2: elements, scale, zero point.
Result<uint32_t> dequantized(Rewriter& node, size_t i) {
  return node.emit("DequantizeLinear", {node.input(i), node.input(i + 1), node.input(i + 2)});
}

/// The result, by scale and zero point in operands i and i + 1.
Status finish_quantized(Rewriter& node, uint32_t y, size_t i) {
  return node.finish("QuantizeLinear", {y, node.input(i), node.input(i + 1)}, {}, 1);
}

Status refuse_channels_last(Rewriter& node) {
  HY_ASSIGN_OR_RETURN(const int64_t last, node.take_int("channels_last", 0));
  if (last == 0) return {};
  return unsupported("attribute \"channels_last\" is 1; only 0 is read");
}

}  // namespace

/// QLinearAdd and QLinearMul: A, B, then the result's scale.
Status qlinear_binary(Rewriter& node) {
  const std::string op = node.op().substr(std::string("QLinear").size());
  node.use_standard_set();
  HY_ASSIGN_OR_RETURN(const uint32_t a, dequantized(node, 0));
  HY_ASSIGN_OR_RETURN(const uint32_t b, dequantized(node, 3));
  HY_ASSIGN_OR_RETURN(const uint32_t y, node.emit(op, {a, b}));
  return finish_quantized(node, y, 6);
}

/// QLinearSigmoid, QLinearLeakyRelu, QLinearAveragePool, QLinearGlobalAveragePool: one operand.
Status qlinear_unary(Rewriter& node) {
  const std::string op = node.op().substr(std::string("QLinear").size());
  node.use_standard_set();
  HY_RETURN_IF_ERROR(refuse_channels_last(node));
  HY_ASSIGN_OR_RETURN(const uint32_t x, dequantized(node, 0));
  HY_ASSIGN_OR_RETURN(const uint32_t y, node.emit(op, {x}, node.rest()));
  return finish_quantized(node, y, 3);
}

/// The operator set tells which Softmax it is: before 13 all dims from the axis on are one.
Status qlinear_softmax(Rewriter& node) {
  node.use_standard_set();
  HY_ASSIGN_OR_RETURN(const int64_t version, node.take_int("opset", 13));
  HY_ASSIGN_OR_RETURN(const int64_t axis, node.take_int("axis", version < 13 ? 1 : -1));
  HY_ASSIGN_OR_RETURN(const uint32_t x, dequantized(node, 0));
  const int64_t rank = node.facts(node.input(0)).rank;
  uint32_t y = HY_NONE;
  if (version >= 13 || axis == -1 || axis == rank - 1) {
    HY_ASSIGN_OR_RETURN(y, node.emit("Softmax", {x}, {{"axis", axis}}));
  } else {
    HY_ASSIGN_OR_RETURN(const uint32_t shape, node.emit("Shape", {x}));
    HY_ASSIGN_OR_RETURN(const uint32_t flat, node.emit("Flatten", {x}, {{"axis", axis}}));
    HY_ASSIGN_OR_RETURN(y, node.emit("Softmax", {flat}, {{"axis", int64_t{-1}}}));
    HY_ASSIGN_OR_RETURN(y, node.emit("Reshape", {y, shape}));
  }
  return finish_quantized(node, y, 3);
}

/// The result's scale and zero point, then three operands a part.
Status qlinear_concat(Rewriter& node) {
  node.use_standard_set();
  if (node.input_count() < 5 || (node.input_count() - 2) % 3 != 0)
    return invalid_model("it has " + std::to_string(node.input_count()) +
                         " inputs; it has 2, and 3 for each part");
  std::vector<uint32_t> parts;
  for (size_t i = 2; i < node.input_count(); i += 3) {
    HY_ASSIGN_OR_RETURN(const uint32_t part, dequantized(node, i));
    parts.push_back(part);
  }
  HY_ASSIGN_OR_RETURN(const uint32_t y, node.emit("Concat", parts, node.rest()));
  return finish_quantized(node, y, 0);
}

/// alpha * op(A) op(B) + C, where C's steps are those of the product; without a scale the result is f32.
Status qgemm(Rewriter& node) {
  node.use_standard_set();
  HY_ASSIGN_OR_RETURN(const int64_t turn_a, node.take_int("transA", 0));
  HY_ASSIGN_OR_RETURN(const int64_t turn_b, node.take_int("transB", 0));
  HY_ASSIGN_OR_RETURN(const double alpha, node.take_float("alpha", 1));
  if (!node.has_input(4)) return invalid_model("operand 4 (b_scale) is absent");
  HY_ASSIGN_OR_RETURN(const uint32_t a, dequantized(node, 0));
  // Scales of B are those of its columns.
  HY_ASSIGN_OR_RETURN(const uint32_t b,
                      node.emit("DequantizeLinear", {node.input(3), node.input(4), node.input(5)},
                                {{"axis", int64_t{turn_b != 0 ? 0 : 1}}}));
  HY_ASSIGN_OR_RETURN(
      uint32_t y,
      node.emit("Gemm", {a, b}, {{"transA", turn_a}, {"transB", turn_b}, {"alpha", alpha}}));
  if (node.has_input(6)) {
    HY_ASSIGN_OR_RETURN(uint32_t scale, node.emit("Mul", {node.input(1), node.input(4)}));
    HY_ASSIGN_OR_RETURN(scale, node.emit("Mul", {scale, node.scalar(HY_DTYPE_F32, alpha)}));
    HY_ASSIGN_OR_RETURN(uint32_t c,
                        node.emit("Cast", {node.input(6)}, {{"to", int64_t{HY_DTYPE_F32}}}));
    HY_ASSIGN_OR_RETURN(c, node.emit("Mul", {c, scale}));
    HY_ASSIGN_OR_RETURN(y, node.emit("Add", {y, c}));
  }
  if (node.has_input(7)) return finish_quantized(node, y, 7);
  return node.finish("Identity", {y}, {}, 1);
}

/// A [..., K] of floats by B of K rows, whose N columns lie as rows of 4 or 8 bits in blocks:
/// [N, blocks, block bytes], a scale and a zero point each.
namespace {

/// The dims of MatMulNBits: rows of weights, columns, and the blocks that share a scale.
struct Blocks {
  int64_t n, k, block, bits;
  int64_t count() const { return (k + block - 1) / block; }
};

/// Bytes with one or two numbers each, as bytes with one: [n, count] of the rows [n, row_bytes].
Result<uint32_t> unpacked(Rewriter& node, uint32_t packed, const Blocks& b, int64_t count) {
  const int64_t row_bytes = (count * b.bits + 7) / 8;
  HY_ASSIGN_OR_RETURN(const uint32_t rows,
                      node.emit("Reshape", {packed, node.ints({b.n, row_bytes})}));
  if (b.bits == 8) return rows;
  std::vector<uint32_t> halves;
  HY_ASSIGN_OR_RETURN(
      halves.emplace_back(),
      node.emit("BitwiseAnd", {rows, node.scalar(HY_DTYPE_U8, 15)}));  // the low half comes first
  HY_ASSIGN_OR_RETURN(halves.emplace_back(),
                      node.emit("BitShift", {rows, node.scalar(HY_DTYPE_U8, 4)},
                                {{"direction", std::string("RIGHT")}}));
  for (uint32_t& half : halves) {
    HY_ASSIGN_OR_RETURN(half, node.emit("Unsqueeze", {half, node.ints({2})}));
  }
  HY_ASSIGN_OR_RETURN(const uint32_t pairs, node.emit("Concat", halves, {{"axis", int64_t{2}}}));
  HY_ASSIGN_OR_RETURN(const uint32_t all,
                      node.emit("Reshape", {pairs, node.ints({b.n, 2 * row_bytes})}));
  if (2 * row_bytes == count) return all;
  return node.emit("Slice", {all, node.ints({0}), node.ints({count}), node.ints({1})});
}

/// The weights [n, blocks * block] as floats, where they or their zero points are known at run time only.
Result<uint32_t> widened(Rewriter& node, const Blocks& b) {
  const uint32_t dtype = node.facts(node.input(2)).dtype;
  if (dtype == HY_DTYPE_UNDEFINED)
    return unsupported("the element type of input 2, the scales, is not known at import");
  const Attributes to = {{"to", static_cast<int64_t>(dtype)}};
  const uint32_t of_blocks = node.ints({b.n, b.count(), 1});
  HY_ASSIGN_OR_RETURN(uint32_t weights, unpacked(node, node.input(1), b, b.count() * b.block));
  HY_ASSIGN_OR_RETURN(weights, node.emit("Cast", {weights}, to));
  HY_ASSIGN_OR_RETURN(weights,
                      node.emit("Reshape", {weights, node.ints({b.n, b.count(), b.block})}));
  uint32_t zeros = node.scalar(dtype, b.bits == 4 ? 8 : 128);
  if (node.has_input(3)) {
    zeros = node.input(3);
    if (node.facts(zeros).dtype == HY_DTYPE_U8) {
      HY_ASSIGN_OR_RETURN(zeros, unpacked(node, zeros, b, b.count()));
      HY_ASSIGN_OR_RETURN(zeros, node.emit("Cast", {zeros}, to));
    }
    HY_ASSIGN_OR_RETURN(zeros, node.emit("Reshape", {zeros, of_blocks}));
  }
  HY_ASSIGN_OR_RETURN(const uint32_t scales, node.emit("Reshape", {node.input(2), of_blocks}));
  HY_ASSIGN_OR_RETURN(weights, node.emit("Sub", {weights, zeros}));
  HY_ASSIGN_OR_RETURN(weights, node.emit("Mul", {weights, scales}));
  return node.emit("Reshape", {weights, node.ints({b.n, b.count() * b.block})});
}

/// A times the first k columns of `wide`, and the bias.
Status finish_product(Rewriter& node, const Blocks& b, uint32_t wide) {
  if (b.count() * b.block != b.k) {
    HY_ASSIGN_OR_RETURN(
        wide, node.emit("Slice", {wide, node.ints({0}), node.ints({b.k}), node.ints({1})}));
  }
  HY_ASSIGN_OR_RETURN(wide, node.emit("Transpose", {wide}, {{"perm", std::vector<int64_t>{1, 0}}}));
  if (!node.has_input(5)) return node.finish("MatMul", {node.input(0), wide}, {}, 1);
  HY_ASSIGN_OR_RETURN(const uint32_t y, node.emit("MatMul", {node.input(0), wide}));
  return node.finish("Add", {y, node.input(5)}, {}, 1);
}

}  // namespace

Status matmul_nbits(Rewriter& node) {
  node.use_standard_set();
  HY_ASSIGN_OR_RETURN(const int64_t k, node.take_int("K", 0));
  HY_ASSIGN_OR_RETURN(const int64_t n, node.take_int("N", 0));
  HY_ASSIGN_OR_RETURN(const int64_t bits, node.take_int("bits", 4));
  HY_ASSIGN_OR_RETURN(const int64_t block, node.take_int("block_size", 0));
  node.drop("accuracy_level");
  if (bits != 4 && bits != 8)
    return unsupported("attribute \"bits\" is " + std::to_string(bits) + "; 4 and 8 are read");
  constexpr int64_t kMost = int64_t{1} << 28;
  if (k < 1 || n < 1 || block < 2 || block % 2 != 0 || k > kMost || n > kMost || block > kMost)
    return invalid_model("attributes K, N and block_size are " + std::to_string(k) + ", " +
                         std::to_string(n) + " and " + std::to_string(block) +
                         "; they are positive, and a block is even");
  if (node.has_input(4)) return unsupported("input 4 (g_idx, an order of rows) is not read");
  const int64_t blocks = (k + block - 1) / block, width = blocks * block;
  const uint32_t dtype = bits == 4 ? HY_DTYPE_U4 : HY_DTYPE_U8;
  const Blocks sizes{n, k, block, bits};
  const TensorData* b = node.known(node.input(1));
  const TensorData* given = node.has_input(3) ? node.known(node.input(3)) : nullptr;
  const bool packed_zeros = !node.has_input(3) || (given != nullptr && given->dtype == HY_DTYPE_U8);
  if (b == nullptr || !packed_zeros) {
    HY_ASSIGN_OR_RETURN(const uint32_t wide, widened(node, sizes));
    return finish_product(node, sizes, wide);
  }
  if (static_cast<int64_t>(b->bytes.size()) != n * width * bits / 8)
    return invalid_model("its weights have " + std::to_string(b->bytes.size()) +
                         " bytes; N, K and block_size need " +
                         std::to_string(n * width * bits / 8));
  // A row's blocks lie one after the other, the low half of a byte first: as packed elements do.
  const auto text_of = [](const TensorData& t) {
    return std::string(reinterpret_cast<const char*>(t.bytes.data()), t.bytes.size());
  };
  const uint32_t weights =
      node.constant_operand(node.add_owned_constant(dtype, {n, width}, text_of(*b)), "weights");
  std::string zeros(static_cast<size_t>((n * blocks * bits + 7) / 8), bits == 4 ? '\x88' : '\x80');
  if (given != nullptr) {
    // Each row begins with a byte there, and not here.
    const int64_t row = (blocks * bits + 7) / 8;
    if (static_cast<int64_t>(given->bytes.size()) != n * row)
      return invalid_model("its zero points have " + std::to_string(given->bytes.size()) +
                           " bytes; it needs " + std::to_string(n * row));
    const std::string source = text_of(*given);
    std::fill(zeros.begin(), zeros.end(), '\0');
    for (int64_t i = 0; i < n * blocks; ++i) {
      const int64_t from = i / blocks * row * 8 + i % blocks * bits, to = i * bits;
      const int value =
          static_cast<unsigned char>(source[static_cast<size_t>(from / 8)]) >> (from % 8);
      char& byte = zeros[static_cast<size_t>(to / 8)];
      byte = static_cast<char>(byte | (value & ((1 << bits) - 1)) << (to % 8));
    }
  }
  const uint32_t zero_points =
      node.constant_operand(node.add_owned_constant(dtype, {n, blocks}, zeros), "zeros");
  HY_ASSIGN_OR_RETURN(const uint32_t scales,
                      node.emit("Reshape", {node.input(2), node.ints({n, blocks})}));
  HY_ASSIGN_OR_RETURN(const uint32_t wide,
                      node.emit("DequantizeLinear", {weights, scales, zero_points},
                                {{"axis", int64_t{1}}, {"block_size", block}}));
  return finish_product(node, sizes, wide);
}

}  // namespace halyard::onnx
