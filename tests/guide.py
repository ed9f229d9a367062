"""Runs every command and every script of pages, in their order, in a folder of its own.

    python tests/guide.py [PAGE...]          README.md and docs/guide.md without any

A block of TOML that opens with `# experiments/...` becomes that file, one that opens with
`# add to ...` is added to it; other blocks of TOML only show keys. Of `make` only the target
is checked: what it runs is run elsewhere. Needs BACKQUERY_DATA; the scripts of the guide need
pandas, NumPy, Pillow and scikit-learn.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target/release/backquery"
PAGES = sys.argv[1:] or ["README.md", "docs/guide.md"]


def blocks(page):
    return re.findall(r"^```(\w+)\n(.*?)^```", (ROOT / page).read_text(), re.M | re.S)


def targets(page):
    """Targets of `make` in the text and the blocks of a page."""
    return sorted(set(re.findall(r"`?make ([\w-]+)", (ROOT / page).read_text())))


def write(body):
    """Writes or extends the spec that a block names."""
    named = re.match(r"# (add to )?(experiments/\S+)\n", body)
    if named:
        path = pathlib.Path(named[2])
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if named[1] else "w") as file:
            file.write("\n" + body[named.end() :] if named[1] else body)


def commands(page):
    for target in targets(page):
        yield ["make", "--dry-run", "--directory", str(ROOT), target]
    for language, body in blocks(page):
        if language == "toml":
            write(body)
        elif language == "python":
            yield [sys.executable, "-c", body]
        elif language == "sh":
            lines = body.strip().splitlines()
            yield from (["bash", "-c", line] for line in lines if not line.startswith("make "))


def shown(command):
    script = command[-1].strip().splitlines()[0]
    return f"make {script}" if command[0] == "make" else script


def main():
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(os.environ["BACKQUERY_DATA"]).resolve()
        os.chdir(folder)
        shutil.copytree(ROOT / "experiments", "experiments", ignore=shutil.ignore_patterns("mine"))
        shutil.copytree(ROOT / "results/reference", "results/reference")
        os.makedirs("target/release")
        shutil.copy(PROGRAM, "target/release/backquery")
        for command in (command for page in PAGES for command in commands(page)):
            ran = subprocess.run(
                command, capture_output=True, text=True, env=os.environ | {"BACKQUERY_DATA": str(data)}
            )
            print(f"{ran.returncode}  {shown(command)}", flush=True)
            if ran.returncode != 0:
                sys.exit(ran.stdout[-2000:] + ran.stderr[-2000:])
            count += 1
    print(f"{count} commands and scripts of {' and '.join(PAGES)}, 0 faults")


main()
