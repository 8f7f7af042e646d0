#!/usr/bin/env python3
"""compare: values of two providers, node by node. compare_test.py HALYARD"""

import json
import os

from command import HALYARD, MODEL, CommandTest, main
import tiny_onnx
from tiny_onnx import FLOAT, node, port

ENV = {"HALYARD_PLUGIN_PATH": os.path.join(os.path.dirname(os.path.dirname(HALYARD)), "lib", "halyard-examples")}


class Compare(CommandTest):
    def test_two_providers_that_agree(self):
        report = self.json("compare", MODEL, "--providers", "cpu,cstub", "--shape", "image=1x3x64x64", env=ENV)
        self.assertEqual(report["providers"], ["cpu", "cstub"])
        self.assertEqual((report["differ"], report["first"]), (0, None))
        self.assertGreater(report["values"], 10)

    def test_a_difference_has_its_node(self):
        # Numbers drawn without a seed are others each time.
        model = self.write("m.onnx", tiny_onnx.model(
            [node("Neg", ["x"], ["n"], name="turn"), node("RandomUniformLike", ["n"], ["r"], name="dice"),
             node("Add", ["n", "r"], ["y"], name="sum")], [port("x", FLOAT, [64])], [port("y", FLOAT, [64])]))
        done = self.fails(1, "compare", model, "--providers", "cpu,cpu")
        self.assertIn("2 of 3 values differ; the first is of node dice (RandomUniformLike)", done.stdout)
        done = self.fails(1, "compare", model, "--providers", "cpu,cpu", "--json")
        report = json.loads(done.stdout)
        self.assertEqual([d["value"] for d in report["differences"]], ["r", "y"])
        self.assertEqual((report["first"]["node"], report["first"]["op"]), ("dice", "RandomUniformLike"))

    def test_text(self):
        text = self.succeeds("compare", MODEL, "--providers", "cpu,cstub", env=ENV).stdout
        self.assertIn("no difference in", text)
        self.assertIn("cstub runs", text)

    def test_errors(self):
        self.fails(2, "compare", MODEL, says=("compare wants two",))
        self.fails(2, "compare", MODEL, "--providers", "cpu,a,b", says=("compare wants two",))
        self.fails(2, "compare", MODEL, "--providers", "cpu,nobody", says=("nobody",))


if __name__ == "__main__":
    main()
