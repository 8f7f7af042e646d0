#!/usr/bin/env python3
"""Models that keep something from run to run, on the command line. states_test.py HALYARD PLUGINS"""

import sys

PLUGINS = sys.argv.pop(2)

import numpy as np

from command import CommandTest, main

ENV = {"HALYARD_PLUGIN_PATH": PLUGINS}


class States(CommandTest):
    def model(self, word):
        return self.write(word + ".stateful", f"halyard-stateful {word}\n".encode())

    def steps(self, count):
        files = []
        for i in range(count):
            x = np.array([[0.1 * i - 0.3, 0.5, -1.0, 0.0]], np.float32)
            files += ["--inputs", self.npz(f"in{i}.npz", x=x)]
        return files

    def test_several_predictions_run_on_one_state(self):
        out = self.path("out/")
        self.succeeds("run", self.model("recurrent"), *self.steps(5), "--outputs", out, env=ENV)
        h = np.full(4, 0.5, np.float32)
        for i in range(5):
            h = np.tanh(h + np.array([0.1 * i - 0.3, 0.5, -1.0, 0.0], np.float32))
            np.testing.assert_allclose(np.load(f"{out}/{i}.npz")["y"][0], h, rtol=1e-5, atol=1e-6)

    def test_each_call_begins_anew(self):
        for _ in range(2):
            self.succeeds("run", self.model("recurrent"), *self.steps(1), "--outputs", self.path("y.npz"), env=ENV)
            y = np.load(self.path("y.npz"))["y"]
            np.testing.assert_allclose(y[0, 1], np.tanh(np.float32(1.0)), rtol=1e-5)

    def test_inspect_names_them(self):
        report = self.json("inspect", self.model("cache"), env=ENV)
        states = report["functions"][0]["states"]
        self.assertEqual(states, [{"name": "cache", "type": "f32", "dims": [1, 8, 4], "growth_axis": 1}])
        self.assertIn("cache", self.succeeds("inspect", self.model("cache"), env=ENV).stdout)

    def test_every_verb_takes_such_a_model(self):
        model = self.model("recurrent")
        row = self.json("bench", model, "--iters", "5", "--concurrency", "2", env=ENV)["rows"][0]
        self.assertEqual(row["runs"], 10)
        self.assertEqual(self.json("plan", model, env=ENV)["summary"]["nodes"], 2)
        self.succeeds("compare", model, "--providers", "cpu,cpu", env=ENV)
        packed = self.path("m.hyc")
        self.succeeds("compile", model, "-o", packed, env=ENV)
        out = [self.path("a/"), self.path("b/")]
        self.succeeds("run", model, *self.steps(3), "--outputs", out[0], env=ENV)
        self.succeeds("run", packed, *self.steps(3), "--outputs", out[1])
        for i in range(3):
            a, b = (np.load(f"{folder}/{i}.npz")["y"] for folder in out)
            np.testing.assert_array_equal(a, b)


if __name__ == "__main__":
    main()
