"""Alternates our training step with that of the peers, round by round on one core, and
writes results.csv, results.md and results.png: `make peers`.

Each contender is a process that waits for the name of a shape, trains one pass over the
same number of rows, and answers with the seconds it took. What counts is the time that
its threads were on a processor, so that other programs disturb less; only two trainings
at once go by the clock. Linux only.
"""

import csv
import os
import statistics
import subprocess
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from shapes import SHAPES

ROUNDS = 9
HERE = Path(__file__).parent
RESULTS = HERE.parent / "results.csv"
OURS = [str(HERE.parent.parent / "target/dist/rounds")]
PEER = [sys.executable, str(HERE / "worker.py")]
CONTENDERS = {
    "backquery": [*OURS, "steps"],
    "by hand (gemm)": [*OURS, "hand"],
    "JAX, jitted scan": [*PEER, "jax"],
    "scikit-learn": [*PEER, "sklearn"],
    "Keras (JAX)": [*PEER, "keras"],
    "PyTorch": [*PEER, "torch"],
    "backquery, whole epoch": [*OURS, "epoch"],
    "backquery, two at once": [*OURS, "two"],
}
TITLES = {
    "mlp": "784-30-30-5, leaky_relu, softmax, batches of 32",
    "slp": "784-5, logistic, l2, batches of 200",
    "digits": "784-32-10, sigmoid, softmax, batches of 256",
}
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}


class Contender:
    def __init__(self, name, command):
        self.trainings = 2 if name.endswith("two at once") else 1
        cores = sorted(os.sched_getaffinity(0))[-self.trainings :]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | ONE_THREAD,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )

    def microseconds(self, shape):
        """Of a step, and the mean loss."""
        before = self.processor_seconds()
        print(shape.name, file=self.process.stdin, flush=True)
        seconds, loss = map(float, self.process.stdout.readline().split())
        if self.trainings == 1:
            seconds = self.processor_seconds() - before
        return seconds * 1e6 / (shape.steps * self.trainings), loss

    def processor_seconds(self):
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def measure():
    contenders = {n: Contender(n, command) for n, command in CONTENDERS.items()}
    rows = []
    for round in range(-1, ROUNDS):
        for shape in SHAPES.values():
            for name, contender in contenders.items():
                time, loss = contender.microseconds(shape)
                # The first round is for compilers and caches.
                if round >= 0:
                    rows.append((shape.name, name, round, time, loss))
    for contender in contenders.values():
        contender.process.stdin.close()
        contender.process.wait()
    return rows


def ratios(rows, shape, name):
    """Of a contender's time to ours in the same round."""
    times = {(s, n, r): time for s, n, r, time, _ in rows}
    return [times[shape, name, r] / times[shape, "backquery", r] for r in range(ROUNDS)]


def write_csv(rows):
    with RESULTS.open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["shape", "contender", "round", "microseconds", "loss"])
        table.writerows((s, n, r, f"{t:.2f}", f"{l:.6f}") for s, n, r, t, l in rows)


def machine():
    names = [l for l in open("/proc/cpuinfo") if l.startswith("model name")]
    return f"{names[0].split(':')[1].strip()}, {os.cpu_count()} cores"


def write_markdown(rows, load):
    lines = [
        "# The training step, beside others",
        "",
        f"Microseconds of processor time a step, median of {ROUNDS} alternated rounds"
        " (lowest to highest), and how many times ours: the median of the rounds. One"
        f" core; two at once have two and go by the clock. {machine()}, on which on average"
        f" {load:.1f} other programs wanted a core when it began: two at once mean nothing"
        " unless that is about 0. `make peers`.",
    ]
    for shape, title in TITLES.items():
        lines += ["", f"## {title}", "", "| | µs | times ours |", "|---|---|---|"]
        for name in CONTENDERS:
            times = [t for s, n, _, t, _ in rows if (s, n) == (shape, name)]
            middle = statistics.median(times)
            ratio = statistics.median(ratios(rows, shape, name))
            spread = f"{min(times):.0f} to {max(times):.0f}"
            lines.append(f"| {name} | {middle:.0f} ({spread}) | {ratio:.2f} |")
    RESULTS.with_suffix(".md").write_text("\n".join(lines) + "\n")


def draw(rows):
    figure, panels = plt.subplots(1, 3, figsize=(11, 3.4), sharey=True, layout="constrained")
    names = [name for name in CONTENDERS if not name.startswith("backquery")]
    for panel, (shape, title) in zip(panels, TITLES.items()):
        all_ratios = [ratios(rows, shape, name) for name in names]
        middles = [statistics.median(values) for values in all_ratios]
        ends = [
            [m - min(v) for m, v in zip(middles, all_ratios)],
            [max(v) - m for m, v in zip(middles, all_ratios)],
        ]
        panel.barh(names, middles, xerr=ends, color="#7a9cc6", ecolor="#333333", capsize=3)
        panel.axvline(1, color="black", linewidth=1)
        panel.set_title(title, fontsize=8.5)
        panel.set_xlabel("times the step of backquery")
    panels[0].invert_yaxis()
    note = f"Median and range of {ROUNDS} alternated rounds. {machine()}."
    figure.supxlabel(note, fontsize=7.5)
    figure.savefig(RESULTS.with_suffix(".png"), dpi=150)


def main():
    load = os.getloadavg()[0]
    rows = measure()
    write_csv(rows)
    write_markdown(rows, load)
    draw(rows)
    print(RESULTS.with_suffix(".md").read_text())


main()
