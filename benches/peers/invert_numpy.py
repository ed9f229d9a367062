"""The network of the MLP's shape run backwards, in NumPy."""

import numpy as np

from inverses import SWEPT, filtered, invert, pseudo_inverses
from shapes import TARGETS, trained


class Inversion:
    def __init__(self, task, path):
        weights, biases = trained(path)
        # Double precision, as ours.
        self.weights = [weight.astype(np.float64) for weight in weights]
        self.biases = [bias.astype(np.float64) for bias in biases]
        self.images = {"analytical": self.analytical, "filters": self.filters}[task]

    def run(self):
        """The mean magnitude of a pixel."""
        return np.mean([np.abs(images).mean() for images in self.images()])

    def analytical(self):
        inverses = [inverse for inverse, _ in pseudo_inverses(self.weights)]
        yield invert(inverses, self.biases, TARGETS)

    def filters(self):
        inverses = pseudo_inverses(self.weights)
        for kind, percentile in SWEPT:
            yield invert(filtered(inverses, kind, percentile), self.biases, TARGETS)
