"""Writes the demo's network as ONNX, and reads and runs such a file. Needs numpy only.

The field numbers are those of onnx.proto (IR version 8). The runner knows just the operators
that the demo uses and is meant as an independent check, not for speed.
"""

from collections import defaultdict

import numpy as np

_FLOAT = 1
_ATTRIBUTE_INT, _ATTRIBUTE_INTS = 2, 7


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _message(*fields: tuple[int, int | str | bytes]) -> bytes:
    """Encodes (number, value) pairs: an int, never negative, as varint; str and bytes by length."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += _varint(number << 3) + _varint(value)
            continue
        data = value.encode() if isinstance(value, str) else value
        out += _varint(number << 3 | 2) + _varint(len(data)) + data
    return out


def _attribute(name: str, value: int | list[int]) -> bytes:
    if isinstance(value, int):
        return _message((1, name), (3, value), (20, _ATTRIBUTE_INT))
    return _message((1, name), *((8, i) for i in value), (20, _ATTRIBUTE_INTS))


def _node(op: str, name: str, inputs: list[str], output: str, attributes: dict) -> bytes:
    return _message(*((1, i) for i in inputs), (2, output), (3, name), (4, op),
                    *((5, _attribute(k, v)) for k, v in attributes.items()))


def _tensor(name: str, array: np.ndarray) -> bytes:
    data = np.ascontiguousarray(array, "<f4").tobytes()
    return _message(*((1, d) for d in array.shape), (2, _FLOAT), (8, name), (9, data))


def _value(name: str, dims: list[tuple[int | str, str]], meaning: str = "") -> bytes:
    """A float32 value; each dim is (size or symbol, denotation)."""
    def dim(size: int | str, role: str) -> bytes:
        number = 1 if isinstance(size, int) else 2
        return _message((number, size), *([(3, role)] if role else []))

    shape = _message(*((1, dim(size, role)) for size, role in dims))
    kind = _message((1, _message((1, _FLOAT), (2, shape))), *([(6, meaning)] if meaning else []))
    return _message((1, name), (2, kind))


class _Chain:
    """Nodes one behind the other, from the input `image` on."""

    def __init__(self) -> None:
        self.nodes, self.tensors, self.current = [], [], "image"

    def add(self, op: str, name: str, parameters: tuple = (), output: str = "", **attributes) -> None:
        names = [f"{name}.{part}" for part in ("weight", "bias")][:len(parameters)]
        self.tensors.extend(_tensor(n, p) for n, p in zip(names, parameters))
        output = output or f"{name}.out"
        self.nodes.append(_node(op, name, [self.current, *names], output, attributes))
        self.current = output

    def convolution(self, i: int, parameters: tuple, stride: int = 1) -> None:
        kernel = parameters[0].shape[2]
        strides = {"strides": [stride] * 2} if stride > 1 else {}
        self.add("Conv", f"conv{i}", parameters, kernel_shape=[kernel] * 2, pads=[kernel // 2] * 4,
                 **strides)
        self.add("Relu", f"relu{i}")

    def write(self, path: str, name: str, channels: int, size: int, classes: int,
              metadata: dict[str, str]) -> None:
        image = [("N", "DATA_BATCH"), (channels, "DATA_CHANNEL"), (size, "DATA_FEATURE"),
                 (size, "DATA_FEATURE")]
        graph = _message(*((1, n) for n in self.nodes), (2, name), *((5, t) for t in self.tensors),
                         (11, _value("image", image, "IMAGE")),
                         (12, _value("probabilities", [("N", ""), (classes, "")])))
        entries = ((14, _message((1, k), (2, v))) for k, v in metadata.items())
        opset = _message((1, ""), (2, 17))
        with open(path, "wb") as file:
            file.write(_message((1, 8), (2, "halyard train_demo"), (5, 1), (7, graph), (8, opset),
                                *entries))


def write_model(path: str, convolutions: list[tuple[np.ndarray, np.ndarray]],
                gemm: tuple[np.ndarray, np.ndarray], size: int, metadata: dict[str, str]) -> None:
    """Writes (Conv, Relu, MaxPool) for each convolution but the last, which has no pool; then
    GlobalAveragePool, Flatten, Gemm and Softmax.

    A convolution is (weight [M, C, K, K], bias [M]), stride 1, padded to keep the size;
    `gemm` is (weight [classes, M], bias [classes]); the input is [N, 3, size, size].
    """
    chain = _Chain()
    for i, parameters in enumerate(convolutions, 1):
        chain.convolution(i, parameters)
        if i < len(convolutions):
            chain.add("MaxPool", f"pool{i}", kernel_shape=[2, 2], strides=[2, 2])
    chain.add("GlobalAveragePool", "average")
    chain.add("Flatten", "flatten", axis=1)
    chain.add("Gemm", "classify", gemm, transB=1)
    chain.add("Softmax", "softmax", output="probabilities", axis=1)
    chain.write(path, "shapes", 3, size, len(gemm[1]), metadata)


def write_reader(path: str, convolutions: list[tuple[np.ndarray, np.ndarray, int]],
                 dense: list[tuple[np.ndarray, np.ndarray]], size: int,
                 metadata: dict[str, str]) -> None:
    """Writes (Conv, Relu) for each convolution, then Flatten, (Gemm, Relu) for each dense layer, the last
    without its Relu, and Softmax.

    A convolution is (weight [M, C, K, K], bias [M], stride), padded by K // 2; a dense layer is (weight
    [M, K], bias [M]); the input is [N, 1, size, size]."""
    chain = _Chain()
    for i, (weight, bias, stride) in enumerate(convolutions, 1):
        chain.convolution(i, (weight, bias), stride)
    chain.add("Flatten", "flatten", axis=1)
    for i, parameters in enumerate(dense, 1):
        chain.add("Gemm", f"dense{i}", parameters, transB=1)
        if i < len(dense):
            chain.add("Relu", f"dense{i}.relu")
    chain.add("Softmax", "softmax", output="probabilities", axis=1)
    chain.write(path, "text", 1, size, len(dense[-1][1]), metadata)


def _fields(data: bytes) -> dict[int, list]:
    """Decodes one message to its values by field number; nested messages stay bytes."""
    out, at = defaultdict(list), 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            out[key >> 3].append(varint())
        elif key & 7 == 2:
            length = varint()
            out[key >> 3].append(data[at:at + length])
            at += length
        else:
            raise ValueError(f"wire type {key & 7} of field {key >> 3}: only 0 and 2 are read")
    return out


def run_model(path: str, image: np.ndarray) -> np.ndarray:
    """Runs a file that write_model wrote: float32 [N, 3, H, W] to probabilities [N, classes]."""
    with open(path, "rb") as file:
        graph = _fields(_fields(file.read())[7][0])
    values = {"image": image.astype(np.float32)}
    for tensor in map(_fields, graph[5]):
        array = np.frombuffer(tensor[9][0], "<f4").reshape(tensor[1])
        values[tensor[8][0].decode()] = array
    for node in map(_fields, graph[1]):
        attributes = {a[1][0].decode(): a[8] or a[3][0] for a in map(_fields, node[5])}
        operands = [values[name.decode()] for name in node[1]]
        values[node[2][0].decode()] = _OPERATORS[node[4][0].decode()](attributes, *operands)
    return values["probabilities"]


def _conv(attributes: dict, x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    top, left, bottom, right = attributes["pads"]
    x = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(2, 3))
    out = np.tensordot(windows, weight, axes=((1, 4, 5), (1, 2, 3)))
    return (out + bias).transpose(0, 3, 1, 2)


def _max_pool(attributes: dict, x: np.ndarray) -> np.ndarray:
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).max(axis=(3, 5))


def _softmax(attributes: dict, x: np.ndarray) -> np.ndarray:
    powers = np.exp(x - x.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


_OPERATORS = {
    "Conv": _conv,
    "Relu": lambda attributes, x: np.maximum(x, 0),
    "MaxPool": _max_pool,
    "GlobalAveragePool": lambda attributes, x: x.mean(axis=(2, 3), keepdims=True),
    "Flatten": lambda attributes, x: x.reshape(x.shape[0], -1),
    "Gemm": lambda attributes, x, weight, bias: x @ weight.T + bias,
    "Softmax": _softmax,
}
