#!/usr/bin/env python3
"""Halyard and ONNX Runtime in turns on the same models and inputs: a ratio for each.

    side_by_side.py [--worker build/tests/bench_worker] [--shared DIR] [--ort DIR] [--threads N] [--rounds N]
                    [--markdown] [CASE...]

--ort names the folder in which `npm install --ignore-scripts onnxruntime-node` ran; Node 18 or newer is needed.
A case is loop_10000, or a model of the shared folder. Each round times both engines, one after the other, in
batches of about --batch seconds; the ratio is that of the medians, above 1 where Halyard is slower. Both engines'
workers stay loaded, so that only predictions are timed. Exit 77: the peer is not there.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "cli"))
import tiny_onnx  # noqa: E402

SHORT = {"float32": "f32", "float64": "f64", "float16": "f16", "bool": "bool"}


def short(dtype):
    name = np.dtype(dtype).name
    return SHORT.get(name) or name.replace("uint", "u").replace("int", "i")


class Worker:
    def __init__(self, name, command, env=None):
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env=env)

    def run(self, count):
        """Seconds a prediction."""
        try:
            self.process.stdin.write(f"run {count}\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.process.kill()
            raise RuntimeError(f"{self.name}: {self.process.stderr.read().strip()[:300] or 'ended'}")
        return float(line) / count

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def loop_model(path, trips):
    """x = x * 0.5 + step, `trips` times over four numbers: small nodes, and nothing but the loop's own cost."""
    f32, i64, flag = tiny_onnx.FLOAT, tiny_onnx.INT64, tiny_onnx.BOOL
    body = tiny_onnx.body(
        [tiny_onnx.node("Mul", ["x_in", "half"], ["halved"]),
         tiny_onnx.node("Add", ["halved", "step"], ["x_out"]),
         tiny_onnx.node("Identity", ["go_in"], ["go_out"])],
        [tiny_onnx.port("i", i64, []), tiny_onnx.port("go_in", flag, []), tiny_onnx.port("x_in", f32, [4])],
        [tiny_onnx.port("go_out", flag, []), tiny_onnx.port("x_out", f32, [4])])
    half = tiny_onnx.initializer("half", [], f32, np.float32(0.5).tobytes())
    count = tiny_onnx.initializer("count", [], i64, np.int64(trips).tobytes())
    model = tiny_onnx.model([tiny_onnx.node("Loop", ["count", "", "x"], ["y"], body=body)],
                            [tiny_onnx.port("x", f32, [4]), tiny_onnx.port("step", f32, [4])],
                            [tiny_onnx.port("y", f32, [4])], initializers=[half, count])
    with open(path, "wb") as f:
        f.write(model)


def prepare(case, shared, folder):
    """The model's path and that of its inputs' list."""
    if case.startswith("loop_"):
        model = os.path.join(folder, case + ".onnx")
        loop_model(model, int(case[len("loop_"):]))
        inputs = {"x": np.ones(4, np.float32), "step": np.full(4, 0.25, np.float32)}
    else:
        ref = os.path.join(shared, "models", case + ".ref")
        with open(os.path.join(ref, "ref.json"), encoding="utf-8") as f:
            spec = json.load(f)
        model = os.path.normpath(os.path.join(ref, spec["model"]))
        first = spec["cases"][0]
        with np.load(os.path.join(ref, first["in"])) as z:
            inputs = {k: z[k] for k in first["inputs"]}
    listed = []
    for i, (name, array) in enumerate(inputs.items()):
        file = os.path.join(folder, f"{case}.{i}.bin")
        np.ascontiguousarray(array).tofile(file)
        listed.append({"name": name, "type": short(array.dtype), "dims": list(array.shape), "file": file})
    path = os.path.join(folder, case + ".json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(listed, f)
    return model, path


def measure(case, args, folder):
    model, inputs = prepare(case, args.shared, folder)
    env = dict(os.environ, NODE_PATH=os.path.join(args.ort, "node_modules"))
    workers = [Worker("halyard", [args.worker, model, inputs, str(args.threads)]),
               Worker("onnxruntime", ["node", os.path.join(HERE, "peer_worker.cjs"), model, inputs, str(args.threads)],
                      env)]
    try:
        counts = []
        for worker in workers:
            worker.run(1)
            counts.append(max(1, int(args.batch / max(worker.run(3), 1e-6))))
        times = [[], []]
        for round_number in range(args.rounds):
            for k in ((0, 1) if round_number % 2 == 0 else (1, 0)):
                times[k].append(workers[k].run(counts[k]) * 1e3)
        return times
    finally:
        for worker in workers:
            worker.close()


def deciles(times):
    """Median, 10th and 90th percentile."""
    cuts = np.percentile(times, [50, 10, 90])
    return tuple(float(c) for c in cuts)


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        names = [line.split(":", 1)[1].strip() for line in f if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {len(names)} processors, Linux {platform.release()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worker", default=os.path.join(ROOT, "build", "tests", "bench_worker"))
    parser.add_argument("--shared", default=os.environ.get("HALYARD_SHARED", os.path.join(ROOT, "..", "shared")))
    parser.add_argument("--ort", default=os.environ.get("HALYARD_ORT", ""))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--batch", type=float, default=0.15, help="seconds an engine and round")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("cases", nargs="*", default=[])
    args = parser.parse_args()
    if not os.path.isdir(os.path.join(args.ort, "node_modules", "onnxruntime-node")):
        print("skipped: --ort (or HALYARD_ORT) names no folder with onnxruntime-node")
        return 77
    cases = args.cases or ["loop_10000"] + sorted(
        f[:-4] for f in os.listdir(os.path.join(args.shared, "models")) if f.endswith(".ref"))
    rows, failed = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            try:
                ours, theirs = measure(case, args, folder)
            except RuntimeError as e:
                print(f"{case}: {e}", file=sys.stderr)
                failed += 1
                continue
            a, b = deciles(ours), deciles(theirs)
            rows.append((case, *a, *b, a[0] / b[0]))
            if not args.markdown:
                print(f"{case:24} halyard {a[0]:9.3f} ms ({a[1]:.3f}-{a[2]:.3f})   onnxruntime {b[0]:9.3f} ms "
                      f"({b[1]:.3f}-{b[2]:.3f})   ratio {a[0] / b[0]:.2f}", flush=True)
    if args.markdown:
        print(f"{machine()}; {args.threads} threads.\n\n| case | Halyard ms (p10-p90) | ONNX Runtime ms (p10-p90) | ratio |")
        print("|---|---:|---:|---:|")
        for case, am, al, ah, bm, bl, bh, ratio in rows:
            print(f"| {case} | {am:.3f} ({al:.3f}-{ah:.3f}) | {bm:.3f} ({bl:.3f}-{bh:.3f}) | {ratio:.2f} |")
    elif rows:
        print(f"geometric mean of {len(rows)} ratios: {statistics.geometric_mean(r[-1] for r in rows):.2f}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
