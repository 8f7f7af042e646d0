"""The binary under test, and what its tests share: a scratch folder, the demo model, small models."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DEMO = os.path.join(ROOT, "tools", "demo_data")
MODEL = os.path.join(DEMO, "shapes.onnx")
PICTURE = os.path.join(DEMO, "shapes.png")
HALYARD = sys.argv.pop(1) if len(sys.argv) > 1 else ""
ISOLATED = {"HALYARD_SYSTEM_CONFIG": "", "XDG_CONFIG_HOME": "/nonexistent"}
KEPT = ("HALYARD_PLUGIN_PATH", "HALYARD_STATE_DIR")
TIMEOUT = 300  # of one command; the sanitizer builds are slow


def halyard(*arguments, env=None, program=None):
    """Runs the command; HALYARD_* and configuration files of the caller do not reach it, but for the plugin path
    and the state folder."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HALYARD_") or k in KEPT}
    return subprocess.run([program or HALYARD, *map(str, arguments)], capture_output=True, text=True,
                          timeout=TIMEOUT, env={**clean, **ISOLATED, **(env or {})}, check=False)


class CommandTest(unittest.TestCase):
    """One behaviour a test; self.path() is a file that is gone afterwards."""

    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, data):
        with open(self.path(name), "wb") as f:
            f.write(data)
        return self.path(name)

    def npz(self, name, **arrays):
        np.savez(self.path(name), **arrays)
        return self.path(name)

    def succeeds(self, *arguments, **options):
        done = halyard(*arguments, **options)
        self.assertEqual(done.returncode, 0, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def fails(self, code, *arguments, says=(), **options):
        """Ends with this code, says these words on stderr, and nothing else on stdout."""
        done = halyard(*arguments, **options)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        for word in says:
            self.assertIn(word, done.stderr, arguments)
        if code != 1:
            self.assertEqual(done.stdout, "", arguments)
            self.assertTrue(done.stderr.strip(), arguments)
        return done

    def json(self, *arguments, **options):
        document = json.loads(self.succeeds(*arguments, "--json", **options).stdout)
        self.assertEqual(document["schema"], 1)
        return document

    def outputs(self, model, *arguments, **options):
        """Runs once; gives the arrays that --outputs wrote."""
        file = self.path("outputs.npz")
        self.succeeds("run", model, "--outputs", file, *arguments, **options)
        with np.load(file) as z:
            return {k: z[k] for k in z.files}


def main():
    if not HALYARD:
        sys.exit("usage: the path of the halyard binary comes first")
    unittest.main()
