/* The operator set: one row an operator, for everybody. C11 and C++.
 *
 * Names and meaning are those of the newest ONNX operator set that has the operator (onnx.ai,
 * Operators.md), one version each; formats with older versions normalise at import. What a row says:
 *
 *  operands    inputs -> outputs, each NAME:TYPE. TYPE is a variable (T, T1, ...) or a class below.
 *              A ? marks an optional operand, ... a variadic last one (one or more; ...0: or none).
 *  attributes  NAME:KIND=DEFAULT. KIND: int float string ints floats strings tensor. No default:
 *              required. A ? after the kind: may be absent, and absent means something of its own.
 *              A builder writes every default, so that a provider never needs to know one.
 *  types       VARIABLE=CLASS or VARIABLE=a|b|c.
 *
 * Classes: float = f64 f32 f16 bf16; sint = i8 i16 i32 i64; uint = u8 u16 u32 u64; int = sint uint;
 * numeric = float int; index = i32 i64; any = every type, strings included; bool; string.
 * index is also what axis, shape and index operands have; dims and positions count from 0, negative
 * ones from the end, as ONNX says for each.
 *
 * Where a row differs from ONNX: Cast's `to` is a HY_DTYPE number; Shape, Size and NonZero give i64.
 *
 * The digest of a row (hy_operator_digest) stands in every node of a graph. A provider that was built
 * against another row for the same name sees another digest and refuses with SIGNATURE. */
#ifndef HALYARD_OPSET_OPERATORS_H_
#define HALYARD_OPSET_OPERATORS_H_

#include <stdint.h>

typedef struct hy_operator {
  const char* domain; /* "" is the standard set */
  const char* name;
  const char* operands;
  const char* attributes;
  const char* types;
} hy_operator;

/* clang-format off */
static const hy_operator hy_operators[] = {
  /* Elementwise, one operand */
  {"", "Abs", "X:T -> Y:T", "", "T=numeric"},
  {"", "Neg", "X:T -> Y:T", "", "T=float|sint"},
  {"", "Sign", "X:T -> Y:T", "", "T=numeric"},
  {"", "Ceil", "X:T -> Y:T", "", "T=float"},
  {"", "Floor", "X:T -> Y:T", "", "T=float"},
  {"", "Round", "X:T -> Y:T", "", "T=float"},
  {"", "Sqrt", "X:T -> Y:T", "", "T=float"},
  {"", "Reciprocal", "X:T -> Y:T", "", "T=float"},
  {"", "Exp", "X:T -> Y:T", "", "T=float"},
  {"", "Log", "X:T -> Y:T", "", "T=float"},
  {"", "Sin", "X:T -> Y:T", "", "T=float"},
  {"", "Cos", "X:T -> Y:T", "", "T=float"},
  {"", "Erf", "X:T -> Y:T", "", "T=numeric"},
  {"", "Tanh", "X:T -> Y:T", "", "T=float"},
  {"", "Sigmoid", "X:T -> Y:T", "", "T=float"},
  {"", "Relu", "X:T -> Y:T", "", "T=float|sint"},
  {"", "LeakyRelu", "X:T -> Y:T", "alpha:float=0.01", "T=float"},
  {"", "Elu", "X:T -> Y:T", "alpha:float=1", "T=float"},
  {"", "Softplus", "X:T -> Y:T", "", "T=float"},
  {"", "HardSigmoid", "X:T -> Y:T", "alpha:float=0.2 beta:float=0.5", "T=float"},
  {"", "HardSwish", "X:T -> Y:T", "", "T=float"},
  {"", "Gelu", "X:T -> Y:T", "approximate:string=none", "T=float"},
  {"", "Clip", "X:T min:T? max:T? -> Y:T", "", "T=numeric"},
  {"", "Not", "X:bool -> Y:bool", "", ""},
  {"", "Identity", "X:T -> Y:T", "", "T=any"},
  {"", "Cast", "X:T1 -> Y:T2", "to:int saturate:int=1", "T1=any T2=any"},

  /* Elementwise with broadcasting */
  {"", "Add", "A:T B:T -> C:T", "", "T=numeric"},
  {"", "Sub", "A:T B:T -> C:T", "", "T=numeric"},
  {"", "Mul", "A:T B:T -> C:T", "", "T=numeric"},
  {"", "Div", "A:T B:T -> C:T", "", "T=numeric"},
  {"", "Pow", "X:T Y:T1 -> Z:T", "", "T=float|i32|i64 T1=numeric"},
  {"", "Mod", "A:T B:T -> C:T", "fmod:int=0", "T=numeric"},
  {"", "Min", "data:T... -> min:T", "", "T=numeric"},
  {"", "Max", "data:T... -> max:T", "", "T=numeric"},
  {"", "Equal", "A:T B:T -> C:bool", "", "T=any"},
  {"", "Less", "A:T B:T -> C:bool", "", "T=numeric"},
  {"", "LessOrEqual", "A:T B:T -> C:bool", "", "T=numeric"},
  {"", "Greater", "A:T B:T -> C:bool", "", "T=numeric"},
  {"", "GreaterOrEqual", "A:T B:T -> C:bool", "", "T=numeric"},
  {"", "And", "A:bool B:bool -> C:bool", "", ""},
  {"", "Or", "A:bool B:bool -> C:bool", "", ""},
  {"", "Xor", "A:bool B:bool -> C:bool", "", ""},
  {"", "PRelu", "X:T slope:T -> Y:T", "", "T=float|i32|i64|u32|u64"},
  {"", "Where", "condition:bool X:T Y:T -> output:T", "", "T=any"},

  /* Shape and data movement */
  {"", "Shape", "data:T -> shape:i64", "start:int=0 end:int?", "T=any"},
  {"", "Size", "data:T -> size:i64", "", "T=any"},
  {"", "Reshape", "data:T shape:index -> reshaped:T", "allowzero:int=0", "T=any"},
  {"", "Flatten", "X:T -> Y:T", "axis:int=1", "T=any"},
  {"", "Squeeze", "data:T axes:index? -> squeezed:T", "", "T=any"},
  {"", "Unsqueeze", "data:T axes:index -> expanded:T", "", "T=any"},
  {"", "Transpose", "data:T -> transposed:T", "perm:ints?", "T=any"},
  {"", "Concat", "inputs:T... -> result:T", "axis:int", "T=any"},
  {"", "Split", "X:T split:index? -> outputs:T...", "axis:int=0 num_outputs:int?", "T=any"},
  {"", "Slice", "data:T starts:index ends:index axes:index? steps:index? -> output:T", "", "T=any"},
  {"", "Gather", "data:T indices:index -> output:T", "axis:int=0", "T=any"},
  {"", "Expand", "X:T shape:index -> Y:T", "", "T=any"},
  {"", "Tile", "X:T repeats:index -> Y:T", "", "T=any"},
  {"", "Pad", "data:T pads:index constant_value:T? axes:index? -> output:T", "mode:string=constant", "T=any"},
  {"", "ConstantOfShape", "shape:index -> output:T", "value:tensor", "T=numeric|bool"},
  {"", "Range", "start:T limit:T delta:T -> output:T", "", "T=f32|f64|f16|bf16|i16|i32|i64"},
  {"", "NonZero", "X:T -> Y:i64", "", "T=numeric|bool"},

  /* Reductions. Without axes: all, or none where noop_with_empty_axes */
  {"", "ReduceSum", "data:T axes:index? -> reduced:T", "keepdims:int=1 noop_with_empty_axes:int=0", "T=numeric"},
  {"", "ReduceMean", "data:T axes:index? -> reduced:T", "keepdims:int=1 noop_with_empty_axes:int=0", "T=numeric"},
  {"", "ReduceMax", "data:T axes:index? -> reduced:T", "keepdims:int=1 noop_with_empty_axes:int=0", "T=numeric|bool"},
  {"", "ReduceMin", "data:T axes:index? -> reduced:T", "keepdims:int=1 noop_with_empty_axes:int=0", "T=numeric|bool"},
  {"", "ReduceProd", "data:T axes:index? -> reduced:T", "keepdims:int=1 noop_with_empty_axes:int=0", "T=numeric"},
  {"", "ReduceL2", "data:T axes:index? -> reduced:T", "keepdims:int=1 noop_with_empty_axes:int=0", "T=numeric"},
  {"", "ReduceSumSquare", "data:T axes:index? -> reduced:T", "keepdims:int=1 noop_with_empty_axes:int=0", "T=numeric"},
  {"", "ArgMax", "data:T -> reduced:i64", "axis:int=0 keepdims:int=1 select_last_index:int=0", "T=numeric"},
  {"", "ArgMin", "data:T -> reduced:i64", "axis:int=0 keepdims:int=1 select_last_index:int=0", "T=numeric"},

  /* Matrix products and neural networks. NC... layout; absent strides and dilations are ones, pads zeros */
  {"", "MatMul", "A:T B:T -> Y:T", "", "T=numeric"},
  {"", "Gemm", "A:T B:T C:T? -> Y:T", "alpha:float=1 beta:float=1 transA:int=0 transB:int=0", "T=numeric"},
  {"", "Conv", "X:T W:T B:T? -> Y:T", "auto_pad:string=NOTSET dilations:ints? group:int=1 kernel_shape:ints? pads:ints? strides:ints?", "T=float"},
  {"", "ConvTranspose", "X:T W:T B:T? -> Y:T", "auto_pad:string=NOTSET dilations:ints? group:int=1 kernel_shape:ints? output_padding:ints? output_shape:ints? pads:ints? strides:ints?", "T=float"},
  {"", "MaxPool", "X:T -> Y:T Indices:i64?", "auto_pad:string=NOTSET ceil_mode:int=0 dilations:ints? kernel_shape:ints pads:ints? storage_order:int=0 strides:ints?", "T=float|i8|u8"},
  {"", "AveragePool", "X:T -> Y:T", "auto_pad:string=NOTSET ceil_mode:int=0 count_include_pad:int=0 dilations:ints? kernel_shape:ints pads:ints? strides:ints?", "T=float"},
  {"", "GlobalAveragePool", "X:T -> Y:T", "", "T=float"},
  {"", "GlobalMaxPool", "X:T -> Y:T", "", "T=float"},
  {"", "BatchNormalization", "X:T scale:T1 B:T1 mean:T2 var:T2 -> Y:T", "epsilon:float=1e-05", "T=float T1=float T2=float"},
  {"", "InstanceNormalization", "X:T scale:T B:T -> Y:T", "epsilon:float=1e-05", "T=float"},
  {"", "LayerNormalization", "X:T Scale:T B:T? -> Y:T Mean:U? InvStdDev:U?", "axis:int=-1 epsilon:float=1e-05 stash_type:int=1", "T=float U=f32|f64|bf16"},
  {"", "Softmax", "X:T -> Y:T", "axis:int=-1", "T=float"},
  {"", "LogSoftmax", "X:T -> Y:T", "axis:int=-1", "T=float"},
  {"", "Resize", "X:T1 roi:T2? scales:f32? sizes:i64? -> Y:T1", "antialias:int=0 axes:ints? coordinate_transformation_mode:string=half_pixel cubic_coeff_a:float=-0.75 exclude_outside:int=0 extrapolation_value:float=0 keep_aspect_ratio_policy:string=stretch mode:string=nearest nearest_mode:string=round_prefer_floor", "T1=numeric|bool T2=float"},
};
/* clang-format on */

enum { HY_OPERATOR_COUNT = (int)(sizeof(hy_operators) / sizeof(hy_operators[0])) };

/* FNV-1a, 64 bits, over the five strings of a row, each ended by a zero byte. */
static inline uint64_t hy_operator_digest(const hy_operator* row) {
  const char* parts[5];
  uint64_t hash = 14695981039346656037ull;
  int i;
  parts[0] = row->domain;
  parts[1] = row->name;
  parts[2] = row->operands;
  parts[3] = row->attributes;
  parts[4] = row->types;
  for (i = 0; i < 5; ++i) {
    const char* c = parts[i];
    for (;; ++c) {
      hash = (hash ^ (unsigned char)*c) * 1099511628211ull;
      if (*c == 0) break;
    }
  }
  return hash;
}

#endif /* HALYARD_OPSET_OPERATORS_H_ */
