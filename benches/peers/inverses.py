"""Layered inverses in NumPy, and their filters as the appendix of Lai 2021 has them."""

import numpy as np

SLOPE = 0.01
PERCENTILES = [0, 0.5, 1, 2, 5, 10, 20, 30, 50, 70, 80, 90, 95, 98, 99, 99.5, 100]
# What becomes of the entries of an inverse, given its cutoffs at a percentile and at the
# mirror image of that.
FILTERS = {
    "high_pass": lambda a, low, high: np.where(a > low, a, 0),
    "low_pass": lambda a, low, high: np.where(a <= low, a, 0),
    "top_and_bottom": lambda a, low, high: np.where((a > high) | (a <= low), a, 0),
    "middle": lambda a, low, high: np.clip(a, low, high),
}
# The last two take a percentile and its mirror image, so the lower half is all of them.
SWEPT = [
    (kind, percentile)
    for kind in FILTERS
    for percentile in (PERCENTILES if kind.endswith("pass") else PERCENTILES[:9])
]


def leaky_relu(a):
    return np.where(a >= 0, a, SLOPE * a)


def undo_leaky_relu(a):
    return np.where(a >= 0, a, a / SLOPE)


def position(size, percentile):
    """Where a cutoff is among the sorted entries."""
    return max(int(percentile / 100 * size) - 1, 0)


def pseudo_inverses(weights):
    """Each with its entries in order, of which the filters take their cutoffs."""
    inverses = [np.linalg.pinv(weight) for weight in weights]
    return [(inverse, np.sort(inverse, axis=None)) for inverse in inverses]


def filtered(inverses, kind, percentile):
    for inverse, ordered in inverses:
        low = ordered[position(ordered.size, percentile)]
        high = ordered[position(ordered.size, 100 - percentile)]
        yield FILTERS[kind](inverse, low, high)


def invert(inverses, biases, targets):
    """From rows of logits to rows of pixels."""
    a = targets
    layers = list(zip(inverses, biases, strict=True))
    for index, (inverse, bias) in reversed(list(enumerate(layers))):
        if index + 1 < len(layers):
            a = undo_leaky_relu(a)
        a = (a - bias) @ inverse
    return a
