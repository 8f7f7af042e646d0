#!/usr/bin/env python3
"""The verbs that report, options and their environment twins, exit codes. verbs_test.py HALYARD"""

import os
import shutil
import signal
import subprocess

from command import HALYARD, MODEL, CommandTest, halyard, main
import tiny_onnx


class Reports(CommandTest):
    def test_plan(self):
        plan = self.json("plan", MODEL)
        self.assertEqual(plan["model"], MODEL)
        summary = plan["summary"]
        self.assertEqual(summary["nodes"], len(plan["nodes"]))
        self.assertEqual(summary["clusters"], len(plan["clusters"]))
        self.assertEqual(sum(p["nodes"] for p in summary["per_provider"].values()), summary["nodes"])
        for i, node in enumerate(plan["nodes"]):
            self.assertEqual(node["index"], i)
            self.assertLessEqual({"name", "op", "provider", "cluster", "est_us", "refused_by", "origin"}, set(node))
            self.assertIn(i, plan["clusters"][node["cluster"]]["nodes"])
            for refusal in node["refused_by"]:
                self.assertTrue(refusal["provider"] and refusal["reason"])

    def test_plan_as_text(self):
        text = self.succeeds("plan", MODEL).stdout
        for words in ("operator", "Conv", "cpu", " nodes"):
            self.assertIn(words, text)

    def test_inspect(self):
        report = self.json("inspect", MODEL)
        self.assertEqual(report["model"], MODEL)
        self.assertEqual(report["format"], "onnx")
        function = report["functions"][0]
        (image,), (out,) = function["inputs"], function["outputs"]
        self.assertEqual((image["name"], image["type"], image["dims"][1:]), ("image", "f32", [3, 64, 64]))
        self.assertIsInstance(image["dims"][0], str)
        self.assertEqual((out["name"], out["dims"][1:]), ("probabilities", [8]))
        self.assertGreater(report["operators"]["Conv"], 0)
        self.assertGreater(report["parameters"], 30000)
        self.assertGreaterEqual(report["weight_bytes"], report["parameters"])
        self.assertEqual(report["metadata"]["image.scale"], "1/255")

    def test_inspect_as_text(self):
        text = self.succeeds("inspect", MODEL).stdout
        for words in ("image", "f32", "64,64", "Conv", "image.scale"):
            self.assertIn(words, text)

    def test_devices(self):
        report = self.json("devices")
        cpu = [d for d in report["devices"] if d["provider"] == "cpu"]
        self.assertTrue(cpu, report)
        self.assertEqual(cpu[0]["type"], "cpu")
        self.assertFalse(cpu[0]["software"])
        self.assertIsInstance(report["rejected"], list)
        self.assertIn("cpu", self.succeeds("devices").stdout)

    def test_plugins(self):
        report = self.json("plugins")
        kinds = {p["id"]: p["kind"] for p in report["plugins"] if p["state"] in ("loaded", "available")}
        self.assertEqual((kinds.get("cpu"), kinds.get("onnx")), ("provider", "format"))
        self.assertIn("provider", self.succeeds("plugins").stdout)

    def test_a_broken_plugin_is_listed_with_its_reason(self):
        folder = self.path("plugins")
        os.mkdir(folder)
        with open(os.path.join(folder, "broken.json"), "w", encoding="utf-8") as f:
            f.write("{ not json")
        report = self.json("plugins", env={"HALYARD_PLUGIN_PATH": folder})
        rejected = [p for p in report["plugins"] if p["state"] == "rejected"]
        self.assertEqual(len(rejected), 1, report)
        self.assertTrue(rejected[0]["reason"] and rejected[0]["detail"])


class Options(CommandTest):
    def test_version_and_help(self):
        self.assertRegex(self.succeeds("--version").stdout, r"^halyard \d+\.\d+")
        text = self.succeeds("--help").stdout
        for verb in ("run", "inspect", "plan", "devices", "plugins", "config"):
            self.assertIn(verb, text)
        for verb in ("run", "inspect", "plan", "devices", "plugins"):
            self.assertIn("--json", self.succeeds(verb, "--help").stdout)

    def test_usage_errors(self):
        self.fails(2)
        self.fails(2, "frobnicate")
        self.fails(2, "run")
        self.fails(2, "run", MODEL, "--nonsense")
        self.fails(2, "run", MODEL, "--threads", "many")
        self.fails(2, "run", MODEL, "--precision", "loose")
        self.fails(2, "run", MODEL, "--rtol", "-1")
        self.fails(2, "run", MODEL, "--function", "nonsense", says=["nonsense"])
        self.fails(2, "run", MODEL, "--labels", self.path("none.txt"), "--top", 1, says=["none.txt"])

    def test_providers(self):
        self.succeeds("run", MODEL, "--providers", "cpu", "--require", "cpu", "--threads", 1, "-q")
        self.fails(2, "run", MODEL, "--providers", "nonsense", says=["nonsense", "cpu"])
        self.fails(2, "plan", MODEL, "--require", "nonsense", says=["nonsense"])

    def test_shape(self):
        out = self.outputs(MODEL, "--shape", "image=2x3x64x64")["probabilities"]
        self.assertEqual(out.shape, (2, 8))
        self.fails(2, "run", MODEL, "--shape", "image=2x3x32x32", says=["32", "64"])
        self.fails(2, "run", MODEL, "--shape", "picture=1x3x64x64", says=["picture", "image"])
        self.fails(2, "run", MODEL, "--shape", "image", says=["image"])

    def test_environment_twins(self):
        self.fails(2, "run", MODEL, env={"HALYARD_PROVIDERS": "nonsense"}, says=["nonsense"])
        self.succeeds("run", MODEL, "--providers", "cpu", env={"HALYARD_PROVIDERS": "nonsense"})
        self.fails(2, "run", MODEL, env={"HALYARD_THREADS": "many"})
        out = self.outputs(MODEL, env={"HALYARD_SHAPE": "image=4x3x64x64"})["probabilities"]
        self.assertEqual(out.shape, (4, 8))
        self.assertTrue(self.succeeds("devices", env={"HALYARD_JSON": "1"}).stdout.startswith("{"))
        self.assertEqual(self.succeeds("run", MODEL, env={"HALYARD_QUIET": "1"}).stderr, "")

    def test_doctor_is_one_screen_with_all_that_matters(self):
        folder = self.path("cache")
        report = self.json("doctor", env={"HALYARD_CACHE_DIR": folder})
        self.assertEqual(report["problems"], [])
        self.assertIn("cpu", [d["provider"] for d in report["devices"]])
        self.assertEqual(report["cache"]["dir"], folder)
        self.assertEqual(report["environment"]["HALYARD_CACHE_DIR"], folder)
        for key in ("os", "kernel", "arch", "processor"):
            self.assertTrue(report["system"][key], key)
        text = self.succeeds("doctor", env={"HALYARD_CACHE_DIR": folder}).stdout
        for words in ("halyard ", "devices", "plugins", "no problem was found", folder):
            self.assertIn(words, text)
        self.assertLess(len(text.splitlines()), 50)

    def test_doctor_tells_what_is_wrong(self):
        broken = self.write("broken.yaml", b"policy: {placement: fast}\n")
        for env, words in (({"HALYARD_CONFIG": broken}, "policy.placement"),
                           ({"HALYARD_WORKER": "/nowhere/halyard-worker"}, "/nowhere/halyard-worker is not there"),
                           ({"HALYARD_CACHE": "off"}, "compiled artefacts are not kept")):
            with self.subTest(words):
                report = self.json("doctor", env=env)
                self.assertTrue(any(words in p for p in report["problems"]), report["problems"])
                self.assertIn(words, self.succeeds("doctor", env=env).stdout)

    def test_verbose_logs_go_to_stderr(self):
        plain = self.succeeds("inspect", MODEL)
        verbose = self.succeeds("inspect", MODEL, "-v", "-v", "-v")
        self.assertEqual(plain.stdout, verbose.stdout)


class Models(CommandTest):
    def test_a_folder_with_one_model(self):
        shutil.copy(MODEL, self.path("net.onnx"))
        self.assertEqual(self.json("inspect", self.folder)["model"], self.path("net.onnx"))

    def test_a_folder_without_or_with_several(self):
        self.fails(3, "run", self.folder, says=[self.folder])
        for name in ("a.onnx", "b.onnx"):
            shutil.copy(MODEL, self.path(name))
        self.fails(3, "plan", self.folder, says=["a.onnx", "b.onnx"])

    def test_bad_models(self):
        with open(MODEL, "rb") as f:
            good = f.read()
        bad = {"missing.onnx": None, "empty.onnx": b"", "text.onnx": b"This is no model.\n" * 20,
               "cut.onnx": good[:len(good) // 2], "unknown.bin": b"\0" * 64}
        for name, data in bad.items():
            path = self.path(name) if data is None else self.write(name, data)
            for verb in ("run", "inspect", "plan"):
                with self.subTest(name=name, verb=verb):
                    self.fails(3, verb, path, says=[name])

    def test_an_unknown_operator_is_named(self):
        model = self.write("odd.onnx", tiny_onnx.model(
            [tiny_onnx.node("Frobnicate", ["x"], ["y"], "the_node")], [tiny_onnx.port("x", 1, [2])],
            [tiny_onnx.port("y", 1, [2])]))
        done = halyard("run", model)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("Frobnicate", done.stderr)
        self.assertIn("the_node", done.stderr)


class Signals(CommandTest):
    def test_interrupt_is_130(self):
        # A pipe that nobody reads from: the command waits for its model for ever.
        os.mkfifo(self.path("pipe.npz"))
        command = subprocess.Popen([HALYARD, "run", MODEL, "--inputs", self.path("pipe.npz")],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Opening the other end returns once the command has opened its own: its handler is in place.
        with open(self.path("pipe.npz"), "wb"):
            command.send_signal(signal.SIGINT)
            self.assertEqual(command.wait(timeout=60), 130)


if __name__ == "__main__":
    main()
