"""Turns a small language model in llama2.c's version-0 format into an ONNX decoder with a KV cache.

    stories_onnx.py WEIGHTS.bin OUT.onnx

Inputs: tokens i64 [1, step]; for each layer past_key_L and past_value_L f32 [1, kv heads, past, head size],
`past` 0 at the start. Outputs: logits f32 [1, step, vocabulary]; present_key_L and present_value_L, which
are the next call's past. Several tokens in one call see what is before them. Standard operators of opset 17.
"""

import os
import struct
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import tiny_onnx  # noqa: E402

EPSILON = 1e-5  # of every RMS norm
ROPE_BASE = 10000.0


class Weights:
    """The header and the tensors of a version-0 file, whose classifier is the embedding."""

    def __init__(self, path):
        with open(path, "rb") as f:
            data = f.read()
        if len(data) < 28:
            raise ValueError(f"{path}: {len(data)} bytes; the header alone has 28")
        (self.dim, self.hidden, self.layers, self.heads, self.kv_heads, self.vocab,
         self.length) = struct.unpack_from("<7i", data)
        if self.vocab <= 0:
            raise ValueError(f"{path}: vocabulary {self.vocab}; a classifier of its own is not read")
        self.head = self.dim // self.heads
        kv = self.kv_heads * self.head
        at = 28
        for name, shape in (("embedding", (self.vocab, self.dim)),
                            ("attention_norm", (self.layers, self.dim)),
                            ("wq", (self.layers, self.dim, self.dim)),
                            ("wk", (self.layers, kv, self.dim)),
                            ("wv", (self.layers, kv, self.dim)),
                            ("wo", (self.layers, self.dim, self.dim)),
                            ("ffn_norm", (self.layers, self.dim)),
                            ("w1", (self.layers, self.hidden, self.dim)),
                            ("w2", (self.layers, self.dim, self.hidden)),
                            ("w3", (self.layers, self.hidden, self.dim)),
                            ("final_norm", (self.dim,))):
            count = int(np.prod(shape))
            if at + 4 * count > len(data):
                raise ValueError(f"{path}: ends within {name}")
            setattr(self, name, np.frombuffer(data, "<f4", count, at).reshape(shape))
            at += 4 * count


class Graph:
    """Nodes and initializers; a call per operator gives its output's name."""

    def __init__(self):
        self.nodes, self.initializers, self.known = [], [], {}

    def op(self, kind, *inputs, out=None, count=1, **attributes):
        stem = f"{kind.lower()}_{len(self.nodes)}"
        outputs = [out or stem] if count == 1 else [f"{stem}_{i}" for i in range(count)]
        coded = []
        for name, value in attributes.items():
            body = [(8, v) for v in value] if isinstance(value, list) else [(3, value)]
            kind_code = 7 if isinstance(value, list) else 2
            coded.append((5, tiny_onnx.message((1, name), *body, (20, kind_code))))
        self.nodes.append(tiny_onnx.message(*[(1, i) for i in inputs], *[(2, o) for o in outputs],
                                            (3, stem), (4, kind), *coded))
        return outputs[0] if count == 1 else outputs

    def constant(self, array, name=None):
        """Small ones are shared."""
        array = np.ascontiguousarray(array)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.known:
            self.known[key] = name or f"c{len(self.known)}"
            code = tiny_onnx.INT64 if array.dtype == np.int64 else tiny_onnx.FLOAT
            self.initializers.append(
                tiny_onnx.initializer(self.known[key], array.shape, code, raw=array.tobytes()))
        return self.known[key]

    def ints(self, *values):
        return self.constant(np.array(values, np.int64))

    def linear(self, x, weight, name):
        """weight: [out, in], as the file has it."""
        return self.op("MatMul", x, self.constant(weight.T.astype(np.float32), name))


def rms_norm(g, x, weight, name):
    mean = g.op("ReduceMean", g.op("Mul", x, x), axes=[-1], keepdims=1)
    root = g.op("Sqrt", g.op("Add", mean, g.constant(np.float32([EPSILON]))))
    return g.op("Mul", g.op("Div", x, root), g.constant(weight, name))


def rotate(g, x, cos, sin, heads, head):
    """Rotary embedding on neighbouring pairs. x: [1, step, heads * head] -> [1, heads, step, head]."""
    pairs = g.op("Reshape", x, g.ints(1, -1, heads, head // 2, 2))
    even, odd = g.op("Split", pairs, axis=-1, count=2)
    real = g.op("Sub", g.op("Mul", even, cos), g.op("Mul", odd, sin))
    imaginary = g.op("Add", g.op("Mul", even, sin), g.op("Mul", odd, cos))
    joined = g.op("Concat", real, imaginary, axis=-1)
    return g.op("Transpose", g.op("Reshape", joined, g.ints(1, -1, heads, head)), perm=[0, 2, 1, 3])


def attention(g, w, layer, x, cos, sin, mask):
    shared = w.heads // w.kv_heads  # query heads a key head
    q = rotate(g, g.linear(x, w.wq[layer], f"wq_{layer}"), cos, sin, w.heads, w.head)
    k = rotate(g, g.linear(x, w.wk[layer], f"wk_{layer}"), cos, sin, w.kv_heads, w.head)
    v = g.op("Reshape", g.linear(x, w.wv[layer], f"wv_{layer}"), g.ints(1, -1, w.kv_heads, w.head))
    v = g.op("Transpose", v, perm=[0, 2, 1, 3])
    k = g.op("Concat", f"past_key_{layer}", k, axis=2, out=f"present_key_{layer}")
    v = g.op("Concat", f"past_value_{layer}", v, axis=2, out=f"present_value_{layer}")
    # [1, kv heads, shared, step, head] against [1, kv heads, 1, total, head]
    q = g.op("Reshape", q, g.ints(1, w.kv_heads, shared, -1, w.head))
    k = g.op("Transpose", g.op("Unsqueeze", k, g.ints(2)), perm=[0, 1, 2, 4, 3])
    scores = g.op("Mul", g.op("MatMul", q, k), g.constant(np.float32([1 / np.sqrt(w.head)])))
    weights = g.op("Softmax", g.op("Add", scores, mask), axis=-1)
    y = g.op("MatMul", weights, g.op("Unsqueeze", v, g.ints(2)))
    y = g.op("Reshape", y, g.ints(1, w.heads, -1, w.head))
    y = g.op("Reshape", g.op("Transpose", y, perm=[0, 2, 1, 3]), g.ints(1, -1, w.dim))
    return g.linear(y, w.wo[layer], f"wo_{layer}")


def feed_forward(g, w, layer, x):
    gate = g.linear(x, w.w1[layer], f"w1_{layer}")
    gate = g.op("Mul", gate, g.op("Sigmoid", gate))
    return g.linear(g.op("Mul", gate, g.linear(x, w.w3[layer], f"w3_{layer}")), w.w2[layer],
                    f"w2_{layer}")


def positions(g, w):
    """The cosines and sines of the new tokens, and what they may see: 0 or -inf, [step, total]."""
    past = g.op("Squeeze", g.op("Shape", "past_key_0", start=2, end=3), g.ints(0))
    step = g.op("Squeeze", g.op("Shape", "tokens", start=1, end=2), g.ints(0))
    total = g.op("Add", past, step)
    one = g.constant(np.array(1, np.int64))
    query = g.op("Range", past, total, one)
    key = g.op("Range", g.constant(np.array(0, np.int64)), total, one)
    visible = g.op("LessOrEqual", key, g.op("Unsqueeze", query, g.ints(1)))
    mask = g.op("Where", visible, g.constant(np.float32([0])), g.constant(np.float32([-np.inf])))
    half = np.arange(w.head // 2, dtype=np.float64)
    angles = np.outer(np.arange(w.length), ROPE_BASE ** (-2 * half / w.head))
    tables = []
    for name, table in (("rope_cos", np.cos(angles)), ("rope_sin", np.sin(angles))):
        # [step, 1, head / 2, 1]: broadcasts over the batch, the heads and the pair
        rows = g.op("Gather", g.constant(table.astype(np.float32), name), query, axis=0)
        tables.append(g.op("Unsqueeze", rows, g.ints(1, 3)))
    return tables[0], tables[1], mask


def decoder(w):
    """The bytes of the model."""
    g = Graph()
    cos, sin, mask = positions(g, w)
    x = g.op("Gather", g.constant(w.embedding, "embedding"), "tokens", axis=0)
    for layer in range(w.layers):
        normed = rms_norm(g, x, w.attention_norm[layer], f"attention_norm_{layer}")
        x = g.op("Add", x, attention(g, w, layer, normed, cos, sin, mask))
        normed = rms_norm(g, x, w.ffn_norm[layer], f"ffn_norm_{layer}")
        x = g.op("Add", x, feed_forward(g, w, layer, normed))
    x = rms_norm(g, x, w.final_norm, "final_norm")
    g.op("MatMul", x, g.constant(w.embedding.T.astype(np.float32), "classifier"), out="logits")

    def caches(when, length):
        return [tiny_onnx.port(f"{when}_{what}_{layer}", tiny_onnx.FLOAT, (1, w.kv_heads, length, w.head))
                for layer in range(w.layers) for what in ("key", "value")]

    return tiny_onnx.model(
        g.nodes, [tiny_onnx.port("tokens", tiny_onnx.INT64, (1, "step"))] + caches("past", "past"),
        [tiny_onnx.port("logits", tiny_onnx.FLOAT, (1, "step", w.vocab))] + caches("present", "total"),
        initializers=g.initializers)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[2], "wb") as f:
        f.write(decoder(Weights(sys.argv[1])))


if __name__ == "__main__":
    main()
