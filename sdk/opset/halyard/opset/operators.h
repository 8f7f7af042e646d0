/* The operator set: one row an operator, for everybody. C11 and C++.
 *
 * Names and meaning are those of the newest ONNX operator set that has the operator (onnx.ai,
 * Operators.md), one version each; formats with older versions normalise at import. What a row says:
 *
 *  operands    inputs -> outputs, each NAME:TYPE. TYPE is a variable (T, T1, ...) or a class below.
 *              A ? marks an optional operand, ... a variadic last one (one or more; ...0: or none).
 *              A TYPE stands for a tensor; seq(TYPE) for a sequence, opt(TYPE) for an optional and
 *              map(TYPE) for a map, TYPE being the elements'; value(TYPE), or value for value(any), for
 *              any of the four.
 *  attributes  NAME:KIND=DEFAULT. KIND: int float string ints floats strings tensor graph. No default:
 *              required. A ? after the kind: may be absent, and absent means something of its own.
 *              A builder writes every default, so that a provider never needs to know one.
 *  types       VARIABLE=CLASS or VARIABLE=a|b|c.
 *
 * Classes: float = f64 f32 f16 bf16; sint = i8 i16 i32 i64; uint = u8 u16 u32 u64; int = sint uint;
 * numeric = float int; index = i32 i64; any = every type, strings included; bool; string.
 * index is also what axis, shape and index operands have; dims and positions count from 0, negative
 * ones from the end, as ONNX says for each.
 *
 * SliceUpdate is not ONNX's: data with the slice that Slice would give replaced by update, whose dims are the slice's.
 * Nor is cell_clip of LSTM: each new cell state is held within -cell_clip and cell_clip before it is used.
 *
 * Where a row differs from ONNX: Cast's `to` is a HY_DTYPE number, as SequenceEmpty's `dtype`; Shape, Size
 * and NonZero give i64. A node with bodies ends with num_outer operands that the bodies use from outside;
 * each body has them as its last inputs. ZipMap gives one map: keys [classes] and values [batch, classes].
 *
 * An operator with an attribute "seed" draws random numbers: nobody may compute a node of it ahead, once for
 * several runs, or once for two nodes. With the attribute every run has the same numbers, and equal seeds
 * have equal ones; without, each node and each run has its own.
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
  {"", "Acos", "X:T -> Y:T", "", "T=float"},
  {"", "Acosh", "X:T -> Y:T", "", "T=float"},
  {"", "Asin", "X:T -> Y:T", "", "T=float"},
  {"", "Asinh", "X:T -> Y:T", "", "T=float"},
  {"", "Atan", "X:T -> Y:T", "", "T=float"},
  {"", "Atanh", "X:T -> Y:T", "", "T=float"},
  {"", "Cosh", "X:T -> Y:T", "", "T=float"},
  {"", "Sinh", "X:T -> Y:T", "", "T=float"},
  {"", "Tan", "X:T -> Y:T", "", "T=float"},
  {"", "Softsign", "X:T -> Y:T", "", "T=float"},
  {"", "Mish", "X:T -> Y:T", "", "T=float"},
  {"", "Celu", "X:T -> Y:T", "alpha:float=1", "T=float"},
  {"", "Selu", "X:T -> Y:T", "alpha:float=1.67326319217681884765625 gamma:float=1.05070102214813232421875", "T=float"},
  {"", "ThresholdedRelu", "X:T -> Y:T", "alpha:float=1", "T=float"},
  {"", "Swish", "X:T -> Y:T", "alpha:float=1", "T=float"},
  {"", "Shrink", "X:T -> Y:T", "bias:float=0 lambd:float=0.5", "T=numeric"},
  {"", "IsNaN", "X:T -> Y:bool", "", "T=float|f8e4m3fn|f8e4m3fnuz|f8e5m2|f8e5m2fnuz"},
  {"", "IsInf", "X:T -> Y:bool", "detect_negative:int=1 detect_positive:int=1", "T=float|f8e4m3fn|f8e4m3fnuz|f8e5m2|f8e5m2fnuz"},
  {"", "BitwiseNot", "X:T -> Y:T", "", "T=int"},
  {"", "BitCast", "X:T1 -> Y:T2", "to:int", "T1=any T2=any"},
  {"", "Clip", "X:T min:T? max:T? -> Y:T", "", "T=numeric"},
  {"", "Not", "X:bool -> Y:bool", "", ""},
  {"", "Identity", "X:value(T) -> Y:value(T)", "", "T=any"},
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
  {"", "BitwiseAnd", "A:T B:T -> C:T", "", "T=int"},
  {"", "BitwiseOr", "A:T B:T -> C:T", "", "T=int"},
  {"", "BitwiseXor", "A:T B:T -> C:T", "", "T=int"},
  {"", "BitShift", "X:T Y:T -> Z:T", "direction:string", "T=uint"},
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
  {"", "GatherElements", "data:T indices:index -> output:T", "axis:int=0", "T=any"},
  {"", "GatherND", "data:T indices:index -> output:T", "batch_dims:int=0", "T=any"},
  {"", "ScatterElements", "data:T indices:index updates:T -> output:T", "axis:int=0 reduction:string=none", "T=any"},
  {"", "ScatterND", "data:T indices:index updates:T -> output:T", "reduction:string=none", "T=any"},
  {"", "SliceUpdate", "data:T update:T starts:index ends:index axes:index? steps:index? -> output:T", "", "T=any"},
  {"", "TensorScatter", "past_cache:T update:T write_indices:index? -> present_cache:T", "axis:int=-2 mode:string=linear", "T=any"},
  {"", "OneHot", "indices:T1 depth:T2 values:T3 -> output:T3", "axis:int=-1", "T1=numeric T2=numeric T3=any"},
  {"", "Compress", "X:T condition:bool -> Y:T", "axis:int?", "T=any"},
  {"", "Trilu", "X:T k:index? -> Y:T", "upper:int=1", "T=any"},
  {"", "DepthToSpace", "X:T -> Y:T", "blocksize:int mode:string=DCR", "T=any"},
  {"", "SpaceToDepth", "X:T -> Y:T", "blocksize:int", "T=any"},
  {"", "ReverseSequence", "X:T sequence_lens:index -> Y:T", "batch_axis:int=1 time_axis:int=0", "T=any"},
  {"", "CenterCropPad", "X:T shape:index -> Y:T", "axes:ints?", "T=any"},
  {"", "EyeLike", "X:T1 -> Y:T2", "dtype:int? k:int=0", "T1=any T2=numeric|bool"},

  /* Selection */
  {"", "TopK", "X:T K:index -> Values:T Indices:i64", "axis:int=-1 largest:int=1 sorted:int=1", "T=numeric"},
  {"", "Unique", "X:T -> Y:T indices:i64? inverse_indices:i64? counts:i64?", "axis:int? sorted:int=1", "T=any"},
  {"", "NonMaxSuppression", "boxes:T scores:T max_output_boxes_per_class:index? iou_threshold:T? score_threshold:T? -> selected_indices:i64", "center_point_box:int=0", "T=f32|f16|bf16|f64"},

  /* Random numbers. What sequence a seed has is the provider's own */
  {"", "RandomNormal", "-> Y:T", "dtype:int=1 mean:float=0 scale:float=1 seed:float? shape:ints", "T=float"},
  {"", "RandomUniform", "-> Y:T", "dtype:int=1 high:float=1 low:float=0 seed:float? shape:ints", "T=float"},
  {"", "RandomNormalLike", "X:T1 -> Y:T2", "dtype:int? mean:float=0 scale:float=1 seed:float?", "T1=any T2=float"},
  {"", "RandomUniformLike", "X:T1 -> Y:T2", "dtype:int? high:float=1 low:float=0 seed:float?", "T1=any T2=float"},
  {"", "Multinomial", "X:T1 -> Y:T2", "dtype:int=18 sample_size:int=1 seed:float?", "T1=float T2=index"},
  {"", "Bernoulli", "X:T1 -> Y:T2", "dtype:int? seed:float?", "T1=float T2=numeric|bool"},

  /* Reductions. Without axes: all, or none where noop_with_empty_axes */
  {"", "ReduceSum", "data:T axes:index? -> reduced:T", "keepdims:int=1 noop_with_empty_axes:int=0", "T=numeric"},
  {"", "ReduceMean", "data:T axes:index? -> reduced:T", "keepdims:int=1 noop_with_empty_axes:int=0", "T=numeric"},
  {"", "ReduceMax", "data:T axes:index? -> reduced:T", "keepdims:int=1 noop_with_empty_axes:int=0", "T=numeric|bool"},
  {"", "ReduceMin", "data:T axes:index? -> reduced:T", "keepdims:int=1 noop_with_empty_axes:int=0", "T=numeric|bool"},
  {"", "ReduceProd", "data:T axes:index? -> reduced:T", "keepdims:int=1 noop_with_empty_axes:int=0", "T=numeric"},
  {"", "ReduceL2", "data:T axes:index? -> reduced:T", "keepdims:int=1 noop_with_empty_axes:int=0", "T=numeric"},
  {"", "ReduceSumSquare", "data:T axes:index? -> reduced:T", "keepdims:int=1 noop_with_empty_axes:int=0", "T=numeric"},
  {"", "ReduceL1", "data:T axes:index? -> reduced:T", "keepdims:int=1 noop_with_empty_axes:int=0", "T=numeric"},
  {"", "ReduceLogSum", "data:T axes:index? -> reduced:T", "keepdims:int=1 noop_with_empty_axes:int=0", "T=numeric"},
  {"", "ReduceLogSumExp", "data:T axes:index? -> reduced:T", "keepdims:int=1 noop_with_empty_axes:int=0", "T=numeric"},
  {"", "ArgMax", "data:T -> reduced:i64", "axis:int=0 keepdims:int=1 select_last_index:int=0", "T=numeric"},
  {"", "ArgMin", "data:T -> reduced:i64", "axis:int=0 keepdims:int=1 select_last_index:int=0", "T=numeric"},
  {"", "CumSum", "x:T axis:index -> y:T", "exclusive:int=0 reverse:int=0", "T=numeric"},
  {"", "CumProd", "x:T axis:index -> y:T", "exclusive:int=0 reverse:int=0", "T=numeric"},

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
  {"", "Einsum", "Inputs:T... -> Output:T", "equation:string", "T=numeric"},
  {"", "Det", "X:T -> Y:T", "", "T=float"},
  {"", "DeformConv", "X:T W:T offset:T B:T? mask:T? -> Y:T", "dilations:ints? group:int=1 kernel_shape:ints? offset_group:int=1 pads:ints? strides:ints?", "T=float"},
  {"", "Col2Im", "X:T image_shape:index block_shape:index -> Y:T", "dilations:ints? pads:ints? strides:ints?", "T=numeric|bool"},
  {"", "LpPool", "X:T -> Y:T", "auto_pad:string=NOTSET ceil_mode:int=0 dilations:ints? kernel_shape:ints p:int=2 pads:ints? strides:ints?", "T=float"},
  {"", "GlobalLpPool", "X:T -> Y:T", "p:int=2", "T=float"},
  {"", "MaxUnpool", "X:T I:i64 output_shape:index? -> Y:T", "kernel_shape:ints pads:ints? strides:ints?", "T=float"},
  {"", "MaxRoiPool", "X:T rois:T -> Y:T", "pooled_shape:ints spatial_scale:float=1", "T=float"},
  {"", "RoiAlign", "X:T rois:T batch_indices:index -> Y:T", "coordinate_transformation_mode:string=half_pixel mode:string=avg output_height:int=1 output_width:int=1 sampling_ratio:int=0 spatial_scale:float=1", "T=float"},
  {"", "GridSample", "X:T1 grid:T2 -> Y:T1", "align_corners:int=0 mode:string=linear padding_mode:string=zeros", "T1=numeric|bool T2=float"},
  {"", "AffineGrid", "theta:T size:index -> grid:T", "align_corners:int=0", "T=float"},
  {"", "LRN", "X:T -> Y:T", "alpha:float=0.0001 beta:float=0.75 bias:float=1 size:int", "T=float"},
  {"", "LpNormalization", "X:T -> Y:T", "axis:int=-1 p:int=2", "T=float"},
  {"", "MeanVarianceNormalization", "X:T -> Y:T", "axes:ints?", "T=float"},
  {"", "GroupNormalization", "X:T scale:T bias:T -> Y:T", "epsilon:float=1e-05 num_groups:int stash_type:int=1", "T=float"},
  {"", "RMSNormalization", "X:T scale:V -> Y:V", "axis:int=-1 epsilon:float=1e-05 stash_type:int=1", "T=float V=float"},
  {"", "Hardmax", "X:T -> Y:T", "axis:int=-1", "T=float"},
  {"", "NegativeLogLikelihoodLoss", "X:T target:index weight:T? -> loss:T", "ignore_index:int? reduction:string=mean", "T=float"},
  {"", "SoftmaxCrossEntropyLoss", "scores:T labels:index weights:T? -> output:T log_prob:T?", "ignore_index:int? reduction:string=mean", "T=float"},

  /* Recurrent networks and attention */
  {"", "LSTM", "X:T W:T R:T B:T? sequence_lens:index? initial_h:T? initial_c:T? P:T? -> Y:T? Y_h:T? Y_c:T?", "activation_alpha:floats? activation_beta:floats? activations:strings? cell_clip:float? clip:float? direction:string=forward hidden_size:int? input_forget:int=0 layout:int=0", "T=float"},
  {"", "GRU", "X:T W:T R:T B:T? sequence_lens:index? initial_h:T? -> Y:T? Y_h:T?", "activation_alpha:floats? activation_beta:floats? activations:strings? clip:float? direction:string=forward hidden_size:int? layout:int=0 linear_before_reset:int=0", "T=float"},
  {"", "RNN", "X:T W:T R:T B:T? sequence_lens:index? initial_h:T? -> Y:T? Y_h:T?", "activation_alpha:floats? activation_beta:floats? activations:strings? clip:float? direction:string=forward hidden_size:int? layout:int=0", "T=float"},
  {"", "Attention", "Q:T1 K:T1 V:T2 attn_mask:U? past_key:T1? past_value:T2? nonpad_kv_seqlen:index? -> Y:T1 present_key:T1? present_value:T2? qk_matmul_output:T1?", "is_causal:int=0 kv_num_heads:int? q_num_heads:int? qk_matmul_output_mode:int=0 scale:float? softcap:float=0 softmax_precision:int?", "T1=float T2=float U=numeric|bool"},
  {"", "RotaryEmbedding", "X:T cos_cache:T sin_cache:T position_ids:index? -> Y:T", "interleaved:int=0 num_heads:int=0 rotary_embedding_dim:int=0", "T=float"},

  /* Signals and pictures */
  {"", "DFT", "input:T1 dft_length:index? axis:index? -> output:T1", "inverse:int=0 onesided:int=0", "T1=float"},
  {"", "STFT", "signal:T1 frame_step:index window:T1? frame_length:index? -> output:T1", "onesided:int=1", "T1=float"},
  {"", "HannWindow", "size:index -> output:T", "output_datatype:int=1 periodic:int=1", "T=numeric"},
  {"", "HammingWindow", "size:index -> output:T", "output_datatype:int=1 periodic:int=1", "T=numeric"},
  {"", "BlackmanWindow", "size:index -> output:T", "output_datatype:int=1 periodic:int=1", "T=numeric"},
  {"", "MelWeightMatrix", "num_mel_bins:index dft_length:index sample_rate:index lower_edge_hertz:T1 upper_edge_hertz:T1 -> output:T2", "output_datatype:int=1", "T1=float T2=numeric"},
  {"", "ImageDecoder", "encoded_stream:u8 -> image:u8", "pixel_format:string=RGB", ""},

  /* Quantisation */
  {"", "QuantizeLinear", "x:T1 y_scale:T2 y_zero_point:T3? -> y:T3", "axis:int=1 block_size:int=0 output_dtype:int=0 precision:int=0 saturate:int=1", "T1=float|i32 T2=float|i32|f8e8m0 T3=i8|u8|i16|u16|i4|u4|i2|u2|f4e2m1|f8e4m3fn|f8e4m3fnuz|f8e5m2|f8e5m2fnuz"},
  {"", "DequantizeLinear", "x:T1 x_scale:T2 x_zero_point:T1? -> y:T3", "axis:int=1 block_size:int=0 output_dtype:int=0", "T1=i32|i8|u8|i16|u16|i4|u4|i2|u2|f4e2m1|f8e4m3fn|f8e4m3fnuz|f8e5m2|f8e5m2fnuz T2=float|f8e8m0 T3=float"},
  {"", "DynamicQuantizeLinear", "x:f32 -> y:u8 y_scale:f32 y_zero_point:u8", "", ""},
  {"", "MatMulInteger", "A:T1 B:T2 a_zero_point:T1? b_zero_point:T2? -> Y:i32", "", "T1=i8|u8 T2=i8|u8"},
  {"", "ConvInteger", "x:T1 w:T2 x_zero_point:T1? w_zero_point:T2? -> y:i32", "auto_pad:string=NOTSET dilations:ints? group:int=1 kernel_shape:ints? pads:ints? strides:ints?", "T1=i8|u8 T2=i8|u8"},
  {"", "QLinearConv", "x:T1 x_scale:f32 x_zero_point:T1 w:T2 w_scale:f32 w_zero_point:T2 y_scale:f32 y_zero_point:T3 B:i32? -> y:T3", "auto_pad:string=NOTSET dilations:ints? group:int=1 kernel_shape:ints? pads:ints? strides:ints?", "T1=i8|u8 T2=i8|u8 T3=i8|u8"},
  {"", "QLinearMatMul", "a:T1 a_scale:TS a_zero_point:T1 b:T2 b_scale:TS b_zero_point:T2 y_scale:TS y_zero_point:T3 -> y:T3", "", "TS=f32|f16|bf16 T1=i8|u8|f8e4m3fn|f8e4m3fnuz|f8e5m2|f8e5m2fnuz T2=i8|u8|f8e4m3fn|f8e4m3fnuz|f8e5m2|f8e5m2fnuz T3=i8|u8|f8e4m3fn|f8e4m3fnuz|f8e5m2|f8e5m2fnuz"},

  /* Text */
  {"", "StringNormalizer", "X:string -> Y:string", "case_change_action:string=NONE is_case_sensitive:int=0 locale:string? stopwords:strings?", ""},
  {"", "StringConcat", "X:string Y:string -> Z:string", "", ""},
  {"", "StringSplit", "X:string -> Y:string Z:i64", "delimiter:string? maxsplit:int?", ""},
  {"", "RegexFullMatch", "X:string -> Y:bool", "pattern:string?", ""},
  {"", "TfIdfVectorizer", "X:T -> Y:f32", "max_gram_length:int max_skip_count:int min_gram_length:int mode:string ngram_counts:ints ngram_indexes:ints pool_int64s:ints? pool_strings:strings? weights:floats?", "T=string|i32|i64"},

  /* Control flow. Bodies are closed: see graph.h */
  {"", "If", "cond:bool outer:value...0 -> outputs:value...", "else_branch:graph num_outer:int=0 then_branch:graph", ""},
  {"", "Loop", "M:index? cond:bool? v_initial:value...0 -> outputs:value...", "body:graph num_outer:int=0", ""},
  {"", "Scan", "initial_state_and_scan_inputs:value... -> outputs:value...", "body:graph num_outer:int=0 num_scan_inputs:int scan_input_axes:ints? scan_input_directions:ints? scan_output_axes:ints? scan_output_directions:ints?", ""},
  {"", "SequenceMap", "input_sequence:seq(any) additional_inputs:value...0 -> out_sequence:seq(any)...", "body:graph num_outer:int=0", ""},

  /* Sequences and optionals */
  {"", "SequenceConstruct", "inputs:T... -> output_sequence:seq(T)", "", "T=any"},
  {"", "SequenceEmpty", "-> output:seq(T)", "dtype:int=1", "T=any"},
  {"", "SequenceInsert", "input_sequence:seq(T) tensor:T position:index? -> output_sequence:seq(T)", "", "T=any"},
  {"", "SequenceErase", "input_sequence:seq(T) position:index? -> output_sequence:seq(T)", "", "T=any"},
  {"", "SequenceAt", "input_sequence:seq(T) position:index -> tensor:T", "", "T=any"},
  {"", "SequenceLength", "input_sequence:seq(T) -> length:i64", "", "T=any"},
  {"", "SplitToSequence", "input:T split:index? -> output_sequence:seq(T)", "axis:int=0 keepdims:int=1", "T=any"},
  {"", "ConcatFromSequence", "input_sequence:seq(T) -> concat_result:T", "axis:int new_axis:int=0", "T=any"},
  {"", "Optional", "input:value(T)? -> output:opt(T)", "", "T=any"},
  {"", "OptionalHasElement", "input:value? -> output:bool", "", ""},
  {"", "OptionalGetElement", "input:value(T) -> output:value(T)", "", "T=any"},

  /* Classical models: domain ai.onnx.ml */
  {"ai.onnx.ml", "ArrayFeatureExtractor", "X:T Y:index -> Z:T", "", "T=f32|f64|i32|i64|string"},
  {"ai.onnx.ml", "Binarizer", "X:T -> Y:T", "threshold:float=0", "T=f32|f64|i32|i64"},
  {"ai.onnx.ml", "CategoryMapper", "X:T1 -> Y:T2", "cats_int64s:ints cats_strings:strings default_int64:int=-1 default_string:string=_Unused", "T1=string|i64 T2=string|i64"},
  {"ai.onnx.ml", "FeatureVectorizer", "X:T... -> Y:f32", "inputdimensions:ints?", "T=f32|f64|i32|i64"},
  {"ai.onnx.ml", "Imputer", "X:T -> Y:T", "imputed_value_floats:floats? imputed_value_int64s:ints? replaced_value_float:float=0 replaced_value_int64:int=0", "T=f32|f64|i32|i64"},
  {"ai.onnx.ml", "LabelEncoder", "X:T1 -> Y:T2", "default_float:float=-0 default_int64:int=-1 default_string:string=_Unused default_tensor:tensor? keys_floats:floats? keys_int64s:ints? keys_strings:strings? keys_tensor:tensor? values_floats:floats? values_int64s:ints? values_strings:strings? values_tensor:tensor?", "T1=string|i64|f32|i32|i16|f64 T2=string|i64|f32|i32|i16|f64"},
  {"ai.onnx.ml", "LinearClassifier", "X:T1 -> Y:T2 Z:f32", "classlabels_ints:ints? classlabels_strings:strings? coefficients:floats intercepts:floats? multi_class:int=0 post_transform:string=NONE", "T1=f32|f64|i32|i64 T2=string|i64"},
  {"ai.onnx.ml", "LinearRegressor", "X:T -> Y:f32", "coefficients:floats? intercepts:floats? post_transform:string=NONE targets:int=1", "T=f32|f64|i32|i64"},
  {"ai.onnx.ml", "Normalizer", "X:T -> Y:f32", "norm:string=MAX", "T=f32|f64|i32|i64"},
  {"ai.onnx.ml", "OneHotEncoder", "X:T -> Y:f32", "cats_int64s:ints? cats_strings:strings? zeros:int=1", "T=f32|f64|i32|i64|string"},
  {"ai.onnx.ml", "Scaler", "X:T -> Y:f32", "offset:floats? scale:floats?", "T=f32|f64|i32|i64"},
  {"ai.onnx.ml", "SVMClassifier", "X:T1 -> Y:T2 Z:f32", "classlabels_ints:ints? classlabels_strings:strings? coefficients:floats? kernel_params:floats? kernel_type:string=LINEAR post_transform:string=NONE prob_a:floats? prob_b:floats? rho:floats? support_vectors:floats? vectors_per_class:ints?", "T1=f32|f64|i32|i64 T2=string|i64"},
  {"ai.onnx.ml", "SVMRegressor", "X:T -> Y:f32", "coefficients:floats? kernel_params:floats? kernel_type:string=LINEAR post_transform:string=NONE n_supports:int=0 one_class:int=0 rho:floats? support_vectors:floats?", "T=f32|f64|i32|i64"},
  {"ai.onnx.ml", "TreeEnsembleClassifier", "X:T1 -> Y:T2 Z:f32", "base_values:floats? base_values_as_tensor:tensor? nodes_falsenodeids:ints nodes_featureids:ints nodes_hitrates:floats? nodes_hitrates_as_tensor:tensor? nodes_missing_value_tracks_true:ints? nodes_modes:strings nodes_nodeids:ints nodes_treeids:ints nodes_truenodeids:ints nodes_values:floats? nodes_values_as_tensor:tensor? post_transform:string=NONE class_ids:ints class_nodeids:ints class_treeids:ints class_weights:floats? class_weights_as_tensor:tensor? classlabels_int64s:ints? classlabels_strings:strings?", "T1=f32|f64|i32|i64 T2=string|i64"},
  {"ai.onnx.ml", "TreeEnsembleRegressor", "X:T -> Y:f32", "base_values:floats? base_values_as_tensor:tensor? nodes_falsenodeids:ints nodes_featureids:ints nodes_hitrates:floats? nodes_hitrates_as_tensor:tensor? nodes_missing_value_tracks_true:ints? nodes_modes:strings nodes_nodeids:ints nodes_treeids:ints nodes_truenodeids:ints nodes_values:floats? nodes_values_as_tensor:tensor? post_transform:string=NONE aggregate_function:string=SUM n_targets:int=1 target_ids:ints target_nodeids:ints target_treeids:ints target_weights:floats? target_weights_as_tensor:tensor?", "T=f32|f64|i32|i64"},
  {"ai.onnx.ml", "TreeEnsemble", "X:T -> Y:T", "aggregate_function:int=1 leaf_targetids:ints leaf_weights:tensor membership_values:tensor? n_targets:int=1 nodes_falseleafs:ints nodes_falsenodeids:ints nodes_featureids:ints nodes_hitrates:tensor? nodes_missing_value_tracks_true:ints? nodes_modes:tensor nodes_splits:tensor nodes_trueleafs:ints nodes_truenodeids:ints post_transform:int=0 tree_roots:ints", "T=f32|f64|f16"},
  {"ai.onnx.ml", "ZipMap", "X:f32 -> Z:map(f32)", "classlabels_int64s:ints? classlabels_strings:strings?", ""},
  {"ai.onnx.ml", "DictVectorizer", "X:map(T) -> Y:T", "int64_vocabulary:ints? string_vocabulary:strings?", "T=i64|f32|f64|string"},
  {"ai.onnx.ml", "CastMap", "X:map(T1) -> Y:T2", "cast_to:string=TO_FLOAT map_form:string=DENSE max_map:int=1", "T1=string|f32 T2=string|f32|i64"},
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
