#!/usr/bin/env python3
"""MatMulNBits of com.microsoft against NumPy: weights that are constants, and weights that are inputs."""

import numpy as np
import tiny_onnx
from command import CommandTest, main
from tiny_onnx import FLOAT, initializer, node, port

UINT8 = 2
ROWS, K, N = 3, 11, 5


def packed(values, bits):
    """Numbers [N, count] as bytes [N, ...], the low half first; each row begins with a byte."""
    if bits == 8:
        return values.astype(np.uint8)
    even = np.zeros((len(values), (values.shape[1] + 1) // 2 * 2), np.uint8)
    even[:, :values.shape[1]] = values
    return even[:, 0::2] | even[:, 1::2] << 4


class MatMulNBits(CommandTest):
    def check(self, bits, block, zeros, constant, bias=False):
        random = np.random.default_rng(bits * block)
        blocks = -(-K // block)
        weights = random.integers(0, 1 << bits, (N, blocks * block))
        scales = random.uniform(0.5, 2, (N, blocks)).astype(np.float32)
        points = random.integers(0, 1 << bits, (N, blocks))
        values = {"a": random.normal(size=(ROWS, K)).astype(np.float32),
                  "b": packed(weights, bits).reshape(N, blocks, -1), "s": scales.reshape(-1)}
        if zeros == "packed":
            values["z"] = packed(points, bits).reshape(-1)
        elif zeros == "float":
            values["z"] = points.astype(np.float32)
        else:
            points = np.full((N, blocks), 1 << (bits - 1))
        if bias:
            values["c"] = random.normal(size=N).astype(np.float32)
        names = ["a", "b", "s"] + (["z"] if zeros else [""] if bias else []) + (["", "c"] if bias else [])
        kind = lambda v: UINT8 if v.dtype == np.uint8 else FLOAT
        inputs = {n: v for n, v in values.items() if n == "a" or n not in constant}
        model = tiny_onnx.model(
            [node("MatMulNBits", names, ["y"], domain="com.microsoft", K=K, N=N, bits=bits, block_size=block)],
            [port(n, kind(v), list(v.shape)) for n, v in inputs.items()], [port("y", FLOAT, [ROWS, N])],
            initializers=[initializer(n, v.shape, kind(v), v.tobytes()) for n, v in values.items() if n not in inputs],
            domains=[("com.microsoft", 1)])
        got = self.outputs(self.write("model.onnx", model), "--inputs", self.npz("in.npz", **inputs))
        wide = (weights.reshape(N, blocks, block) - points[..., None]) * scales[..., None].astype(float)
        expected = values["a"] @ wide.reshape(N, -1)[:, :K].T + values.get("c", 0)
        np.testing.assert_allclose(got["y"], expected, rtol=1e-4, atol=1e-4)

    def test_every_form(self):
        for bits in (4, 8):
            for block in (4, 16):
                for zeros in (None, "packed", "float"):
                    for constant in ("bszc", "", "sz", "b"):
                        with self.subTest(bits=bits, block=block, zeros=zeros, constant=constant):
                            self.check(bits, block, zeros, constant)

    def test_a_bias(self):
        self.check(4, 4, None, "bs", bias=True)
        self.check(4, 4, "packed", "", bias=True)


if __name__ == "__main__":
    main()
