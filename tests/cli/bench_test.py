#!/usr/bin/env python3
"""bench: rows, their figures, lists that make a matrix, errors; run --profile. bench_test.py HALYARD"""

import json

from command import MODEL, CommandTest, main
import tiny_onnx
from tiny_onnx import FLOAT, node, port

FIGURES = ("load_ms", "first_run_ms", "min_ms", "p10_ms", "p50_ms", "p90_ms", "p99_ms", "throughput_per_s")
QUICK = ("--iters", "3", "--warmup", "1")


class Bench(CommandTest):
    def test_a_row(self):
        report = self.json("bench", MODEL, *QUICK, "--threads", "1")
        self.assertEqual(report["model"], MODEL)
        (row,) = report["rows"]
        self.assertEqual((row["providers"], row["batch"], row["threads"], row["concurrency"], row["runs"]),
                         (["cpu"], 1, 1, 1, 3))
        for key in FIGURES:
            self.assertGreater(row[key], 0, key)
        self.assertLessEqual(row["min_ms"], row["p50_ms"])
        self.assertLessEqual(row["p50_ms"], row["p99_ms"])
        self.assertGreater(row["peak_rss_bytes"], 1 << 20)
        self.assertIn(row["cache"], ("hit", "miss", "off"))

    def test_lists_make_a_matrix(self):
        report = self.json("bench", MODEL, *QUICK, "--batch", "1,2", "--threads=1", "--concurrency", "1,2")
        settings = [(r["batch"], r["threads"], r["concurrency"]) for r in report["rows"]]
        self.assertEqual(settings, [(1, 1, 1), (1, 1, 2), (2, 1, 1), (2, 1, 2)])
        self.assertEqual([r["runs"] for r in report["rows"]], [3, 6, 3, 6])  # three of each thread

    def test_time_ends_it(self):
        (row,) = self.json("bench", MODEL, "--time", "50ms", "--warmup", "0", "--threads", "1")["rows"]
        self.assertGreaterEqual(row["runs"], 1)

    def test_text(self):
        text = self.succeeds("bench", MODEL, *QUICK, "--threads", "1").stdout
        for words in ("providers", "p50 ms", "per second", "cpu"):
            self.assertIn(words, text)

    def test_inputs_may_be_given(self):
        self.json("bench", MODEL, *QUICK, "--input", "image=random:7")

    def test_a_fixed_batch_is_an_error(self):
        model = self.write("m.onnx", tiny_onnx.model([node("Relu", ["x"], ["y"])], [port("x", FLOAT, [2, 3])],
                                                     [port("y", FLOAT, [2, 3])]))
        self.json("bench", model, *QUICK)
        self.fails(2, "bench", model, *QUICK, "--batch", "4", says=("--batch 4", "open first dim"))

    def test_errors(self):
        self.fails(2, "bench", MODEL, "--time", "soon", says=("--time soon", "5s"))
        self.fails(2, "bench", MODEL, "--batch", "0", says=("batch",))
        self.fails(3, "bench", self.path("none.onnx"), says=("none.onnx",))
        self.fails(3, "bench", self.write("bad.onnx", b"\x08\xff"), *QUICK, says=("bad.onnx",))


class Profile(CommandTest):
    def test_a_trace_has_runs_clusters_and_tracks(self):
        trace = self.path("trace.json")
        self.succeeds("run", MODEL, "--profile", trace, "-q")
        with open(trace, encoding="utf-8") as f:
            events = json.load(f)["traceEvents"]
        spans = [e for e in events if e["ph"] == "X"]
        self.assertEqual({e["cat"] for e in spans}, {"run", "cluster", "node"})
        cluster = next(e for e in spans if e["cat"] == "cluster")
        nodes = [e for e in spans if e["cat"] == "node"]
        self.assertGreater(len(nodes), 1)
        for e in nodes:
            self.assertGreaterEqual(e["ts"], cluster["ts"])
            self.assertLessEqual(e["ts"] + e["dur"], cluster["ts"] + cluster["dur"] + 1e-3)
        run = next(e for e in spans if e["cat"] == "run")
        for e in spans:
            self.assertGreaterEqual(e["ts"], run["ts"])
            self.assertLessEqual(e["ts"] + e["dur"], run["ts"] + run["dur"] + 1e-3)
        names = {e["args"]["name"] for e in events if e["ph"] == "M"}
        self.assertEqual(names, {"runs", "cpu"})

    def test_what_was_measured_is_what_later_plans_reckon_with(self):
        env = {"HALYARD_CACHE_DIR": self.path("cache")}
        def sources():
            plan = self.json("plan", MODEL, "--shape", "image=1x3x64x64", env=env)
            return {n["est_source"] for n in plan["nodes"]}
        self.assertNotIn("measured", sources())
        self.succeeds("run", MODEL, "--shape", "image=1x3x64x64", "--profile", self.path("t.json"), "-q", env=env)
        self.assertIn("measured", sources())
        one, two = (self.succeeds("plan", MODEL, "--json", env=env).stdout for _ in range(2))
        self.assertEqual(one, two)
        self.succeeds("cache", "prune", "--all", env=env)
        self.assertNotIn("measured", sources())

    def test_a_file_that_cannot_be_written(self):
        self.fails(2, "run", MODEL, "--profile", self.path("no", "such", "trace.json"), "-q", says=("trace.json",))


if __name__ == "__main__":
    main()
