"""Checks the JSON Schema of specs with a validator that is not ours.

Every spec below `experiments` must pass. With a folder of specs that the test suite found
broken (`BACKQUERY_BROKEN=FOLDER cargo test --release`), at least 95 % of those refused for an
unknown key, a type, a bound or a choice must be refused by the schema as well.

usage: tests/schema.py [FOLDER]
"""

import json
import math
import re
import sys
import tomllib
from pathlib import Path

from jsonschema import Draft202012Validator

LEAST = 0.95
# Faults of single values: those that a schema can find.
OF_VALUES = re.compile(r": unknown key `|` must be .*, got |, but the metrics are ")


def as_json(value):
    """A value of TOML as JSON has it, which knows no infinite numbers."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def first_error(validator, spec):
    error = next(validator.iter_errors(as_json(spec)), None)
    return error and f"{'.'.join(map(str, error.path))}: {error.message[:200]}"


def accepts_published(validator, root):
    specs = sorted((root / "experiments").rglob("*.toml"))
    errors = {spec: first_error(validator, tomllib.loads(spec.read_text())) for spec in specs}
    for spec, error in errors.items():
        if error:
            print(f"{spec.relative_to(root)}: {error}")
    print(f"{len(specs)} specs, {sum(map(bool, errors.values()))} refused")
    return specs and not any(errors.values())


def put(table, keys, value):
    """Puts a value at a dotted key; items of lists go by their names."""
    for key in keys[:-1]:
        if isinstance(table, list):
            table = [item for item in table if item.get("name") == key][0]
        elif isinstance(table.get(key, {}), (dict, list)):
            table = table.setdefault(key, {})
        else:
            table[key] = {}
            table = table[key]
    table[keys[-1]] = value


def overridden(spec, override):
    """A spec with an override of the command line, such as `train.epochs=5`."""
    key, _, value = override.partition("=")
    try:
        value = tomllib.loads(f"x = {value}")["x"]
    except tomllib.TOMLDecodeError:
        pass
    put(spec, key.split("."), value)
    return spec


def broken_specs(path):
    """Specs with a fault of a single value, each with the fault."""
    text = path.read_text(errors="replace")
    faults = path.with_suffix(".txt").read_text().splitlines()
    faults = [fault for fault in faults if OF_VALUES.search(fault)]
    own = [fault for fault in faults if fault.startswith("spec.toml:")]
    if own:
        yield own[0], tomllib.loads(text)
    for fault in faults:
        if override := re.match(r"--set (\S+=.*?): (?:`|unknown key)", fault):
            try:
                yield fault, overridden(tomllib.loads(text), override[1])
            except LookupError:
                continue  # It has no place in this spec.


def refuses_broken(validator, folder):
    broken, accepted = 0, []
    for path in sorted(Path(folder).glob("*.toml")):
        try:
            for fault, spec in broken_specs(path):
                broken += 1
                if not first_error(validator, spec):
                    accepted.append(fault)
        except tomllib.TOMLDecodeError:
            continue  # Nothing that JSON could have.
    for fault in accepted:
        print(f"accepted: {fault}")
    refused = 1 - len(accepted) / max(broken, 1)
    print(f"{broken} broken specs, {refused:.1%} refused")
    return broken >= 30 and refused >= LEAST


def main():
    root = Path(__file__).resolve().parent.parent
    schema = json.loads((root / "docs/spec.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    passes = [accepts_published(validator, root)]
    passes += [refuses_broken(validator, folder) for folder in sys.argv[1:]]
    sys.exit(not all(passes))


if __name__ == "__main__":
    main()
