#!/usr/bin/env python3
"""Holds the results of the paper's experiments against an independent
recomputation in NumPy, and against the accuracies that the paper reports.

Usage: recompute.py RESULTS. Exits with 1 if anything disagrees.
"""

import csv
import json
import pathlib
import struct
import sys

import numpy as np

DTYPES = {"F32": "<f4", "F64": "<f8"}
# Inversion -> are biases subtracted?
LAYERED = {
    "analytical_with_bias": True,
    "analytical_without_bias": False,
}
# The text leaves the SLP's bias out and subtracts the MLP's.
ANALYTICAL = {"slp": False, "slp-softmax": False, "mlp": True}
# Inversion -> score of probe logits z for the target, and pixels lit.
EMPIRICAL = {
    "empirical": (lambda z, target: -np.abs(target - z).sum(axis=1), 254),
    "empirical_code": (lambda z, target: (z * np.sign(target)).sum(axis=1), 255),
}

faults = []


def expect(condition, text):
    print(("ok      " if condition else "WRONG   ") + text)
    if not condition:
        faults.append(text)


def arrays(path):
    """All arrays of a safetensors file, in double precision."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    data = content[8 + length :]
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(data[slice(*about["data_offsets"])], DTYPES[about["dtype"]])
        .reshape(about["shape"])
        .astype(float)
        for name, about in header.items()
    }


class Network:
    """Dense layers with LeakyReLU of slope 0.01 between them."""

    def __init__(self, path):
        file = arrays(path)
        count = sum(name.endswith("weight") for name in file)
        self.layers = [
            (file[f"layers.{i}.weight"], file[f"layers.{i}.bias"]) for i in range(count)
        ]

    def logits(self, x):
        for index, (weight, bias) in enumerate(self.layers):
            if index > 0:
                x = np.where(x >= 0, x, 0.01 * x)
            x = x @ weight + bias
        return x

    def layered(self, z, subtract):
        for index, (weight, bias) in reversed(list(enumerate(self.layers))):
            if index + 1 < len(self.layers):
                z = np.where(z >= 0, z, z / 0.01)
            z = (z - bias if subtract else z) @ np.linalg.pinv(weight)
        return z

    def empirical(self, targets, score, pixels):
        z = self.logits(np.eye(784))
        images = np.zeros((len(targets), 784))
        for image, target in zip(images, targets):
            best = np.argsort(-score(z, target), kind="stable")[:pixels]
            image[best] = 255 - np.arange(pixels)
        return images / 127.5 - 1


def check_inverses(folder, name):
    network = Network(folder / "weights.safetensors")
    inverses = arrays(folder / "inverses.safetensors")
    targets = 20 * np.eye(5) - 10
    for inversion, found in inverses.items():
        if inversion in EMPIRICAL:
            again = network.empirical(targets, *EMPIRICAL[inversion])
        else:
            subtract = LAYERED.get(inversion, ANALYTICAL[name])
            again = network.layered(targets, subtract)
            if subtract:
                miss = np.abs(network.logits(found) - targets).max()
                expect(miss < 1e-6, f"{folder}: {inversion} misses the target by {miss:.1e}")
        error = np.abs(again - found).max() / np.abs(again).max()
        expect(error < 1e-9, f"{folder}: {inversion} differs from NumPy by {error:.1e}")


def check_accuracy(folder, name):
    with open(folder / "accuracy.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    last = {key: float(value) for key, value in rows[-1].items() if value}
    if name == "slp":
        subset, loss = last["train_subset_accuracy"], last["running_loss"]
        expect(abs(subset - 0.9428) <= 0.01, f"{folder}: subset accuracy {subset:.4f}")
        expect(abs(loss - 0.20) <= 0.03, f"{folder}: loss {loss:.4f}")
    elif name == "slp-softmax":
        expect(last["train_accuracy"] >= 0.97, f"{folder}: accuracy {last['train_accuracy']:.4f}")
    else:
        best = max(float(row["train_accuracy"]) for row in rows)
        expect(best >= 0.9995, f"{folder}: best accuracy {best:.4f}")
        expect(last["train_accuracy"] >= 0.98, f"{folder}: accuracy {last['train_accuracy']:.4f}")


def main(results):
    for name in ["slp", "slp-softmax", "mlp"]:
        folders = sorted(f for f in (results / "paper" / name).glob("seed-*") if f.is_dir())
        expect(bool(folders), f"{name} was run")
        for folder in folders:
            manifest = json.loads((folder / "manifest.json").read_text())
            check_inverses(folder, name)
            # The paper's figures are about MNIST; a stand-in has its own.
            if manifest["data"]["source"] == "mnist":
                check_accuracy(folder, name)
    print(f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
