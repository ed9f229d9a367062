#!/usr/bin/env python3
"""Renders docs/findings.md and docs/findings/*.md from their templates and from values of runs.

usage: tests/findings.py                            render from the committed values
       tests/findings.py --results FOLDER           take the values from a run, then render
       tests/findings.py --check                    compare the pages with the committed values
       tests/findings.py --check --results FOLDER [--only GROUP]
                                                    compare them with a run, or with its GROUP

A template (`*.md.in`) is Markdown with values in double braces. docs/findings/values.csv and
claims.csv hold what the templates use, unrounded, and where it is from.

{{EXPERIMENT [INVERSION] [PARAMETER=SETTING] METRIC: FORMAT}}
        mean over trainings, from summary.csv of the experiment
{{limits EXPERIMENT INVERSION: FORMAT}}
        mean, lowest and highest limit of the classes, from limits.csv
{{claim EXPERIMENT "part of the sentence" [COLUMN="text"]: FORMAT}}
        a number of the ledger, or its `verdict`, `why` or `claimed`
{{count GROUP [VERDICT]}}
        number of claims of a group of experiments, or of those with the verdict
{{claims GROUP [readings|others|all]}}
        table of claims: of sentences with a text and a code reading, of the others, or of all
{{require ...: CONDITION}}
        nothing; fails unless the claim has one of the verdicts, or `mean`, `low` or `high` is
        below or above a number, as in `low > 0.5`
{{given NUMBER}}
        a number that no run gives: printed by a source, or set in a spec

Alternatives in parentheses, as in `paper/(slp|mlp)`, give one value each, between commas.
FORMAT is the number of decimals (`.2`), `%`, `g` or `e`, by default three digits or so; then
`interval`, `inside` (the same for text in brackets), `low to high`, `n`, `range` (smallest to
largest mean of all alternatives) or `cells` (one cell of a table per alternative). Decimals
typed without `given` are refused. Paragraphs are wrapped anew.

Results are the same byte for byte on one kind of machine only. A run is therefore compared
at the printed digits, by rendering the pages from it.
"""

import argparse
import csv
import difflib
import io
import itertools
import operator
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs/findings"
PROGRAM = os.environ.get("BACKQUERY", ROOT / "target/release/backquery")
WIDTH = 92
GROUPS = ["paper", "book", "thread", "backward-pass", "reverse", "beyond"]

VALUE_COLUMNS = ["value", "mean", "low", "high", "n", "file"]
CLAIM_COLUMNS = (
    "study says source reading metric of kind verdict why claimed observed low high n interval"
).split()

PLACEHOLDER = re.compile(r"\{\{(.+?)\}\}")
# Decimals in prose; numbers of three parts are sections, code and links have their own.
TYPED = re.compile(r"(?<![\w.])\d+\.\d+(?![\w.]*\d)")
UNCHECKED = re.compile(r"```.*?```|`[^`\n]*`|\]\([^)]*\)|\{\{.+?\}\}", re.S)
# Sources before their sections, and those without.
NAMES = r"(?:Lai|Tashfeen|Clune) \d{4}, |^Rashid, |^Nguyen-Tran, "
SOURCELESS = ["forum thread", "independent programs"]
# Far below the rounding of any number that a network gives.
NOTHING = 1e-30
# Parts of a line that are not wrapped: code.
UNBROKEN = re.compile(r"`[^`\n]*`")
METRICS = {
    "legibility_drawn": "legibility",
    "class_mean_correlation": "class mean",
    "legibility_any_drawn": "any digit",
    "legibility_told": "legibility of the training label",
    "empirical_overlap": "overlap",
    "train_subset_accuracy": "subset accuracy",
    "first_perfect_epoch": "epoch",
}


class Fault(Exception):
    """What is wrong with a template or a run, in one line."""


def read(path):
    """Rows of a CSV file."""
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path, columns, rows):
    """Writes the columns of rows as a CSV file."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def group(name):
    """First folder of an experiment's name."""
    return name.split("/")[0]


class Values:
    """Values that templates ask for: committed ones, or those of a run for some groups."""

    def __init__(self, results, groups):
        self.results, self.groups = results, groups
        self.tables, self.used = {}, {}
        self.committed = {row["value"]: row for row in read(FOLDER / "values.csv")}
        self.claims = read(FOLDER / "claims.csv")
        if groups:
            self.claims = [row for row in self.claims if group(row["study"]) not in groups]
            self.claims += [row for name in groups for row in self.ledger(name)]
        self.claims.sort(key=lambda row: GROUPS.index(group(row["study"])))

    def ledger(self, name):
        """Claims of a group, as the program judges the results."""
        command = [PROGRAM, "claims", f"experiments/{name}", "--out", self.results]
        command += ["--format", "csv"]
        try:
            run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        except OSError as error:
            raise Fault(f"{PROGRAM}: {error.strerror}; build it first") from None
        except subprocess.CalledProcessError as error:
            raise Fault(f"backquery claims experiments/{name}: {error.stderr.strip()}") from None
        rows = list(csv.DictReader(io.StringIO(run.stdout)))
        for study in sorted({row["study"] for row in rows}):
            if not (self.results / study / "summary/summary.csv").exists():
                print(f"left out: {study} has no summary in {self.results}", file=sys.stderr)
                rows = [row for row in rows if row["study"] != study]
        return rows

    def table(self, experiment, name):
        """Rows of a table in the summary of an experiment, or of the sweep that it is from."""
        for folder in (experiment, experiment.rpartition("/")[0]):
            path = self.results / folder / "summary" / name
            if path.exists():
                if path not in self.tables:
                    self.tables[path] = read(path)
                rows = [row for row in self.tables[path] if row["experiment"] == experiment]
                return rows, path.relative_to(self.results).as_posix()
        raise Fault(f"no {name} of {experiment} in {self.results}: run it first")

    def limits(self, experiment, inversion):
        """Mean, lowest and highest limit of the classes."""
        rows, path = self.table(experiment, "limits.csv")
        limits = [float(row["limit"]) for row in rows if row["inversion"] == inversion]
        if not limits:
            raise Fault(f"no limits of `{inversion}` in {path}")
        mean, n = sum(limits) / len(limits), len(limits)
        return {"mean": mean, "low": min(limits), "high": max(limits), "n": n, "file": path}

    def summary(self, words):
        """Row of a summary, by experiment, inversion, setting and metric."""
        experiment, *middle, metric = words
        setting = [word for word in middle if "=" in word]
        inversion = [word for word in middle if "=" not in word]
        parameter, _, value = setting[0].partition("=") if setting else ("", "", "")
        wanted = {
            "inversion": inversion[0] if inversion else "",
            "parameter": parameter,
            "setting": value,
            "metric": metric,
        }
        rows, path = self.table(experiment, "summary.csv")
        found = [row for row in rows if all(row[key] == wanted[key] for key in wanted)]
        if len(found) != 1:
            raise Fault(f"{len(found)} rows in {path}, expected one")
        return {**found[0], "file": path}

    def value(self, locator):
        """Mean, interval and number of trainings that a locator names."""
        words = locator.split()
        limits = words[0] == "limits"
        if group(words[limits]) in self.groups:
            row = self.limits(*words[1:]) if limits else self.summary(words)
            row = {**row, "value": locator}
        elif locator in self.committed:
            row = self.committed[locator]
        else:
            raise Fault("not in values.csv: run `make findings`")
        self.used[locator] = row
        return row

    def row(self, locator):
        """Row of the ledger or value that a locator names."""
        return self.claim(locator) if locator.startswith("claim ") else self.value(locator)

    def of_group(self, name):
        """Claims of a group of experiments."""
        return [row for row in self.claims if group(row["study"]) == name]

    def claim(self, locator):
        """The row of the ledger that a locator names."""
        match = re.fullmatch(r'claim (\S+) "([^"]+)"((?: \w+="[^"]*")*)', locator)
        if not match:
            raise Fault('expected claim EXPERIMENT "part of the sentence" [COLUMN="text"]')
        study, says = match[1], match[2]
        wanted = dict(re.findall(r'(\w+)="([^"]*)"', match[3]))
        found = [
            row
            for row in self.claims
            if row["study"] == study
            and says in row["says"]
            and all(row[key] == wanted[key] for key in wanted)
        ]
        if len(found) != 1:
            raise Fault(f"{len(found)} claims, expected one")
        return {**found[0], "mean": found[0]["observed"]}


def number(text, form):
    """A number in a format: `.2`, `%`, `e`, `g`, or three digits or so."""
    value = float(text)
    if abs(value) < NOTHING:
        value = 0.0
    if form == "%":
        return f"{value:.0%}".replace("%", " %")
    if form == "g":
        return f"{value:g}"
    if form == "" and abs(value) >= 0.0005:
        form = ".0" if abs(value) >= 100 else ".1" if abs(value) >= 10 else ".3"
    if form in ("", "e"):
        mantissa, exponent = f"{value:.0e}".split("e")
        return f"{mantissa}e{int(exponent)}" if value else "0"
    shown = f"{value:{form}f}"
    return shown.lstrip("-") if not float(shown) else shown


def ends(row, form):
    """Both ends of an interval."""
    return f"{number(row['low'], form)} to {number(row['high'], form)}"


def interval(row, form):
    """A mean with the ends of its interval in brackets."""
    shown = number(row["mean"], form)
    if not row["low"]:
        return shown
    return f"{shown} ({ends(row, form)})"


def shorter(why):
    """The reason of a verdict in a few words."""
    if more := re.search(r"about (\d+) more", why):
        return f"about {more[1]} more"
    return {
        "too close": "too close",
        "cannot tell": "cannot tell",
        "outside the interval, but not after correction for the number of claims": "outside, but "
        "not after correction",
    }.get(why.split(":")[0], why)


def verdict(rows):
    """Verdict on a sentence, with the numbers that it rests on."""
    first = rows[0]
    word = "**refuted**" if first["verdict"] == "refuted" else first["verdict"]
    if first["kind"] == "share":
        return f"{word}: {first['why']}"
    if first["why"]:
        word += f" ({shorter(first['why'])})"
    form = "g" if first["interval"] == "range" else ""
    numbers = []
    for row in rows:
        name = METRICS.get(row["metric"], row["metric"].replace("_", " "))
        numbers.append(f"{name} {interval({**row, 'mean': row['observed']}, form)}")
    criteria = list(dict.fromkeys(row["claimed"] for row in rows))
    return f"{word}: {', '.join(numbers)}; claimed: {', '.join(criteria)}"


def section(source):
    """Section of a source: its name and quotations are left out."""
    place = re.sub(r'[,:] ".*', "", source)
    return re.split(NAMES, place)[-1].removeprefix("section ")


def sentence(row, name):
    """The sentence of a claim, with its network where a group has several."""
    network = {"paper/mlp": "MLP: "}.get(row["study"], "") if name == "paper" else ""
    return (network + row["says"]).replace("|", "\\|")


def claims_table(values, name, which):
    """A Markdown table of the claims of a group, one row per sentence."""
    readings = ["text", "code"] if which == "readings" else [""]
    sentences = {}
    for row in values.of_group(name):
        if which == "all" or bool(row["reading"]) == (which == "readings"):
            place = section(row["source"]) if row["source"] not in SOURCELESS else ""
            study = row["study"] if which == "all" else ""
            reading = row["reading"] if which == "readings" else ""
            cells = sentences.setdefault((study, sentence(row, name), place), {})
            cells.setdefault(reading, []).append(row)
    names = ["experiment", "sentence", "section"]
    kept = [column for column in range(3) if any(key[column] for key in sentences)]
    verdicts = readings if which == "readings" else ["verdict"]
    lines = ["| " + " | ".join([names[column] for column in kept] + verdicts) + " |"]
    lines.append("|---" * (len(kept) + len(verdicts)) + "|")
    for key, cells in sentences.items():
        shown = [verdict(cells[reading]) if reading in cells else "–" for reading in readings]
        lines.append("| " + " | ".join([key[column] for column in kept] + shown) + " |")
    return "\n".join(lines)


def alternatives(locator):
    """All locators that the alternatives in parentheses stand for."""
    parts = re.split(r"\(([^()]*\|[^()]*)\)", locator)
    chosen = [part.split("|") if odd % 2 else [part] for odd, part in enumerate(parts)]
    return ["".join(choice) for choice in itertools.product(*chosen)]


def shown(values, locator, form):
    """The text of one placeholder."""
    words = form.split()
    digits = next((w for w in words if re.fullmatch(r"\.\d|[%eg]", w)), "")
    what = " ".join(w for w in words if w not in (digits, "cells"))
    rows = [values.row(one) for one in alternatives(locator)]
    if what in ("verdict", "why", "claimed", "n"):
        texts = [row[what] for row in rows]
    elif what == "interval":
        texts = [interval(row, digits) for row in rows]
    elif what == "low to high":
        texts = [ends(row, digits) for row in rows]
    elif what == "inside":
        texts = [f"{number(row['mean'], digits)}, {ends(row, digits)}" for row in rows]
    elif what == "range":
        means = sorted(float(row["mean"]) for row in rows)
        texts = [f"{number(means[0], digits)} to {number(means[-1], digits)}"]
    elif what == "":
        texts = [number(row["mean"], digits) for row in rows]
    else:
        raise Fault(f"unknown format `{form}`")
    return (" | " if "cells" in words else ", ").join(map(str, texts))


def require(values, locator, condition):
    """Fails unless all values that a locator names fulfil the condition."""
    compared = re.fullmatch(r"(mean|low|high) ([<>]) (\S+)", condition)
    for one in alternatives(locator):
        row = values.row(one)
        if compared:
            than = operator.lt if compared[2] == "<" else operator.gt
            held = than(float(row[compared[1]]), float(compared[3]))
            found = row[compared[1]]
        else:
            held = row["verdict"] in condition.split(", ")
            found = row["verdict"]
        if not held:
            raise Fault(f"the text needs {condition}, got {found}")
    return ""


def replaced(values, content):
    """What a placeholder stands for."""
    kind, _, rest = content.partition(" ")
    if kind == "given":
        return rest
    if kind == "count":
        name, _, word = rest.partition(" ")
        # A claim of several metrics has one row for each.
        keys = ["study", "says", "source", "reading"]
        rows = {tuple(row[key] for key in keys): row["verdict"] for row in values.of_group(name)}
        return str(sum(not word or verdict == word for verdict in rows.values()))
    if kind == "claims":
        name, _, which = rest.partition(" ")
        return claims_table(values, name, which)
    locator, separator, form = content.rpartition(": ")
    if not separator:
        raise Fault("expected a format after `: `")
    if kind == "require":
        return require(values, locator.removeprefix("require "), form)
    return shown(values, locator, form)


def filled(values, path):
    """Text of a template with all its values, not wrapped."""
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT)

    def line(position):
        return f"{name}:{text.count(chr(10), 0, position) + 1}"

    prose = UNCHECKED.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    for typed in TYPED.finditer(prose):
        raise Fault(f"{line(typed.start())}: {typed[0]} is typed: name its value, or write `given`")

    def replace(match):
        try:
            return replaced(values, match[1])
        except Fault as fault:
            raise Fault(f"{line(match.start())}: `{match[1]}`: {fault}") from None

    return PLACEHOLDER.sub(replace, text)


def wrapped(text):
    """Markdown with its paragraphs and items of lists wrapped; tables and code stay."""
    blocks = re.split(r"(```.*?```|\n\n+)", text, flags=re.S)
    for index, block in enumerate(blocks):
        if not block.strip() or re.match(r"[|#<!]|```", block):
            continue
        whole = UNBROKEN.sub(lambda match: match[0].replace(" ", "\0"), block.strip("\n"))
        items = re.split(r"\n(?=- )", whole)
        lines = [
            textwrap.fill(
                " ".join(item.split()),
                WIDTH,
                subsequent_indent="  " * item.startswith("- "),
                break_long_words=False,
                break_on_hyphens=False,
            )
            for item in items
        ]
        blocks[index] = "\n".join(lines).replace("\0", " ") + "\n" * block.endswith("\n")
    return "".join(blocks)


def pages(values):
    """Path and text of every page."""
    for path in [ROOT / "docs/findings.md.in", *sorted(FOLDER.glob("*.md.in"))]:
        note = f"<!-- Rendered by `make findings` from {path.name}: change that. -->\n\n"
        yield path.with_suffix(""), note + wrapped(filled(values, path))


def readme_faults(values):
    """Phrases of README that no longer hold, and numbers of its findings that none covers."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    part = r"^\| mean of ten trainings.*^## Findings\n.*?(?=^## )"
    findings = re.search(part, readme, re.M | re.S)
    if not findings:
        yield "README.md: expected a table `mean of ten trainings` and a section `Findings`"
        return
    checked = " ".join(findings[0].split())
    for phrase in filled(values, FOLDER / "readme.in").splitlines():
        phrase = " ".join(phrase.split())
        if phrase.startswith("#") or not phrase:
            continue
        if phrase not in checked:
            yield f"README.md: expected `{phrase}`, as docs/findings/readme.in says"
        checked = checked.replace(phrase, " ")
    for loose in TYPED.findall(UNCHECKED.sub(" ", checked)):
        yield f"README.md: {loose} is in no phrase of docs/findings/readme.in"


def compare(values):
    """Number of pages, phrases and numbers that differ from what is committed."""
    faults = list(readme_faults(values))
    for path, text in pages(values):
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        name = str(path.relative_to(ROOT))
        lines = difflib.unified_diff(
            old.split("\n"), text.split("\n"), name, "rendered", lineterm="", n=0
        )
        if difference := "\n".join(lines):
            faults.append(difference)
    print("\n".join(faults), end="\n" if faults else "")
    return len(faults)


def update(values):
    """Writes the pages, and the values if they are from a run."""
    for path, text in pages(values):
        path.write_text(text, encoding="utf-8")
    faults = list(readme_faults(values))
    if values.groups:
        rows = [{key: row[key] for key in VALUE_COLUMNS} for _, row in sorted(values.used.items())]
        write(FOLDER / "values.csv", VALUE_COLUMNS, rows)
        write(FOLDER / "claims.csv", CLAIM_COLUMNS, values.claims)
    print("\n".join(faults), end="\n" if faults else "")
    return len(faults)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.partition("usage: ")[2].partition("\n\nA ")[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--results", type=Path)
    parser.add_argument("--only", choices=GROUPS)
    options = parser.parse_args()
    if options.only and not (options.check and options.results):
        parser.error("--only restricts --check --results")
    groups = [] if not options.results else [options.only] if options.only else GROUPS
    try:
        values = Values(options.results and options.results.resolve(), groups)
        faults = compare(values) if options.check else update(values)
        counts = f"{len(values.used)} values, {len(values.claims)} claims"
        print(f"findings: {counts}, {faults} differences")
    except Fault as fault:
        sys.exit(f"findings: {fault}")
    sys.exit(faults > 0)


if __name__ == "__main__":
    main()
