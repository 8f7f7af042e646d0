"""Operators that draw random numbers, in whole models: what repeats, what does not, and that passes leave them."""

import numpy as np
import tiny_onnx
from command import CommandTest, main
from tiny_onnx import BOOL, FLOAT, INT64, body, initializer, node, port


def two_nodes(**seed):
    nodes = [node("RandomUniform", [], [name], name, shape=[4, 5], **seed) for name in ("a", "b")]
    return tiny_onnx.model(nodes, [], [port(name, FLOAT, [4, 5]) for name in ("a", "b")], opset=22)


class Random(CommandTest):
    def test_without_a_seed_nodes_and_runs_differ(self):
        model = self.write("model.onnx", two_nodes())
        first, second = self.outputs(model), self.outputs(model)
        values = [first["a"], first["b"], second["a"], second["b"]]
        for i, x in enumerate(values):
            self.assertTrue(((x >= 0) & (x < 1)).all())
            for y in values[:i]:
                self.assertFalse((x == y).any())

    def test_passes_leave_them(self):
        for seed in ({}, {"seed": 1.5}):
            plan = self.json("plan", self.write("model.onnx", two_nodes(**seed)))
            self.assertEqual([(n["op"], n["provider"]) for n in plan["nodes"]], [("RandomUniform", "cpu")] * 2)

    def test_a_seed_gives_the_same_numbers_everywhere(self):
        model = self.write("model.onnx", two_nodes(seed=1.5))
        first, second = self.outputs(model), self.outputs(model)
        for x in (first["b"], second["a"], second["b"]):
            np.testing.assert_array_equal(x, first["a"])
        other = self.outputs(self.write("other.onnx", two_nodes(seed=2.5)))
        self.assertFalse((other["a"] == first["a"]).any())

    def test_each_iteration_draws_its_own(self):
        inner = body([node("RandomNormal", [], ["row"], shape=[3]), node("Identity", ["c"], ["go"])],
                     [port("i", INT64, []), port("c", BOOL, [])], [port("go", BOOL, []), port("row", FLOAT, [3])])
        model = tiny_onnx.model([node("Loop", ["m", ""], ["rows"], body=inner)], [port("m", INT64, [])],
                                [port("rows", FLOAT, ["k", 3])])
        rows = self.outputs(self.write("model.onnx", model), "--inputs", self.npz("m.npz", m=np.int64(50)))["rows"]
        self.assertEqual(rows.shape, (50, 3))
        self.assertEqual(len(np.unique(rows)), 150)

    def test_dropout_in_training(self):
        # ratio and training_mode are inputs: nothing is known before the run.
        model = self.write("model.onnx", tiny_onnx.model(
            [node("Dropout", ["x", "r", "t"], ["y", "mask"])],
            [port("x", FLOAT, ["n"]), port("r", FLOAT, []), port("t", BOOL, [])],
            [port("y", FLOAT, ["n"]), port("mask", BOOL, ["n"])], opset=13))
        x = np.arange(1, 10001, dtype=np.float32)
        for ratio, train in ((0.25, True), (0, True), (0.9, True), (0.25, False), (1, True)):
            archive = self.npz("in.npz", x=x, r=np.float32(ratio), t=np.array(train))
            out = self.outputs(model, "--inputs", archive)
            keep = 1 - ratio if train else 1
            self.assertLess(abs(out["mask"].mean() - keep), 0.03)  # its deviation is at most 0.005
            want = np.where(out["mask"], x / np.float32(keep or 1), 0)
            np.testing.assert_allclose(out["y"], want, rtol=1e-6)
            if keep in (0, 1):
                self.assertEqual(out["mask"].sum(), len(x) * keep)

    def test_dropout_with_constants_and_a_seed(self):
        model = self.write("model.onnx", tiny_onnx.model(
            [node("Dropout", ["x", "", "t"], ["y"], seed=7)], [port("x", FLOAT, ["n"])], [port("y", FLOAT, ["n"])],
            opset=13, initializers=[initializer("t", [], BOOL, raw=b"\1")]))
        archive = self.npz("in.npz", x=np.ones(1000, np.float32))
        first, second = (self.outputs(model, "--inputs", archive)["y"] for _ in range(2))
        np.testing.assert_array_equal(first, second)
        self.assertEqual(sorted(np.unique(first)), [0, 2])


if __name__ == "__main__":
    main()
