"""Alternates our training steps and inversions with those of the peers, round by round on
one core, and writes results.csv, results.md and results.png: `make peers`.

What counts is the time that the threads of a contender were on a processor, so that
other programs disturb less; only two trainings at once go by the clock, as threads of one
program and as two, which share nothing but the machine. Linux only.
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from contender import Contender, Pair
from shapes import SHAPES
from tables import draw, write_csv, write_markdown

ROUNDS = 9
HERE = Path(__file__).parent
OURS = HERE.parent.parent / "target/dist/rounds"
PEER = [sys.executable, HERE / "worker.py"]


@dataclass(eq=False)
class Task:
    """What contenders do, how often in a round, how many steps that is each time, and
    whether all have to give the same answer."""

    name: str
    title: str
    contenders: dict
    times: int = 1
    steps: int = 1
    is_exact: bool = False


TRAININGS = {
    "backquery": [OURS, "steps"],
    "by hand (gemm)": [OURS, "hand"],
    "JAX, jitted scan": [*PEER, "with_jax.Training"],
    "scikit-learn": [*PEER, "with_sklearn.Training"],
    "Keras (JAX)": [*PEER, "with_keras.Training"],
    "PyTorch": [*PEER, "with_torch.Training"],
    "backquery, whole epoch": [OURS, "epoch"],
    "backquery, whole epoch by the clock": [OURS, "epoch"],
    "backquery, two at once": [OURS, "two"],
    "backquery, two processes at once": [OURS, "steps"],
}

SINGLE_ROWS = {
    "backquery": [OURS, "steps"],
    "JAX, jitted scan": [*PEER, "with_book.Scan"],
    "NumPy": [*PEER, "with_book.Loop"],
    "backquery, whole epoch": [OURS, "epoch"],
}


def inversions(weights):
    return {
        "backquery": [OURS, "inverses"],
        "NumPy": [*PEER, "invert_numpy.Inversion", weights],
        "JAX, jitted": [*PEER, "invert_jax.Inversion", weights],
    }


def tasks(weights):
    step = lambda name, title, contenders=TRAININGS: Task(
        name, f"a step of {title}", contenders, steps=SHAPES[name].steps
    )
    inverse = lambda name, title, times: Task(
        name,
        f"{title} of 784-30-30-5, back from 5 targets",
        inversions(weights),
        times,
        is_exact=True,
    )
    return [
        step("mlp", "784-30-30-5, leaky_relu, softmax, batches of 32"),
        step("slp", "784-5, logistic, l2, batches of 200"),
        step("digits", "784-32-10, sigmoid, softmax, batches of 256"),
        step("book", "784-200-10, sigmoid, logistic, single rows", SINGLE_ROWS),
        inverse("analytical", "pseudo-inverses", 50),
        inverse("filters", "pseudo-inverses and their 52 filters", 4),
    ]


def start(name, command):
    if name.endswith("two processes at once"):
        return Pair(command)
    return Contender(command, 2 if name.endswith(("two at once", "by the clock")) else 1)


def at_once(name):
    """Trainings."""
    return 2 if name.endswith("at once") else 1


def measure(tasks):
    """Rows of task, contender, round, microseconds a step, and the answer."""
    contenders = {
        (name, *command): start(name, command)
        for task in tasks
        for name, command in task.contenders.items()
    }
    rows = []
    for round in range(-1, ROUNDS):
        for task in tasks:
            for name, command in task.contenders.items():
                contender = contenders[(name, *command)]
                seconds, answer = contender.run(task.name, task.times)
                steps = task.times * task.steps * at_once(name)
                # The first round is for compilers and caches.
                if round >= 0:
                    rows.append((task, name, round, seconds * 1e6 / steps, answer))
    for contender in contenders.values():
        contender.end()
    return rows


def check_answers(rows):
    """All run the same network backwards, so all have the same pixels."""
    ours = {task: answer for task, name, _, _, answer in rows if name == "backquery"}
    for task, name, _, _, answer in rows:
        if task.is_exact and abs(answer / ours[task] - 1) > 1e-6:
            sys.exit(f"{task.title}: {name} has {answer}, backquery {ours[task]}")


def main():
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "weights"
        subprocess.run([OURS, "weights", weights], check=True)
        rows = measure(tasks(weights))
    check_answers(rows)
    results = HERE.parent / "results.csv"
    write_csv(results, rows)
    print(write_markdown(results.with_suffix(".md"), rows, ROUNDS, load))
    draw(results.with_suffix(".png"), rows, ROUNDS)


main()
