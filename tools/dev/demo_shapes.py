"""Draws the demo's pictures: one plain shape on a plain ground. Needs numpy only.

Lengths are fractions of the picture's side, so one scene can be drawn at any size.
Colours are RGB in 0..1. Every picture is uint8 [3, size, size], rounded as a PNG would be.
"""

import math
import struct
import zlib
from dataclasses import dataclass

import numpy as np

LABELS = ("circle", "square", "triangle", "star", "cross", "ring", "hexagon", "arrow")
SIZE = 64


@dataclass
class Scene:
    """What is drawn. `detail`, 0..1, sets the free proportion of a star, cross, ring or arrow."""

    label: int
    centre: tuple[float, float]
    radius: float
    angle: float
    aspect: float
    detail: float
    colour: np.ndarray
    ground: tuple[np.ndarray, np.ndarray]
    ground_angle: float
    blur: float = 0.0
    noise: float = 0.0


def random_scene(label: int, rng: np.random.Generator) -> Scene:
    """A scene in which the whole shape is visible and differs from its ground."""
    radius = rng.uniform(0.20, 0.46)
    reach = 0.49 - radius
    while True:
        colour, first = rng.uniform(0, 1, 3), rng.uniform(0, 1, 3)
        second = np.clip(first + rng.uniform(-0.2, 0.2, 3), 0, 1)
        if min(np.abs(colour - first).max(), np.abs(colour - second).max()) > 0.3:
            break
    return Scene(
        label=label,
        centre=(0.5 + rng.uniform(-reach, reach), 0.5 + rng.uniform(-reach, reach)),
        radius=radius,
        angle=rng.uniform(0, 2 * math.pi),
        aspect=rng.uniform(0.92, 1.0),
        detail=rng.uniform(0, 1),
        colour=colour,
        ground=(first, second),
        ground_angle=rng.uniform(0, 2 * math.pi),
        blur=rng.uniform(0, 0.014),
        noise=rng.uniform(0, 0.06),
    )


def demo_scene() -> Scene:
    """The scene of tools/demo_data/shapes.png: a tilted yellow star on blue."""
    return Scene(
        label=LABELS.index("star"),
        centre=(0.52, 0.51),
        radius=0.40,
        angle=math.radians(-78),
        aspect=1.0,
        detail=0.4,
        colour=np.array([0.98, 0.80, 0.18]),
        ground=(np.array([0.08, 0.16, 0.38]), np.array([0.16, 0.32, 0.56])),
        ground_angle=math.radians(60),
    )


def draw(scene: Scene, size: int, samples: int, rng: np.random.Generator) -> np.ndarray:
    """Draws with samples x samples rays a pixel; then blurs, adds noise and rounds to uint8."""
    side = size * samples
    axis = (np.arange(side, dtype=np.float32) + 0.5) / side
    inside = _inside(scene, axis[None, :], axis[:, None])
    cover = inside.reshape(size, samples, size, samples).mean(axis=(1, 3), dtype=np.float32)

    pixel = (np.arange(size, dtype=np.float32) + 0.5) / size - 0.5
    cos, sin = math.cos(scene.ground_angle), math.sin(scene.ground_angle)
    slope = np.clip(0.5 + (pixel[None, :] * cos + pixel[:, None] * sin) / math.sqrt(2), 0, 1)
    first, second = (ground[:, None, None] for ground in scene.ground)
    ground = first + (second - first) * slope
    image = ground + (scene.colour[:, None, None] - ground) * cover

    image = _blur(image, scene.blur * size)
    if scene.noise > 0:
        image = image + rng.normal(0, scene.noise, image.shape)
    return np.clip(np.rint(image * 255), 0, 255).astype(np.uint8)


def dataset(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """`count` random pictures, uint8 [count, 3, 64, 64], and their labels, int64 [count]."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.int64) % len(LABELS)
    images = np.stack([draw(random_scene(label, rng), SIZE, 3, rng) for label in labels])
    return images, labels


def _inside(scene: Scene, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """True where the point (x, y) is in the shape; x and y broadcast against each other."""
    dx, dy = x - scene.centre[0], y - scene.centre[1]
    cos, sin = math.cos(scene.angle) / scene.radius, math.sin(scene.angle) / scene.radius
    u, v = dx * cos + dy * sin, (dy * cos - dx * sin) / scene.aspect
    name = LABELS[scene.label]
    if name == "circle":
        return u * u + v * v < 1
    if name == "ring":
        distance = u * u + v * v
        return (distance < 1) & (distance > (0.45 + 0.25 * scene.detail) ** 2)

    # Even-odd rule: a point is inside when a ray along u crosses an odd number of edges.
    corners = _corners(name, scene.detail)
    odd = np.zeros(np.broadcast(u, v).shape, bool)
    for (u0, v0), (u1, v1) in zip(corners, corners[1:] + corners[:1]):
        if v0 != v1:
            odd ^= ((v0 > v) != (v1 > v)) & (u < u0 + (v - v0) * ((u1 - u0) / (v1 - v0)))
    return odd


def _corners(name: str, detail: float) -> list[tuple[float, float]]:
    """The corners of a polygon inside the unit circle, in order."""
    regular = {"triangle": 3, "square": 4, "hexagon": 6}
    if name in regular:
        return [_polar(1, i / regular[name]) for i in range(regular[name])]
    if name == "star":
        inner = 0.36 + 0.12 * detail
        return [_polar(inner if i % 2 else 1, i / 10) for i in range(10)]
    if name == "cross":
        half = 0.20 + 0.14 * detail
        end = math.sqrt(1 - half * half)
        arm = [(end, -half), (end, half), (half, half)]
        turns = [(1, 0), (0, 1), (-1, 0), (0, -1)]
        return [(a * c - b * s, a * s + b * c) for c, s in turns for a, b in arm]
    shaft = 0.14 + 0.12 * detail
    return [(1, 0), (0.2, 0.75), (0.2, shaft), (-0.95, shaft),
            (-0.95, -shaft), (0.2, -shaft), (0.2, -0.75)]


def _polar(radius: float, turn: float) -> tuple[float, float]:
    return radius * math.cos(2 * math.pi * turn), radius * math.sin(2 * math.pi * turn)


def _blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """A separable Gaussian, sigma in pixels, with the border pixels repeated."""
    if sigma < 0.1:
        return image
    reach = math.ceil(3 * sigma)
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    taps /= taps.sum()
    for axis in (1, 2):
        length = image.shape[axis]
        width = [(reach, reach) if a == axis else (0, 0) for a in range(3)]
        padded = np.pad(image, width, mode="edge")
        shifted = (np.take(padded, range(i, i + length), axis) for i in range(len(taps)))
        image = sum(tap * part for tap, part in zip(taps, shifted))
    return image


def resize_bilinear(image: np.ndarray, size: int) -> np.ndarray:
    """[3, H, W] to float32 [3, size, size]: half-pixel centres, no smoothing before sampling."""
    for axis in (1, 2):
        length = image.shape[axis]
        at = np.clip((np.arange(size) + 0.5) * length / size - 0.5, 0, length - 1)
        low = np.floor(at).astype(int)
        high = np.minimum(low + 1, length - 1)
        share = (at - low).reshape([-1 if a == axis else 1 for a in range(3)])
        image = np.take(image, low, axis) * (1 - share) + np.take(image, high, axis) * share
    return image.astype(np.float32)


def write_png(path: str, image: np.ndarray) -> None:
    """Writes uint8 [3, H, W] as an 8-bit RGB PNG in which every row is unfiltered."""
    _, height, width = image.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)
    rows[:, 1:] = image.transpose(1, 2, 0).reshape(height, 3 * width)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, body in chunks:
            check = zlib.crc32(kind + body)
            file.write(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check))


def read_png(path: str) -> np.ndarray:
    """Reads what write_png wrote as uint8 [3, H, W]; ValueError for any other kind of PNG."""
    with open(path, "rb") as file:
        data = file.read()
    width, height, *kind = struct.unpack_from(">IIBBBBB", data, 16)
    length = struct.unpack_from(">I", data, 33)[0]
    if kind != [8, 2, 0, 0, 0] or data[37:41] != b"IDAT":
        raise ValueError(f"{path}: not a PNG that write_png wrote; make it again")
    rows = np.frombuffer(zlib.decompress(data[41:41 + length]), np.uint8)
    rows = rows.reshape(height, 1 + 3 * width)
    if rows[:, 0].any():
        raise ValueError(f"{path}: rows are filtered; only unfiltered rows are read; make it again")
    return rows[:, 1:].reshape(height, width, 3).transpose(2, 0, 1)
