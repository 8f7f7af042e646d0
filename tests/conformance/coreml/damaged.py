#!/usr/bin/env python3
"""Damages Core ML packages and opens them: each must be read or refused in words, and nothing may crash or hang.

    damaged.py --halyard BUILD/bin/halyard [--shared DIR] [--runs N] [--seed N]

Exit code 1: a crash, a hang, or a refusal without words. 77: there are no models here.
"""
import argparse
import concurrent.futures
import os
import random
import shutil
import subprocess
import sys
import tempfile

PACKAGES = ("stateful_rnn", "multifunction", "flex_range", "encoder_small_ios18_int4b32")
MODEL = "Data/com.apple.CoreML/model.mlmodel"
WEIGHTS = "Data/com.apple.CoreML/weights/weight.bin"
MANIFEST = "Manifest.json"


def damage(rng, data):
    """Some bytes differ, are missing, or are there twice."""
    data = bytearray(data)
    kind = rng.randrange(4)
    if kind == 0 and data:
        return bytes(data[:rng.randrange(len(data))])
    for _ in range(rng.choice((1, 1, 4, 32))):
        if not data:
            break
        at = rng.randrange(len(data))
        if kind == 1:
            data[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        elif kind == 2:
            del data[at:at + rng.choice((1, 2, 100))]
        else:
            data[at:at] = data[at:at + rng.choice((1, 8, 200))]
    return bytes(data)


def attempt(halyard, source, seed):
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        package = os.path.join(folder, "damaged.mlpackage")
        shutil.copytree(source, package)
        name = rng.choice((MODEL, MODEL, MODEL, MODEL, WEIGHTS, MANIFEST))
        path = os.path.join(package, name)
        if not os.path.exists(path):
            path = os.path.join(package, MODEL)
        if rng.random() < 0.02:
            os.remove(path)
        else:
            with open(path, "rb") as f:
                data = f.read()
            with open(path, "wb") as f:
                f.write(damage(rng, data))
        verb = rng.choice(("inspect", "inspect", "plan"))
        try:
            done = subprocess.run([halyard, verb, package], capture_output=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            return f"{verb} did not end"
        if done.returncode < 0 or done.returncode > 125:
            return f"{verb} ended with {done.returncode}"
        if b"Sanitizer" in done.stderr or b"runtime error:" in done.stderr:
            return f"{verb}: {done.stderr.decode(errors='replace').strip()[:2000]}"
        if done.returncode != 0 and len(done.stderr.strip()) < 20:
            return f"{verb} ended with {done.returncode} and without words"
        return ""


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
    p.add_argument("--halyard", default=os.path.join(root, "build", "bin", "halyard"))
    p.add_argument("--shared", default=os.environ.get("HALYARD_SHARED", os.path.join(root, "..", "shared")))
    p.add_argument("--runs", type=int, default=200)
    p.add_argument("--seed", type=int, default=1)
    args = p.parse_args()
    sources = [os.path.join(args.shared, "coreml", n + ".mlpackage") for n in PACKAGES]
    sources = [s for s in sources if os.path.isdir(s)]
    if not sources:
        print(f"skipped: there are no packages in {args.shared}/coreml")
        return 77
    seeds = range(args.seed, args.seed + args.runs)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        ends = list(pool.map(lambda s: attempt(args.halyard, sources[s % len(sources)], s), seeds))
    bad = [(seed, words) for seed, words in zip(seeds, ends) if words]
    for seed, words in bad:
        print(f"FAILED seed {seed} ({os.path.basename(sources[seed % len(sources)])}): {words}")
    print(f"{len(ends) - len(bad)} of {len(ends)} damaged packages end in order")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
