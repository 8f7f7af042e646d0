#!/usr/bin/env python3
"""The compile cache: verbs, misses, broken folders, processes at once. cache_test.py HALYARD"""

import os
import subprocess

from command import HALYARD
import keeper
from keeper import CLUSTERS, KeeperTest


def mounted(test, where, options):
    """A tmpfs for the time of the test; skips where none can be mounted."""
    os.makedirs(where, exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", where], capture_output=True, check=False)
    if done.returncode != 0:
        test.skipTest("no tmpfs can be mounted here")
    test.addCleanup(subprocess.run, ["umount", where], check=True)


class Cache(KeeperTest):
    def test_the_second_process_loads_what_the_first_compiled(self):
        self.assertEqual(self.run_model(), ["compile"] * CLUSTERS)
        self.assertEqual(self.run_model(), ["load"] * CLUSTERS)
        self.assertEqual(self.stderr, "")

    def test_it_can_be_switched_off(self):
        off = {**self.env, "HALYARD_CACHE": "off"}
        for _ in range(2):
            self.assertEqual(self.run_model(env=off), ["compile"] * CLUSTERS)
        self.assertEqual(self.entries(), [])
        self.assertIn("there is no cache", self.succeeds("cache", "ls", env=off).stdout)
        self.assertEqual(self.run_model(None, "--set", "cache.enabled=false"), ["compile"] * CLUSTERS)
        self.run_model(None, "--set", "cache.read_only=true")
        self.assertEqual(self.entries(), [])

    def test_explain(self):
        report = self.json("cache", "explain", self.model, env=self.env)
        kept = [c for c in report["clusters"] if c["provider"] == "keeper"]
        self.assertEqual([c["state"] for c in kept], ["miss"] * CLUSTERS)
        self.assertEqual({c["state"] for c in report["clusters"] if c["provider"] == "cpu"}, {"not_kept"})
        self.assertIn("there is no artefact yet", self.succeeds("cache", "explain", self.model, env=self.env).stdout)
        self.run_model()
        report = self.json("cache", "explain", self.model, env=self.env)
        self.assertEqual((report["hits"], report["misses"]), (CLUSTERS, 0))
        self.assertEqual(self.noted(), [])  # it compiled and loaded nothing

    def test_explain_names_the_first_part_that_differs(self):
        self.run_model()
        for part, options, more, variant in (
                ("driver", (), {"HALYARD_KEEPER_DRIVER": "2.0"}, "good"),
                ("precision", ("--precision", "relaxed"), {}, "good"),
                ("threads", ("--threads", "1"), {}, "good"),
                ("provider.version", (), {}, "newer")):
            env = self.env_of(variant, **more)
            for c in self.json("cache", "explain", self.model, *options, env=env)["clusters"]:
                if c["provider"] == "keeper":
                    self.assertEqual((c["state"], c["differs"]["part"]), ("miss", part))
        text = self.succeeds("cache", "explain", self.model, env=self.env_of("good", HALYARD_KEEPER_DRIVER="2.0"))
        self.assertIn('driver is "2.0"; the closest entry of the cache has "1.0"', text.stdout)
        other = self.write("other.onnx", keeper.model(weight=3.0))
        differing = {c["differs"]["part"] for c in self.json("cache", "explain", other, env=self.env)["clusters"]
                     if c["state"] == "miss"}
        self.assertLessEqual(differing, {"graph", "weights"})
        self.assertEqual(len(differing), 1)

    def test_ls_and_prune(self):
        self.assertEqual(self.json("cache", "ls", env=self.env)["entries"], [])
        self.run_model()
        report = self.json("cache", "ls", env=self.env)
        self.assertEqual(report["dir"], self.cache)
        self.assertEqual(len(report["entries"]), CLUSTERS)
        self.assertEqual(report["bytes"], sum(e["bytes"] for e in report["entries"]))
        self.assertEqual({e["notes"]["model"] for e in report["entries"]}, {self.model})
        self.assertIn(f"{CLUSTERS} entries", self.succeeds("cache", "ls", env=self.env).stdout)
        kept = self.json("cache", "prune", "--max", str(report["entries"][0]["bytes"]), env=self.env)
        self.assertEqual(kept["left"]["entries"], 1)
        self.assertEqual(self.json("cache", "prune", "--all", env=self.env)["left"], {"entries": 0, "bytes": 0})
        self.assertEqual(self.run_model(), ["compile"] * CLUSTERS)
        self.fails(2, "cache", "prune", "--max", "much", env=self.env, says=["--max", "512MiB"])
        self.fails(2, "cache", env=self.env)

    def test_the_limit_holds(self):
        small = {**self.env, "HALYARD_CACHE_MAX": "1KiB"}
        self.run_model(env=small)
        self.assertLessEqual(self.json("cache", "ls", env=small)["bytes"], 1024)
        self.run_model(env=small)

    def test_any_folder_that_cannot_be_used_costs_the_gain_alone(self):
        self.write("file", b"no folder")
        nowhere = {k: v for k, v in self.env.items() if k != "HALYARD_CACHE_DIR"}
        for env in ({**self.env, "HALYARD_CACHE_DIR": self.path("file")},
                    {**self.env, "HALYARD_CACHE_DIR": self.path("file", "below")},
                    {**self.env, "HALYARD_CACHE_DIR": "/proc/halyard"},
                    {**nowhere, "HOME": "", "XDG_CACHE_HOME": ""}):
            self.assertEqual(self.run_model(env=env), ["compile"] * CLUSTERS)

    def test_a_read_only_folder_is_read(self):
        mounted(self, self.cache, "size=1m,mode=700")
        self.run_model()
        subprocess.run(["mount", "-o", "remount,ro", self.cache], check=True)
        self.assertEqual(self.run_model(), ["load"] * CLUSTERS)
        other = {**self.env, "HALYARD_KEEPER_DRIVER": "2.0"}
        self.assertEqual(self.run_model(env=other), ["compile"] * CLUSTERS)
        self.assertEqual(self.stderr.count("going on without it"), 1)  # one warning, not one a cluster

    def test_a_full_disk_warns(self):
        mounted(self, self.cache, "size=8k,mode=700")
        self.assertEqual(self.run_model(), ["compile"] * CLUSTERS)
        again = self.run_model()
        self.assertLess(again.count("load"), CLUSTERS)
        self.assertEqual(len(again), CLUSTERS)
        self.assertIn("going on without it", self.stderr)
        self.assertEqual([e for e in self.entries() if e.startswith(".new")], [])

    def test_processes_at_once_compile_once(self):
        env = {**os.environ, **self.env, "HALYARD_KEEPER_MS": "200"}
        many = [subprocess.Popen([HALYARD, *self.arguments()], env=env, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE) for _ in range(4)]
        for process in many:
            self.assertEqual(process.wait(timeout=300), 0, process.stderr.read())
            process.stderr.close()
        words = self.noted()
        self.assertEqual(words.count("compile"), CLUSTERS)
        self.assertEqual(words.count("load"), 3 * CLUSTERS)

    def test_a_broken_entry_is_removed_with_a_line(self):
        self.run_model()
        victim = os.path.join(self.cache, "entries", self.entries()[0])
        with open(victim, "r+b") as f:
            f.seek(-1, os.SEEK_END)
            f.write(b"\xff")
        self.assertEqual(sorted(self.run_model()), ["compile"] + ["load"] * (CLUSTERS - 1))
        self.assertIn("it is removed", self.stderr)
        self.assertEqual(self.run_model(), ["load"] * CLUSTERS)


if __name__ == "__main__":
    keeper.main()
