#!/usr/bin/env python3
"""House style in numbers, from the Rust sources in `src`.

usage: tests/house.py [CHECKOUT] [--json] [--check]

files             source files without tests: those below a folder `tests` and those called
                  `tests.rs` are left out, of others everything from
                  `#[cfg(test)] mod tests {` on
code              lines that are neither blank nor comments
doc               lines of doc comments
longest_file      lines of the longest file
functions         functions whose closing brace has a line of its own
fn_median         lines of a function, from `fn` to the closing brace: the median,
fn_p90            the 90th percentile
fn_max            and the maximum
types             names of structs, enums, traits and type aliases
types_defined_twice
                  names of types that are defined more than once
tuple_parameters  functions that take tuples apart in their parameters
doc_openings      doc comments
openings_without_a_noun_or_verb
                  fraction of doc comments that open with a relative word or a preposition
dialect_words     words for which the field has others
readme_bytes      size of README.md

Regular expressions do the counting: the numbers are good to a few per cent. `--check`
fails if a number is above its limit.
"""

import json
import re
import statistics
import sys
from collections import Counter
from pathlib import Path

LIMITS = {
    "longest_file": 400,
    "fn_max": 60,
    "types_defined_twice": 14,
    "tuple_parameters": 0,
    "openings_without_a_noun_or_verb": 0.05,
    "dialect_words": 29,
}

OPENERS = (
    "what which who whose how where whether of those its their none nothing from with for on in "
    "by without as over under behind between beside"
).title().split() + ["That of", "The same", "The other", "The others", "All that", "All of"]
DIALECT = r"tell tells told stands nobody likeliest lies anew reckon\w* lack lacks lacking".split() + [
    "so many",
    "of which",
    "hold against",
]

OPENER = re.compile(rf"(?:{'|'.join(OPENERS)})\b")
DIALECT_WORD = re.compile(rf"\b(?:{'|'.join(DIALECT)})\b", re.IGNORECASE)
DOC = re.compile(r"//[/!]\s?(.*)")
VISIBILITY = r"^\s*(?:pub(?:\([^)]*\))?\s+)?"
TYPE = re.compile(VISIBILITY + r"(?:struct|enum|trait|type)\s+([A-Z]\w*)", re.MULTILINE)
FUNCTION = re.compile(VISIBILITY + r"(?:const\s+)?fn\s+\w+")
# Names in parentheses, followed by a type in parentheses.
TUPLE_PARAMETER = re.compile(
    FUNCTION.pattern + r"[^{;]*?[(,]\s*\((?:\w+,\s*)+\w+\)\s*:\s*\(", re.MULTILINE
)
CLOSING_BRACE = re.compile(r"(\s*)\}\s*$")


def sources(root):
    """Text of every source file below `root/src`, without its tests."""
    for path in sorted((root / "src").rglob("*.rs")):
        inside = path.relative_to(root)
        if "tests" in inside.parts or inside.name == "tests.rs":
            continue
        text = path.read_text(encoding="utf-8")
        yield text.split("#[cfg(test)]\nmod tests {")[0]


def doc_openings(lines):
    """First lines of doc comments, but for those that begin with an empty one."""
    inside = False
    for line in lines:
        comment = DOC.match(line.strip())
        if comment and not inside and comment[1].strip():
            yield comment[1]
        inside = bool(comment)


def function_lengths(lines):
    """Lines of every function; its closing brace is as far to the right as its `fn`."""
    opened = []
    for number, line in enumerate(lines):
        if FUNCTION.match(line):
            opened.append((number, len(line) - len(line.lstrip())))
        brace = CLOSING_BRACE.match(line)
        if brace and opened and len(brace[1]) == opened[-1][1]:
            yield number - opened.pop()[0] + 1


def count(root):
    """All the numbers, by name."""
    texts = list(sources(root))
    lines = [text.split("\n") for text in texts]
    stripped = [line.strip() for file in lines for line in file]
    lengths = sorted(length for file in lines for length in function_lengths(file))
    types = Counter(name for text in texts for name in TYPE.findall(text))
    openings = [opening for file in lines for opening in doc_openings(file)]
    bad_openings = sum(bool(OPENER.match(opening)) for opening in openings)
    return {
        "files": len(texts),
        "code": sum(bool(line) and not line.startswith("//") for line in stripped),
        "doc": sum(bool(DOC.match(line)) for line in stripped),
        "longest_file": max(map(len, lines)),
        "functions": len(lengths),
        "fn_median": statistics.median(lengths),
        "fn_p90": lengths[int(0.9 * len(lengths))],
        "fn_max": lengths[-1],
        "types": len(types),
        "types_defined_twice": sum(times > 1 for times in types.values()),
        "tuple_parameters": sum(len(TUPLE_PARAMETER.findall(text)) for text in texts),
        "doc_openings": len(openings),
        "openings_without_a_noun_or_verb": round(bad_openings / len(openings), 3),
        "dialect_words": sum(len(DIALECT_WORD.findall(text)) for text in texts),
        "readme_bytes": (root / "README.md").stat().st_size,
    }


def main(arguments):
    folders = [argument for argument in arguments if not argument.startswith("--")]
    numbers = count(Path(folders[0]) if folders else Path(__file__).parents[1])
    if "--json" in arguments:
        print(json.dumps(numbers))
    else:
        for name, number in numbers.items():
            print(f"{name}: {number}")
    above = [name for name, limit in LIMITS.items() if numbers[name] > limit]
    if "--check" in arguments and above:
        sys.exit("above their limits: " + ", ".join(f"{name} ({LIMITS[name]})" for name in above))


if __name__ == "__main__":
    main(sys.argv[1:])
