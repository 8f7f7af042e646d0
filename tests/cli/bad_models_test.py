"""Models that say what cannot be: exit code 3, one message that names the thing, no output."""

import os

import tiny_onnx
from command import CommandTest, main
from tiny_onnx import FLOAT, INT64, initializer, node, port

ONE = b"\0\0\x80\x3f"


class BadModels(CommandTest):
    def refused(self, says, nodes, inputs=None, outputs=None, initializers=()):
        model = tiny_onnx.model(nodes, inputs or [port("x", FLOAT, [2])], outputs or [port("y", FLOAT, [2])],
                                initializers=initializers)
        path = self.write("bad.onnx", model)
        for verb in ("run", "plan", "inspect"):
            with self.subTest(verb=verb):
                done = self.fails(3, verb, path, says=["bad.onnx", *says])
                self.assertEqual(done.stderr.count("bad.onnx: "), 1, done.stderr)

    def test_a_cycle(self):
        self.refused(["cycle", "first"], [node("Add", ["x", "b"], ["a"], "first"), node("Relu", ["a"], ["b"], "second"),
                                          node("Relu", ["b"], ["y"])])

    def test_a_missing_initializer(self):
        self.refused(["\"w\"", "sum"], [node("Add", ["x", "w"], ["y"], "sum")])

    def test_a_wrong_rank(self):
        self.refused(["conv", "rank"], [node("Conv", ["x", "w"], ["y"], "conv")],
                     initializers=[initializer("w", [1], raw=ONE)])

    def test_dims_that_contradict(self):
        self.refused(["sum", "[2]", "[3]"], [node("Add", ["x", "w"], ["y"], "sum")],
                     initializers=[initializer("w", [3], raw=ONE * 3)])

    def test_negative_dims(self):
        self.refused(["\"w\"", "negative"], [node("Add", ["x", "w"], ["y"])],
                     initializers=[initializer("w", [-4], raw=ONE)])
        self.refused(["\"x\"", "-2"], [node("Relu", ["x"], ["y"])], inputs=[port("x", FLOAT, [-2])])

    def test_dims_whose_product_overflows(self):
        huge = [1 << 31, 1 << 31, 1 << 31]
        self.refused(["\"w\"", "elements"], [node("Add", ["x", "w"], ["y"])],
                     initializers=[initializer("w", huge, raw=ONE)])

    def test_data_of_another_size(self):
        self.refused(["\"w\"", "4 bytes", "need 8"], [node("Add", ["x", "w"], ["y"])],
                     initializers=[initializer("w", [2], raw=ONE)])

    def test_an_element_type_that_does_not_exist(self):
        self.refused(["\"w\"", "77"], [node("Add", ["x", "w"], ["y"])],
                     initializers=[initializer("w", [2], 77, raw=ONE)])

    def test_types_that_contradict(self):
        self.refused(["sum", "i64", "f32"], [node("Add", ["x", "w"], ["y"], "sum")],
                     initializers=[initializer("w", [2], INT64, raw=bytes(16))])

    def test_external_data(self):
        self.write("short.bin", bytes(4))
        os.symlink("/etc/passwd", self.path("link.bin"))
        self.write("outside.bin", bytes(8))
        for location, words in (("gone.bin", ["gone.bin"]), ("short.bin", ["short.bin", "4", "8"]),
                                ("../outside.bin", ["../outside.bin"]), ("/etc/passwd", ["/etc/passwd"]),
                                ("link.bin", ["link.bin"])):
            with self.subTest(location=location):
                self.refused(["\"w\"", *words], [node("Add", ["x", "w"], ["y"])],
                             initializers=[initializer("w", [2], location=location)])

    def test_external_data_past_the_end(self):
        self.write("data.bin", bytes(64))
        for offset, length in ((60, 8), (1 << 62, 8), (0, 1 << 62)):
            with self.subTest(offset=offset, length=length):
                self.refused(["\"w\"", "data.bin"], [node("Add", ["x", "w"], ["y"])],
                             initializers=[initializer("w", [2], location="data.bin", offset=offset, length=length)])

    def test_a_value_computed_twice(self):
        self.refused(["\"y\""], [node("Relu", ["x"], ["y"], "first"), node("Abs", ["x"], ["y"], "second")])

    def test_an_output_that_nothing_computes(self):
        self.refused(["\"z\""], [node("Relu", ["x"], ["y"])], outputs=[port("z", FLOAT, [2])])


if __name__ == "__main__":
    main()
