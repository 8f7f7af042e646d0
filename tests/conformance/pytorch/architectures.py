"""The networks that are exported: each is a name, a maker of (module, inputs for a batch), and the batch axis.

Weights are random from the seed of the caller. Batch normalisations get the statistics of random pictures,
so that deep networks neither fade nor explode.
"""

import torch
import torchvision
from torch import nn

# The side of the pictures: small, but for two whose adaptive pooling is exported only where the size of its
# input is a multiple of that of its output.
VISION = {
    "alexnet": 224,
    "vgg11": 224,
    "resnet18": 64,
    "mobilenet_v2": 64,
    "mobilenet_v3_small": 64,
    "squeezenet1_1": 64,
    "shufflenet_v2_x0_5": 64,
    "efficientnet_b0": 64,
    "densenet121": 64,
    "regnet_y_400mf": 64,
    "convnext_tiny": 64,
    "mnasnet0_5": 64,
    "vit_b_16": 32,
}
STEPS, WIDTH = 11, 24


def vision(name, side):
    def make():
        extra = {"image_size": side} if name == "vit_b_16" else {}
        module = getattr(torchvision.models, name)(weights=None, **extra)
        if name == "vit_b_16":  # its head starts as zeros: every picture would get the same answer
            nn.init.normal_(module.heads.head.weight, std=0.02)
        settle(module, torch.randn(8, 3, side, side))
        return module, lambda batch: (torch.randn(batch, 3, side, side),)
    return make


def settle(module, pictures):
    """Gives each batch normalisation the mean and the variance that it sees."""
    norms = [m for m in module.modules() if isinstance(m, nn.BatchNorm2d)]
    kept = [m.momentum for m in norms]
    for m in norms:
        m.momentum = 1.0
    module.train()
    with torch.no_grad():
        module(pictures)
    for m, momentum in zip(norms, kept):
        m.momentum = momentum


def recurrent(kind):
    def make():
        module = kind(WIDTH, 20, num_layers=2, bidirectional=True)
        states = 2 if kind is nn.LSTM else 1

        def inputs(batch):
            initial = tuple(torch.randn(4, batch, 20) for _ in range(states))
            return torch.randn(STEPS, batch, WIDTH), initial if states == 2 else initial[0]
        return module, inputs
    return make


def encoder():
    layer = nn.TransformerEncoderLayer(WIDTH, nhead=4, dim_feedforward=48, activation="gelu")
    return nn.TransformerEncoder(layer, num_layers=2), lambda batch: (torch.randn(STEPS, batch, WIDTH),)


def decoder():
    layer = nn.TransformerDecoderLayer(WIDTH, nhead=4, dim_feedforward=48)
    return (nn.TransformerDecoder(layer, num_layers=2),
            lambda batch: (torch.randn(STEPS, batch, WIDTH), torch.randn(7, batch, WIDTH)))


# name: (maker, batch axis of every input and output)
ALL = {name: (vision(name, side), 0) for name, side in VISION.items()}
ALL |= {
    "lstm": (recurrent(nn.LSTM), 1),
    "gru": (recurrent(nn.GRU), 1),
    "rnn": (recurrent(nn.RNN), 1),
    "transformer_encoder": (encoder, 1),
    "transformer_decoder": (decoder, 1),
}
