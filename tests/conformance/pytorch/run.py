#!/usr/bin/env python3
"""Networks exported from PyTorch agree with it, for batch sizes 1 and 3.

    run.py HALYARD WORK_FOLDER [NAME...]

`expected_failures.txt` names those that cannot run yet, with the reason; one that passes is a failure, too.
Exit 77: torch or torchvision is not there (Debian: python3-torch, python3-torchvision).
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
# Both compute in float32, in other orders: of the largest element, and in the norm.
LIMIT = 1e-4


def expected_failures():
    with open(os.path.join(HERE, "expected_failures.txt"), encoding="utf-8") as f:
        lines = [line.split("#")[0].split(maxsplit=1) for line in f]
    return {words[0]: words[1].strip() for words in lines if words}


def differences(got_path, want_path):
    """(what differs, the largest relative difference)"""
    out, worst = [], 0.0
    with np.load(got_path) as got, np.load(want_path) as want:
        for name in want.files:
            if name not in got.files or got[name].shape != want[name].shape:
                shape = got[name].shape if name in got.files else None
                out.append(f"{name}: shape {shape}, expected {want[name].shape}")
                continue
            g, w = got[name].astype(np.float64), want[name].astype(np.float64)
            largest = np.abs(w).max()
            if not (np.isfinite(w).all() and largest > 0):
                out.append(f"{name}: the reference is not finite, or is nothing but zeros")
                continue
            rel = max(np.abs(g - w).max() / largest, np.linalg.norm(g - w) / np.linalg.norm(w))
            worst = max(worst, rel)
            if not rel <= LIMIT:
                out.append(f"{name}: relative difference {rel:.3g}; the limit is {LIMIT}")
    return out, worst


def check(halyard, name, folder):
    done = subprocess.run([sys.executable, os.path.join(HERE, "export.py"), name, folder],
                          capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        return [f"export: {done.stderr.strip()[-400:]}"], 0.0
    out, worst = [], 0.0
    for batch in (1, 3):
        result = os.path.join(folder, "result.npz")
        done = subprocess.run([halyard, "run", os.path.join(folder, "model.onnx"), "--inputs",
                               os.path.join(folder, f"{batch}.in.npz"), "--outputs", result, "-q"],
                              capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            out.append(f"batch {batch}: exit code {done.returncode}: {done.stderr.strip()[-400:]}")
            continue
        found, rel = differences(result, os.path.join(folder, f"{batch}.out.npz"))
        out += [f"batch {batch}: {f}" for f in found]
        worst = max(worst, rel)
    return out, worst


def main():
    missing = [m for m in ("torch", "torchvision") if importlib.util.find_spec(m) is None]
    if missing:
        print(f"run.py: {sys.executable} has no {' and no '.join(missing)}; "
              "Debian: apt-get install python3-torch python3-torchvision")
        return 77
    import architectures  # needs torch
    halyard, work = sys.argv[1:3]
    failing = expected_failures()
    bad = [f"expected_failures.txt names {n}, which is no network" for n in failing
           if n not in architectures.ALL]
    names = sys.argv[3:] or list(architectures.ALL)
    for name in names:
        folder = os.path.join(work, name)
        os.makedirs(folder, exist_ok=True)
        start = time.monotonic()
        found, worst = check(halyard, name, folder)
        shutil.rmtree(folder)
        state = "fails, as expected" if found and name in failing else "FAIL" if found else "ok"
        print(f"{name:22} {state:20} {worst:9.2g} {time.monotonic() - start:6.1f} s", flush=True)
        for f in found:
            print("    " + f)
        if found and name not in failing:
            bad.append(f"{name} differs")
        if not found and name in failing:
            bad.append(f"{name} passes; take it off expected_failures.txt")
    for b in bad:
        print("FAIL", b)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
