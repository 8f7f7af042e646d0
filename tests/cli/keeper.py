"""A provider that saves what it compiles (tests/fakes/keeper), a model that is cut into several clusters for
it, and what it noted."""

import os

import numpy as np

import command
from command import HALYARD, CommandTest
import tiny_onnx
from tiny_onnx import FLOAT, node, port

VARIANTS = os.path.join(os.path.dirname(os.path.dirname(HALYARD)), "tests", "keeper")
DIMS = (2, 3)
CLUSTERS = 3  # of the keeper
X = np.linspace(-1, 1, 6, dtype=np.float32).reshape(DIMS)


def model(weight=2.0, dims=DIMS):
    """Keeper and cpu by turns: relu, exp, times a weight, tanh, neg."""
    w = np.full(DIMS, weight, np.float32)
    nodes = [node("Relu", ["x"], ["a"]), node("Exp", ["a"], ["b"]), node("Mul", ["b", "w"], ["c"]),
             node("Tanh", ["c"], ["d"]), node("Neg", ["d"], ["y"])]
    return tiny_onnx.model(nodes, [port("x", FLOAT, dims)], [port("y", FLOAT, dims)],
                           initializers=[tiny_onnx.initializer("w", DIMS, raw=w.tobytes())])


def expected(weight=2.0):
    return -np.tanh(np.exp(np.maximum(X, 0)) * np.float32(weight))


class KeeperTest(CommandTest):
    """self.env: the keeper, a cache of the test's own, a log. self.run_model() checks the result."""

    def setUp(self):
        super().setUp()
        self.log = self.path("log")
        self.cache = self.path("cache")
        self.env = self.env_of("good")
        self.model = self.write("m.onnx", model())
        self.inputs = self.npz("x.npz", x=X)
        self.results = self.npz("y.npz", y=expected())

    def env_of(self, variant, **more):
        return {"HALYARD_PLUGIN_PATH": os.path.join(VARIANTS, variant), "HALYARD_PROVIDERS": "keeper,cpu",
                "HALYARD_KEEPER_LOG": self.log, "HALYARD_CACHE_DIR": self.cache, **more}

    def arguments(self, file=None):
        return ("run", file or self.model, "--inputs", self.inputs, "--expect", self.results)

    def run_model(self, file=None, *options, env=None):
        """Runs, compares the result, and gives what the keeper noted meanwhile."""
        self.noted()
        done = self.succeeds(*self.arguments(file), *options, env=env or self.env)
        # That a preferred provider lost nodes is meant here, and said each time.
        self.stderr = "".join(line for line in done.stderr.splitlines(True) if "; refused: " not in line)
        return self.noted()

    def noted(self):
        if not os.path.exists(self.log):
            return []
        with open(self.log, encoding="ascii") as f:
            words = f.read().split()
        os.remove(self.log)
        return words

    def entries(self):
        folder = os.path.join(self.cache, "entries")
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


def main():
    if not os.path.isfile(os.path.join(VARIANTS, "good", "keeper.so")):
        raise SystemExit(f"{VARIANTS} has no keeper; build the target fakes_keeper")
    command.main()
