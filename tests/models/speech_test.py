#!/usr/bin/env python3
"""Speech through silero_vad_v6 in one stream of 500 chained calls: the segments come out, memory stays.

    speech_test.py STREAM SHARED

Expected values: ONNX Runtime 1.30 on the same stream (343 frames of jfk.wav, then from its start again).
Exit 77: the model or the recording is not there.
"""

import os
import subprocess
import sys
import tempfile
import wave

import numpy as np

CALLS = 500
SEGMENTS = [[11, 70], [103, 119], [124, 137], [169, 238], [256, 329], [330, 331], [341, 343], [353, 412], [446, 462],
            [468, 480]]  # [first frame, frame after the last) with a probability of at least 0.5
PROBABILITIES = {20: 0.9822, 80: 0.0553, 140: 0.0320, 200: 0.9999, 260: 0.9996, 320: 0.9974, 380: 0.9996, 440: 0.0094}
TOLERANCE = 1e-3
# Resident memory settles within the first calls; the last 400 may add a page here and there.
SETTLED, GROWTH_KIB = 100, 256


def segments(probabilities):
    out, begin = [], None
    for i, p in enumerate(list(probabilities) + [0.0]):
        if p >= 0.5 and begin is None:
            begin = i
        if p < 0.5 and begin is not None:
            out.append([begin, i])
            begin = None
    return out


def main():
    stream, shared = sys.argv[1:3]
    model = os.path.join(shared, "models", "silero_vad_v6.onnx")
    recording = os.path.join(shared, "inputs", "jfk.wav")
    for path in (model, recording):
        if not os.path.exists(path):
            print(f"skipped: {path} is not there")
            return 77
    with wave.open(recording) as w:
        assert (w.getnchannels(), w.getsampwidth(), w.getframerate()) == (1, 2, 16000)
        samples = np.frombuffer(w.readframes(w.getnframes()), "<i2").astype(np.float32) / 32768
    with tempfile.NamedTemporaryFile(suffix=".f32") as frames:
        frames.write(samples[:len(samples) // 512 * 512].tobytes())
        frames.flush()
        done = subprocess.run([stream, model, frames.name, str(CALLS)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"FAIL exit {done.returncode}: {done.stderr.strip()}")
        return 1
    rows = [line.split() for line in done.stdout.splitlines()]
    probabilities, memory = [float(r[0]) for r in rows], [int(r[1]) for r in rows]
    problems = []
    if len(rows) != CALLS:
        problems.append(f"{len(rows)} answers to {CALLS} calls")
    if segments(probabilities) != SEGMENTS:
        problems.append(f"segments {segments(probabilities)}, expected {SEGMENTS}")
    for i, want in PROBABILITIES.items():
        if abs(probabilities[i] - want) > TOLERANCE:
            problems.append(f"frame {i}: {probabilities[i]}, expected {want}")
    if memory[-1] - memory[SETTLED] > GROWTH_KIB:
        problems.append(f"memory grew from {memory[SETTLED]} KiB to {memory[-1]} KiB over {CALLS - SETTLED} calls")
    for p in problems:
        print("FAIL " + p)
    print(f"{len(SEGMENTS)} segments; {memory[SETTLED]} KiB after {SETTLED} calls, {memory[-1]} KiB after {CALLS}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
