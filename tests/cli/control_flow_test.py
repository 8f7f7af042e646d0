"""If, Loop, Scan, sequences and maps: the core's executor runs them, providers run what is inside."""

import numpy as np
import tiny_onnx
from command import CommandTest, main
from tiny_onnx import BOOL, FLOAT, INT64, body, initializer, node, port

N = [port("x", FLOAT, ["n"])]


def loop_model():
    """total and every partial sum of M times x, ended early where the sum's first element reaches limit."""
    inner = body(
        [node("Add", ["acc", "x"], ["next"]), node("Gather", ["next", "zero"], ["first"], axis=0),
         node("Less", ["first", "limit"], ["go"]), node("Identity", ["next"], ["row"])],
        [port("i", INT64, []), port("c", BOOL, []), port("acc", FLOAT, ["n"])],
        [port("go", BOOL, []), port("next", FLOAT, ["n"]), port("row", FLOAT, ["n"])],
        initializers=[initializer("zero", [], INT64, raw=bytes(8))])
    return tiny_onnx.model(
        [node("Loop", ["m", "", "start"], ["total", "rows"], "sum_up", body=inner)],
        [port("m", INT64, []), port("start", FLOAT, ["n"]), *N, port("limit", FLOAT, [])],
        [port("total", FLOAT, ["n"]), port("rows", FLOAT, ["k", "n"])])


class ControlFlow(CommandTest):
    def run_model(self, data, **inputs):
        model = self.write("model.onnx", data)
        archive = self.npz("in.npz", **inputs)
        return self.outputs(model, "--inputs", archive)

    def test_if_takes_one_branch(self):
        branches = {name: body([node(op, ["x", "x"], ["r"])], [], [port("r", FLOAT, ["n"])])
                    for name, op in (("then_branch", "Add"), ("else_branch", "Mul"))}
        model = tiny_onnx.model([node("If", ["c"], ["y"], **branches)], [port("c", BOOL, []), *N],
                                [port("y", FLOAT, ["n"])])
        x = np.array([1, 2, 3], np.float32)
        np.testing.assert_array_equal(self.run_model(model, c=np.array(True), x=x)["y"], x + x)
        np.testing.assert_array_equal(self.run_model(model, c=np.array(False), x=x)["y"], x * x)

    def test_loop_counts_and_stacks(self):
        x = np.array([1, 2], np.float32)
        for m in (0, 1, 7, 1000):
            out = self.run_model(loop_model(), m=np.int64(m), start=x * 0, x=x, limit=np.float32(1e9))
            np.testing.assert_array_equal(out["total"], x * m)
            np.testing.assert_array_equal(out["rows"], np.outer(np.arange(1, m + 1), x).astype(np.float32))

    def test_loop_ends_on_its_condition(self):
        x = np.array([1, 10], np.float32)
        out = self.run_model(loop_model(), m=np.int64(100), start=x * 0, x=x, limit=np.float32(4))
        np.testing.assert_array_equal(out["total"], x * 4)
        self.assertEqual(out["rows"].shape, (4, 2))

    def test_a_failure_names_the_loop_and_the_iteration(self):
        inner = body([node("Gather", ["x", "i"], ["v"], "pick", axis=0), node("Identity", ["c"], ["go"])],
                     [port("i", INT64, []), port("c", BOOL, [])], [port("go", BOOL, []), port("v", FLOAT, [])])
        model = self.write("model.onnx", tiny_onnx.model(
            [node("Loop", ["m"], ["rows"], "walk", body=inner)], [port("m", INT64, []), *N],
            [port("rows", FLOAT, ["k"])]))
        archive = self.npz("in.npz", m=np.int64(5), x=np.zeros(3, np.float32))
        self.fails(2, "run", model, "--inputs", archive, says=["walk", "iteration 3", "pick"])

    def test_the_plan_shows_the_core_and_the_bodies(self):
        plan = self.json("plan", self.write("model.onnx", loop_model()))
        self.assertEqual([n["provider"] for n in plan["nodes"] if n["op"] == "Loop"], ["core"])
        self.assertIn("cpu", str(plan["bodies"]))

    def test_sequences_are_written_by_number(self):
        model = tiny_onnx.model([node("SplitToSequence", ["x"], ["parts"], axis=0, keepdims=0)],
                                N, [tiny_onnx.message((1, "parts"))])
        x = np.array([5, 6, 7], np.float32)
        out = self.run_model(model, x=x)
        self.assertEqual(sorted(out), ["parts.0", "parts.1", "parts.2"])
        self.assertEqual([float(out[f"parts.{i}"]) for i in range(3)], [5, 6, 7])

    def test_maps_are_written_as_keys_and_values(self):
        model = tiny_onnx.model(
            [node("ZipMap", ["x"], ["z"], domain="ai.onnx.ml", classlabels_strings=["cat", "dog"])],
            [port("x", FLOAT, ["n", 2])], [tiny_onnx.message((1, "z"))], domains=[("ai.onnx.ml", 1)])
        x = np.array([[0.25, 0.75], [1, 0]], np.float32)
        out = self.run_model(model, x=x)
        self.assertEqual(list(out["z.keys"]), ["cat", "dog"])
        np.testing.assert_array_equal(out["z.values"], x)

    def test_a_known_condition_leaves_its_branch(self):
        # The other branch contradicts itself, which is no matter.
        branches = {"then_branch": body([node("Add", ["x", "x"], ["r"])], [], [port("r", FLOAT, ["n"])]),
                    "else_branch": body([node("Add", ["two", "three"], ["r"])], [], [port("r", FLOAT, ["n"])],
                                        initializers=[initializer("two", [2], raw=bytes(8)),
                                                      initializer("three", [3], raw=bytes(12))])}
        model = self.write("model.onnx", tiny_onnx.model(
            [node("If", ["c"], ["y"], **branches)], N, [port("y", FLOAT, ["n"])],
            initializers=[initializer("c", [], BOOL, raw=b"\1")]))
        plan = self.json("plan", model)
        self.assertEqual([n["op"] for n in plan["nodes"]], ["Add"])
        x = np.array([1, 2], np.float32)
        np.testing.assert_array_equal(self.outputs(model, "--inputs", self.npz("in.npz", x=x))["y"], x + x)

    def test_constants_are_folded_in_bodies_within_bodies(self):
        """What branches compute from constants alone is computed once, at compile time."""
        parts = [initializer(n, [1], raw=np.float32(v).tobytes()) for n, v in (("a", 3), ("b", 4))]
        inner = {name: body([node("Concat", ["a", "b"], ["ab"], axis=0), node(op, ["x", "ab"], ["r"])], [],
                            [port("r", FLOAT, ["n"])]) for name, op in (("then_branch", "Add"), ("else_branch", "Mul"))}
        outer = {"then_branch": body([node("Neg", ["x"], ["r"])], [], [port("r", FLOAT, ["n"])]),
                 "else_branch": body([node("Concat", ["b", "a"], ["ba"], axis=0), node("If", ["d"], ["s"], **inner),
                                      node("Sub", ["s", "ba"], ["r"])], [], [port("r", FLOAT, ["n"])])}
        model = self.write("model.onnx", tiny_onnx.model(
            [node("If", ["c"], ["y"], **outer)], [port("c", BOOL, []), port("d", BOOL, []), *N],
            [port("y", FLOAT, ["n"])], initializers=parts))

        def operators(plan):
            own = [n["op"] for n in plan["nodes"]]
            return own + [op for b in plan.get("bodies", []) for op in operators(b)]

        self.assertEqual(sorted(operators(self.json("plan", model))), ["Add", "If", "If", "Mul", "Neg", "Sub"])
        x = np.array([1, 2], np.float32)
        for c, d, y in ((True, True, [-1, -2]), (False, True, [0, 3]), (False, False, [-1, 5])):
            inputs = self.npz("in.npz", c=np.array(c), d=np.array(d), x=x)
            np.testing.assert_array_equal(self.outputs(model, "--inputs", inputs)["y"], np.float32(y))

    def test_sequences_and_optionals_come_from_files(self):
        tensors = [np.array(v, np.float32) for v in ([1, 2], [3], [])]
        files = self.write("s.pb", tiny_onnx.sequence_proto([tiny_onnx.tensor_proto(t, FLOAT) for t in tensors]))
        model = self.write("model.onnx", tiny_onnx.model(
            [node("SequenceLength", ["s"], ["n"]), node("SequenceAt", ["s", "second"], ["t"])],
            [tiny_onnx.sequence_port("s", FLOAT)], [port("n", INT64, []), port("t", FLOAT, ["k"])],
            initializers=[initializer("second", [], INT64, raw=(1).to_bytes(8, "little"))]))
        out = self.outputs(model, "--input", f"s=@{files}")
        self.assertEqual(int(out["n"]), 3)
        np.testing.assert_array_equal(out["t"], tensors[1])
        self.fails(2, "run", model, "--input", f"s=@{self.write('bad.pb', files.encode())}", says=["bad.pb"])

        model = self.write("model.onnx", tiny_onnx.model(
            [node("OptionalHasElement", ["o"], ["has"])], [tiny_onnx.optional_port("o", FLOAT)],
            [port("has", BOOL, [])], opset=18))
        for value, has in ((None, False), (tiny_onnx.tensor_proto(tensors[0], FLOAT), True)):
            file = self.write("o.pb", tiny_onnx.optional_proto(value))
            self.assertEqual(bool(self.outputs(model, "--input", f"o=@{file}")["has"]), has)


if __name__ == "__main__":
    main()
