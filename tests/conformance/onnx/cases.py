"""The cases of every suite: where they lie, and what the worker must be told of each."""
import glob
import hashlib
import json
import os
import tarfile
from dataclasses import dataclass, field

import model_facts

BACKEND = ["node", "simple", "pytorch-converted", "pytorch-operator", "light"]
MIGRAPHX = ["migraphx", "migraphx-rejected"]
DEBIAN = "/usr/share/libonnx-testdata/data"
# Those of the official runner; a light model's own stand in real/*/data.json.
RTOL, ATOL = 1e-3, 1e-7


@dataclass
class Case:
    suite: str
    name: str
    spec: dict
    operators: list = field(default_factory=list)

    @property
    def id(self):
        return f"{self.suite}/{self.name}"

    def in_tenth(self):
        """A fixed tenth of all cases, whatever else there is."""
        return hashlib.sha256(self.id.encode()).digest()[0] % 10 == 0


def unpack(archive, folder):
    """Unpacks once for each state of the archive; gives the folder."""
    stamp = os.path.join(folder, ".unpacked")
    info = os.stat(archive)
    state = f"{info.st_size} {int(info.st_mtime)}"
    if os.path.exists(stamp):
        with open(stamp, encoding="utf-8") as f:
            if f.read() == state:
                return folder
    os.makedirs(folder, exist_ok=True)
    with tarfile.open(archive) as tar:
        tar.extractall(folder)
    with open(stamp, "w", encoding="utf-8") as f:
        f.write(state)
    return folder


def values(folder, prefix, kinds):
    """The records PREFIX_0.pb, PREFIX_1.pb, ... in order."""
    out = []
    while os.path.exists(path := os.path.join(folder, f"{prefix}_{len(out)}.pb")):
        kind = kinds[len(out)] if len(out) < len(kinds) else "tensor"
        out.append({"kind": kind, "file": path})
    return out


def backend_case(suite, folder):
    model = os.path.join(folder, "model.onnx")
    operators, inputs, outputs = model_facts.read(model)
    sets = [{"inputs": values(s, "input", inputs), "outputs": values(s, "output", outputs)}
            for s in sorted(glob.glob(os.path.join(folder, "test_data_set_*")))]
    return Case(suite, os.path.basename(folder), {"model": model, "sets": sets, "rtol": RTOL, "atol": ATOL},
                operators)


def light_cases(root, suite):
    bars = {}
    for path in glob.glob(os.path.join(root, "real", "*", "data.json")):
        with open(path, encoding="utf-8") as f:
            bar = json.load(f)
        bars[os.path.basename(bar["url"])] = bar
    for model in sorted(glob.glob(os.path.join(root, "light", "*.onnx"))):
        bar = bars.get(os.path.basename(model), {"rtol": RTOL, "atol": ATOL})
        output = {"kind": "tensor", "file": model[:-len(".onnx")] + "_output_0.pb"}
        spec = {"model": model, "ramp": True, "sets": [{"inputs": [], "outputs": [output]}],
                "rtol": bar["rtol"], "atol": bar["atol"]}
        yield Case(suite, os.path.basename(model)[:-len(".onnx")], spec, model_facts.read(model)[0])


def backend(root, prefix=""):
    for suite in BACKEND:
        if suite == "light":
            yield from light_cases(root, prefix + suite)
            continue
        for folder in sorted(glob.glob(os.path.join(root, suite, "*"))):
            if os.path.exists(os.path.join(folder, "model.onnx")):
                yield backend_case(prefix + suite, folder)


def migraphx(root):
    folder = os.path.join(root, "migraphx-onnx-graphs")
    for record in sorted(glob.glob(os.path.join(folder, "*.json"))):
        model = record[:-len(".json")] + ".onnx"
        spec = {"model": model, "record": record, "rtol": 1e-3, "half_rtol": 5e-3, "atol": 1e-5}
        yield Case("migraphx", os.path.basename(model)[:-len(".onnx")], spec, model_facts.read(model)[0])
    for model in sorted(glob.glob(os.path.join(folder, "rejected", "*.onnx"))):
        yield Case("migraphx-rejected", os.path.basename(model)[:-len(".onnx")], {"model": model, "robust": True},
                   model_facts.read(model)[0])


def find(shared, work):
    """Every case there is; empty where neither the shared folder nor Debian's package is there."""
    out = []
    archive = os.path.join(shared, "onnx-backend-tests.tar.xz")
    if os.path.exists(archive):
        out += backend(unpack(archive, os.path.join(work, "onnx-backend-tests")))
    elif os.path.isdir(DEBIAN):
        out += backend(DEBIAN, "debian-")
    archive = os.path.join(shared, "migraphx-onnx-graphs.tar.xz")
    if os.path.exists(archive):
        out += migraphx(unpack(archive, os.path.join(work, "migraphx-onnx-graphs")))
    return out
