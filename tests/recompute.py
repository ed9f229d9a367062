#!/usr/bin/env python3
"""Holds the results of the paper's experiments against an independent
recomputation in NumPy: every array of every inversion to 1e-9 of its row's
largest value, every drawn grey level to within 1, measures, what each judge reads
in the inverses, the claims, and the accuracies that the paper reports.

Usage: recompute.py RESULTS [--claims], with the gzipped files of MNIST in
$BACKQUERY_DATA. With --claims, only the claims.
Exits with 1 if anything disagrees. What to compute
is taken from the manifests; how, from the text and the appendix of Lai 2021.
"""

import base64
import csv
import gzip
import io
import json
import os
import pathlib
import re
import struct
import sys

import numpy as np
from PIL import Image

DTYPES = {"F32": "<f4", "F64": "<f8"}
faults = []


def expect(condition, text):
    if not condition:
        print("WRONG   " + text)
        faults.append(text)


def table(path):
    """The rows of a CSV file."""
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


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


def cutoff(matrix, percentile):
    """Appendix 6.1.7: the sorted entry at max(int(p * size) - 1, 0)."""
    index = max(int(percentile / 100 * matrix.size) - 1, 0)
    return np.sort(matrix, axis=None)[index]


def filtered(matrix, about):
    """A layer's inverse, filtered as the appendix does it."""
    if about is None or about["kind"] == "top_pixels":
        return matrix
    assert about["on"] == "matrix" and about["rule"] == "entry", about
    p = about["percentile"]
    low, kind = cutoff(matrix, p), about["kind"]
    if kind == "high_pass":
        return np.where(matrix <= low, 0, matrix)
    if kind == "low_pass":
        return np.where(matrix > low, 0, matrix)
    high = cutoff(matrix, 100 - p)
    if kind == "top_and_bottom":
        # The sum of a low pass and a high pass.
        return np.where(matrix > low, 0, matrix) + np.where(matrix <= high, 0, matrix)
    assert kind == "middle", kind
    return np.minimum(np.maximum(matrix, low), high)


def highest(row, count=254):
    """Positions of the highest values, ties to the lowest index."""
    return np.argsort(-row, kind="stable")[:count]


def softmax(z):
    power = np.exp(z - z.max(axis=1, keepdims=True))
    return power / power.sum(axis=1, keepdims=True)


class Network:
    """Dense layers with LeakyReLU of slope 0.01 between them."""

    def __init__(self, folder, output):
        file = arrays(folder / "weights.safetensors")
        count = sum(name.endswith("weight") for name in file)
        self.layers = [
            (file[f"layers.{i}.weight"], file[f"layers.{i}.bias"]) for i in range(count)
        ]
        self.inverses = [np.linalg.pinv(weight) for weight, _ in self.layers]
        self.output = output

    def logits(self, x):
        for index, (weight, bias) in enumerate(self.layers):
            if index > 0:
                x = np.where(x >= 0, x, 0.01 * x)
            x = x @ weight + bias
        return x

    def outputs(self, x):
        z = self.logits(x)
        if self.output == "logistic":
            return 1 / (1 + np.exp(-np.clip(z, -700, 700)))
        return softmax(z)

    def layered(self, z, about):
        """Sections 2.2.2 and 2.2.3."""
        for index, (_, bias) in reversed(list(enumerate(self.layers))):
            if index + 1 < len(self.layers):
                z = np.where(z >= 0, z, z / 0.01)
            z = z - bias if about["bias"] == "subtract" else z
            z = z @ filtered(self.inverses[index], about.get("filter"))
        if about.get("filter", {}).get("kind") == "top_pixels":
            kept = np.full_like(z, -1)
            for image, row in zip(kept, z):
                places = highest(row, about["filter"]["pixels"])
                image[places] = row[places]
            return kept
        return z

    def empirical(self, targets, about):
        """Algorithm 1, or with signed sums appendix 6.1.3."""
        z, pixels = self.logits(np.eye(784)), about["pixels"]
        images = np.zeros((len(targets), 784))
        for image, target in zip(images, targets):
            if about["score"] == "l1":
                score = -np.abs(target - z).sum(axis=1)
            else:
                score = (z * np.sign(target)).sum(axis=1)
            image[highest(score, pixels)] = 255 - np.arange(pixels)
        return images / 127.5 - 1

    def invert(self, about, target):
        target = about.get("target") or target
        on, off = target["logits"]["on"], target["logits"]["off"]
        targets = np.full((5, 5), off) + (on - off) * np.eye(5)
        if about["method"] == "empirical":
            return self.empirical(targets, about)
        return self.layered(targets, about)


def settings(inversion):
    return inversion.get("settings") or [inversion]


def check_arrays(folder, spec, network):
    """Every setting of every inversion; gives them as they were found."""
    found = arrays(folder / "inverses.safetensors")
    worst, count = 0, 0
    for inversion in spec["invert"]:
        images = found[inversion["name"]].reshape(-1, 5, 784)
        for about, image in zip(settings(inversion), images, strict=True):
            again = network.invert(about, spec["target"])
            largest = np.abs(again).max(axis=1, keepdims=True)
            error = (np.abs(again - image) / np.where(largest > 0, largest, 1)).max()
            name = f"{inversion['name']} {about.get('value', '')}"
            expect(error < 1e-9, f"{folder}: {name} differs from NumPy by {error:.1e}")
            worst, count = max(worst, error), count + 1
    print(f"{folder}: {count} inverses differ from NumPy by at most {worst:.1e}")
    return {name: images.reshape(-1, 5, 784) for name, images in found.items()}


def pages(folder, name):
    """The pages of a figure: one, or several with numbers."""
    whole = folder / f"{name}.svg"
    numbered = folder.glob(f"{name}-*.svg")
    number = lambda path: path.stem[len(name) + 1 :]
    numbered = [path for path in numbered if number(path).isdigit()]
    return [whole] if whole.exists() else sorted(numbered, key=lambda path: int(number(path)))


def drawn(path):
    """The grey levels of each image of a page: of equal pixels the first. Scale bars, which
    are no squares, are left out."""
    for encoded in re.findall(r'base64,([^"]+)"', path.read_text()):
        image = np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded))), dtype=int)
        if image.shape[0] == image.shape[1]:
            step = image.shape[0] // 28
            yield image[::step, ::step].reshape(784)


def levels(row, scale, like):
    """What a row of five images should be drawn as, and whether it wraps."""
    low, high = (row.min(), row.max()) if scale == "row" else (None, None)
    for digit, image in enumerate(row):
        if scale == "image":
            low, high = image.min(), image.max()
        elif scale != "row":
            low, high = like[digit].min(), like[digit].max()
        level = (image - low) / (high - low) * 255
        if scale not in ("row", "image") and scale["like"]["overflow"] == "wrap":
            yield level.astype(np.int64) % 256, 256
        else:
            yield np.clip(level, 0, 255), None


def check_drawings(folder, spec, found):
    """Section 3 and appendix 6.1.7: how values become grey levels."""
    for figure in spec["figure"]:
        if figure["kind"] != "grid":
            continue
        scale = figure["scale"]
        like = None if scale in ("row", "image") else found[scale["like"]["like"]][0]
        rows = [row for name in figure["rows"] for row in found[name]]
        wanted = [level for row in rows for level in levels(row, scale, like)]
        there = [image for page in pages(folder / "figures", figure["name"]) for image in drawn(page)]
        path = f"{folder}/figures/{figure['name']}"
        expect(len(there) == len(wanted), f"{path}: {len(there)} images, not {len(wanted)}")
        for image, (level, modulus) in zip(there, wanted):
            off = np.abs(image - level)
            off = np.minimum(off, modulus - off) if modulus else off
            expect(off.max() <= 1, f"{path}: levels are off by {off.max():.1f}")


def total_variation(image):
    image = image.reshape(28, 28)
    steps = [np.abs(np.diff(image, axis=axis)).ravel() for axis in (0, 1)]
    return np.concatenate(steps).mean() / (image.max() - image.min())


def mnist(part):
    """Levels and labels of a part of MNIST, "train" or "t10k"."""
    data = pathlib.Path(os.environ["BACKQUERY_DATA"])
    read = lambda name: np.frombuffer(gzip.decompress((data / name).read_bytes()), np.uint8)
    images = read(f"{part}-images-idx3-ubyte.gz")[16:].reshape(-1, 784)
    return images.astype(float), read(f"{part}-labels-idx1-ubyte.gz")[8:]


def standardised(pictures):
    """Levels of mean 0 and deviation 1; those of blank pictures stay near 0."""
    # The sum is in single precision and in the order of pixels, as in the judges: its
    # rounding moves readings of faint pictures by up to 3e-4.
    x = pictures / 255
    x = x - np.cumsum(x, axis=1, dtype=np.float32)[:, -1:].astype(float) / 784
    return x / np.maximum(x.std(axis=1, keepdims=True), 0.02)


def directions(pictures):
    """Blurred pictures of norm 1, products of which are correlations."""
    x = np.pad(pictures.reshape(-1, 28, 28), ((0, 0), (1, 1), (1, 1)), "edge")
    x = (x[:, :-2] + 2 * x[:, 1:-1] + x[:, 2:]) / 4
    x = (x[:, :, :-2] + 2 * x[:, :, 1:-1] + x[:, :, 2:]) / 4
    return standardised(x.reshape(-1, 784)) / 28


class Judges:
    """The evaluators as they were trained, and the nearest image of a network."""

    def __init__(self, path):
        self.file = arrays(path)
        images, labels = mnist("train")
        self.images = images[labels < 5]
        self.squares = (self.images**2).sum(axis=1)
        rows = self.file["knn.rows"].astype(int)
        of_class = (images[rows[labels[rows] == digit]] for digit in range(10))
        self.searched = [directions(pictures).T for pictures in of_class]
        images, labels = mnist("t10k")
        rows = np.hstack([np.flatnonzero(labels == digit)[:200] for digit in range(10)])
        self.tested, self.truths = self.read(images[rows]), labels[rows]

    def nearest(self, pictures):
        """The distance to the nearest image that the network was trained on."""
        products = pictures @ self.images.T
        distances = (pictures**2).sum(axis=1)[:, None] + self.squares - 2 * products
        return np.sqrt(distances.min(axis=1) / 784) / 255

    def conv(self, number, pictures):
        """Windows of 5 x 5 with stride 2, groups of 3 x 3 of them, two dense layers."""
        x = standardised(pictures).reshape(-1, 28, 28)[:, 1:, 1:]
        x = np.lib.stride_tricks.sliding_window_view(x, (5, 5), axis=(1, 2))[:, ::2, ::2]
        x = x.reshape(-1, 4, 3, 4, 3, 25).swapaxes(2, 3)
        for layer in range(4):
            weight, bias = (self.file[f"conv-{number}.{layer}.{p}"] for p in ("weight", "bias"))
            x = np.maximum(x, 0) if layer > 0 else x
            x = x.reshape(len(pictures), -1, len(weight)) @ weight + bias
        return softmax(x[:, 0] / self.file["temperatures"][number])

    def knn(self, pictures):
        """Means of the three highest correlations with images of each class."""
        x = directions(pictures)
        near = [np.partition(np.abs(x @ images), -3)[:, -3:] for images in self.searched]
        near = np.stack(near).mean(axis=2).T
        best = near.max(axis=1)
        lead = best - (near.sum(axis=1) - best) / 9
        sure = np.stack([best, lead, np.ones_like(best)], axis=1) @ self.file["knn.any"]
        shown = 1 / (1 + np.exp(-sure[:, None]))
        return np.hstack([shown * softmax(near / self.file["temperatures"][5]), 1 - shown])

    def read(self, pictures):
        """Probabilities of the ten digits and of none, by each evaluator and together."""
        said = {f"conv-{number}": self.conv(number, pictures) for number in range(5)}
        convs, knn = np.mean(list(said.values()), axis=0), self.knn(pictures)
        return said | {"knn": knn, "read": (convs + knn) / 2}

    def see(self, images):
        """Readings of five images by view and evaluator, and their metrics."""
        rounded = lambda x: np.floor(np.clip(x, 0, 255) + 0.5)
        low, span = images.min(), np.ptp(images)
        drawn = (images - low) / span * 255 if span > 0 else np.full_like(images, 128)
        views = {"": rounded((images + 1) / 2 * 255), "_drawn": rounded(drawn)}
        readings, metrics = {}, {"nearest_distance": self.nearest(views[""])}
        for end, pictures in views.items():
            said = self.read(pictures)
            for judge, p in said.items():
                parts = [p[:, :5], p[:, 5:10].sum(axis=1), p[:, 10]]
                readings[end[1:] or "clipped", judge] = np.column_stack(parts)
            p, own, knn = said["read"], np.diag(said["read"]), np.diag(said["knn"])
            metrics["legibility" + end] = own - (p[:, :5].sum(axis=0) - own) / 4
            metrics["legibility_read" + end] = own
            metrics["legibility_knn" + end] = knn
            metrics["legibility_conv" + end] = 2 * own - knn
            metrics["legibility_any" + end] = 1 - p[:, 10]
        # No label is swapped in the paper.
        return readings, metrics | {"legibility_told": metrics["legibility"]}


# Of probabilities from single precision; the largest difference that was measured is 1.3e-5.
SLACK = 5e-5


def check_readings(folder, wanted):
    """Every reading, by inversion, setting, class, view and evaluator."""
    rows = [row.values() for row in table(folder / "readings.csv")]
    found = {(name, *by[:4]): np.array(by[4:], float) for name, _, *by in rows}
    expect(len(rows) == len(wanted), f"{folder}: {len(rows)} readings, not {len(wanted)}")
    errors = {key: np.abs(found.get(key, np.nan) - p).max() for key, p in wanted.items()}
    for key, error in errors.items():
        expect(error <= SLACK, f"{folder}: reading {key} differs from NumPy by {error:.1e}")
    print(f"{folder}: {len(rows)} readings differ from NumPy by at most {max(errors.values()):.1e}")


def check_agreement(folder):
    """How often evaluators name the same, from their readings."""
    said = {}
    for _, _, _, _, view, judge, *p in (row.values() for row in table(folder / "readings.csv")):
        said.setdefault(view, {}).setdefault(judge, []).append(np.array(p, float))
    rows = {(row["view"], row["a"], row["b"]): row for row in table(folder / "agreement.csv")}
    expect(len(rows) == 32, f"{folder}: {len(rows)} rows of agreement")
    for view, by in said.items():
        names = ["conv-0", "conv-1", "conv-2", "conv-3", "conv-4", "knn"]
        p = {name: np.array(by[name]) for name in names}
        named = {name: p[name].argmax(axis=1) for name in names}
        wanted = {
            (a, b): [
                np.mean(named[a] == named[b]),
                np.abs(p[a] - p[b]).sum(axis=1).mean() / 2,
            ]
            for i, a in enumerate(names)
            for b in names[i + 1 :]
        }
        same = np.ptp(list(named.values()), axis=0) == 0
        wanted["all", "all"] = [same.mean(), np.mean([apart for _, apart in wanted.values()])]
        for pair, numbers in wanted.items():
            row = rows[(view, *pair)]
            found = np.array([row["same_answer"], row["probability_distance"]], float)
            is_same = np.allclose(found, numbers, atol=1e-9) and int(row["n"]) == len(same)
            expect(is_same, f"{folder}: agreement of {pair} in {view}: {found}, not {numbers}")


def check_measures(folder, spec, network, found, judges):
    """Some measures again, the rest follows from the same arrays."""
    empirical = network.empirical(20 * np.eye(5) - 10, {"score": "l1", "pixels": 254})
    lit = [set(np.flatnonzero(image > -1)) for image in empirical]
    wanted, readings = {}, {}
    for inversion in spec["invert"]:
        for about, images in zip(settings(inversion), found[inversion["name"]]):
            y = network.outputs(images)
            read, said = judges.see(images) if judges else ({}, {})
            for digit, image in enumerate(images):
                key = (inversion["name"], about.get("value", ""), str(digit))
                top = set(highest(image))
                shared = len(top & lit[digit]) / len(top | lit[digit])
                error = np.abs(y[digit] - np.eye(5)[digit]).max()
                wanted[key, "output_error"] = error
                wanted[key, "empirical_overlap"] = shared
                wanted[key, "largest_magnitude"] = np.abs(image).max()
                for metric, values in said.items():
                    wanted[key, metric] = values[digit]
                for by, values in read.items():
                    readings[(*key, *by)] = values[digit]
                if image.max() > image.min():
                    wanted[key, "total_variation"] = total_variation(image)
    measured = spec.get("metrics")
    wanted = {key: value for key, value in wanted.items() if not measured or key[1] in measured}
    count = 0
    for row in table(folder / "metrics.csv"):
        key = ((row["inversion"], row["setting"], row["class"]), row["metric"])
        if key in wanted and row["value"]:
            value, again = float(row["value"]), wanted[key]
            slack = SLACK if "legibility" in key[1] else 1e-6 * max(abs(again), 1)
            expect(abs(value - again) <= slack, f"{folder}: {key} is {value}, not {again}")
            count += 1
    expect(count >= len(wanted), f"{folder}: {count} measures of {len(wanted)}")
    if judges:
        check_readings(folder, readings)
        check_agreement(folder)


def check_claims(results):
    """What claims say was observed, again from the tables, and the ruling."""
    ledgers = [results / "claims.csv", results / "paper" / "claims.csv"]
    rows = [row for ledger in ledgers if ledger.exists() for row in table(ledger)]
    checked = 0
    for row in rows:
        if "stood in" in row["why"] or not row["observed"]:
            continue
        observed, seeds = float(row["observed"]), row["seeds"].split()
        terms = row["of"].split(" − ")
        folders = [results / row["study"] / f"seed-{seed}" for seed in seeds]
        if row["of"].startswith("epoch "):
            values = []
            for folder in folders:
                log = {f"epoch {line['epoch']}": line for line in table(folder / "accuracy.csv")}
                values.append(float(log[row["of"]][row["metric"]]))
            near = abs(np.mean(values) - observed) <= 1e-9 * max(abs(observed), 1)
            expect(near, f"claim {row['says']!r}: {observed}, not {np.mean(values)}")
            checked += 1
        # Claims across experiments and about pairs have tables of other forms.
        if row["classes"] and "with" not in row["of"] and all(f.exists() for f in folders):
            how, _, some = row["classes"].partition(" of ")
            take = {"mean": np.mean, "lowest": np.min, "highest": np.max}[how]
            counts = lambda r: not some or r["class"] in some.split(", ")
            values = []
            for folder in folders:
                lines = [r for r in table(folder / "metrics.csv") if counts(r)]
                lines = [r for r in lines if r["metric"] == row["metric"]]
                of = lambda name: [float(r["value"]) for r in lines if r["inversion"] == name]
                numbers = [np.array(of(name)) for name in terms]
                values.append(take(numbers[0] - sum(numbers[1:])))
            if row["kind"] == "share":
                values = [holds(value, row["claimed"]) for value in values]
            again = np.mean(values)
            near = abs(again - observed) <= 1e-9 * max(abs(again), 1)
            expect(near, f"claim {row['says']!r}: {observed}, not {again}")
            checked += 1
        expect(row["ruling"] == ruling(row), f"claim {row['says']!r}: {row['ruling']}")
    expect(checked >= 20, f"{checked} claims could be checked")
    print(f"{len(rows)} rows of claims, {checked} of them again from the tables")


def accepted(text):
    """The ends of the numbers that satisfy a claim, and whether it excludes them."""
    claimed = text.split(" in a share")[0].split()
    low, high = -np.inf, np.inf
    if claimed[1] == "±":
        low, high = float(claimed[0]) - float(claimed[2]), float(claimed[0]) + float(claimed[2])
    elif claimed[0] == "above" or claimed[:2] == ["at", "least"]:
        low = float(claimed[-1])
    elif claimed[1] == "×":
        low, high = float(claimed[0]) / float(claimed[-1]), float(claimed[0]) * float(claimed[-1])
    else:
        high = float(claimed[-1])
    return low, high, claimed[0] in ("above", "below")


def holds(value, text):
    """Whether a number satisfies a claim."""
    low, high, is_open = accepted(text)
    return low < value < high if is_open else low <= value <= high


def ruling(row):
    """Verdict of one metric, uncorrected, by where the claim holds."""
    if row["kind"] != "mean":
        return row["ruling"]
    # Fewer than three replicates have no interval, and decide nothing.
    if not row["low"]:
        return "as claimed" if holds(float(row["observed"]), row["claimed"]) else "contrary"
    low, high, is_open = accepted(row["claimed"])
    ends = [float(row[end]) for end in ("low", "high")]
    if low <= ends[0] and ends[1] <= high and not (is_open and {low, high} & set(ends)):
        return "confirmed"
    outside = ends[1] < low or ends[0] > high or is_open and (ends[1] <= low or ends[0] >= high)
    return "refuted" if outside else "undecided"


def check_judges(folder, judges):
    """Judges that can be trusted, and again what they say of test digits."""
    rows = table(folder / "judges.csv")
    together = [row for row in rows if row["judge"] == "read"]
    scores = [row["auroc"] for row in together if row["trained_on"] == "false"]
    scores += [row["judge_accuracy"] for row in together if row["pictures"] == "test digits"]
    expect(len(scores) == 4 and min(map(float, scores)) >= 0.95, f"{folder}: judges: {scores}")
    rows = [row for row in rows if row["pictures"].startswith("test digits")]
    expect(len(rows) == 7 * 11, f"{folder}: {len(rows)} rows on test digits")
    for row in rows:
        digit = row["pictures"].removeprefix("test digits")
        some = judges.truths == int(digit) if digit else judges.truths >= 0
        p, truths = judges.tested[row["judge"]][some], judges.truths[some]
        right = p.argmax(axis=1) == truths
        again = np.array([right, p[np.arange(len(p)), truths], p[:, 10]]).mean(axis=1)
        found = np.array([row["judge_accuracy"], row["truth"], row["none"]], float)
        # Where two outputs are that close, either may be the higher one.
        slack = [(np.diff(np.sort(p)[:, -2:]) < 2 * SLACK).mean() + 1e-9, SLACK, SLACK]
        name = f"{folder}: {row['judge']}, {row['pictures']}"
        expect((np.abs(found - again) <= slack).all(), f"{name}: {found}, not {again}")


def check_accuracy(folder, name):
    """What the paper reports, on its own data only."""
    rows = table(folder / "accuracy.csv")
    last = {key: float(value) for key, value in rows[-1].items() if value}
    if name == "slp":
        subset, loss = last["train_subset_accuracy"], last["running_loss"]
        expect(abs(subset - 0.9428) <= 0.01, f"{folder}: subset accuracy {subset:.4f}")
        expect(abs(loss - 0.20) <= 0.03, f"{folder}: loss {loss:.4f}")
    elif name == "slp-softmax":
        expect(last["train_accuracy"] >= 0.97, f"{folder}: accuracy {last['train_accuracy']:.4f}")
    elif name == "mlp":
        best = max(float(row["train_accuracy"]) for row in rows)
        expect(best >= 0.9995, f"{folder}: best accuracy {best:.4f}")
        expect(last["train_accuracy"] >= 0.98, f"{folder}: accuracy {last['train_accuracy']:.4f}")


def main(results):
    manifests = sorted(results.glob("paper/**/seed-*/manifest.json"))
    names, judges = set(), None
    for path in manifests:
        folder, manifest = path.parent, json.loads(path.read_text())
        spec = manifest["spec"]
        network = Network(folder, spec["model"]["output"])
        found = check_arrays(folder, spec, network)
        check_drawings(folder, spec, found)
        is_mnist = manifest["data"]["source"] == "mnist"
        is_judged = is_mnist and "legibility" in (spec.get("metrics") or ["legibility"])
        if is_judged:
            keys = {stage["stage"]: stage["key"] for stage in manifest["stages"]}
            path = results / ".store" / "judge" / keys["judge"] / "judge.safetensors"
            judges = judges or Judges(path)
            check_judges(folder, judges)
        check_measures(folder, spec, network, found, judges if is_judged else None)
        if is_mnist:
            check_accuracy(folder, manifest["experiment"].removeprefix("paper/"))
        names.add(manifest["experiment"])
    for name in ["slp", "slp-softmax", "mlp", "filters/slp", "filters/mlp"]:
        expect(f"paper/{name}" in names, f"{name} was run")
    check_claims(results)
    print(f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    folder, *options = sys.argv[1:]
    if options == ["--claims"]:
        check_claims(pathlib.Path(folder))
        print(f"{len(faults)} faults")
        sys.exit(1 if faults else 0)
    sys.exit(main(pathlib.Path(folder)))
