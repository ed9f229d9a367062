"""Keras on JAX: compile and fit."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras

from shapes import EPSILON, RATE, SHAPES

ACTIVATIONS = {
    "leaky_relu": lambda: keras.layers.LeakyReLU(negative_slope=0.01),
    "sigmoid": lambda: keras.layers.Activation("sigmoid"),
}


class Training:
    def __init__(self, name):
        self.shape = shape = SHAPES[name]
        self.pixels, _, self.targets = shape.rows()
        layers = [keras.layers.Input((shape.sizes[0],))]
        decay = keras.regularizers.L2(shape.l2 / shape.batch / 2) if shape.l2 else None
        for units in shape.sizes[1:]:
            layers.append(keras.layers.Dense(units, kernel_regularizer=decay))
            if len(layers) < 2 * len(shape.hidden) + 2:
                layers.append(ACTIVATIONS[shape.activation]())
        if shape.output == "logistic":
            # Keras takes the mean over the outputs, the others the sum.
            name, scale = keras.losses.BinaryCrossentropy, shape.classes
        else:
            name, scale = keras.losses.CategoricalCrossentropy, 1
        loss = name(from_logits=True)
        self.network = keras.Sequential(layers)
        self.network.compile(
            optimizer=keras.optimizers.Adam(RATE, epsilon=EPSILON),
            loss=loss if scale == 1 else lambda t, z: scale * loss(t, z),
        )

    def run(self):
        """One epoch; the mean loss."""
        history = self.network.fit(
            self.pixels, self.targets, batch_size=self.shape.batch, epochs=1, verbose=0
        )
        return history.history["loss"][0]
