#!/usr/bin/env python3
"""The example reader on the picture of the demo. read_text_test.py HALYARD_READ_TEXT"""

import json
import os
import struct
import zlib

from command import DEMO, HALYARD as READ_TEXT, MODEL, CommandTest, halyard, main

READER = os.path.join(DEMO, "text.onnx")
PICTURE = os.path.join(DEMO, "text.png")
TEXT = "Models run anywhere: 24/7!"


def blank_png(width, height):
    """White, of one byte a pixel."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\xff" * width for _ in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class ReadText(CommandTest):
    def test_reads_the_line_and_says_where_it_ran(self):
        done = self.succeeds(READER, PICTURE)
        self.assertEqual(done.stdout.split("\n")[0], TEXT)
        for word in ("confidence 0.", "ms for the network", "Conv", "nodes"):
            self.assertIn(word, done.stdout)

    def test_boxes_lie_in_the_picture_in_order(self):
        done = self.succeeds(READER, PICTURE, "--json")
        with open(PICTURE, "rb") as f:
            width, height = struct.unpack(">II", f.read(24)[16:])
        [picture] = json.loads(done.stdout)["pictures"]
        [line] = picture["lines"]
        self.assertEqual("".join(c["text"] for c in line["characters"]), TEXT.replace(" ", ""))
        middles = []
        for c in line["characters"]:
            left, top, right, bottom = c["box"]
            self.assertTrue(-2 <= left < right <= width + 2 and -2 <= top < bottom <= height + 2, c)
            self.assertTrue(0 < c["confidence"] <= 1)
            middles.append((left + right) / 2)
        self.assertEqual(middles, sorted(middles))

    def test_draws_the_boxes(self):
        out = self.path("out.png")
        self.succeeds(READER, PICTURE, "--draw", out)
        with open(out, "rb") as drawn, open(PICTURE, "rb") as picture:
            self.assertEqual(drawn.read(24)[16:], picture.read(24)[16:])

    def test_an_empty_page_has_no_text(self):
        done = self.succeeds(READER, self.write("blank.png", blank_png(40, 20)))
        self.assertIn("no text found", done.stdout)

    def test_exit_codes(self):
        for code, arguments, word in (
                (2, (), "MODEL"),
                (2, (READER, self.path("none.png")), "none.png"),
                (2, (READER, self.write("text.txt", b"no picture")), "text.txt"),
                (3, (self.path("none.onnx"), PICTURE), "none.onnx"),
                (3, (MODEL, PICTURE), "no reader of single characters"),
                (2, (READER, PICTURE, PICTURE, "--draw", self.path("o.png")), "one picture"),
                (2, (READER, PICTURE, "--draw", self.path("no", "folder.png")), "folder.png")):
            done = halyard(*arguments, program=READ_TEXT)
            self.assertEqual(done.returncode, code, (arguments, done.stderr))
            self.assertIn(word, done.stderr)


if __name__ == "__main__":
    main()
