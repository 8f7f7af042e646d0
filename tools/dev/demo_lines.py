"""Lines of text for training and measuring the demo's reader: fonts, words, rendering, damage.

Needs numpy and Pillow (python3-pil), and the fonts of the Debian packages named here. Fonts are held
out by family: no package that HELD_OUT names, nor a font drawn from one of them, is in TRAINING.
"""

import glob
import os
import re
import subprocess

import numpy as np
from PIL import Image, ImageFont

CHARACTERS = "".join(map(chr, range(33, 127)))  # what can be read: printable ASCII but the space
NONE = len(CHARACTERS)  # the class of what is no single character
PATCH, INK_ROWS = 32, 26  # a patch is PATCH x PATCH; the line's ink fills INK_ROWS of its rows

TRAINING = """
dejavu-core dejavu-extra liberation2 freefont-ttf roboto-unhinted roboto-slab open-sans cantarell
inconsolata hack firacode linuxlibertine crosextra-caladea ebgaramond dosis quicksand comfortaa
urw-base35 junction sil-charis sil-andika jetbrains-mono b612 play prociono goudybookletter comic-neue
adf-accanthis adf-berenis adf-gillius adf-ikarius adf-universalis adf-tribun adf-romande adf-libris
adf-switzera anonymous-pro cmu lmodern texgyre league-mono karla oldstandard tuffy averia-serif-gwf
averia-sans-gwf cardo ocr-b noto-mono arkpandora
""".split()
HELD_OUT = """
lato sil-gentium-basic courier-prime cabin inter mononoki vollkorn paratype
""".split()

# Faces that are not plain text of upright or slanted letters, and weights hard to tell from a drawing.
_LEFT_OUT = re.compile(
    r"symbol|dingbat|math|emoji|initial|ornament|smallcap|caps|outline|display|condensed|narrow|-sc|"
    r"thin|hairline|extralight|ultralight|black|heavy|unslanted|variable|\[|d05|z003|chorus|dunhil|"
    r"decorative|title|keyb|feni|swash|fib|vi10|script|ocrb[a-z]",
    re.I)
_PER_PACKAGE = 8

_WORDS = """
the of and to in is that it was for on are with as his they be at one have this from or had by hot word
but what some we can out other were all there when up use your how said an each she which do their time
if will way about many then them write would like so these her long make thing see him two has look more
day could go come did number sound no most people my over know water than call first who may down side
been now find any new work part take get place made live where after back little only round man year came
show every good me give our under name very through just form sentence great think say help low line
differ turn cause much mean before move right boy old too same tell does set three want air well also play
small end put home read hand port large spell add even land here must big high such follow act why ask men
change went light kind off need house picture try us again animal point mother world near build self earth
father quick brown fox jumps lazy dog voltage invoice station ticket platform museum kitchen journey
""".split()


def fonts(packages: list[str], plain: bool = False) -> list[str]:
    """Font files of these packages (named without "fonts-"), sorted; at most eight of each, evenly
    chosen. plain: upright faces of regular or bold weight alone. Raises RuntimeError that names the
    packages that are not installed."""
    found, missing = [], []
    for package in packages:
        listing = subprocess.run(["dpkg", "-L", f"fonts-{package}"], capture_output=True, text=True)
        if listing.returncode != 0:
            missing.append(f"fonts-{package}")
            continue
        files = sorted(f for f in listing.stdout.split("\n") if f.endswith((".ttf", ".otf"))
                       and os.path.isfile(f) and not _LEFT_OUT.search(os.path.basename(f)))
        if plain:
            files = [f for f in files
                     if not re.search(r"italic|oblique|light|medium|semi|extra|-[a-z]*i\.|[a-z]i\.ttf",
                                      os.path.basename(f), re.I)]
        files = [f for f in files if _covers(f)]
        step = max(1, -(-len(files) // _PER_PACKAGE))
        found += files[::step]
    if missing:
        raise RuntimeError("not installed: apt-get install --no-install-recommends " + " ".join(missing))
    return found


def _covers(path: str) -> bool:
    """Whether the font draws every character, each with a shape of its own."""
    try:
        font = ImageFont.truetype(path, 40)
        absent = bytes(font.getmask("\U0010fffd"))
        shapes = [bytes(font.getmask(c)) for c in CHARACTERS]
    except (OSError, ValueError):
        return False
    return absent not in shapes and all(shapes) and len(set(shapes)) > len(shapes) - 3


def sentence(rng: np.random.Generator, words: int) -> str:
    """Words as people write them: sentences, numbers, prices, dates, quotes, names in capitals."""
    out = []
    for i in range(words):
        word, kind = str(rng.choice(_WORDS)), rng.random()
        if i == 0 or kind < 0.12:
            word = word.capitalize()
        elif kind < 0.18:
            word = word.upper()
        elif kind < 0.24:
            word = str(rng.integers(1, 10 ** int(rng.integers(1, 6))))
        elif kind < 0.28:
            word = f"{rng.choice(list('$#'))}{rng.integers(1, 99)}.{rng.integers(10, 99)}"
        elif kind < 0.31:
            word = f"{rng.integers(1, 29)}/{rng.integers(1, 13)}/20{rng.integers(10, 40)}"
        elif kind < 0.34:
            word = f"({word})"
        elif kind < 0.36:
            word = f'"{word}"'
        elif kind < 0.38:
            word = f"{word}-{rng.choice(_WORDS)}"
        elif kind < 0.40:
            word = f"{word}@{rng.choice(_WORDS)}.org"
        elif kind < 0.42:
            word = f"{rng.integers(1, 100)}%"
        elif kind < 0.44:
            word = f"{word} & {rng.choice(_WORDS)}"
        if i + 1 < words and rng.random() < 0.1:
            word += str(rng.choice(list(",;:")))
        out.append(word)
    return " ".join(out) + str(rng.choice(list("..!?") + [""]))


def jumble(rng: np.random.Generator) -> str:
    """A short line in which every character is about as likely as every other."""
    kind, length = rng.random(), int(rng.integers(4, 11))
    letters, digits = CHARACTERS[32:58] + CHARACTERS[64:90] + CHARACTERS[:32], "0123456789"
    if kind < 0.30:
        pool = CHARACTERS
    elif kind < 0.50:
        pool = "abcdefghijklmnopqrstuvwxyz"
    elif kind < 0.60:
        pool = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    elif kind < 0.70:
        pool = digits + digits + "./,:-$%+"
    elif kind < 0.80:
        pool = "abcdefghijklmnopqrstuvwxyz" * 2 + ".,;:!?'\"-()"
    else:
        pool = letters
    text = "".join(rng.choice(list(pool), length))
    return text.capitalize() if kind >= 0.3 and rng.random() < 0.3 else text


def draw(text: str, font: ImageFont.FreeTypeFont) -> tuple[np.ndarray, list[tuple]]:
    """Ink, float32 [H, W] in 0..1, without a margin, and for each character its box in it as (left, top,
    right, bottom); None for a space."""
    pens = [font.getlength(text[:i + 1]) - font.getlength(c) for i, c in enumerate(text)]
    glyphs = []
    for pen, character in zip(pens, text):
        mask, (dx, dy) = font.getmask2(character, "L", anchor="ls")
        w, h = mask.size
        if w * h == 0:
            glyphs.append(None)
            continue
        glyphs.append((round(pen) + dx, dy, np.asarray(mask, np.uint8).reshape(h, w)))
    drawn = [g for g in glyphs if g is not None]
    left, top = min(g[0] for g in drawn), min(g[1] for g in drawn)
    width = max(g[0] + g[2].shape[1] for g in drawn) - left
    height = max(g[1] + g[2].shape[0] for g in drawn) - top
    ink, boxes = np.zeros((height, width), np.uint8), []
    for glyph in glyphs:
        if glyph is None:
            boxes.append(None)
            continue
        x, y, mask = glyph[0] - left, glyph[1] - top, glyph[2]
        part = ink[y:y + mask.shape[0], x:x + mask.shape[1]]
        np.maximum(part, mask, out=part)
        boxes.append((x, y, x + mask.shape[1], y + mask.shape[0]))
    return ink.astype(np.float32) / 255, boxes


def blurred(ink: np.ndarray, sigma: float) -> np.ndarray:
    """A Gaussian blur; what lies outside is 0."""
    if sigma < 0.05:
        return ink
    radius = max(1, int(3 * sigma + 0.5))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    kernel = (kernel / kernel.sum()).astype(np.float32)
    for axis in (0, 1):
        ink = sum(k * _shifted(ink, d, axis) for d, k in zip(range(-radius, radius + 1), kernel))
    return ink


def _shifted(a: np.ndarray, by: int, axis: int) -> np.ndarray:
    out = np.zeros_like(a)
    if abs(by) >= a.shape[axis]:
        return out
    source, target = [slice(None)] * 2, [slice(None)] * 2
    source[axis] = slice(max(0, -by), a.shape[axis] - max(0, by))
    target[axis] = slice(max(0, by), a.shape[axis] - max(0, -by))
    out[tuple(target)] = a[tuple(source)]
    return out


def patch(ink: np.ndarray, left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """The character between these columns and the line's rows, as the network wants it, uint8 [32, 32]:
    the rows scaled to INK_ROWS, columns by the same factor (at most PATCH of them), centred, 0 around."""
    scale = INK_ROWS / (bottom - top)
    width = min(PATCH, max(1, round((right - left) * scale)))
    part = Image.fromarray(ink).resize((width, INK_ROWS), Image.BILINEAR, box=(left, top, right, bottom))
    out = np.zeros((PATCH, PATCH), np.uint8)
    x, y = (PATCH - width) // 2, (PATCH - INK_ROWS) // 2
    out[y:y + INK_ROWS, x:x + width] = np.clip(np.asarray(part) * 255 + 0.5, 0, 255)
    return out


def page(text: str, font_path: str, rng: np.random.Generator) -> np.ndarray:
    """A picture of one line, uint8 [H, W]: size, slant of the page, blur, contrast, light and noise all
    random, at times light on dark."""
    size = int(rng.integers(24, 56))
    ink, _ = draw(text, ImageFont.truetype(font_path, size))
    margin = size // 2 + 4
    image = Image.fromarray(np.pad(ink, margin)).rotate(float(rng.uniform(-6, 6)), Image.BICUBIC, True)
    ink = blurred(np.clip(np.asarray(image), 0, 1), rng.uniform(0, 0.035) * size)
    contrast, noise = rng.uniform(0.35, 1), rng.uniform(0, 0.06)
    paper = rng.uniform(contrast, 1)
    y, x = np.mgrid[-1:1:ink.shape[0] * 1j, -1:1:ink.shape[1] * 1j]
    light = 1 - 0.12 * contrast * (rng.uniform(-1, 1) * x + rng.uniform(-1, 1) * y)
    value = paper - contrast * ink
    value = 1 - value if rng.random() < 0.25 else value
    value = value * light + rng.normal(0, noise * contrast, ink.shape)
    return np.clip(value * 255 + 0.5, 0, 255).astype(np.uint8)


def patches(font_path: str, rng: np.random.Generator) -> tuple[list[np.ndarray], list[int]]:
    """Patches of one random line in this font, and their classes: each character, and some that are
    none: two characters, or a part of one."""
    text = jumble(rng) if rng.random() < 0.75 else sentence(rng, 2)
    size = int(rng.integers(18, 60))
    ink, boxes = draw(text, ImageFont.truetype(font_path, size))
    margin = 4
    ink = np.pad(ink, margin)
    if rng.random() < 0.3:  # thicker or thinner strokes
        around = [_shifted(ink, d, a) for a in (0, 1) for d in ((-1, 1) if size > 40 else (1,))]
        ink = np.maximum.reduce([ink, *around]) if rng.random() < 0.6 else ink * 0.5 + 0.5 * np.minimum.reduce([ink, *around])
    ink = blurred(ink, rng.uniform(0, 0.045) * size)
    ink += rng.normal(0, rng.uniform(0, 0.09), ink.shape).astype(np.float32)
    dark = ink[ink > 0.5 * ink.max()]
    ink = np.clip(ink / max(0.2, dark[dark >= np.median(dark)].mean()), 0, 1).astype(np.float32)
    present = [(c, b) for c, b in zip(text, boxes) if b is not None]
    top = min(b[1] for _, b in present) + margin
    bottom = max(b[3] for _, b in present) + margin
    height = bottom - top
    out, classes = [], []

    def add(left: float, right: float, kind: int, only: np.ndarray | None = None) -> None:
        jitter = rng.normal(0, 0.02, 4) * height
        l, t = max(0, left + margin + jitter[0] - 0.5), max(0, top + jitter[1] - 0.5)
        r, b = min(ink.shape[1], right + margin + jitter[2] + 0.5), min(ink.shape[0], bottom + jitter[3] + 0.5)
        if r - l >= 1 and b - t >= 4:
            out.append(patch(ink if only is None else only, l, t, r, b))
            classes.append(kind)

    for i, (character, box) in enumerate(present):
        near = [b for _, b in present[max(0, i - 1):i] + present[i + 1:i + 2]]
        clear = all(b[2] <= box[0] or b[0] >= box[2] for b in near)
        only = None
        if not clear:  # as the reader does where it can: ink of the neighbours is left out
            left, right = box[0] + margin, box[2] + margin
            only = np.zeros_like(ink)
            only[:, left:right] = ink[:, left:right]
            for b in near:
                if rng.random() < 0.7:
                    l, r = max(left, b[0] + margin), min(right, b[2] + margin)
                    if 0 < r - l < 0.35 * (right - left):
                        only[b[1] + margin:b[3] + margin, l:r] = 0
        add(box[0], box[2], CHARACTERS.index(character), only)
        wide = box[2] - box[0]
        if rng.random() < 0.05 and wide > 0.4 * height:
            cut = box[0] + wide * rng.uniform(0.3, 0.7)
            add(*((box[0], cut) if rng.random() < 0.5 else (cut, box[2])), NONE)
        if rng.random() < 0.12 and i + 1 < len(present):
            other = present[i + 1][1]
            if 0 < other[2] - box[0] < 1.6 * height and other[0] - box[2] < 0.25 * height:
                add(box[0], other[2], NONE)
    return out, classes
