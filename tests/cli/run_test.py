#!/usr/bin/env python3
"""`halyard run`: predictions, outputs, expectations, the best classes. run_test.py HALYARD"""

import os

import numpy as np

from command import DEMO, MODEL, PICTURE, CommandTest, main
import tiny_onnx

INPUT = os.path.join(DEMO, "shapes.input.npz")
EXPECTED = os.path.join(DEMO, "shapes.expected.npz")
LABELS = os.path.join(DEMO, "labels.txt")


class Predictions(CommandTest):
    def test_demo_is_as_expected(self):
        done = self.succeeds("run", MODEL, "--inputs", INPUT, "--expect", EXPECTED)
        for words in ("probabilities: f32 [1,8]", "time: ", " nodes", "as expected"):
            self.assertIn(words, done.stdout)

    def test_json(self):
        report = self.json("run", MODEL, "--inputs", INPUT, "--top", 2, "--labels", LABELS)
        self.assertEqual(report["model"], MODEL)
        (prediction,) = report["predictions"]
        self.assertGreater(prediction["ms"], 0)
        self.assertEqual(prediction["outputs"], [{"name": "probabilities", "type": "f32", "dims": [1, 8]}])
        self.assertEqual([t["label"] for t in prediction["top"]][0], "star")
        self.assertEqual(len(prediction["top"]), 2)
        self.assertGreater(prediction["top"][0]["score"], 0.9)
        self.assertLessEqual({"nodes", "clusters", "per_provider", "copies", "copy_bytes"}, set(report["summary"]))

    def test_picture_with_top_and_labels(self):
        done = self.succeeds("run", MODEL, "--input", f"image=@{PICTURE}", "--top", 1, "--labels", LABELS)
        self.assertIn("star", done.stdout)

    def test_labels_of_the_metadata(self):
        report = self.json("run", MODEL, "--input", f"image=@{PICTURE}", "--top", 1)
        self.assertEqual(report["predictions"][0]["top"][0]["label"], "star")

    def test_rows_of_a_batch(self):
        top = self.json("run", MODEL, "--shape", "image=3x3x64x64", "--top", 1)["predictions"][0]["top"]
        self.assertEqual([t["row"] for t in top], [0, 1, 2])

    def test_outputs_are_what_numpy_reads(self):
        with np.load(EXPECTED) as z:
            expected = z["probabilities"]
        got = self.outputs(MODEL, "--inputs", INPUT)
        self.assertEqual(list(got), ["probabilities"])
        self.assertEqual(got["probabilities"].dtype, np.float32)
        np.testing.assert_allclose(got["probabilities"], expected, rtol=1e-3, atol=1e-5)

    def test_several_predictions_into_a_folder(self):
        model = self.write("add.onnx", tiny_onnx.add())
        inputs = []
        for i in range(3):
            one = np.array([i, 1], np.float32)
            inputs += ["--inputs", self.npz(f"in{i}.npz", a=one, b=one)]
        self.succeeds("run", model, *inputs, "--outputs", self.path("out") + "/")
        for i in range(3):
            with np.load(self.path("out", f"{i}.npz")) as z:
                np.testing.assert_array_equal(z["c"], [2 * i, 2])
        self.fails(2, "run", model, *inputs, "--outputs", self.path("out.npz"), says=["DIR/"])

    def test_output_names_are_exact(self):
        name = "a/b:0 \u00e4"
        tiny = tiny_onnx.model([tiny_onnx.node("Relu", ["x"], [name])], [tiny_onnx.port("x", 1, [2])],
                               [tiny_onnx.port(name, 1, [2])])
        got = self.outputs(self.write("m.onnx", tiny), "--input", "x=-1,3")
        np.testing.assert_array_equal(got[name], [0, 3])

    def test_outputs_that_cannot_be_written(self):
        self.fails(2, "run", MODEL, "--outputs", self.path("no", "folder.npz"), says=["folder.npz"])

    def test_same_seed_same_result(self):
        first = self.outputs(MODEL, "--input", "image=random:3")["probabilities"]
        again = self.outputs(MODEL, "--input", "image=random:3")["probabilities"]
        other = self.outputs(MODEL, "--input", "image=random:4")["probabilities"]
        np.testing.assert_array_equal(first, again)
        self.assertFalse(np.array_equal(first, other))


class Expectations(CommandTest):
    def setUp(self):
        super().setUp()
        self.model = self.write("add.onnx", tiny_onnx.add())
        self.run_add = ["run", self.model, "--input", "a=1,2", "--input", "b=10,20"]

    def test_tolerances(self):
        near = self.npz("near.npz", c=np.array([11, 22.01], np.float32))
        self.succeeds(*self.run_add, "--expect", near)
        self.fails(1, *self.run_add, "--expect", near, "--rtol", "1e-6", says=["rtol 1e-06"])
        self.succeeds(*self.run_add, "--expect", near, "--rtol", "0", "--atol", "0.1")

    def test_a_difference_is_named(self):
        wrong = self.npz("wrong.npz", c=np.array([11, 33], np.float32))
        done = self.fails(1, *self.run_add, "--expect", wrong, says=['"c"', "[1]", "22", "33"])
        self.assertIn("NOT as expected", done.stdout)

    def test_a_difference_in_json(self):
        import json
        wrong = self.npz("wrong.npz", c=np.array([11, 33], np.float32))
        done = self.fails(1, *self.run_add, "--expect", wrong, "--json", says=["33"])
        self.assertEqual(len(json.loads(done.stdout)["predictions"][0]["differences"]), 1)

    def test_other_shape_kind_or_name(self):
        shape = self.npz("shape.npz", c=np.array([[11, 22]], np.float32))
        self.fails(1, *self.run_add, "--expect", shape, says=["[2]", "[1,2]"])
        kind = self.npz("kind.npz", c=np.array([11, 22], np.int64))
        self.fails(1, *self.run_add, "--expect", kind, says=["f32", "i64"])
        name = self.npz("name.npz", d=np.array([11, 22], np.float32))
        self.fails(1, *self.run_add, "--expect", name, says=['"d"', "c"])

    def test_nan_equals_nan(self):
        expected = self.npz("nan.npz", c=np.array([np.nan, np.inf], np.float32))
        self.succeeds("run", self.model, "--input", "a=nan,inf", "--input", "b=1", "--expect", expected)

    def test_one_for_each_prediction(self):
        one = self.npz("in.npz", a=np.ones(2, np.float32), b=np.ones(2, np.float32))
        good = self.npz("good.npz", c=np.full(2, 2, np.float32))
        bad = self.npz("bad.npz", c=np.zeros(2, np.float32))
        both = ["--inputs", one, "--inputs", one]
        self.succeeds("run", self.model, *both, "--expect", good, "--expect", good)
        self.fails(1, "run", self.model, *both, "--expect", good, "--expect", bad, says=["prediction 1"])
        self.fails(2, "run", self.model, *both, "--expect", good, says=["--expect"])

    def test_a_bad_file(self):
        self.fails(2, *self.run_add, "--expect", self.path("none.npz"), says=["none.npz"])
        self.fails(2, *self.run_add, "--expect", self.write("text.npz", b"hello" * 9), says=["text.npz"])


if __name__ == "__main__":
    main()
