#!/usr/bin/env python3
"""Runs the shared models through the command line and compares with their references.

    run_models.py HALYARD SHARED [MODEL...]

The bars are those of MODELS.md: float32 rel_l2 <= 1e-4 and every element within
1e-4 * max|ref| + 1e-3 * |ref|; float16 rel_l2 <= 1e-2, int8 rel_l2 <= 5e-2 and the same argmax. A case whose reference differs by more between
the optimised and the unoptimised ONNX Runtime has that difference as its floor. Where inputs are outputs of an
earlier case, the cases also run as a chain on the model's own outputs. Exit 77: the models are not there.
"""

import json
import os
import subprocess
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
# Models with one recorded batch and a dynamic batch dim: the batch is doubled and both halves must agree.
DOUBLED = {"super_resolution"}
# Quantised to 8 bits: a sum that rounds the other way is a step of the result.
INT8 = {"micro_kws_qdq", "micro_kws_qoperator"}
INT8_REL_L2 = 5e-2


def expectations():
    out = {}
    with open(os.path.join(HERE, "models.txt"), encoding="utf-8") as f:
        for line in f:
            words = line.split("#")[0].split()
            if words:
                out[words[0]] = words[1:]
    return out


def reference(folder, spec):
    """The recorded values of an output and how to pick the same ones from a result."""
    if "sample" in spec:
        s = spec["sample"]
        dtype = np.dtype(spec["type"])
        values = np.fromfile(os.path.join(folder, s["file"]), dtype=dtype, count=s["count"])
        return values, lambda a: a.reshape(-1)[s["offset"]::s["stride"]][:s["count"]]
    return None, None


def compare(name, got, want, floor, int8=False):
    """None, or what differs. floor: rel_l2 of ONNX Runtime optimised against itself unoptimised."""
    if got.shape != want.shape:
        return f"{name}: shape {got.shape}, expected {want.shape}"
    if want.dtype.kind in "iub":
        bad = np.flatnonzero(got != want)
        return f"{name}: {bad.size} elements differ, first {bad[0]}" if bad.size else None
    half = want.dtype == np.float16
    g, w = got.astype(np.float64).ravel(), want.astype(np.float64).ravel()
    if not np.array_equal(np.isfinite(g), np.isfinite(w)):
        return f"{name}: other elements are not finite"
    g, w = g[np.isfinite(w)], w[np.isfinite(w)]
    norm = np.linalg.norm(w)
    rel = np.linalg.norm(g - w) / norm if norm else np.linalg.norm(g - w)
    bar = INT8_REL_L2 if int8 else 1e-2 if half else max(1e-4, floor)
    if rel > bar:
        return f"{name}: rel_l2 {rel:.3g} is over {bar}"
    if int8 and g.argmax() != w.argmax():
        return f"{name}: the largest element is {g.argmax()}, expected {w.argmax()}"
    if not half and not int8 and w.size:
        limit = 1e-4 * np.abs(w).max() + 1e-3 * np.abs(w)
        over = np.abs(g - w) - limit
        worst = int(over.argmax())
        if over[worst] > 0:
            return f"{name}: element {worst} is {g[worst]}, expected {w[worst]}"
    return None


def run(halyard, model, inputs, tmp):
    npz_in, npz_out = os.path.join(tmp, "in.npz"), os.path.join(tmp, "out.npz")
    np.savez(npz_in, **inputs)
    done = subprocess.run([halyard, "run", model, "--inputs", npz_in, "--outputs", npz_out, "-q"],
                          capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        return done, None
    with np.load(npz_out) as z:
        return done, {k: z[k] for k in z.files}


def check_case(halyard, folder, model, case, tmp, doubled, chained=None):
    """chained: the model's own outputs by "case/output", which replace recorded inputs and are added to."""
    with np.load(os.path.join(folder, case["in"])) as z:
        inputs = {k: z[k] for k in case["inputs"]}
    for name, spec in case["inputs"].items():
        if chained is not None and spec.get("from") in chained:
            inputs[name] = chained[spec["from"]]
    if doubled:
        inputs = {k: np.concatenate([v, v]) for k, v in inputs.items()}
    done, outputs = run(halyard, model, inputs, tmp)
    if outputs is None:
        return [f"exit {done.returncode}: {done.stderr.strip()[:600]}"]
    if chained is not None:
        chained.update({f"{case['id']}/{name}": value for name, value in outputs.items()})
    whole = {}
    if case.get("out"):
        with np.load(os.path.join(folder, case["out"])) as z:
            whole = {k: z[k] for k in z.files}
    problems = []
    for name, spec in case["outputs"].items():
        if name not in outputs:
            problems.append(f"{name}: missing; there are {sorted(outputs)}")
            continue
        halves = np.split(outputs[name], 2) if doubled else [outputs[name]]
        for got in halves:
            if list(got.shape) != spec["dims"]:
                problems.append(f"{name}: shape {got.shape}, expected {spec['dims']}")
                continue
            want, pick = reference(folder, spec)
            if want is None:
                want, pick = whole[name], lambda a: a
            if str(got.dtype) != spec["type"]:
                problems.append(f"{name}: type {got.dtype}, expected {spec['type']}")
            floor = spec.get("ort_optimised_diff", {}).get("rel_l2", 0)
            problem = compare(name, pick(got), want, floor, os.path.basename(folder)[:-4] in INT8)
            if problem:
                problems.append(problem)
    return problems


def check_lacking(halyard, model, folder, case, operator, tmp):
    with np.load(os.path.join(folder, case["in"]), allow_pickle=False) as z:
        inputs = {k: z[k] for k in case["inputs"]}
    done, _ = run(halyard, model, inputs, tmp)
    if done.returncode == 0:
        return ["runs: say `run` in models.txt"]
    if done.returncode not in (3, 4) or operator not in done.stderr:
        return [f"exit {done.returncode} without naming {operator}: {done.stderr.strip()[:400]}"]
    return []


def main():
    halyard, shared = sys.argv[1:3]
    models = os.path.join(shared, "models")
    if not os.path.isdir(models):
        print(f"skipped: {models} is not there; all {len(expectations())} models are skipped")
        return 77
    wanted = sys.argv[3:] or list(expectations())
    failed = passed = 0
    with tempfile.TemporaryDirectory() as tmp:
        for name in wanted:
            expect = expectations()[name]
            folder = os.path.join(models, name + ".ref")
            with open(os.path.join(folder, "ref.json"), encoding="utf-8") as f:
                ref = json.load(f)
            model = os.path.normpath(os.path.join(folder, ref["model"]))
            if expect[0] == "lacks":
                results = [("refused", check_lacking(halyard, model, folder, ref["cases"][0], expect[1], tmp))]
            else:
                results = [(c["id"], check_case(halyard, folder, model, c, tmp, False)) for c in ref["cases"]]
                if any("from" in spec for c in ref["cases"] for spec in c["inputs"].values()):
                    own = {}
                    results += [(c["id"] + " chained", check_case(halyard, folder, model, c, tmp, False, own))
                                for c in ref["cases"]]
                if name in DOUBLED:
                    results.append(("doubled", check_case(halyard, folder, model, ref["cases"][0], tmp, True)))
            for case, problems in results:
                print(f"{'FAIL' if problems else 'ok  '} {name} {case}")
                for p in problems:
                    print("     " + p)
                failed += bool(problems)
                passed += not problems
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
