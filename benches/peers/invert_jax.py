"""The network of the MLP's shape run backwards, in JAX: all of a task is jitted."""

import jax
import jax.numpy as jnp

from inverses import SLOPE, SWEPT, position
from shapes import TARGETS, trained

# Double precision, as ours.
jax.config.update("jax_enable_x64", True)

FILTERS = {
    "high_pass": lambda a, low, high: jnp.where(a > low, a, 0),
    "low_pass": lambda a, low, high: jnp.where(a <= low, a, 0),
    "top_and_bottom": lambda a, low, high: jnp.where((a > high) | (a <= low), a, 0),
    "middle": lambda a, low, high: jnp.clip(a, low, high),
}


def filtered(inverses, kind, percentile):
    for inverse in inverses:
        ordered = jnp.sort(inverse, axis=None)
        low = ordered[position(ordered.size, percentile)]
        high = ordered[position(ordered.size, 100 - percentile)]
        yield FILTERS[kind](inverse, low, high)


def invert(inverses, biases):
    a = jnp.asarray(TARGETS)
    layers = list(enumerate(zip(inverses, biases, strict=True)))
    for index, (inverse, bias) in reversed(layers):
        if index + 1 < len(layers):
            a = jnp.where(a >= 0, a, a / SLOPE)
        a = (a - bias) @ inverse
    return jnp.abs(a).mean()


@jax.jit
def analytical(weights, biases):
    """The mean magnitude of a pixel."""
    return invert([jnp.linalg.pinv(weight) for weight in weights], biases)


@jax.jit
def filters(weights, biases):
    inverses = [jnp.linalg.pinv(weight) for weight in weights]
    means = [invert(filtered(inverses, *swept), biases) for swept in SWEPT]
    return jnp.stack(means).mean()


class Inversion:
    def __init__(self, task, path):
        as_double = lambda arrays: [jnp.asarray(array, jnp.float64) for array in arrays]
        self.layers = [as_double(arrays) for arrays in trained(path)]
        self.images = {"analytical": analytical, "filters": filters}[task]

    def run(self):
        return float(self.images(*self.layers))
