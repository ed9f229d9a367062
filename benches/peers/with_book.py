"""The training of Rashid's book, a step per row: squared error, plain descent, no biases,
and errors that go back by the weights alone."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from shapes import ROWS, SHAPES

RATE = np.float32(0.1)


def prepared(name):
    """Pixels from 0.01 to 1, targets of 0.99 and 0.01, and the weights of both layers."""
    shape = SHAPES[name]
    pixels, _, one_hot = shape.rows()
    pixels = (pixels + 1) / 2 * np.float32(0.99) + np.float32(0.01)
    targets = one_hot * np.float32(0.98) + np.float32(0.01)
    return pixels, targets, [weight for weight, _ in shape.weights()]


@partial(jax.jit, donate_argnums=0)
def epoch(weights, pixels, targets, order):
    def step(weights, row):
        first, second = weights
        x, t = pixels[row], targets[row]
        hidden = jax.nn.sigmoid(x @ first)
        y = jax.nn.sigmoid(hidden @ second)
        error = t - y
        before = second @ error
        second += RATE * jnp.outer(hidden, error * y * (1 - y))
        first += RATE * jnp.outer(x, before * hidden * (1 - hidden))
        return (first, second), (error**2).sum() / 2

    weights, losses = jax.lax.scan(step, weights, order)
    return weights, losses.mean()


class Scan:
    """JAX: an epoch is one jitted scan over its rows."""

    def __init__(self, name):
        pixels, targets, weights = prepared(name)
        self.pixels, self.targets = jnp.asarray(pixels), jnp.asarray(targets)
        self.weights = tuple(map(jnp.asarray, weights))
        self.key = jax.random.key(0)

    def run(self):
        """One epoch; the mean loss."""
        self.key, key = jax.random.split(self.key)
        order = jax.random.permutation(key, ROWS)
        self.weights, mean = epoch(self.weights, self.pixels, self.targets, order)
        return float(mean)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class Loop:
    """NumPy: the loop of the book."""

    def __init__(self, name):
        self.pixels, self.targets, (self.first, self.second) = prepared(name)
        self.draws = np.random.default_rng(2)

    def run(self):
        """One epoch; the mean loss."""
        losses = [self.step(row) for row in self.draws.permutation(ROWS)]
        return float(np.mean(losses))

    def step(self, row):
        x, t = self.pixels[row], self.targets[row]
        hidden = sigmoid(x @ self.first)
        y = sigmoid(hidden @ self.second)
        error = t - y
        before = self.second @ error
        self.second += RATE * np.outer(hidden, error * y * (1 - y))
        self.first += RATE * np.outer(x, before * hidden * (1 - hidden))
        return (error**2).sum() / 2
