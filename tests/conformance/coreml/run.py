#!/usr/bin/env python3
"""Runs Apple's operator tests for Core ML programs through Halyard and says how many are right.

    run.py --halyard BUILD/bin/halyard [--shared DIR] [--work DIR] [--filter GLOB]... [--operators] [-v]

A case passes, or fails; what is refused has failed. fp16 programs are held to 2e-2 of the largest value that is expected, plus
2e-3; fp32 ones to the tolerances of the case. Exit code 1: a case failed that failing.txt does not name, one that it names
passed, a process crashed or hung, or an operator has no case that passes and no reason there. 77: there are no cases here.
"""
import argparse
import collections
import concurrent.futures
import fnmatch
import json
import os
import subprocess
import sys
import tarfile
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
ARCHIVE = "coreml-op-tests.tar.xz"
TYPES = {"f32": np.float32, "f16": np.float16, "i32": np.int32, "bool": np.bool_, "i8": np.int8, "u8": np.uint8,
         "i16": np.int16, "u16": np.uint16, "i64": np.int64, "f64": np.float64}


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--halyard", default=os.path.join(ROOT, "build", "bin", "halyard"))
    p.add_argument("--shared", default=os.environ.get("HALYARD_SHARED", os.path.join(ROOT, "..", "shared")))
    p.add_argument("--work", default=os.path.join(ROOT, "build", "conformance"), help="the archive is unpacked here")
    p.add_argument("--filter", action="append", default=[], metavar="GLOB", help="tests or operators that match")
    p.add_argument("--tenth", action="store_true", help="a fixed tenth of the cases")
    p.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    p.add_argument("--timeout", type=float, default=60)
    p.add_argument("--operators", action="store_true", help="a line for each operator")
    p.add_argument("-v", "--verbose", action="store_true", help="a line for each case that fails")
    return p.parse_args()


class Case:
    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "case.json"), encoding="utf-8") as f:
            about = json.load(f)
        self.name = os.path.basename(folder)
        self.about = about
        self.operators = [o for o in about["ops"] if o != "const"]

    def wanted(self, filters):
        return not filters or any(fnmatch.fnmatch(self.name, f) or f in self.operators for f in filters)


def unpack(args):
    archive = os.path.join(args.shared, ARCHIVE)
    if not os.path.exists(archive):
        print(f"skipped: {archive} is not there")
        sys.exit(77)
    folder = os.path.join(args.work, "coreml-op-tests")
    if not os.path.isdir(folder):
        os.makedirs(args.work, exist_ok=True)
        with tarfile.open(archive) as tar:
            tar.extractall(args.work)
    return folder


def call(args, *words):
    return subprocess.run([args.halyard, *words], capture_output=True, timeout=args.timeout, check=False,
                          env={**os.environ, "HALYARD_QUIET": "1"})


def difference(case, expected, got):
    """What is wrong with the outputs, in words; empty: nothing."""
    for name, want in expected.items():
        if name not in got:
            return f"there is no output {name}"
        have = got[name]
        if have.size != want.size or (have.shape != want.shape and want.size != 1):
            return f"{name} is {list(have.shape)}, not {list(want.shape)}"
        if want.dtype.kind in "US" or have.dtype.kind in "US":
            if not np.array_equal(have.astype(str).ravel(), want.astype(str).ravel()):
                return f"{name} is another text"
            continue
        want, have = want.astype(np.float64).ravel(), have.astype(np.float64).ravel()
        if want.size == 0:
            continue
        finite = np.isfinite(want)
        if not np.array_equal(np.isnan(want), np.isnan(have)) or not np.array_equal(want[~finite], have[~finite],
                                                                                    equal_nan=True):
            return f"{name} is not finite in other places"
        if not finite.any():
            continue
        off = np.abs(want[finite] - have[finite])
        if case.about["precision"] == "fp16":
            limit = 2e-2 * np.abs(want[finite]).max() + 2e-3
        else:
            limit = case.about["atol"] + case.about["rtol"] * np.abs(want[finite])
        if not (off <= limit).all():
            return f"{name} differs by {off.max():.4g}, {np.max(limit):.4g} is allowed"
    return ""


def run(args, case):
    """Words, empty where the case passes; whether a process crashed."""
    package = next((os.path.join(case.folder, n) for n in ("model.mlpackage", "model.mlmodel")
                    if os.path.exists(os.path.join(case.folder, n))), None)
    try:
        about = call(args, "inspect", package, "--json")
        if about.returncode != 0:
            return about.stderr.decode(errors="replace").strip()[:400], about.returncode < 0
        function = json.loads(about.stdout)["functions"][0]
        values = dict(np.load(os.path.join(case.folder, "in.npz"), allow_pickle=False))
        expected = dict(np.load(os.path.join(case.folder, "out.npz"), allow_pickle=False))
        with tempfile.TemporaryDirectory() as folder:
            given = {}
            for port in function["inputs"]:
                if port["name"] in values:
                    v = values[port["name"]].astype(TYPES.get(port["type"], np.float32))
                    given[port["name"]] = v.reshape(port["dims"]) if all(isinstance(d, int) for d in port["dims"]) \
                        and v.size == int(np.prod(port["dims"])) else v
            inputs, outputs = os.path.join(folder, "in.npz"), os.path.join(folder, "out.npz")
            np.savez(inputs, **given)
            words = ["run", package, "--outputs", outputs] + (["--inputs", inputs] if given else [])
            done = call(args, *words)
            if done.returncode != 0:
                return done.stderr.decode(errors="replace").strip()[:400], done.returncode < 0
            return difference(case, expected, dict(np.load(outputs))), False
    except subprocess.TimeoutExpired:
        return f"it did not end in {args.timeout:g} s", True


def read_list():
    """The cases that fail, with reasons: "NAME  # why"."""
    out = {}
    path = os.path.join(HERE, "failing.txt")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            for line in f:
                name, _, why = line.strip().partition("  # ")
                if name and not name.startswith("#"):
                    out[name] = why
    return out


def main():
    args = arguments()
    folder = unpack(args)
    cases = [Case(os.path.join(folder, n)) for n in sorted(os.listdir(folder))]
    cases = [c for c in cases if c.about["kind"] == "mlProgram" and c.wanted(args.filter)]
    if args.tenth:
        cases = cases[::10]
    known = read_list()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        results = list(pool.map(lambda c: run(args, c), cases))
    by_operator = collections.defaultdict(lambda: [0, 0])
    passed = crashed = unexpected = 0
    for case, (words, crash) in zip(cases, results):
        passed += not words
        crashed += crash
        for o in set(case.operators):
            by_operator[o][0] += not words
            by_operator[o][1] += 1
        if bool(words) != (case.name in known):
            unexpected += 1
            print(f"{'failed' if words else 'passed, and failing.txt names it'}: {case.name}: {words}")
        elif words and args.verbose:
            print(f"failed, as known: {case.name}: {words}")
    if args.operators:
        for o, (good, all_) in sorted(by_operator.items()):
            print(f"{o:45} {good:5} of {all_}")
    none = [o for o, (good, _) in by_operator.items() if good == 0]
    print(f"{passed} of {len(cases)} cases pass ({100 * passed / max(len(cases), 1):.1f} %), {crashed} crashed or hung")
    if none and not args.filter and not args.tenth:
        print("no case of these operators passes:", ", ".join(sorted(none)))
    bad = unexpected or crashed or (none and not args.filter and not args.tenth)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
