"""The paper's two experiments from start to end, in turn with its own pipeline, and writes
whole.csv and whole.md: `make whole`. Linux only.

    python whole.py [ROUNDS]
"""

import csv
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import busy, machine

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent
RESULTS = HERE.parent / "whole.csv"
MODELS = ["slp", "mlp"]
OURS = [PROJECT / "target/dist/backquery", "run", "--quiet"]
JUDGED = [PROJECT / f"experiments/paper/{model}.toml" for model in MODELS]
PLAIN = [HERE / f"specs/{model}.toml" for model in MODELS]
NO_JUDGE = ["--set", 'figure.methods.under=["target_probability"]']
# By the backend of Keras: his, and the quickest.
PAPER = {"paper": "tensorflow", "paper, Keras on JAX": "jax"}
SEEDS = 10
# Ten seeds at once take long, and are as noisy as one.
MANY_ROUNDS = 3


def run(name, command):
    """What a command cost, and what it printed."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{name} failed with {process.returncode}")
    cost = {
        "contender": name,
        "seconds": time.perf_counter() - start,
        "processor_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss * 1024 / 1e6,
    }
    return cost, printed


def ours(name, specs, seeds, options=()):
    with tempfile.TemporaryDirectory() as out:
        how = ["--seed", ",".join(map(str, seeds)), "--out", out, *options]
        cost, _ = run(name, [*OURS, *specs, *how])
        seconds = parts_of(Path(out), seeds[0])
    return cost | {"parts": seconds}


def many_seeds(name):
    return f"{name}, {SEEDS} seeds"


def parts_of(out, seed):
    """Seconds of each stage of the first seed, by model and kind."""
    parts = {}
    for path in out.rglob(f"seed-{seed}/timings.csv"):
        model = path.parts[-3]
        with path.open() as file:
            for row in csv.DictReader(file):
                shared = row["stage"] in ("data", "judge")
                key = row["stage"] if shared else f"{row['stage']} {model}"
                before = 0 if shared else parts.get(key, 0)
                parts[key] = before + float(row["seconds"])
    return parts


def paper(seed, mnist, name, backend):
    with tempfile.TemporaryDirectory() as out:
        script = [sys.executable, HERE / "lai.py", mnist, Path(out) / "lai"]
        cost, printed = run(name, [*script, str(seed), backend])
    told = json.loads(printed)
    parts, before = {}, 0
    for part, (end, _) in told["ends"].items():
        parts[part], before = end - before, end
    many = cost | {"contender": many_seeds(name)}
    for column, once in zip(["seconds", "processor_seconds"], told["ends"]["data"]):
        many[column] = once + SEEDS * (cost[column] - once)
    return cost | {"parts": parts}, many


def measure(rounds, mnist):
    os.environ["BACKQUERY_DATA"] = str(mnist)
    costs = []
    for round in range(rounds):
        rows = [
            *(cost for peer in PAPER.items() for cost in paper(round, mnist, *peer)),
            ours("backquery", PLAIN, [round], NO_JUDGE),
            ours("backquery, with judges", JUDGED, [round]),
        ]
        if round < MANY_ROUNDS:
            rows.append(ours(many_seeds("backquery"), PLAIN, range(SEEDS), NO_JUDGE))
        costs += [row | {"round": round} for row in rows]
        for row in rows:
            print(f"round {round}: {row['contender']} {row['seconds']:.1f} s", flush=True)
    return costs


def write_csv(costs):
    columns = ["round", "contender", "seconds", "processor_seconds", "peak_mb"]
    with RESULTS.open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        for cost in costs:
            numbers = [f"{cost[column]:.3f}" for column in columns[2:]]
            table.writerow([cost["round"], cost["contender"], *numbers])


def spread(values):
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


def of(costs, name, column):
    return {c["round"]: c[column] for c in costs if c["contender"] == name}


def ratio(costs, column, theirs, mine):
    """The median of the rounds that have both."""
    a, b = of(costs, theirs, column), of(costs, mine, column)
    return statistics.median(a[round] / b[round] for round in a if round in b)


def table(costs, theirs, mine):
    lines = ["| | seconds | processor seconds | peak MB |", "|---|---|---|---|"]
    columns = ["seconds", "processor_seconds", "peak_mb"]
    for name in [*theirs, *mine]:
        cells = [spread(of(costs, name, column).values()) for column in columns]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    for their, my in itertools.product(theirs, mine):
        cells = [f"{ratio(costs, column, their, my):.1f}" for column in columns]
        lines.append(f"| {their}: times {my} | {' | '.join(cells)} |")
    return lines


def parts_table(costs, name):
    rows = [cost["parts"] for cost in costs if cost["contender"] == name]
    lines = [f"| {name} | seconds |", "|---|---|"]
    return lines + [f"| {part} | {spread([r[part] for r in rows])} |" for part in rows[0]]


def markdown(costs, rounds, load):
    return [
        "# From start to end, beside the paper's own pipeline",
        "",
        "Both trainings, all inversions and figures of `experiments/paper/slp.toml` and"
        " `mlp.toml`: `backquery run` into an empty folder, and what Lai 2021 does with"
        " scikit-learn, Keras on TensorFlow, NumPy and Matplotlib, imports included, and"
        f" the same on JAX ([lai.py](peers/lai.py)). Medians of {rounds} rounds (lowest to highest), a"
        f" seed each; ratios are the medians of those of the rounds. {machine()},"
        f" {busy(load)}. `make whole`.",
        "",
        *table(costs, PAPER, ["backquery", "backquery, with judges"]),
        "",
        "The judges of legibility are ours alone, so the comparison is without them.",
        "",
        f"## {SEEDS} seeds",
        "",
        "Of the paper's pipeline as reckoned from one: what comes before training once,"
        f" all else {SEEDS} times.",
        "",
        *table(costs, [many_seeds(name) for name in PAPER], [many_seeds("backquery")]),
        "",
        "## Where the time goes",
        "",
        "By the clock. Ours runs both models at once, so their parts overlap.",
        "",
        *parts_table(costs, "paper"),
        "",
        *parts_table(costs, "backquery, with judges"),
    ]


def main():
    mnist = os.environ.get("BACKQUERY_DATA")
    if not mnist:
        sys.exit("set BACKQUERY_DATA to the folder with the gzipped MNIST")
    rounds = int(sys.argv[1]) if sys.argv[1:] else 9
    load = os.getloadavg()[0]
    costs = measure(rounds, Path(mnist).absolute())
    write_csv(costs)
    page = "\n".join(markdown(costs, rounds, load)) + "\n"
    RESULTS.with_suffix(".md").write_text(page)
    print(page)


main()
