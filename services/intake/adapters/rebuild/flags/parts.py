"""Parts of a page, and where they are found on another one. Start at ``lying``."""

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Plane = NDArray[np.float32]
Places = NDArray[np.intp]
"""[part]: its first row and column."""


def means(plane: Plane, part: tuple[int, int]) -> Plane:
    """The mean of each whole part of that size."""
    high, wide = part
    down, across = plane.shape[0] // high, plane.shape[1] // wide
    whole = plane[: down * high, : across * wide]
    return np.asarray(whole.reshape(down, high, across, wide).mean(axis=(1, 3)))


def lying(
    here: Plane,
    there: Plane,
    places: Places,
    part: tuple[int, int],
    reach: int,
) -> tuple[Reals, Reals]:
    """How well each part of *there* is found *here* at the best place within *reach*,
    and how far from its own that lies, across and down.
    """
    room = np.pad(here, reach)
    parts = _cut(there, places, part)
    windows = _cut(room, places, (part[0] + 2 * reach, part[1] + 2 * reach))
    alike = _correlation(parts, windows)
    count, high, wide = alike.shape
    flat = alike.reshape(count, -1)
    best = flat.argmax(axis=1)
    y, x = np.divmod(best, wide)
    each = np.arange(count)
    down = y + _between(alike, each, np.clip(y, 1, high - 2), x, (1, 0)) - reach
    across = x + _between(alike, each, y, np.clip(x, 1, wide - 2), (0, 1)) - reach
    return flat[each, best].astype(float), np.stack((across, down), axis=1)


def _cut(plane: Plane, places: Places, size: tuple[int, int]) -> Plane:
    every = np.lib.stride_tricks.sliding_window_view(plane, size)
    return np.asarray(every[places[:, 0], places[:, 1]])


def _between(
    alike: Plane,
    each: Places,
    y: Places,
    x: Places,
    step: tuple[int, int],
) -> Reals:
    """How far beside the best place the true one lies, by the parabola through it and
    its neighbours.
    """
    down, across = step
    before = alike[each, y - down, x - across]
    after = alike[each, y + down, x + across]
    bend = before - 2 * alike[each, y, x] + after
    beside = (before - after) / np.minimum(2 * bend, -1e-3)
    return np.asarray(np.clip(beside, -0.5, 0.5), np.float64)


def _correlation(parts: Plane, windows: Plane) -> Plane:
    """Normalised, of each part at each place within its window."""
    shape, size = windows.shape[1:], parts.shape[1:]
    down, across = (side - own + 1 for side, own in zip(shape, size, strict=True))
    parts = parts - parts.mean(axis=(1, 2), keepdims=True)
    spectra = np.fft.rfft2(windows) * np.conj(np.fft.rfft2(parts, shape))
    products = np.fft.irfft2(spectra, shape)[:, :down, :across]
    energy = _box(windows**2, size) - _box(windows, size) ** 2 / (size[0] * size[1])
    own = np.sum(parts**2, axis=(1, 2))[:, None, None]
    return np.asarray(products / np.sqrt(np.maximum(energy * own, 1.0)))


def _box(windows: Plane, size: tuple[int, int]) -> Reals:
    """Sums over each place that a part may take in its window."""
    down, across = size
    sums = np.zeros((len(windows), *(side + 1 for side in windows.shape[1:])))
    np.cumsum(np.cumsum(windows, axis=1), axis=2, out=sums[:, 1:, 1:])
    lower, upper = sums[:, down:], sums[:, :-down]
    return (
        lower[:, :, across:]
        - upper[:, :, across:]
        - lower[:, :, :-across]
        + upper[:, :, :-across]
    )
