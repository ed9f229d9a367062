"""The pipeline of Lai 2021 with the libraries that he used: both trainings, the inversions
and the figures of experiments/paper/slp.toml and mlp.toml.

    python lai.py MNIST OUT SEED BACKEND

The backend of Keras is tensorflow, which was his, or jax, the quickest.

Answers with a line of JSON: when each part ended, by the clock and in seconds of
processors, and how accurate the networks are.
"""

import time

STARTED = time.perf_counter()

import gzip
import json
import os
import sys
import warnings
from pathlib import Path

os.environ["KERAS_BACKEND"] = sys.argv[4]
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import joblib
import keras
import matplotlib
import numpy as np
from sklearn.neural_network import MLPClassifier

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from inverses import filtered, invert, leaky_relu, pseudo_inverses

COUNTS = [4132, 4684, 4177, 4351, 4072]
CLASSES = len(COUNTS)
SIGNS = 2 * np.eye(CLASSES) - 1
NEAR, FAR = 10 * SIGNS, 3000 * SIGNS


def load(folder):
    """Rows from -1 to 1, in the float64 that NumPy makes of them, and one-hot labels."""
    read = lambda name: gzip.open(folder / f"train-{name}-ubyte.gz").read()
    pixels = np.frombuffer(read("images-idx3"), np.uint8, offset=16).reshape(-1, 784)
    labels = np.frombuffer(read("labels-idx1"), np.uint8, offset=8)
    firsts = [np.flatnonzero(labels == n)[:count] for n, count in enumerate(COUNTS)]
    rows = np.sort(np.concatenate(firsts))
    return pixels[rows] / 127.5 - 1, np.eye(CLASSES)[labels[rows]]


def train_slp(x, y, seed, out):
    """Layers, the course of training, and the accuracy."""
    # The paper's did not stop early either.
    slp = MLPClassifier((), max_iter=200, n_iter_no_change=200, random_state=seed)
    warnings.filterwarnings("ignore", message="Stochastic Optimizer")
    slp.fit(x, y)
    joblib.dump(slp, out / "slp.pkl")
    layers = list(zip(slp.coefs_, slp.intercepts_))
    return layers, {"loss": slp.loss_curve_}, slp.score(x, y)


def train_mlp(x, y, seed, out):
    """The same of the network with hidden layers."""
    keras.utils.set_random_seed(seed)
    leaky = lambda: keras.layers.LeakyReLU(negative_slope=0.01)
    hidden = lambda: keras.layers.Dense(30, activation=leaky())
    mlp = keras.Sequential([hidden(), hidden(), keras.layers.Dense(CLASSES)])
    mlp.compile(
        optimizer=keras.optimizers.Adam(0.001),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.CategoricalAccuracy()],
    )
    history = mlp.fit(x, y, epochs=100, verbose=0).history
    mlp.save(out / "mlp.keras")
    layers = [layer.get_weights() for layer in mlp.layers]
    return layers, history, history["categorical_accuracy"][-1]


def lit(scores, pixels):
    """The best pixels of each row of scores, the best one brightest."""
    images = np.zeros(scores.shape)
    for image, row in zip(images, scores):
        image[np.argsort(-row, kind="stable")[:pixels]] = 255 - np.arange(pixels)
    return images


def empirical(layers):
    """By the scores of the text and of the code. All pixels are tried at once: quicker
    than one after the other, as the paper has it."""
    a = np.eye(784)
    for index, (weight, bias) in enumerate(layers):
        a = (leaky_relu(a) if index else a) @ weight + bias
    distances = np.abs(a[:, None] - NEAR).sum(axis=2)
    return {
        "empirical": lit(-distances.T, 254),
        "empirical_code": lit(SIGNS @ a.T, 255),
    }


def top_pixels(images):
    return np.where(lit(images, 254) > 0, images, -1)


def invert_slp(layers):
    inverses = pseudo_inverses([weight for weight, _ in layers])
    plain, biases = [inverse for inverse, _ in inverses], [bias for _, bias in layers]
    by = lambda kind, percentile: filtered(inverses, kind, percentile)
    images = empirical(layers)
    images["analytical"] = invert(plain, [0], NEAR)
    images["analytical_with_bias"] = invert(plain, biases, NEAR)
    images["analytical_code"] = invert(plain, [0], FAR)
    images["top_and_bottom"] = invert(by("top_and_bottom", 2), [0], NEAR)
    images["top_and_bottom_5"] = invert(by("top_and_bottom", 5), [0], NEAR)
    images["top_and_bottom_code"] = invert(by("top_and_bottom", 5), biases, FAR)
    images["middle"] = invert(by("middle", 20), [0], NEAR)
    images["middle_code"] = invert(by("middle", 20), biases, FAR)
    images["top_pixels"] = top_pixels(images["analytical"])
    return images


def invert_mlp(layers):
    inverses = pseudo_inverses([weight for weight, _ in layers])
    plain, biases = [inverse for inverse, _ in inverses], [bias for _, bias in layers]
    images = empirical(layers)
    images["analytical"] = invert(plain, biases, NEAR)
    images["analytical_without_bias"] = invert(plain, [0] * len(layers), NEAR)
    for kind, percentile in [("top_and_bottom", 2), ("middle", 20)]:
        images[kind] = invert(filtered(inverses, kind, percentile), biases, NEAR)
    images["top_pixels"] = top_pixels(images["analytical"])
    return images


# Names of figures, and of the inverses that are their rows.
METHODS = ["empirical", "analytical", "top_and_bottom", "middle", "top_pixels"]
FIGURES = {
    "slp": {
        "fig-3-1": ["empirical"],
        "fig-3-1-code": ["empirical_code"],
        "fig-3-2": ["analytical"],
        "fig-3-2-code": ["analytical_code"],
        "fig-3-3": ["top_and_bottom"],
        "fig-3-3-code": ["top_and_bottom_code"],
        "fig-3-4": ["middle"],
        "fig-3-4-code": ["middle_code"],
        "methods": METHODS,
        "variants": None,
    },
    "mlp": {
        "fig-3-5": ["empirical"],
        "fig-3-5-code": ["empirical_code"],
        "fig-3-6": ["analytical"],
        "methods": METHODS,
        "variants": None,
    },
}


def draw_grid(path, rows):
    """A row of images for each inverse, from its own darkest to its brightest pixel."""
    size = (1.2 * CLASSES, 1.2 * len(rows))
    figure, panels = plt.subplots(len(rows), CLASSES, figsize=size, squeeze=False)
    for line, (name, images) in zip(panels, rows.items()):
        for panel, image in zip(line, images):
            ends = dict(vmin=images.min(), vmax=images.max())
            panel.imshow(image.reshape(28, 28), cmap="gray", **ends)
            panel.set(xticks=[], yticks=[])
        line[0].set_ylabel(name, fontsize=7)
    save(figure, path)


def draw_training(path, history):
    figure, panels = plt.subplots(1, len(history), figsize=(9, 4), squeeze=False)
    for panel, (name, values) in zip(panels[0], history.items()):
        panel.plot(values)
        panel.set(xlabel="epoch", ylabel=name)
    save(figure, path)


def save(figure, path):
    figure.savefig(path.with_suffix(".png"))
    plt.close(figure)


def draw(out, model, images, history):
    for name, rows in FIGURES[model].items():
        shown = {row: images[row] for row in rows or images}
        draw_grid(out / f"{model}-{name}", shown)
    draw_training(out / f"{model}-training", history)


def main(folder, out, seed):
    out.mkdir(parents=True)
    ends = {}
    now = lambda: [time.perf_counter() - STARTED, time.process_time()]
    lap = lambda name: ends.update({name: now()})
    lap("imports")
    x, y = load(folder)
    lap("data")
    slp, slp_history, slp_accuracy = train_slp(x, y, seed, out)
    lap("slp")
    mlp, mlp_history, mlp_accuracy = train_mlp(x, y, seed, out)
    lap("mlp")
    inverses = {"slp": invert_slp(slp), "mlp": invert_mlp(mlp)}
    lap("inversions")
    draw(out, "slp", inverses["slp"], slp_history)
    draw(out, "mlp", inverses["mlp"], mlp_history)
    lap("figures")
    accuracies = {"slp": slp_accuracy, "mlp": mlp_accuracy}
    print(json.dumps({"ends": ends, "accuracies": accuracies}))


main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
