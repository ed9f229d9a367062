"""JAX: a whole epoch is one jitted scan over its batches."""

from functools import partial

import jax
import jax.numpy as jnp

from shapes import EPSILON, RATE, ROWS, SHAPES

ACTIVATIONS = {
    "leaky_relu": partial(jax.nn.leaky_relu, negative_slope=0.01),
    "sigmoid": jax.nn.sigmoid,
}


def loss(layers, x, t, shape):
    a = x
    for index, (weight, bias) in enumerate(layers):
        if index > 0:
            a = ACTIVATIONS[shape.activation](a)
        a = a @ weight + bias
    if shape.output == "logistic":
        losses = jnp.logaddexp(0.0, a) - t * a
    else:
        losses = -t * jax.nn.log_softmax(a)
    squares = sum(jnp.sum(weight**2) for weight, _ in layers) if shape.l2 else 0.0
    return losses.sum() / shape.batch + shape.l2 / (2 * shape.batch) * squares


def adam(state, gradient):
    """Kingma and Ba's, as the others have it."""
    value, first, second, time = state
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
    rate = RATE / (1 - 0.9**time)
    correction = 1 - 0.999**time
    move = lambda x, m, v: x - rate * m / (jnp.sqrt(v / correction) + EPSILON)
    return jax.tree.map(move, value, first, second), first, second, time + 1


@partial(jax.jit, static_argnums=4, donate_argnums=0)
def epoch(state, pixels, targets, order, shape):
    def step(state, rows):
        mean, gradient = jax.value_and_grad(loss)(
            state[0], pixels[rows], targets[rows], shape
        )
        return adam(state, gradient), mean

    state, losses = jax.lax.scan(step, state, order.reshape(-1, shape.batch))
    return state, losses.mean()


class Training:
    def __init__(self, name):
        self.shape = shape = SHAPES[name]
        pixels, _, one_hot = shape.rows()
        self.pixels, self.targets = jnp.asarray(pixels), jnp.asarray(one_hot)
        layers = [(jnp.asarray(w), jnp.asarray(b)) for w, b in shape.weights()]
        zeros = lambda: jax.tree.map(jnp.zeros_like, layers)
        self.state = (layers, zeros(), zeros(), jnp.float32(1))
        self.key = jax.random.key(0)

    def run(self):
        """One epoch; the mean loss."""
        self.key, key = jax.random.split(self.key)
        order = jax.random.permutation(key, ROWS)
        self.state, mean = epoch(
            self.state, self.pixels, self.targets, order, self.shape
        )
        return float(mean)
