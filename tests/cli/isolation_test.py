#!/usr/bin/env python3
"""Plugins that end the process or hang, as the command line meets them. isolation_test.py HALYARD ZOO"""

import os
import sys

ZOO = sys.argv.pop(2)

import numpy as np

from command import CommandTest, halyard, main
import tiny_onnx


class Isolation(CommandTest):
    def setUp(self):
        super().setUp()
        self.state = self.path("state")
        self.model = self.write("model.onnx", tiny_onnx.model(
            [tiny_onnx.node("Relu", ["x"], ["y"])], [tiny_onnx.port("x", tiny_onnx.FLOAT, [2, 3])],
            [tiny_onnx.port("y", tiny_onnx.FLOAT, [2, 3])]))
        self.inputs = self.npz("in.npz", x=np.array([[-1, 0, 1], [2, -3, 4]], np.float32))

    def env(self, variant, **more):
        return {"HALYARD_STATE_DIR": self.state, "HALYARD_PLUGIN_PATH": os.path.join(ZOO, variant), **more}

    def zoo(self, variant, *arguments, **more):
        report = self.json("plugins", *arguments, env=self.env(variant, **more))
        return next(p for p in report["plugins"] if p["id"] == "zoo")

    def dies(self, done):
        """By a signal, or by the report of a sanitizer; never with an answer."""
        self.assertNotEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, "")

    def run_model(self, variant, **more):
        return halyard("run", self.model, "--inputs", self.inputs, env=self.env(variant, **more))

    def test_plugins_shows_and_releases_a_quarantine(self):
        row = self.zoo("crash_at_create")
        self.assertEqual((row["state"], row["reason"]), ("quarantined", "CRASHED"), row)
        text = self.succeeds("plugins", env=self.env("crash_at_create")).stdout
        for words in ("quarantined", "in create", "--release zoo"):
            self.assertIn(words, text)
        self.assertEqual(self.run_model("crash_at_create").returncode, 0)
        # Released it is opened as it is: here it fails in create and takes the process with it, as said.
        self.dies(halyard("plugins", "--release", "zoo", env=self.env("crash_at_create")))
        self.fails(2, "plugins", "--release", "zebra", env=self.env("crash_at_create"), says=["zebra"])

    def test_without_a_canary_the_next_process_knows(self):
        none = {"HALYARD_ISOLATION": "none"}
        for stage, deaths in (("create", 1), ("devices", 1), ("open", 1), ("compile", 2)):
            variant = f"crash_at_{stage}"
            with self.subTest(variant):
                for _ in range(deaths):
                    self.dies(self.run_model(variant, **none))
                done = self.run_model(variant, **none)
                self.assertEqual(done.returncode, 0, done.stderr)
                row = self.zoo(variant, **none)
                self.assertEqual((row["state"], row["reason"]), ("quarantined", "CRASHED"), row)
                self.assertIn(f"ended in {stage}", row["detail"])

    def test_a_crash_that_the_canary_missed_is_tried_there_the_next_time(self):
        self.dies(self.run_model("crash_later"))
        done = self.run_model("crash_later")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("in a process that tried it first, its process ended in compile",
                      self.run_model("crash_later").stderr + done.stderr)

    def test_a_kill_is_no_crash(self):
        # The note of a process that was killed in a call of a plugin that does nothing wrong.
        os.makedirs(os.path.join(self.state, "journal"))
        library = os.path.join(ZOO, "well_behaved", "zoo.so")
        for name in ("1-a", "2-b", "3-c"):
            with open(os.path.join(self.state, "journal", name), "w", encoding="utf-8") as f:
                f.write(f"1 create - {library}\n")
            self.assertEqual(self.zoo("well_behaved")["state"], "loaded")
            self.assertEqual(os.listdir(os.path.join(self.state, "journal")), [])
        self.assertEqual(self.zoo("well_behaved")["isolation"], "probe")

    def test_worker(self):
        worker = {"HALYARD_ISOLATION": "zoo=worker"}
        self.assertEqual(self.zoo("well_behaved", **worker)["isolation"], "worker")
        self.assertEqual(self.run_model("well_behaved", **worker).returncode, 0)
        done = self.run_model("crash_at_run", **worker)
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertIn("its process ended in run", done.stderr)

    def test_a_missing_helper_is_told(self):
        env = self.env("well_behaved", HALYARD_WORKER="/nowhere/halyard-worker")
        self.assertIn("/nowhere/halyard-worker is not there", self.succeeds("plugins", env=env).stdout)

    def test_settings_that_make_no_sense(self):
        for name, value in (("HALYARD_ISOLATION", "jail"), ("HALYARD_WATCHDOG_MS", "soon")):
            self.fails(2, "devices", env={name: value}, says=[value])


main()
