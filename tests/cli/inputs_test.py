#!/usr/bin/env python3
"""`halyard run --input` and `--inputs`: every kind of value, and what is said of bad ones. inputs_test.py HALYARD"""

import os
import wave
import zlib

import numpy as np

from command import MODEL, PICTURE, CommandTest, main
import tiny_onnx


class Values(CommandTest):
    def setUp(self):
        super().setUp()
        self.model = self.write("add.onnx", tiny_onnx.add(dims=(2, "n")))

    def add(self, a, *more):
        return self.outputs(self.model, "--input", f"a={a}", "--input", "b=2x2xf32=0", *more)["c"]

    def test_literals(self):
        np.testing.assert_array_equal(self.add("2x2xf32=1,2,3,4"), [[1, 2], [3, 4]])
        np.testing.assert_array_equal(self.add("2x2xf32=0.5"), np.full((2, 2), 0.5))
        np.testing.assert_array_equal(self.add("1,2,3,4"), [[1, 2], [3, 4]])
        np.testing.assert_array_equal(self.add("2x2xi64=1,2,3,4"), [[1, 2], [3, 4]])

    def test_a_number_alone(self):
        out = self.outputs(self.model, "--input", "a=7", "--input", "b=1")["c"]
        np.testing.assert_array_equal(out, [[8], [8]])

    def test_npy(self):
        array = np.array([[1, 2], [3, 4]])
        for name, given in (("c", array.astype(np.float32)), ("fortran", np.asfortranarray(array.astype(np.float32))),
                            ("big_endian", array.astype(">f4")), ("u8", array.astype(np.uint8)),
                            ("f64", array.astype(np.float64)), ("f16", array.astype(np.float16))):
            with self.subTest(name):
                np.save(self.path("a.npy"), given)
                np.testing.assert_array_equal(self.add("@" + self.path("a.npy")), array)

    def test_npz_stored_and_deflated(self):
        array = np.array([[1, 2], [3, 4]], np.float32)
        for save in (np.savez, np.savez_compressed):
            save(self.path("in.npz"), a=array, b=array)
            out = self.outputs(self.model, "--inputs", self.path("in.npz"))["c"]
            np.testing.assert_array_equal(out, 2 * array)

    def test_an_input_goes_before_the_archive(self):
        archive = self.npz("in.npz", a=np.ones((2, 1), np.float32), b=np.ones((2, 1), np.float32))
        out = self.outputs(self.model, "--inputs", archive, "--input", "b=5")["c"]
        np.testing.assert_array_equal(out, [[6], [6]])

    def test_tensor_proto(self):
        array = np.array([[1, 2], [3, 4]], np.float32)
        file = self.write("a.pb", tiny_onnx.tensor_proto(array, tiny_onnx.FLOAT))
        np.testing.assert_array_equal(self.add("@" + file), array)
        file = self.write("b.pb", tiny_onnx.tensor_proto(array.astype(np.int64), tiny_onnx.INT64))
        np.testing.assert_array_equal(self.add("@" + file), array)

    def test_picture(self):
        plain = self.outputs(MODEL, "--input", f"image=@{PICTURE}")["probabilities"]
        named = self.outputs(MODEL, "--input", f"image=@{PICTURE}", "--image-scale", "1/255", "--image-mean", "0",
                             "--image-layout", "rgb")["probabilities"]
        np.testing.assert_array_equal(plain, named)  # the model's metadata says so
        turned = self.outputs(MODEL, "--input", f"image=@{PICTURE}", "--image-layout", "bgr")["probabilities"]
        self.assertFalse(np.array_equal(plain, turned))

    def test_picture_of_open_size(self):
        model = self.write("relu.onnx", tiny_onnx.model(
            [tiny_onnx.node("Relu", ["x"], ["y"])], [tiny_onnx.port("x", 1, ["n", "h", "w", 3])],
            [tiny_onnx.port("y", 1, ["n", "h", "w", 3])]))
        out = self.outputs(model, "--input", f"x=@{PICTURE}", "--image-scale", "1")["y"]
        self.assertEqual(out.shape, (1, 256, 256, 3))
        self.assertEqual(out.dtype, np.float32)
        self.assertGreater(out.max(), 1)

    def test_sound(self):
        relu = tiny_onnx.model([tiny_onnx.node("Relu", ["x"], ["y"])], [tiny_onnx.port("x", 1, ["n", "t"])],
                               [tiny_onnx.port("y", 1, ["n", "t"])])
        model = self.write("relu.onnx", relu)
        with wave.open(self.path("s.wav"), "wb") as w:
            w.setnchannels(2)
            w.setsampwidth(2)
            w.setframerate(8000)
            w.writeframes(np.array([[16384, 0], [-100, 0], [8192, 8192]], "<i2").tobytes())
        value = ["--input", "x=@" + self.path("s.wav")]
        np.testing.assert_array_equal(self.outputs(model, *value)["y"], [[0.25, 0, 0.25]])
        self.assertIn("8000 Hz, 2 channels", self.succeeds("run", model, *value, "--sample-rate", 8000).stderr)
        self.fails(2, "run", model, *value, "--sample-rate", 16000, says=["s.wav", "8000", "16000"])

    def test_drawing(self):
        # The picture's first four values of a row are its "boxes": what they say is not asked here.
        relu = tiny_onnx.model([tiny_onnx.node("Relu", ["x"], ["y"])], [tiny_onnx.port("x", 1, [1, 1, 4, 4])],
                               [tiny_onnx.port("y", 1, [1, 1, 4, 4])])
        model, picture, to = self.write("relu.onnx", relu), ["--input", f"x=@{PICTURE}"], self.path("out.png")
        for draw in ("boxes=y", "boxes=y,normalised,format=yxyx", "mask=y"):
            self.succeeds("run", model, *picture, "--draw", draw, "--draw-to", to)
            with open(to, "rb") as f:
                self.assertEqual(f.read(8), b"\x89PNG\r\n\x1a\n")
            os.remove(to)
        self.fails(2, "run", model, *picture, "--draw", "boxes=none", "--draw-to", to, says=["none", "outputs are y"])
        self.fails(2, "run", model, *picture, "--draw", "boxes=y", says=["--draw-to"])
        self.fails(2, "run", model, "--input", "x=1", "--draw", "boxes=y", "--draw-to", to, says=["picture"])
        self.assertFalse(os.path.exists(to))

    def test_random_and_missing_values(self):
        done = self.succeeds("run", self.model, "--input", "a=1")
        self.assertIn("random:0", done.stderr)
        self.assertIn(" b", done.stderr)
        self.assertEqual(self.succeeds("run", self.model, "--input", "a=1", "-q").stderr, "")

    def test_open_dims_by_shape(self):
        out = self.outputs(self.model, "--shape", "a=2x5")["c"]
        self.assertEqual(out.shape, (2, 5))

    def test_missing_integers_are_zero_or_one(self):
        model = self.write("int.onnx", tiny_onnx.add(tiny_onnx.INT64, (64,)))
        out = self.outputs(model, "--input", "b=0")["c"]
        self.assertEqual(set(out.tolist()), {0, 1})


class BadValues(CommandTest):
    def setUp(self):
        super().setUp()
        self.model = self.write("add.onnx", tiny_onnx.add())

    def bad(self, value, *says):
        return self.fails(2, "run", self.model, "--input", value, says=says)

    def test_names(self):
        self.bad("x=1", '"x"', "a, b")
        self.bad("a", "NAME=VALUE")
        archive = self.npz("in.npz", nothing=np.ones(2))
        self.fails(2, "run", self.model, "--inputs", archive, says=['"nothing"', "a, b"])

    def test_shapes_show_both(self):
        self.bad("a=3xf32=1", "[3]", "[2]")
        self.bad("a=1x2xf32=1", "[1,2]", "[2]")

    def test_types_show_both(self):
        np.save(self.path("a.npy"), np.array([0.1, 0.2]))
        self.bad(f"a=@{self.path('a.npy')}", "f64", "f32")
        whole = self.write("int.onnx", tiny_onnx.add(tiny_onnx.INT64))
        self.fails(2, "run", whole, "--input", "a=2xf32=0.5", says=["f32", "i64"])
        np.save(self.path("s.npy"), np.array(["x", "y"]))
        self.bad(f"a=@{self.path('s.npy')}", "string", "f32")

    def test_literals(self):
        self.bad("a=", "empty")
        self.bad("a=one", "one")
        self.bad("a=1,2,3", "[2]")
        self.bad("a=random:x", "random:x")
        self.bad("a=100000000x100000000xf32=1", "memory")

    def test_files(self):
        self.bad("a=@" + self.path("none.npy"), "none.npy")
        self.bad("a=@" + self.folder + "/x.npy/", "x.npy")
        self.bad("a=@" + self.write("x.csv", b"1,2"), ".npy")
        self.bad("a=@" + self.write("text.npy", b"hello"), "text.npy")
        self.bad("a=@" + self.write("text.pb", b"\xff\xff"), "text.pb")
        self.bad("a=@" + self.write("text.png", b"hello"), "picture")
        np.save(self.path("o.npy"), np.array([{}, {}]), allow_pickle=True)
        self.bad("a=@" + self.path("o.npy"), "pickled")

    def test_archives(self):
        for name, data in (("empty.npz", b""), ("text.npz", b"hello" * 100), ("zip.npz", b"PK\5\6" + b"\xff" * 18)):
            self.fails(2, "run", self.model, "--inputs", self.write(name, data), says=[name])
        np.save(self.path("a.npy"), np.ones(2, np.float32))
        self.fails(2, "run", self.model, "--inputs", self.path("a.npy"), says=["--input NAME=@"])

    def test_pictures_that_do_not_fit(self):
        self.bad("a=@" + PICTURE, "[2]")
        with open(PICTURE, "rb") as f:
            png = f.read()
        self.fails(2, "run", MODEL, "--input", "image=@" + self.write("cut.png", png[:len(png) // 2]), says=["cut.png"])
        self.fails(2, "run", MODEL, "--input", f"image=@{PICTURE}", "--image-mean", "1,2", says=["mean"])
        self.fails(2, "run", MODEL, "--input", f"image=@{PICTURE}", "--image-scale", "x", says=["x"])

    def test_cut_files(self):
        np.savez_compressed(self.path("in.npz"), a=np.ones(2, np.float32), b=np.ones(2, np.float32))
        np.save(self.path("in.npy"), np.ones(2, np.float32))
        with open(self.path("in.npz"), "rb") as z, open(self.path("in.npy"), "rb") as y:
            archive, array = z.read(), y.read()
        for i in range(10):
            cut = self.write("cut.npz", archive[:len(archive) * i // 10])
            self.fails(2, "run", self.model, "--inputs", cut, says=["cut.npz"])
            cut = self.write("cut.npy", array[:len(array) * i // 10])
            self.fails(2, "run", self.model, "--input", "a=@" + cut, says=["cut.npy"])

    def test_a_size_that_is_a_lie(self):
        # A deflated member that claims a terabyte.
        body = zlib.compress(b"x")[2:-4]
        fields = b"\x14\0\0\0\x08\0\0\0\x21\0" + b"\0" * 4 + len(body).to_bytes(4, "little") + b"\xf0" * 4 + b"\5\0\0\0"
        local = b"PK\3\4" + fields + b"a.npy" + body
        central = b"PK\1\2\x14\0" + fields + b"\0" * 14 + b"a.npy"
        end = b"PK\5\6\0\0\0\0\1\0\1\0" + len(central).to_bytes(4, "little") + len(local).to_bytes(4, "little") + b"\0\0"
        self.fails(2, "run", self.model, "--inputs", self.write("lie.npz", local + central + end), says=["a.npy"])


if __name__ == "__main__":
    main()
