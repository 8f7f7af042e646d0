#!/usr/bin/env python3
"""The example detector on a real photo. detect_test.py HALYARD_DETECT SHARED

Exit 77: the model and the photo are not there."""

import os
import sys

SHARED = sys.argv.pop(2)

from command import HALYARD as DETECT, CommandTest, halyard, main  # noqa: E402

DETECTOR = os.path.join(SHARED, "models", "ultraface_rfb320.onnx")
PHOTO = os.path.join(SHARED, "inputs", "astronaut.png")


class Detect(CommandTest):
    def detect(self, *arguments):
        return halyard(*arguments, program=DETECT)

    def test_finds_the_face_and_draws_it(self):
        out = self.path("out.png")
        done = self.detect(DETECTOR, PHOTO, out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("1 face found", done.stdout)
        self.assertIn(" nodes", done.stdout)
        with open(out, "rb") as drawn, open(PHOTO, "rb") as photo:
            header, original = drawn.read(24), photo.read(24)
        self.assertEqual(header, original)  # PNG, of the same width and height

    def test_exit_codes(self):
        out = self.path("out.png")
        for code, arguments in ((2, ()), (2, (DETECTOR, self.path("none.png"), out)),
                                (3, (self.path("none.onnx"), PHOTO, out)),
                                (2, (DETECTOR, PHOTO, self.path("no", "folder.png")))):
            done = self.detect(*arguments)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertTrue(done.stderr.strip())


if __name__ == "__main__":
    if not (os.path.isfile(DETECTOR) and os.path.isfile(PHOTO)):
        print(f"skipped: {DETECTOR} or {PHOTO} is not there")
        sys.exit(77)
    main()
