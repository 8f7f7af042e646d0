#!/usr/bin/env python3
"""Makes tools/demo_data/text.onnx, the network that reads one character, and the picture of the demo.

    python3 tools/dev/train_text.py              trains and writes text.onnx and text.png
    python3 tools/dev/train_text.py --evaluate   reads lines in fonts the training never saw, through
                                                 build/bin/halyard-read-text, and prints the accuracy

Training needs torch, numpy, Pillow (Debian's python3-torch, libopenblas0-pthread, python3-numpy,
python3-pil) and the fonts
that demo_lines.py names; measuring needs no torch and the held-out fonts alone. Seeds are fixed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image, ImageFont

import demo_lines
import demo_onnx
from demo_lines import CHARACTERS, NONE, PATCH

_SEED, _HELD_OUT_SEED, _CHECK_SEED = 11, 12, 13
_LINES, _CHECK_LINES = 30000, 600
_EPOCHS, _BATCH, _RATE = 5, 128, 2.5e-3
# Of each convolution: planes in and out, kernel, stride.
_CONVOLUTIONS, _HIDDEN = ((1, 32, 5, 2), (32, 48, 3, 1), (48, 80, 3, 2), (80, 96, 3, 2)), 128
_HERE = os.path.dirname(os.path.abspath(__file__))
_FOLDER = os.path.normpath(os.path.join(_HERE, "..", "demo_data"))
_READER = os.path.normpath(os.path.join(_HERE, "..", "..", "build", "bin", "halyard-read-text"))
_DEMO_TEXT, _DEMO_FONT, _DEMO_SEED = "Models run anywhere: 24/7!", "GenBasB.ttf", 5
_ALIKE = {c: group for group in ("Il1|", "O0o", "'`", "cC", "sS", "vV", "wW", "xX", "zZ", ".,")
          for c in group}
_METADATA = {
    "labels": "\n".join(CHARACTERS) + "\n",  # the last class, "no single character", has none
    "image.layout": "NCHW, ink: 0 is paper, 1 is ink",
    "image.scale": "1",
}


def dataset(lines: int, seed: int, packages: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Patches uint8 [N, 32, 32] and classes int64 [N], about nine a line."""
    rng, files = np.random.default_rng(seed), demo_lines.fonts(packages)
    pictures, classes = [], []
    for _ in range(lines):
        p, c = demo_lines.patches(files[rng.integers(len(files))], rng)
        pictures += p
        classes += c
    return np.stack(pictures), np.array(classes, np.int64)


def varied(batch):
    """Each patch turned, slanted, stretched and moved a little, then a gain; float [N, 1, 32, 32]."""
    import torch

    n = len(batch)
    angle, slant = torch.randn(n) * 0.05, torch.randn(n) * 0.06
    sx, sy = 1 + torch.randn(n) * 0.06, 1 + torch.randn(n) * 0.03
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0], theta[:, 0, 1] = sx * angle.cos(), slant - angle.sin()
    theta[:, 1, 0], theta[:, 1, 1] = angle.sin(), sy * angle.cos()
    theta[:, :, 2] = torch.randn(n, 2) * 0.025
    grid = torch.nn.functional.affine_grid(theta, batch.shape, align_corners=False)
    batch = torch.nn.functional.grid_sample(batch, grid, align_corners=False)
    return (batch * (1 + 0.1 * torch.randn(n, 1, 1, 1))).clamp(0, 1)


def train(threads: int) -> tuple[list, list]:
    """(weight, bias, stride) of the convolutions, batch normalisation folded in, and (weight, bias) of
    the dense layers."""
    import torch
    from torch import nn

    torch.manual_seed(_SEED)
    torch.set_num_threads(threads)
    began = time.monotonic()
    pictures, classes = map(torch.from_numpy, dataset(_LINES, _SEED, demo_lines.TRAINING))
    seen_no = [torch.from_numpy(a) for a in dataset(_CHECK_LINES, _CHECK_SEED, demo_lines.HELD_OUT)]
    print(f"drew {len(classes)} patches in {time.monotonic() - began:.0f} s", flush=True)

    layers = []
    for inputs, outputs, kernel, stride in _CONVOLUTIONS:
        layers += [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2), nn.BatchNorm2d(outputs)]
        layers += [nn.ReLU()]
    hidden, last = nn.Linear(_CONVOLUTIONS[-1][1] * 16, _HIDDEN), nn.Linear(_HIDDEN, NONE + 1)
    network = nn.Sequential(*layers, nn.Flatten(), hidden, nn.ReLU(), nn.Dropout(0.2), last)
    print(f"{sum(p.numel() for p in network.parameters())} parameters", flush=True)

    count = len(classes) // _BATCH * _BATCH
    steps = _EPOCHS * (count // _BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=2e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=steps)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.02)
    for epoch in range(_EPOCHS):
        began, total = time.monotonic(), 0.0
        network.train()
        for batch in torch.randperm(len(classes))[:count].split(_BATCH):
            loss = loss_of(network(varied(pictures[batch][:, None].float() / 255)), classes[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * _BATCH
        network.eval()
        with torch.no_grad():
            guess = torch.cat([network(p[:, None].float() / 255).argmax(1) for p in seen_no[0].split(500)])
        right = (guess == seen_no[1]).float().mean().item()
        print(f"epoch {epoch + 1}: loss {total / count:.4f}, {100 * right:.2f} % of the held-out fonts' "
              f"patches, {time.monotonic() - began:.0f} s", flush=True)

    convolutions = [(*folded(layer, network[i + 1]), layer.stride[0]) for i, layer in enumerate(network)
                    if isinstance(layer, nn.Conv2d)]
    return convolutions, [(d.weight.detach().numpy(), d.bias.detach().numpy()) for d in (hidden, last)]


def folded(convolution, norm) -> tuple[np.ndarray, np.ndarray]:
    """norm(convolution(x)) as one convolution, at inference: both are affine in x."""
    factor = norm.weight / (norm.running_var + norm.eps).sqrt()
    weight = convolution.weight * factor[:, None, None, None]
    bias = (convolution.bias - norm.running_mean) * factor + norm.bias
    return weight.detach().numpy(), bias.detach().numpy()


def make(threads: int) -> None:
    """Trains and writes text.onnx and text.png."""
    convolutions, dense = train(threads)
    demo_onnx.write_reader(os.path.join(_FOLDER, "text.onnx"), convolutions, dense, PATCH, _METADATA)
    write_picture()


def write_picture() -> None:
    """The demo's line, in a held-out font."""
    font = next(f for f in demo_lines.fonts(demo_lines.HELD_OUT) if f.endswith(_DEMO_FONT))
    picture = demo_lines.page(_DEMO_TEXT, font, np.random.default_rng(_DEMO_SEED))
    Image.fromarray(picture).save(os.path.join(_FOLDER, "text.png"), optimize=True)


def distance(a: str, b: str) -> int:
    """Levenshtein's: inserted, deleted and replaced characters."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


def evaluate(lines: int, reader: str, verbose: bool) -> float:
    """Reads random lines in the held-out fonts and prints the character accuracy, 1 - edits / characters
    (spaces count), for all and by font; returns it."""
    rng, files = np.random.default_rng(_HELD_OUT_SEED), demo_lines.fonts(demo_lines.HELD_OUT, plain=True)
    truth, faces, paths = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for i in range(lines):
            text, face = demo_lines.sentence(rng, int(rng.integers(2, 6))), files[i % len(files)]
            paths.append(os.path.join(folder, f"{i}.png"))
            Image.fromarray(demo_lines.page(text, face, rng)).save(paths[-1])
            truth.append(text)
            faces.append(os.path.basename(face))
        began = time.monotonic()
        run = subprocess.run([reader, os.path.join(_FOLDER, "text.onnx"), "--json", *paths],
                             capture_output=True, text=True, check=True)
        seconds = time.monotonic() - began
    found = [" ".join(line["text"] for line in picture["lines"])
             for picture in json.loads(run.stdout)["pictures"]]
    edits = np.array([distance(a, b) for a, b in zip(truth, found)])
    alike = np.array([distance(*("".join(_ALIKE.get(c, c)[0] for c in s) for s in pair))
                      for pair in zip(truth, found)])
    no_space = np.array([distance(a.replace(" ", ""), b.replace(" ", "")) for a, b in zip(truth, found)])
    length = np.array([len(t) for t in truth])
    if verbose:
        for face, a, b in zip(faces, truth, found):
            print(f"{'  ' if a == b else '! '}{face:24} {a}\n{'':27}{b}")
    for face in sorted(set(faces)):
        of = np.array([f == face for f in faces])
        print(f"  {face:26} {100 * (1 - edits[of].sum() / length[of].sum()):6.2f} %")
    accuracy = 1 - edits.sum() / length.sum()
    print(f"{lines} lines, {length.sum()} characters: {100 * accuracy:.2f} % right; "
          f"{100 * (edits == 0).mean():.1f} % of the lines without a mistake; {seconds:.1f} s")
    print(f"without the spaces {100 * (1 - no_space.sum() / (length.sum())):.2f} %; "
          f"with I l 1 |, O 0 o, and so on, taken as one {100 * (1 - alike.sum() / length.sum()):.2f} %")
    return accuracy


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--evaluate", action="store_true", help="only measure the written model")
    parser.add_argument("--picture", action="store_true", help="only write the demo's picture")
    parser.add_argument("--lines", type=int, default=540, help="how many lines to measure on")
    parser.add_argument("--reader", default=_READER, help="the program halyard-read-text")
    parser.add_argument("--threads", type=int, default=2, help="torch's; part of the recipe")
    parser.add_argument("--verbose", action="store_true", help="print every line")
    arguments = parser.parse_args()
    if arguments.picture:
        write_picture()
        return 0
    if not arguments.evaluate:
        make(arguments.threads)
    return 0 if evaluate(arguments.lines, arguments.reader, arguments.verbose) > 0.9 else 1


if __name__ == "__main__":
    sys.exit(main())
