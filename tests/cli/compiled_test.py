#!/usr/bin/env python3
"""Compiled models: halyard compile, what loads them, what is refused. compiled_test.py HALYARD"""

import os
import random
import shutil
import subprocess

import numpy as np

import keeper
from command import HALYARD
from keeper import CLUSTERS, KeeperTest


class Compiled(KeeperTest):
    def setUp(self):
        super().setUp()
        self.env["HALYARD_CACHE"] = "off"
        self.file = self.path("m.hyc")

    def compile(self, *options):
        done = self.succeeds("compile", self.model, "-o", self.file, *options, env=self.env)
        self.assertEqual(self.noted().count("compile"), CLUSTERS)
        return done

    def test_another_process_loads_it_without_compiling_and_without_the_model(self):
        text = self.compile().stdout
        self.assertIn(f"{CLUSTERS} of 5 clusters with an artefact", text)
        os.remove(self.model)
        shutil.move(self.file, self.path("elsewhere.bin"))  # neither place nor name matter
        self.assertEqual(self.run_model(self.path("elsewhere.bin")), ["load"] * CLUSTERS)
        self.assertEqual(self.run_model(self.path("elsewhere.bin"), "--stale", "refuse"), ["load"] * CLUSTERS)

    def test_what_it_was_compiled_with_holds(self):
        self.compile()
        env = {k: v for k, v in self.env.items() if k != "HALYARD_PROVIDERS"}
        self.assertEqual(self.run_model(self.file, env=env), ["load"] * CLUSTERS)

    def test_every_verb_takes_it(self):
        self.compile()
        mine, theirs = self.json("inspect", self.file, env=self.env), self.json("inspect", self.model, env=self.env)
        self.assertEqual(mine["format"], "hyc")
        for key in ("functions", "operators", "parameters", "weight_bytes", "metadata"):
            self.assertEqual(mine[key], theirs[key], key)
        mine, theirs = self.json("plan", self.file, env=self.env), self.json("plan", self.model, env=self.env)
        self.assertEqual(mine["nodes"], theirs["nodes"])
        report = self.json("cache", "explain", self.file, env=self.env)
        self.assertEqual(report["hits"], CLUSTERS)
        again = self.path("again.hyc")
        self.succeeds("compile", self.file, "-o", again, env=self.env)
        self.assertEqual(self.noted(), ["load"] * CLUSTERS)
        self.assertEqual(self.run_model(again), ["load"] * CLUSTERS)

    def test_json(self):
        report = self.json("compile", self.model, "-o", self.file, env=self.env)
        self.assertEqual(report["output"], self.file)
        self.assertEqual(report["bytes"], os.path.getsize(self.file))
        self.assertEqual(len(report["clusters"]), 5)

    def test_what_does_not_fit_is_compiled_or_refused(self):
        self.compile()
        for part, options, more, variant in (
                ("driver", (), {"HALYARD_KEEPER_DRIVER": "2.0"}, "good"),
                ("precision", ("--precision", "relaxed"), {}, "good"),
                ("provider.version", (), {}, "newer")):
            env = self.env_of(variant, HALYARD_CACHE="off", **more)
            self.assertEqual(self.run_model(self.file, *options, env=env), ["compile"] * CLUSTERS)
            done = self.fails(4, *self.arguments(self.file), *options, "--stale", "refuse", env=env,
                              says=[part, "the closest artefact", "compiling is refused"])
            self.assertEqual(self.noted(), [], done.stderr)

    def test_without_its_provider_it_runs_elsewhere_unless_that_is_refused(self):
        self.compile()
        env = {"HALYARD_CACHE": "off"}
        self.assertEqual(self.run_model(self.file, env=env), [])
        self.assertIn("keeper", self.stderr)
        self.fails(4, *self.arguments(self.file), "--stale", "refuse", env=env, says=["keeper"])

    def test_garbage_within_an_artefact_is_the_providers_to_refuse(self):
        self.env = self.env_of("garbage", HALYARD_CACHE="off")
        self.compile()
        self.assertEqual(self.run_model(self.file), ["stale", "compile"] * CLUSTERS)
        self.fails(4, *self.arguments(self.file), "--stale", "refuse", env=self.env, says=["could not be loaded"])

    def test_fixed_dims_are_kept(self):
        self.model = self.write("open.onnx", keeper.model(dims=("n", 3)))
        self.compile("--shape", "x=2x3")
        self.assertEqual(self.run_model(self.file, "--stale", "refuse"), ["load"] * CLUSTERS)

    def test_an_output_that_cannot_be_written_says_so_and_leaves_nothing(self):
        self.fails(2, "compile", self.model, "-o", self.path("no", "folder.hyc"), env=self.env, says=["folder.hyc"])
        self.fails(2, "compile", self.model, env=self.env)
        self.compile()
        before = sorted(os.listdir(self.folder))
        self.succeeds("compile", self.model, "-o", self.file, env=self.env)
        self.noted()
        self.assertEqual(sorted(set(os.listdir(self.folder)) - {"log"}), sorted(set(before) - {"log"}))

    def test_a_long_compilation_shows_on_a_terminal_alone(self):
        slow = {**self.env, "HALYARD_KEEPER_MS": "1500"}
        self.assertNotIn("compiling:", self.succeeds("compile", self.model, "-o", self.file, env=slow).stderr)
        ours, theirs = os.openpty()
        done = subprocess.run([HALYARD, "compile", self.model, "-o", self.file], env={**os.environ, **slow},
                              stdout=subprocess.PIPE, stderr=theirs, check=True)
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 4096):
                shown += chunk
        except OSError:  # the other end is closed
            pass
        os.close(ours)
        self.assertIn(b"compiling: ", shown)
        self.assertIn(b"for keeper", shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K") or b"\r\x1b[K[" in shown, shown)  # the line is gone again
        self.assertNotIn(b"compiling:", done.stdout)

    def test_a_damaged_file_is_exit_code_3(self):
        self.compile()
        with open(self.file, "rb") as f:
            good = f.read()
        dice = random.Random(7)
        for cut in (0, 1, 8, 63, 64, len(good) // 2, len(good) - 1):
            self.fails(3, "inspect", self.write("cut.hyc", good[:cut]), env=self.env, says=["cut.hyc"])
        for _ in range(12):
            bad = bytearray(good)
            at = dice.randrange(len(good))
            bad[at] ^= 1 << dice.randrange(8)
            file = self.write("flipped.hyc", bytes(bad))
            if good[at] == 0:  # may be padding, which says nothing
                continue
            self.fails(3, "inspect", file, env=self.env, says=["flipped.hyc"])
        self.fails(3, "inspect", self.write("longer.hyc", good + b"\0"), env=self.env, says=["longer.hyc"])
        self.fails(3, "run", self.write("text.hyc", b"this is no compiled model" * 9), env=self.env, says=["text.hyc"])


if __name__ == "__main__":
    keeper.main()
