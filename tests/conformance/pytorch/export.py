"""Exports one network and records what PyTorch computes. Needs torch and torchvision.

    export.py NAME FOLDER

Writes FOLDER/model.onnx with a symbolic batch, and for each batch size B FOLDER/B.in.npz and B.out.npz.
"""

import os
import sys
import warnings

import numpy as np
import torch

import architectures

BATCHES = (1, 3)
SEED = 20
OPSET = 16


def flat(value):
    """The tensors of nested tuples, in order."""
    return [value] if isinstance(value, torch.Tensor) else [t for v in value for t in flat(v)]


def main():
    name, folder = sys.argv[1:]
    torch.manual_seed(SEED)
    maker, axis = architectures.ALL[name]
    module, inputs = maker()
    module.eval()
    torch.set_num_threads(2)
    for batch in BATCHES:
        values = inputs(batch)
        with torch.no_grad():
            results = flat(module(*values))
        for kind, tensors in (("in", flat(values)), ("out", results)):
            np.savez(os.path.join(folder, f"{batch}.{kind}.npz"),
                     **{f"{kind}{i}": t.numpy() for i, t in enumerate(tensors)})
    ins = [f"in{i}" for i in range(len(flat(values)))]
    outs = [f"out{i}" for i in range(len(results))]
    warnings.simplefilter("ignore")
    # Gradients stay on: without them the attention modules take a fused path that has no export.
    # The traced batch is one of neither size, so that a size that became a constant shows.
    torch.onnx.export(module, inputs(2), os.path.join(folder, "model.onnx"), opset_version=OPSET,
                      input_names=ins, output_names=outs,
                      dynamic_axes={n: {axis: "batch"} for n in ins + outs})


if __name__ == "__main__":
    main()
