#!/usr/bin/env python3
"""Runs every Core ML program of the shared folder through the command line and compares it with its reference.

    models.py --halyard BUILD/bin/halyard [--shared DIR]

NAME.ref.npz has the inputs as in_NAME and the outputs as out_NAME; those that end in _steps are fed one after the other on one
state. fp16 programs are held to 1e-2 of the largest value, fp32 ones to 1e-4; compressed ones, whose reference is the
uncompressed model, must correlate with it. Exit code 1: one differs. 77: there are no models here.
"""
import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

FP32 = {"lstm", "unet_small"}
# The reference is the model before it was compressed: how well both must correlate. Weights that were read wrongly give about 0.
COMPRESSED = {"mobilenet_v3_small_int8": 0.999, "mobilenet_v3_small_pal4": 0.8, "encoder_small_ios18_int4b32": 0.94}
# (model, function) to what its output is called in the reference.
FUNCTIONS = {("multifunction", "plain"): {"y": "y_plain"}, ("multifunction", "scaled"): {"y": "y_scaled"}}


def half_inputs(halyard, model, function):
    """The inputs that are of half precision: the reference has them in f32."""
    done = subprocess.run([halyard, "inspect", model, "--json"], capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    functions = json.loads(done.stdout)["functions"]
    chosen = next(f for f in functions if function in (None, f["name"]))
    return {port["name"] for port in chosen["inputs"] if port["type"] == "f16"}


def run(halyard, model, steps, function, folder):
    half = half_inputs(halyard, model, function)
    words = [halyard, "run", model, "-q"] + (["--function", function] if function else [])
    for i, step in enumerate(steps):
        file = os.path.join(folder, f"in{i}.npz")
        np.savez(file, **{k: v.astype(np.float16) if k in half else v for k, v in step.items()})
        words += ["--inputs", file]
    out = os.path.join(folder, "out") + os.sep
    done = subprocess.run(words + ["--outputs", out], capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return [dict(np.load(os.path.join(out, f"{i}.npz"))) for i in range(len(steps))]


def split(reference):
    """Inputs and outputs by step."""
    steps = max((len(v) for k, v in reference.items() if k.endswith("_steps")), default=1)
    given, wanted = [{} for _ in range(steps)], [{} for _ in range(steps)]
    for key, value in reference.items():
        kind, name = key.split("_", 1)
        several = name.endswith("_steps")
        for i in range(steps):
            (given if kind == "in" else wanted)[i][name.removesuffix("_steps")] = value[i] if several else value
    return given, wanted


def off(got, want):
    """How far the worst output is from its reference, as a part of the largest value."""
    worst = 0.0
    for name, value in want.items():
        have = got[name].astype(np.float64).reshape(value.shape)
        worst = max(worst, np.abs(have - value).max() / max(np.abs(value).max(), 1e-12))
    return worst


def correlation(got, want):
    """The least of all outputs."""
    return min(np.corrcoef(got[name].astype(np.float64).ravel(), value.astype(np.float64).ravel())[0, 1]
               for name, value in want.items())


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
    p.add_argument("--halyard", default=os.path.join(root, "build", "bin", "halyard"))
    p.add_argument("--shared", default=os.environ.get("HALYARD_SHARED", os.path.join(root, "..", "shared")))
    args = p.parse_args()
    models = sorted(glob.glob(os.path.join(args.shared, "coreml", "*.mlpackage")))
    if not models:
        print(f"skipped: there are no models in {args.shared}/coreml")
        return 77
    failed = 0
    for model in models:
        name = os.path.basename(model).removesuffix(".mlpackage")
        given, wanted = split(dict(np.load(os.path.join(args.shared, "coreml", name + ".ref.npz"))))
        limit = 1e-4 if name in FP32 else 1e-2
        functions = [f for m, f in FUNCTIONS if m == name] or [None]
        for function in functions:
            names = FUNCTIONS.get((name, function), {})
            with tempfile.TemporaryDirectory() as folder:
                try:
                    got = run(args.halyard, model, given, function, folder)
                    pairs = [({names.get(k, k): v for k, v in g.items()},
                              {k: v for k, v in w.items() if not names or k in names.values()})
                             for g, w in zip(got, wanted)]
                    if name in COMPRESSED:
                        least = min(correlation(g, w) for g, w in pairs)
                        words = f"correlates by {least:.4f}, {COMPRESSED[name]:g} is asked for"
                        bad = not least >= COMPRESSED[name]
                    else:
                        worst = max(off(g, w) for g, w in pairs)
                        words = f"{worst:.2e} of the largest value, {limit:g} is allowed"
                        bad = not worst <= limit
                except (RuntimeError, KeyError, ValueError) as e:
                    words, bad = str(e), True
            failed += bad
            print(f"{'FAILED' if bad else 'ok'} {name}{' ' + function if function else ''}: {words}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
