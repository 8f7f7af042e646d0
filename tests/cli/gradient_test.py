#!/usr/bin/env python3
"""ai.onnx.preview.training: Gradient against central differences, optimisers. gradient_test.py HALYARD"""

import math

import numpy as np
import tiny_onnx
from command import CommandTest, main
from tiny_onnx import node, port

DOUBLE = 11
TRAINING = ("ai.onnx.preview.training", 1)
STEP = 1e-6


def numbers(*shape, seed, low=0.5, high=1.5):
    return np.random.default_rng(seed).uniform(low, high, shape)


class Gradient(CommandTest):
    def model(self, nodes, values, y, xs):
        """Outputs y and the derivative of its sum with respect to each of xs."""
        gradient = node("Gradient", xs, [f"d_{x}" for x in xs], domain=TRAINING[0], xs=list(xs), y=y)
        return tiny_onnx.model([*nodes, gradient],
                               [port(n, DOUBLE, list(v.shape)) for n, v in values.items()],
                               [port(y, DOUBLE, None), *(port(f"d_{x}", DOUBLE, None) for x in xs)],
                               domains=[TRAINING])

    def check(self, nodes, forward, **values):
        """forward: the same as the nodes, in NumPy."""
        path = self.write("model.onnx", self.model(nodes, values, "y", list(values)))
        got = self.outputs(path, "--inputs", self.npz("in.npz", **values))
        np.testing.assert_allclose(got["y"], forward(**values), rtol=1e-9)
        for x in values:
            expected = np.zeros_like(values[x])
            for at in np.ndindex(*values[x].shape):
                sums = []
                for sign in (1, -1):
                    moved = values[x].copy()
                    moved[at] += sign * STEP
                    sums.append(np.sum(forward(**{**values, x: moved})))
                expected[at] = (sums[0] - sums[1]) / (2 * STEP)
            self.assertEqual(got[f"d_{x}"].shape, values[x].shape, x)
            np.testing.assert_allclose(got[f"d_{x}"], expected, rtol=1e-6, atol=1e-7, err_msg=x)

    def unary(self, op, function, **attributes):
        # A product afterwards, so that the incoming derivative is not just ones.
        signs = [[1, -1, 1]] if op not in ("Log", "Sqrt") else 1
        self.check([node(op, ["x"], ["u"], **attributes), node("Mul", ["u", "w"], ["y"])],
                   lambda x, w: function(x) * w, x=numbers(2, 3, seed=1) * signs, w=numbers(2, 3, seed=2))

    def test_functions_of_one_operand(self):
        erf = np.vectorize(math.erf)
        for op, function in {"Identity": lambda x: x, "Neg": np.negative, "Exp": np.exp, "Log": np.log, "Sqrt": np.sqrt,
                             "Reciprocal": np.reciprocal, "Abs": np.abs, "Sin": np.sin, "Cos": np.cos,
                             "Softplus": lambda x: np.log1p(np.exp(x)), "Tanh": np.tanh,
                             "Sigmoid": lambda x: 1 / (1 + np.exp(-x)), "Relu": lambda x: np.maximum(x, 0),
                             "Erf": erf}.items():
            with self.subTest(op):
                self.unary(op, function)

    def test_softmax_and_its_logarithm_along_an_axis(self):
        for axis in (0, -1):
            softmax = lambda x: np.exp(x) / np.exp(x).sum(axis, keepdims=True)
            with self.subTest(axis=axis):
                self.unary("Softmax", softmax, axis=axis)
                self.unary("LogSoftmax", lambda x: np.log(softmax(x)), axis=axis)

    def test_broadcast_operands_get_sums(self):
        for op, function in {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide,
                             "Pow": np.power, "Max": np.maximum, "Min": np.minimum}.items():
            with self.subTest(op):
                self.check([node(op, ["a", "b"], ["u"]), node("Mul", ["u", "u"], ["y"])],
                           lambda a, b: function(a, b)**2, a=numbers(2, 1, 2, seed=3), b=numbers(3, 1, seed=4))

    def test_a_value_that_is_used_twice(self):
        self.check([node("Add", ["a", "b"], ["c"]), node("Mul", ["c", "a"], ["y"])], lambda a, b: (a + b) * a,
                   a=numbers(seed=5), b=numbers(seed=6))

    def test_a_choice(self):
        self.check([node("Greater", ["a", "b"], ["c"]), node("Where", ["c", "a", "b"], ["u"]),
                    node("Mul", ["u", "a"], ["y"])], lambda a, b: np.where(a > b, a, b) * a,
                   a=numbers(2, 3, seed=19), b=numbers(3, seed=20))

    def test_products(self):
        for a, b in (((2, 3), (3, 2)), ((3,), (3, 2)), ((2, 3), (3,)), ((3,), (3,)), ((2, 2, 3), (3, 2)),
                     ((1, 2, 3), (2, 3, 2))):
            with self.subTest(a=a, b=b):
                self.check([node("MatMul", ["a", "b"], ["u"]), node("Mul", ["u", "u"], ["y"])],
                           lambda a, b: (a @ b)**2, a=numbers(*a, seed=7), b=numbers(*b, seed=8))

    def test_gemm(self):
        for ta in (0, 1):
            for tb in (0, 1):
                with self.subTest(transA=ta, transB=tb):
                    self.check([node("Gemm", ["a", "b", "c"], ["u"], transA=ta, transB=tb, alpha=0.5, beta=2.0),
                                node("Mul", ["u", "u"], ["y"])],
                               lambda a, b, c: (0.5 * (a.T if ta else a) @ (b.T if tb else b) + 2 * c)**2,
                               a=numbers(*((3, 2) if ta else (2, 3)), seed=9),
                               b=numbers(*((4, 3) if tb else (3, 4)), seed=10), c=numbers(4, seed=11))

    def test_reductions(self):
        for keep in (0, 1):
            for axes in ([0, -1], [1], None):
                with self.subTest(keepdims=keep, axes=axes):
                    given = {"axes": axes} if axes else {}
                    self.check([node("ReduceMean", ["x"], ["u"], keepdims=keep, **given),
                                node("Mul", ["u", "u"], ["y"])],
                               lambda x: np.mean(x, tuple(axes) if axes else None, keepdims=bool(keep))**2,
                               x=numbers(2, 3, 2, seed=12))

    def test_movement(self):
        self.check([node("Transpose", ["a"], ["t"], perm=[1, 2, 0]), node("Flatten", ["t"], ["f"], axis=2),
                    node("Concat", ["f", "b"], ["c"], axis=0), node("Mul", ["c", "c"], ["y"])],
                   lambda a, b: np.concatenate([a.transpose(1, 2, 0).reshape(3, 2), b])**2,
                   a=numbers(2, 3, 1, seed=13), b=numbers(2, 2, seed=14))

    def test_the_derivative_of_what_does_not_depend_on_it_is_zero(self):
        self.check([node("Exp", ["a"], ["y"])], lambda a, b: np.exp(a), a=numbers(2, seed=15), b=numbers(3, seed=16))

    def test_with_respect_to_a_value_in_the_middle(self):
        values = {"a": numbers(2, seed=17)}
        nodes = [node("Exp", ["a"], ["m"]), node("Mul", ["m", "m"], ["y"])]
        got = self.outputs(self.write("model.onnx", self.model(nodes, values, "y", ["m", "a"])), "--inputs",
                           self.npz("in.npz", **values))
        np.testing.assert_allclose(got["d_m"], 2 * np.exp(values["a"]))
        np.testing.assert_allclose(got["d_a"], 0)  # m is a variable of its own

    def test_what_is_wrong_is_said(self):
        a = numbers(2, seed=18)
        for y, nodes, word in (("none", [node("Exp", ["a"], ["y"])], "none"),
                               ("y", [node("Floor", ["a"], ["f"]), node("Mish", ["a"], ["y"])], "Mish")):
            gradient = node("Gradient", ["a"], ["d"], domain=TRAINING[0], xs=["a"], y=y)
            model = tiny_onnx.model([*nodes, gradient], [port("a", DOUBLE, [2])], [port("d", DOUBLE, [2])],
                                    domains=[TRAINING])
            self.fails(3, "run", self.write("model.onnx", model), "--inputs", self.npz("in.npz", a=a), says=(word,))


class Optimisers(CommandTest):
    """One step for two tensors, against the formulas of ONNX's operator documents."""

    def step(self, op, lists, outputs, count, **attributes):
        shapes = [(2, 3), (4,)]
        values = {"r": np.array(0.1), "t": np.array(count, np.int64)}
        for k, name in enumerate(lists):
            values |= {f"{name}{i}": numbers(*s, seed=30 + 2 * k + i) for i, s in enumerate(shapes)}
        model = tiny_onnx.model(
            [node(op, list(values), [f"{o}{i}" for o in outputs for i in range(2)], domain=TRAINING[0], **attributes)],
            [port(n, tiny_onnx.INT64 if n == "t" else DOUBLE, list(v.shape)) for n, v in values.items()],
            [port(f"{o}{i}", DOUBLE, None) for o in outputs for i in range(2)], domains=[TRAINING])
        return values, self.outputs(self.write("model.onnx", model), "--inputs", self.npz("in.npz", **values))

    def close(self, got, expected):
        np.testing.assert_allclose(got, expected, rtol=1e-6)

    def test_adagrad(self):
        v, got = self.step("Adagrad", "xgh", ("nx", "nh"), 3, decay_factor=0.5, epsilon=0.25, norm_coefficient=0.125)
        for i in "01":
            g = 0.125 * v["x" + i] + v["g" + i]
            h = v["h" + i] + g * g
            self.close(got["nh" + i], h)
            self.close(got["nx" + i], v["x" + i] - 0.1 / (1 + 3 * 0.5) * g / (np.sqrt(h) + 0.25))

    def test_adam(self):
        for count in (0, 5):
            v, got = self.step("Adam", "xgvh", ("nx", "nv", "nh"), count, alpha=0.75, beta=0.875, epsilon=0.25,
                               norm_coefficient=0.125, norm_coefficient_post=0.5)
            rate = 0.1 * math.sqrt(1 - 0.875**count) / (1 - 0.75**count) if count else 0.1
            for i in "01":
                g = 0.125 * v["x" + i] + v["g" + i]
                mean, square = 0.75 * v["v" + i] + 0.25 * g, 0.875 * v["h" + i] + 0.125 * g * g
                self.close(got["nv" + i], mean)
                self.close(got["nh" + i], square)
                self.close(got["nx" + i], 0.5 * (v["x" + i] - rate * mean / (np.sqrt(square) + 0.25)))

    def test_momentum(self):
        for mode in ("standard", "nesterov"):
            for count in (0, 2):
                v, got = self.step("Momentum", "xgv", ("nx", "nv"), count, alpha=0.75, beta=0.5,
                                   norm_coefficient=0.125, mode=mode)
                for i in "01":
                    g = 0.125 * v["x" + i] + v["g" + i]
                    speed = 0.75 * v["v" + i] + (0.5 if count else 1) * g
                    step = g + 0.75 * speed if mode == "nesterov" else speed
                    self.close(got["nv" + i], speed)
                    self.close(got["nx" + i], v["x" + i] - 0.1 * step)

    def test_operands_must_be_whole(self):
        model = tiny_onnx.model([node("Adam", ["r", "t", "x", "g", "v"], ["y"], domain=TRAINING[0])],
                                [port(n, tiny_onnx.INT64 if n == "t" else DOUBLE, []) for n in "rtxgv"],
                                [port("y", DOUBLE, [])], domains=[TRAINING])
        self.fails(3, "inspect", self.write("model.onnx", model), says=("5 inputs", "Adam"))


if __name__ == "__main__":
    main()
