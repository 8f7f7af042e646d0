"""With the plain-C example provider loaded: part of the model runs there, and the plan says so."""

import os
import unittest

import command
from command import HALYARD, MODEL, PICTURE, CommandTest

EXAMPLES = os.path.join(os.path.dirname(os.path.dirname(HALYARD)), "lib", "halyard-examples")
ENV = {"HALYARD_PLUGIN_PATH": EXAMPLES}
INPUT = ("--input", f"image=@{PICTURE}")


class ExampleProvider(CommandTest):
    def test_an_open_batch_is_placed_for_the_dims_of_the_run(self):
        # The provider takes static dims alone, and the model's batch is open.
        report = self.json("run", MODEL, *INPUT, "--providers", "cstub,cpu", env=ENV)
        per_provider = report["summary"]["per_provider"]
        self.assertGreater(per_provider["cstub"]["nodes"], 0)
        self.assertGreater(report["summary"]["copies"], 0)
        alone = self.outputs(MODEL, *INPUT, "--providers", "cpu")
        shared = self.outputs(MODEL, *INPUT, "--providers", "cstub,cpu", env=ENV)
        self.assertEqual(set(alone), set(shared))
        for name, values in alone.items():
            self.assertLess(abs(values - shared[name]).max(), 1e-5)

    def test_text_and_plan_agree_with_fixed_dims(self):
        text = self.succeeds("run", MODEL, *INPUT, "--providers", "cstub,cpu", env=ENV).stdout
        plan = self.json("plan", MODEL, "--providers", "cstub,cpu", "--shape", "image=1x3x64x64", env=ENV)
        nodes = plan["summary"]["per_provider"]["cstub"]["nodes"]
        self.assertIn(f"cstub {nodes}/{plan['summary']['nodes']} nodes", text)

    def test_every_provider_that_lost_a_node_has_its_reason(self):
        for shape in ((), ("--shape", "image=1x3x64x64")):
            plan = self.json("plan", MODEL, "--providers", "cstub,cpu", *shape, env=ENV)
            for node in plan["nodes"]:
                lost = {r["provider"] for r in node["refused_by"]}
                self.assertEqual(lost, {"cstub", "cpu"} - {node["provider"]}, node)
                for refusal in node["refused_by"]:
                    self.assertTrue(refusal["reason"])
                    if refusal["reason"] in ("DTYPE", "DIM_DYNAMIC", "OP_UNKNOWN", "BROADCAST"):
                        self.assertTrue(refusal["detail"], node)


if __name__ == "__main__":
    if not os.path.isfile(os.path.join(EXAMPLES, "cstub.json")):
        raise SystemExit(f"{EXAMPLES} has no example provider; build the target halyard_example_cstub")
    command.main()
