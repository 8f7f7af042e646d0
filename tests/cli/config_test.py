#!/usr/bin/env python3
"""Configuration from files, the environment and flags: check, print, schema, precedence, and what the settings
change. config_test.py HALYARD"""

import json
import os
import unittest

from command import HALYARD, MODEL, ROOT, CommandTest, halyard, main

try:
    import jsonschema
except ImportError:  # then the schema is compared with itself alone
    jsonschema = None

CONFIGS = os.path.join(ROOT, "configs")
BROKEN = os.path.join(ROOT, "tests", "unit", "config", "broken")
EXAMPLES = os.path.join(os.path.dirname(os.path.dirname(HALYARD)), "lib", "halyard-examples")


class ConfigTest(CommandTest):
    def yaml(self, text, name="c.yaml"):
        return self.write(name, text.encode())

    def values(self, *arguments, **options):
        """{key: (value, origin)} of config print."""
        report = self.json("config", "print", *arguments, **options)
        return {v["key"]: (v["value"], v["origin"]) for v in report["values"]}

    def value(self, key, *arguments, **options):
        return self.values(*arguments, **options)[key][0]


class Check(ConfigTest):
    def test_examples_are_ok(self):
        for name in sorted(os.listdir(CONFIGS)):
            if name.endswith(".yaml"):
                done = self.succeeds("config", "check", os.path.join(CONFIGS, name))
                self.assertIn("ok", done.stdout)

    def test_every_error_is_told_with_its_place(self):
        file = self.yaml("polcy: 1\nthreads: many\nlog: {level: loud, levl: info}\n")
        done = self.fails(2, "config", "check", file)
        self.assertEqual(done.stderr.splitlines(), [
            f'{file}:1:1: error: polcy: there is no key "polcy"; did you mean "policy"?',
            f'{file}:2:10: error: threads: a whole number from 0 to 4096 is wanted; "many" stands here',
            f'{file}:3:14: error: log.level: "loud" is none of trace, debug, info, warn, error',
            f'{file}:3:20: error: log.levl: log has no key "levl"; did you mean "level"?'])

    def test_json(self):
        file = self.yaml("require: {min_share: 90}\n")
        done = halyard("config", "check", file, "--json")
        self.assertEqual((done.returncode, done.stderr), (2, ""))
        report = json.loads(done.stdout)
        self.assertEqual(report["schema"], 1)
        self.assertEqual(report["errors"], [{
            "file": file, "line": 1, "column": 22, "key": "require.min_share",
            "message": "90 is too large; a share from 0 to 1, or a percentage is wanted",
            "suggestion": "write 90%"}])
        good = self.json("config", "check", self.yaml("threads: 1\n"))
        self.assertEqual(good["errors"], [])

    def test_a_verb_tells_the_same(self):
        file = self.yaml("polcy: 1\nthreads: many\n")
        done = self.fails(2, "plan", MODEL, "--config", file, "--set", "log.level=loud", "--threads", "-3")
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 4)
        self.assertTrue(lines[0].startswith(f"{file}:1:1: error: polcy"), lines)
        self.assertTrue(lines[2].startswith("--set log.level=loud: error: log.level"), lines)
        self.assertTrue(lines[3].startswith("--threads: error: threads: -3 is too small"), lines)

    def test_a_file_that_is_not_there(self):
        self.fails(2, "config", "check", self.path("none.yaml"), says=["none.yaml: error: cannot be read"])
        self.fails(2, "plan", MODEL, "--config", self.path("none.yaml"), says=["none.yaml"])

    def test_options_of_a_provider(self):
        file = self.yaml("providers:\n  - {id: cpu, options: {fast: 1}}\n")
        self.fails(2, "config", "check", file,
                   says=[f"{file}:2:31: error: providers[0].options.fast", "it has none at all"])
        self.fails(2, "plan", MODEL, "--config", file, says=["providers[0].options.fast"])

    def test_a_provider_that_is_not_here(self):
        file = self.yaml("providers: [elsewhere, cpu]\n")
        done = self.succeeds("config", "check", file)
        self.assertIn(f"{file}:1:13: note: providers[0].id", done.stderr)
        done = self.succeeds("plan", MODEL, "--config", file)
        self.assertIn("[warn] provider elsewhere", done.stderr)
        self.assertIn("elsewhere: NO_DEVICE", done.stdout)
        file = self.yaml("require: elsewhere\n")
        self.assertIn("note: require.provider", self.succeeds("config", "check", file).stderr)
        self.fails(2, "plan", MODEL, "--config", file, says=["elsewhere"])
        self.fails(2, "plan", MODEL, "--config", self.yaml("providers: [elsewhere]\n"), says=["elsewhere"])


class Print(ConfigTest):
    def test_text(self):
        text = self.succeeds("config", "print", "--set", "policy.objective=power").stdout
        rows = {line.split()[0]: line.split()[1:] for line in text.splitlines()}
        self.assertEqual(rows["policy.objective"], ["power", "--set", "policy.objective=power"])
        self.assertEqual(rows["policy.placement"], ["cost", "default"])

    def test_precedence(self):
        home = self.path("home")
        os.makedirs(os.path.join(home, "halyard"))
        def say(path, number):
            with open(path, "w", encoding="utf-8") as f:
                f.write(f"threads: {number}\n")
            return path
        env = {"HALYARD_SYSTEM_CONFIG": say(self.path("system.yaml"), 1), "XDG_CONFIG_HOME": home}
        def threads(*arguments):
            value, origin = self.values(*arguments, env=env)["threads"]
            return value, origin["layer"]
        self.assertEqual(threads(), (1, "system"))
        say(os.path.join(home, "halyard", "config.yaml"), 2)
        self.assertEqual(threads(), (2, "user"))
        one, two = say(self.path("one.yaml"), 3), say(self.path("two.yaml"), 4)
        self.assertEqual(threads("--config", one, "--config", two), (4, "file"))
        self.assertEqual(threads("--config", two, "--config", one), (3, "file"))
        env["HALYARD_CONFIG"] = f"{one}:{two}"
        self.assertEqual(threads(), (4, "file"))
        self.assertEqual(threads("--config", one), (3, "file"))
        env["HALYARD_THREADS"] = "5"
        self.assertEqual(threads("--config", one), (5, "environment"))
        self.assertEqual(threads("--set", "threads=6"), (6, "flag"))
        self.assertEqual(threads("--set", "threads=6", "--threads", "7"), (7, "flag"))

    def test_origins(self):
        file = self.yaml("# c\npolicy:\n  objective: power\n")
        values = self.values("--config", file, "--precision", "relaxed", env={"HALYARD_LOG_LEVEL": "info"})
        self.assertEqual(values["policy.objective"][1],
                         {"layer": "file", "source": file, "line": 3, "column": 14})
        self.assertEqual(values["policy.precision"], ("relaxed", {"layer": "flag", "source": "--precision"}))
        self.assertEqual(values["log.level"][1], {"layer": "environment", "source": "HALYARD_LOG_LEVEL"})

    def test_every_flag_and_its_twin(self):
        cases = [("--providers", "cpu", "HALYARD_PROVIDERS", "providers[0].id", "cpu"),
                 ("--compute-units", "cpuOnly", "HALYARD_COMPUTE_UNITS", "compute_units", "cpu_only"),
                 ("--require", "cpu", "HALYARD_REQUIRE", "require.provider", "cpu"),
                 ("--precision", "relaxed", "HALYARD_PRECISION", "policy.precision", "relaxed"),
                 ("--threads", "3", "HALYARD_THREADS", "threads", 3),
                 ("--set", "cache.max=1GiB", "HALYARD_SET", "cache.max", 1 << 30)]
        for flag, text, variable, key, wanted in cases:
            with self.subTest(flag=flag):
                self.assertEqual(self.value(key, flag, text), wanted)
                self.assertEqual(self.value(key, env={variable: text}), wanted)

    def test_providers_imply_priority(self):
        file = self.yaml("providers: [cpu]\n")
        self.assertEqual(self.value("policy.placement", "--config", file), "cost")
        self.assertEqual(self.value("policy.placement", "--providers", "cpu"), "priority")
        self.assertEqual(
            self.value("policy.placement", "--providers", "cpu", "--set", "policy.placement=cost"), "cost")

    def test_verbosity_is_a_level(self):
        for flags, level in (((), "warn"), (("-q",), "error"), (("-v",), "info"), (("-vv",), "debug"),
                             (("-vvv",), "trace")):
            self.assertEqual(self.value("log.level", *flags), level)

    def test_set_needs_a_value(self):
        self.fails(2, "config", "print", "--set", "threads", says=["--set threads", "key.path=value"])


class Schema(ConfigTest):
    def setUp(self):
        super().setUp()
        self.schema = json.loads(self.succeeds("config", "schema").stdout)

    def test_both_forms(self):
        self.assertEqual(self.json("config", "schema")["json_schema"], self.schema)
        self.assertIn("2020-12", self.schema["$schema"])
        self.assertIn("policy", self.schema["properties"])

    @unittest.skipIf(jsonschema is None, "python3-jsonschema is not there")
    def test_it_is_a_schema(self):
        jsonschema.Draft202012Validator.check_schema(self.schema)

    @unittest.skipIf(jsonschema is None, "python3-jsonschema is not there")
    def test_it_agrees_with_the_checker(self):
        validator = jsonschema.Draft202012Validator(self.schema)
        good = [{}, {"providers": ["cpu", {"id": "npu", "device": 0}]}, {"policy": None},
                {"compute_units": "cpuOnly", "threads": 2}, {"require": "cpu"},
                {"require": {"min_share": "90%"}}, {"policy": {"memory_limit": "512MiB"}},
                {"place": [{"match": {"op": ["Conv", "Mat*"]}, "provider": "cpu"}]},
                {"log": {"level": "info"}, "plugins": {"deny": "x*"}}]
        bad = [{"polcy": {}}, {"threads": "many"}, {"threads": -1}, {"providers": []},
               {"providers": [{"threads": 2}]}, {"compute_units": "tpu"}, {"policy": "cost"},
               {"require": {"min_share": 90}}, {"policy": {"memory_limit": "512M"}},
               {"place": [{"match": {}, "provider": "cpu"}]}, {"place": [{"match": {"op": "x"}}]},
               {"providers": [{"id": "cpu", "options": {"fast": 1}}]}, {"cache": {"enabled": 1}}]
        for documents, valid in ((good, True), (bad, False)):
            for document in documents:
                with self.subTest(document=document):
                    # JSON is YAML.
                    file = self.yaml(json.dumps(document))
                    self.assertEqual(validator.is_valid(document), valid)
                    self.assertEqual(halyard("config", "check", file, "-q").returncode, 0 if valid else 2)


class Effects(ConfigTest):
    """What the settings change."""

    def test_a_list_of_providers(self):
        file = self.yaml("providers: [cpu]\n")
        plan = self.json("plan", MODEL, "--config", file)
        self.assertEqual({n["provider"] for n in plan["nodes"]}, {"cpu"})

    def test_a_required_provider(self):
        self.fails(2, "plan", MODEL, "--config", self.yaml("require: npu9\n"), says=["npu9"])
        self.succeeds("plan", MODEL, "--config", self.yaml("require: {provider: cpu}\n"))

    def test_the_environment_names_no_model_option_twice(self):
        self.fails(2, "run", MODEL, env={"HALYARD_PRECISION": "loose"}, says=["HALYARD_PRECISION", "loose"])
        self.succeeds("run", MODEL, "--precision", "relaxed", "-q")

    def test_a_denied_plugin_is_not_opened(self):
        report = self.json("plugins", "--set", "plugins.deny=cpu")
        row = [p for p in report["plugins"] if p["id"] == "cpu"][0]
        self.assertEqual((row["state"], row["reason"]), ("rejected", "EXCLUDED"))
        self.assertIn("plugins.deny", row["detail"])
        self.assertFalse([d for d in self.json("devices", "--set", "plugins.deny=c*")["devices"]
                          if d["provider"] == "cpu"])
        report = self.json("plugins", "--config", self.yaml("plugins: {allow: [onnx]}\n"))
        used = [p["id"] for p in report["plugins"] if p["state"] != "rejected"]
        self.assertEqual(used, ["onnx"])

    def test_plugin_folders(self):
        folder = self.path("plugins")
        os.mkdir(folder)
        with open(os.path.join(folder, "broken.json"), "w", encoding="utf-8") as f:
            f.write("{ not json")
        def ids(*arguments, **options):
            return [p["id"] for p in self.json("plugins", *arguments, **options)["plugins"]]
        self.assertIn("broken", ids("--config", self.yaml("plugins: {path: plugins}\n")))
        self.assertIn("broken", ids("--set", f"plugins.path={folder}"))
        self.assertIn("broken", ids(env={"HALYARD_PLUGIN_PATH": folder}))
        self.assertNotIn("broken", ids(env={"HALYARD_PLUGIN_PATH": ""}))

    def test_options_in_a_manifest_that_are_wrong(self):
        folder = self.path("plugins")
        os.mkdir(folder)
        manifest = {"manifest_version": 1, "id": "odd", "kind": "provider", "library": "x.so",
                    "options": [{"name": "a", "type": "int", "default": "many"}]}
        with open(os.path.join(folder, "odd.json"), "w", encoding="utf-8") as f:
            json.dump(manifest, f)
        report = self.json("plugins", "--set", f"plugins.path={folder}")
        odd = [p for p in report["plugins"] if p["id"] == "odd"][0]
        self.assertEqual(odd["reason"], "MANIFEST")
        self.assertIn('"options": "a": "default"', odd["detail"])

    def test_options_are_checked_by_a_manifest_without_opening_its_library(self):
        folder = self.path("plugins")
        os.mkdir(folder)
        self.write("plugins/x.so", b"no library at all")
        options = [{"name": "tile", "type": "int", "min": 1, "max": 64, "default": 8, "doc": "The tile"},
                   {"name": "mode", "type": "choice", "choices": ["fast", "exact"]},
                   {"name": "scratch", "type": "bytes"}]
        with open(os.path.join(folder, "acme.json"), "w", encoding="utf-8") as f:
            json.dump({"manifest_version": 1, "id": "acme", "kind": "provider", "library": "x.so",
                       "options": options}, f)
        env = {"HALYARD_PLUGIN_PATH": folder}
        good = self.yaml("providers:\n  - {id: acme, options: {tile: 8, mode: exact, scratch: 1MiB}}\n")
        self.assertEqual(self.succeeds("config", "check", good, env=env).stderr, "")
        bad = self.yaml("providers:\n  - id: acme\n    options: {tiel: 8, mode: slow, tile: 65}\n")
        self.fails(2, "config", "check", bad, env=env,
                   says=[f'{bad}:3:21: error: providers[0].options.tiel', 'did you mean "tile"?',
                         '"slow" is none of fast, exact', "the most is 64"])
        schema = json.loads(self.succeeds("config", "schema", env=env).stdout)
        self.assertIn('"tile"', json.dumps(schema))

    def test_a_log_file(self):
        file = self.yaml("log: {file: out/halyard.log, level: info}\n")
        done = self.succeeds("plan", MODEL, "--config", file)
        self.assertIn("[info]", done.stderr)
        with open(self.path("out", "halyard.log"), encoding="utf-8") as f:
            self.assertRegex(f.read(), r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} info ")
        self.fails(2, "plan", MODEL, "--set", f"log.file={self.folder}", says=["log.file"])

    def test_log_levels(self):
        self.assertNotIn("[info]", self.succeeds("plan", MODEL).stderr)
        self.assertIn("[info]", self.succeeds("plan", MODEL, "--set", "log.level=info").stderr)
        self.assertNotIn("[info]", self.succeeds("plan", MODEL, "-q", "--set", "log.level=info").stderr)

    def test_settings_without_effect_are_told(self):
        done = self.succeeds("plan", MODEL, "--config", self.yaml("cache: {read_only: true}\n"))
        notes = json.loads(halyard("config", "check", self.path("c.yaml"), "--json").stdout)["notes"]
        for note in notes:
            self.assertIn(note["message"], done.stderr)


@unittest.skipUnless(os.path.isdir(EXAMPLES), "the example provider is not built")
class TwoProviders(ConfigTest):
    """With the example provider, whose device is of no special kind."""

    env = {"HALYARD_PLUGIN_PATH": EXAMPLES}

    def providers(self, *arguments):
        plan = self.json("plan", MODEL, "--shape", "image=1x3x64x64", *arguments, env=self.env)
        used = [id for id, p in plan["summary"]["per_provider"].items() if p["nodes"] > 0]
        return used, plan["nodes"]

    def test_a_file_orders_them(self):
        used, _ = self.providers("--config", self.yaml(
            "providers: [cstub, cpu]\npolicy: {placement: priority}\n"))
        self.assertIn("cstub", used)
        used, _ = self.providers("--config", self.yaml(
            "providers: [cpu, cstub]\npolicy: {placement: priority}\n"))
        self.assertNotIn("cstub", used)

    def test_compute_units_leave_devices_out(self):
        used, nodes = self.providers("--providers", "cstub,cpu", "--compute-units", "cpu_only")
        self.assertEqual(used, ["cpu"])
        refusal = [r for r in nodes[0]["refused_by"] if r["provider"] == "cstub"][0]
        self.assertEqual(refusal["reason"], "POLICY_DENIED")
        self.assertIn("compute_units is cpu_only", refusal["detail"])

    def test_a_device_by_name_or_number(self):
        for device in ("0", "C example*"):
            used, _ = self.providers("--providers", "cstub,cpu", "--set", f"providers.cstub.device={device}")
            self.assertIn("cstub", used)
        used, nodes = self.providers("--providers", "cstub,cpu", "--set", "providers.cstub.device=7")
        self.assertNotIn("cstub", used)
        refusal = [r for r in nodes[0]["refused_by"] if r["provider"] == "cstub"][0]
        self.assertIn('no device is meant by "7"; there are: 0 "C example device"', refusal["detail"])


if __name__ == "__main__":
    main()
