"""What compare.py measured, as tables and as bars.

Rows are a task, the name of a contender, the round, microseconds, and the answer.
"""

import csv
import statistics
from textwrap import fill

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from machine import busy, machine


def ratios(rows, task, name):
    """Of a contender's time to ours in the same round."""
    times = {(n, r): time for t, n, r, time, _ in rows if t == task}
    rounds = [r for n, r in times if n == name]
    return [times[name, r] / times["backquery", r] for r in rounds]


def tasks_of(rows):
    return dict.fromkeys(task for task, *_ in rows)


def write_csv(path, rows):
    with path.open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["task", "contender", "round", "microseconds", "answer"])
        table.writerows((t.name, n, r, f"{s:.2f}", f"{a:.6g}") for t, n, r, s, a in rows)


def markdown(rows, rounds, load):
    lines = [
        "# Training steps and inversions, beside others",
        "",
        f"Microseconds of processor time, median of {rounds} alternated rounds"
        " (lowest to highest), and how many times ours: the median of the rounds. One"
        " core; two at once have two and go by the clock, and would have 0.50 if neither"
        " waited for anything. A whole epoch is its steps and the evaluation on all training"
        " and test rows, which goes beside the steps of the next one: by the clock it has"
        f" two cores. {machine()}, {busy(load)}. `make peers`.",
    ]
    for task in tasks_of(rows):
        title = task.title[0].upper() + task.title[1:]
        lines += ["", f"## {title}", "", "| | µs | times ours |", "|---|---|---|"]
        for name in task.contenders:
            times = [time for t, n, _, time, _ in rows if (t, n) == (task, name)]
            middle = statistics.median(times)
            ratio = statistics.median(ratios(rows, task, name))
            spread = f"{min(times):.0f} to {max(times):.0f}"
            lines.append(f"| {name} | {middle:.0f} ({spread}) | {ratio:.2f} |")
    return lines


def write_markdown(path, rows, rounds, load):
    page = "\n".join(markdown(rows, rounds, load)) + "\n"
    path.write_text(page)
    return page


def bars(panel, rows, task):
    names = [name for name in task.contenders if not name.startswith("backquery")]
    all_ratios = [ratios(rows, task, name) for name in names]
    middles = [statistics.median(values) for values in all_ratios]
    ends = [
        [m - min(v) for m, v in zip(middles, all_ratios)],
        [max(v) - m for m, v in zip(middles, all_ratios)],
    ]
    panel.barh(names, middles, xerr=ends, color="#7a9cc6", ecolor="#333333", capsize=3)
    panel.axvline(1, color="black", linewidth=1)
    panel.set_title(fill(task.title, 42), fontsize=8)
    panel.set_xlabel("times backquery")
    # Bars are as high in all panels, and the first is at the top.
    panel.set_ylim(4.6, -0.6)


def draw(path, rows, rounds):
    tasks = list(tasks_of(rows))
    figure, panels = plt.subplots(2, 3, figsize=(12, 6), layout="constrained")
    for panel, task in zip(panels.flat, tasks):
        bars(panel, rows, task)
    for panel in panels.flat[len(tasks) :]:
        panel.axis("off")
    note = f"Median and range of {rounds} alternated rounds. {machine()}."
    figure.supxlabel(note, fontsize=7.5)
    figure.savefig(path, dpi=150)
