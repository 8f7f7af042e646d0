#!/usr/bin/env python3
"""Makes everything in tools/demo_data but its README: the model, the picture, the expected result.

    python3 tools/dev/train_demo.py              trains and writes all files; needs numpy, torch
    python3 tools/dev/train_demo.py --evaluate   measures the written model; needs numpy only

Seeds are fixed and the thread count is part of the recipe, so one version of torch on one kind of
CPU writes the same bytes every time.
"""

import argparse
import os
import sys
import time

import numpy as np

import demo_onnx
import demo_shapes
from demo_shapes import LABELS, SIZE

_TRAIN_COUNT, _TRAIN_SEED = 12000, 1
_HELD_OUT_COUNT, _HELD_OUT_SEED = 4000, 2
_EPOCHS, _BATCH, _RATE, _THREADS = 14, 64, 4e-3, 2
_PLANES = (3, 16, 32, 32, 64)
_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "demo_data")
_METADATA = {
    "labels": ",".join(LABELS),
    "image.layout": "NCHW, RGB",
    "image.scale": "1/255",
    # The names that ONNX's own MetadataProps.md gives to the same facts.
    "Image.BitmapPixelFormat": "Rgb8",
    "Image.ColorSpaceGamma": "SRGB",
    "Image.NominalPixelRange": "Normalized_0_1",
}


def path(name: str) -> str:
    return os.path.normpath(os.path.join(_FOLDER, name))


def scaled(images: np.ndarray) -> np.ndarray:
    """8-bit pixel values, of any type, to float32 in 0..1: the one preparation the model wants."""
    return images.astype(np.float32) / np.float32(255)


def train() -> tuple[list, tuple]:
    """Trains on random scenes; returns (weight, bias) of the convolutions, batch normalisation
    folded in, and of the last layer, all float32 arrays."""
    import torch
    from torch import nn

    torch.manual_seed(_TRAIN_SEED)
    torch.set_num_threads(_THREADS)
    torch.use_deterministic_algorithms(True)
    images, labels = map(torch.from_numpy, demo_shapes.dataset(_TRAIN_COUNT, _TRAIN_SEED))
    print(f"drew {_TRAIN_COUNT} pictures", flush=True)

    layers = []
    for i, (inputs, outputs) in enumerate(zip(_PLANES, _PLANES[1:])):
        layers += [nn.MaxPool2d(2)] if i else []
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]
    last = nn.Linear(_PLANES[-1], len(LABELS))
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), last)
    print(f"{sum(p.numel() for p in network.parameters())} parameters", flush=True)

    steps = _EPOCHS * (_TRAIN_COUNT // _BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=steps)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.02)
    for epoch in range(_EPOCHS):
        began, total = time.monotonic(), 0.0
        order = torch.randperm(_TRAIN_COUNT)
        for batch in order[:_TRAIN_COUNT // _BATCH * _BATCH].split(_BATCH):
            loss = loss_of(network(_varied(images[batch].float() / 255)), labels[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * _BATCH
        seconds = time.monotonic() - began
        print(f"epoch {epoch + 1}: loss {total / _TRAIN_COUNT:.4f}, {seconds:.1f} s", flush=True)

    convolutions = [_folded(layer, network[i + 1]) for i, layer in enumerate(network)
                    if isinstance(layer, nn.Conv2d)]
    return convolutions, (last.weight.detach().numpy(), last.bias.detach().numpy())


def _varied(batch):
    """A mirror image, a quarter turn and a new order of the colours keep the label; one a batch."""
    import torch

    flip, turn = torch.randint(2, ()).item(), torch.randint(2, ()).item()
    batch = batch[:, torch.randperm(3)]
    batch = batch.flip(3) if flip else batch
    return batch.transpose(2, 3) if turn else batch


def _folded(convolution, norm) -> tuple[np.ndarray, np.ndarray]:
    """norm(convolution(x)) as one convolution, at inference: both are affine in x."""
    factor = norm.weight / (norm.running_var + norm.eps).sqrt()
    weight = convolution.weight * factor[:, None, None, None]
    bias = (convolution.bias - norm.running_mean) * factor + norm.bias
    return weight.detach().numpy(), bias.detach().numpy()


def make() -> None:
    """Trains, then writes the model, the labels, the picture and its tensors."""
    convolutions, gemm = train()
    demo_onnx.write_model(path("shapes.onnx"), convolutions, gemm, SIZE, _METADATA)
    with open(path("labels.txt"), "w", encoding="utf-8") as file:
        file.writelines(f"{label}\n" for label in LABELS)
    picture = demo_shapes.draw(demo_shapes.demo_scene(), 256, 4, np.random.default_rng(0))
    demo_shapes.write_png(path("shapes.png"), picture)
    image = picture_tensor()
    np.savez(path("shapes.input.npz"), image=image)
    probabilities = demo_onnx.run_model(path("shapes.onnx"), image)
    np.savez(path("shapes.expected.npz"), probabilities=probabilities)


def picture_tensor() -> np.ndarray:
    """shapes.png as the model's input, float32 [1, 3, 64, 64]."""
    picture = demo_shapes.read_png(path("shapes.png"))
    return scaled(demo_shapes.resize_bilinear(picture, SIZE))[None]


def evaluate() -> bool:
    """Prints the accuracy on held-out pictures and the result for shapes.png; False when the
    accuracy is 97 % or less or the files in the folder disagree with each other."""
    images, labels = demo_shapes.dataset(_HELD_OUT_COUNT, _HELD_OUT_SEED)
    parts = range(0, _HELD_OUT_COUNT, 100)
    guesses = np.concatenate([
        demo_onnx.run_model(path("shapes.onnx"), scaled(images[i:i + 100])).argmax(axis=1)
        for i in parts])
    right = guesses == labels
    for index, label in enumerate(LABELS):
        print(f"  {label:9} {100 * right[labels == index].mean():6.2f} %")
    print(f"held-out accuracy {100 * right.mean():.2f} % of {_HELD_OUT_COUNT} pictures")

    image = np.load(path("shapes.input.npz"))["image"]
    expected = np.load(path("shapes.expected.npz"))["probabilities"]
    found = demo_onnx.run_model(path("shapes.onnx"), image)
    for label, probability in zip(LABELS, found[0]):
        print(f"  {label:9} {probability:.6f}")
    answer = LABELS[found[0].argmax()]
    print(f"shapes.png is a {answer}")
    agree = np.allclose(image, picture_tensor(), atol=1e-6) and np.allclose(
        found, expected, rtol=1e-3, atol=1e-5)
    print("input and expected tensors agree" if agree else "input or expected tensor DIFFERS")
    return right.mean() > 0.97 and agree and answer == LABELS[demo_shapes.demo_scene().label]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--evaluate", action="store_true", help="only measure the written model")
    if not parser.parse_args().evaluate:
        make()
    return 0 if evaluate() else 1


if __name__ == "__main__":
    sys.exit(main())
