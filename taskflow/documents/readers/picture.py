"""Simple image work on a scanned page: straighten it, find the drawn lines, and wipe them out.

Plain numpy: a page needs three things that are each a few lines of array work.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from taskflow.documents.readers.geometry import Segment

Mask = NDArray[np.bool_]
_GAP = 8  # pixels that may be missing in a drawn line


def binarised(image: Image.Image) -> Mask:
    """True where the page is dark, by Otsu's threshold."""
    grey = np.asarray(image.convert("L"))
    counts = np.bincount(grey.ravel(), minlength=256).astype(float)
    total, levels = counts.sum(), np.arange(256)
    below = np.cumsum(counts)
    mass = np.cumsum(counts * levels)
    above = total - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (mass / below - (mass[-1] - mass) / above) ** 2
    threshold = int(np.nanargmax(np.where(np.isfinite(between), between, np.nan))) if total else 128
    return np.asarray(grey <= min(max(threshold, 60), 200))


def cleaned(image: Image.Image) -> Image.Image:
    """The page without lone dark pixels (dust of the scanner) and with its grey background made white."""
    grey = np.asarray(image.convert("L")).astype(np.int16)
    dark = grey < 150
    near = np.zeros(grey.shape, np.int8)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            near += np.roll(dark, (down, right), (0, 1)).astype(np.int8)
    paper = float(np.median(grey))
    out = np.clip((grey - 20) * (255.0 / max(1.0, 0.88 * paper - 20)), 0, 255)
    out[dark & (near <= 2)] = 255
    return Image.fromarray(out.astype(np.uint8))


def straightened(image: Image.Image) -> Image.Image:
    """The page turned by the angle (up to 4°) at which its lines of text stand out most."""
    small = image.convert("L")
    small.thumbnail((1000, 1000))
    ink = Image.fromarray((binarised(small) * 255).astype(np.uint8))

    def sharpness(angle: float) -> float:
        profile = np.asarray(ink.rotate(angle, resample=Image.Resampling.BILINEAR)).astype(float).sum(axis=1)
        return float(((profile[1:] - profile[:-1]) ** 2).sum())

    best = max((step * 0.5 for step in range(-8, 9)), key=sharpness)
    best = max((best + step * 0.1 for step in range(-5, 6)), key=sharpness)
    if abs(best) < 0.1:
        return image
    return image.rotate(best, resample=Image.Resampling.BICUBIC, expand=True, fillcolor="white")


def drawn_lines(ink: Mask) -> tuple[list[Segment], list[Segment], Mask]:
    """Horizontal and vertical lines of a page, and the pixels that they cover."""
    length = max(40, ink.shape[1] // 40)
    across = _opened(_thickened(ink), length)
    down = _opened(_thickened(ink.T), length).T
    mask = across | down
    return _segments(across, length), _segments(down.T, length), mask


def _thickened(ink: Mask) -> Mask:
    """Each pixel or its neighbour above or below: a slightly slanted line stays in one piece."""
    thick = ink.copy()
    thick[1:] |= ink[:-1]
    thick[:-1] |= ink[1:]
    return thick


def _opened(ink: Mask, length: int) -> Mask:
    """The runs of at least ``length`` dark pixels in each row (one pixel in ten may be missing)."""
    if ink.shape[1] <= length:
        return np.zeros_like(ink)
    sums = np.cumsum(np.pad(ink.astype(np.int32), ((0, 0), (1, 0))), axis=1)
    solid = (sums[:, length:] - sums[:, :-length]) >= 0.95 * length
    spread = np.cumsum(np.pad(solid.astype(np.int32), ((0, 0), (length, length))), axis=1)
    covered = np.asarray((spread[:, length:] - spread[:, :-length]) > 0)
    return np.asarray(covered[:, : ink.shape[1]] & ink)


def _segments(mask: Mask, length: int) -> list[Segment]:
    """The runs of the mask as segments; runs in neighbouring rows become one."""
    padded = np.pad(mask.astype(np.int8), ((0, 0), (1, 1)))
    change = np.diff(padded, axis=1)
    found: list[list[float]] = []  # [last row, first row, start, end]
    for row in np.flatnonzero(mask.any(axis=1)):
        starts, ends = np.flatnonzero(change[row] == 1), np.flatnonzero(change[row] == -1)
        for start, end in zip(starts, ends, strict=True):
            if end - start < length // 4:
                continue
            home = next(
                (f for f in reversed(found[-80:]) if row - f[0] <= 3 and start <= f[3] + _GAP and end >= f[2] - _GAP),
                None,
            )
            if home is None:
                found.append([float(row), float(row), float(start), float(end)])
            else:
                home[0], home[2], home[3] = float(row), min(home[2], float(start)), max(home[3], float(end))
    return [Segment((f[0] + f[1]) / 2, f[2], f[3]) for f in found if f[3] - f[2] >= length]


def without(image: Image.Image, mask: Mask) -> Image.Image:
    """The page with the pixels of its drawn lines (and their edges) made white."""
    wide = mask.copy()
    for shift in (1, 2):
        wide[shift:] |= mask[:-shift]
        wide[:-shift] |= mask[shift:]
        wide[:, shift:] |= mask[:, :-shift]
        wide[:, :-shift] |= mask[:, shift:]
    grey = np.asarray(image.convert("L")).copy()
    grey[wide] = 255
    return Image.fromarray(grey)
