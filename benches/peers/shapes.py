"""The trainings of benches/common/lib.rs, rows of the same kind, and the network that is
run backwards."""

from dataclasses import dataclass

import numpy as np

ROWS = 19_200
FEATURES = 784
RATE, EPSILON = 1e-3, 1e-7


@dataclass(frozen=True)
class Shape:
    name: str
    hidden: tuple
    activation: str
    output: str
    classes: int
    l2: float
    batch: int

    @property
    def steps(self):
        return ROWS // self.batch

    @property
    def sizes(self):
        return [FEATURES, *self.hidden, self.classes]

    def rows(self):
        """Pixels from -1 to 1 as float32, labels, and the same one-hot."""
        draws = np.random.default_rng(0)
        labels = np.arange(ROWS) % self.classes
        levels = np.zeros((ROWS, FEATURES), np.uint8)
        for row, start in enumerate(labels * 60 + draws.integers(0, 80, ROWS)):
            levels[row, start : start + 160] = draws.integers(0, 256, 160)
        pixels = levels.astype(np.float32) / np.float32(127.5) - np.float32(1)
        return pixels, labels, np.eye(self.classes, dtype=np.float32)[labels]

    def weights(self):
        """Glorot's uniform distribution, and biases of zero."""
        draws = np.random.default_rng(1)
        layers = []
        for inputs, outputs in zip(self.sizes, self.sizes[1:]):
            bound = (6 / (inputs + outputs)) ** 0.5
            weight = draws.uniform(-bound, bound, (inputs, outputs))
            layers.append((weight.astype(np.float32), np.zeros(outputs, np.float32)))
        return layers


SHAPES = {
    shape.name: shape
    for shape in [
        Shape("mlp", (30, 30), "leaky_relu", "softmax", 5, 0.0, 32),
        Shape("slp", (), "identity", "logistic", 5, 1e-4, 200),
        Shape("digits", (32,), "sigmoid", "softmax", 10, 0.0, 256),
        Shape("book", (200,), "sigmoid", "logistic", 10, 0.0, 1),
    ]
}

# What the first of them is run backwards from.
TARGETS = 20 * np.eye(5) - 10


def trained(path):
    """Weights and biases of the first of them, as ours trained it and wrote it."""
    numbers = np.fromfile(path, np.float32)
    weights, biases = [], []
    for inputs, outputs in zip(SHAPES["mlp"].sizes, SHAPES["mlp"].sizes[1:]):
        weight, numbers = np.split(numbers, [inputs * outputs])
        bias, numbers = np.split(numbers, [outputs])
        weights.append(weight.reshape(inputs, outputs))
        biases.append(bias)
    assert not numbers.size, "the file has more than that network"
    return weights, biases
