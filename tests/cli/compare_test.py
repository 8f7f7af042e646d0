#!/usr/bin/env python3
"""compare: values of two providers, node by node. compare_test.py HALYARD"""

import os

from command import HALYARD, MODEL, CommandTest, main

ENV = {"HALYARD_PLUGIN_PATH": os.path.join(os.path.dirname(os.path.dirname(HALYARD)), "lib", "halyard-examples")}


class Compare(CommandTest):
    def test_two_providers_that_agree(self):
        report = self.json("compare", MODEL, "--providers", "cpu,cstub", "--shape", "image=1x3x64x64", env=ENV)
        self.assertEqual(report["providers"], ["cpu", "cstub"])
        self.assertEqual((report["differ"], report["first"]), (0, None))
        self.assertGreater(report["values"], 10)

    def test_a_difference_has_its_node(self):
        # No two providers round alike to the last bit.
        done = self.fails(1, "compare", MODEL, "--providers", "cpu,cstub", "--shape", "image=1x3x64x64",
                          "--rtol", "0", "--atol", "0", env=ENV)
        self.assertRegex(done.stdout, r"of \d+ values differ; the first is of node \S+ \(\w+\)")

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
