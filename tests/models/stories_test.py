#!/usr/bin/env python3
"""A small language model tells its story: 200 greedy tokens through a decoder with a KV cache.

    stories_test.py GENERATE SHARED

The reference holds the ids, the text and the logits after the first token, computed in float64.
Exit 77: the weights are not there.
"""

import json
import os
import struct
import subprocess
import sys
import tempfile

import numpy as np

import stories_onnx

# Float32 against float64 through 5 layers of width 64; the reference is written with 6 decimals.
LOGIT_ATOL = 1e-4


def vocabulary(path, count):
    """The pieces of llama2.c's tokenizer file: int32, then (float32 score, int32 length, bytes) each."""
    with open(path, "rb") as f:
        data = f.read()
    pieces, at = [], 4
    for _ in range(count):
        length, = struct.unpack_from("<i", data, at + 4)
        pieces.append(data[at + 8:at + 8 + length])
        at += 8 + length
    return pieces


def decode(pieces, ids, before):
    """A piece after the begin token loses its leading space; <0xHH> is one byte."""
    out = b""
    for token in ids:
        piece = pieces[token]
        if len(piece) == 6 and piece.startswith(b"<0x"):
            piece = bytes([int(piece[3:5], 16)])
        out += piece[1:] if before == 1 and piece.startswith(b" ") else piece
        before = token
    return out.decode("utf-8")


def main():
    generate, shared = sys.argv[1], os.path.join(sys.argv[2], "llm")
    weights = os.path.join(shared, "stories260K.bin")
    if not os.path.exists(weights):
        print(f"stories_test: {weights} is not there")
        return 77
    with open(os.path.join(shared, "stories260K.expected.json"), encoding="utf-8") as f:
        expected = json.load(f)
    w = stories_onnx.Weights(weights)
    first, count = expected["prompt_ids"][0], len(expected["greedy_ids"])
    with tempfile.TemporaryDirectory() as tmp:
        model = os.path.join(tmp, "stories.onnx")
        with open(model, "wb") as f:
            f.write(stories_onnx.decoder(w))
        done = subprocess.run([generate, model, str(first), str(count)], capture_output=True, text=True,
                              timeout=300, check=False)
    if done.returncode != 0:
        print(f"FAIL generate exits with {done.returncode}: {done.stderr}")
        return 1
    lines = done.stdout.splitlines()
    logits = np.array(lines[0].split(), np.float64)
    ids = [int(t) for t in lines[1].split()]
    failures = []
    worst = np.abs(logits - np.array(expected["logits_after_bos"])).max()
    if not worst <= LOGIT_ATOL:
        failures.append(f"logits after the first token differ by {worst:.3g}; the limit is {LOGIT_ATOL}")
    if ids != expected["greedy_ids"]:
        at = next((i for i, (a, b) in enumerate(zip(ids, expected["greedy_ids"])) if a != b), len(ids))
        failures.append(f"{len(ids)} ids, expected {count}; the first that differs is number {at}")
    text = decode(vocabulary(os.path.join(shared, "tok512.bin"), w.vocab), ids, first)
    if text != expected["text"]:
        failures.append(f"the text is {text!r}, expected {expected['text']!r}")
    for failure in failures:
        print("FAIL", failure)
    print(f"{len(ids)} tokens, logits within {worst:.2g}: {text[:60]!r}...")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
