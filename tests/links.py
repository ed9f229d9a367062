"""Checks that every relative link in the Markdown files of the repository resolves,
anchors included, and that both tables of contents have every page of the documentation.

usage: tests/links.py [FOLDER]
"""

import re
import subprocess
import sys
from pathlib import Path

LINK = re.compile(r"""\]\(([^)\s]+)\)|<img[^>]*\ssrc="([^"]+)\"""")


def prose(text):
    """The text without code blocks and spans, in which brackets are no links."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(path):
    """The anchors that GitHub gives the headings of a page."""
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.M | re.S)
    titles = re.findall(r"^#+ (.+)$", text, flags=re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def broken(page, target):
    """What is wrong with a link, or nothing."""
    name, _, anchor = target.partition("#")
    path = (page.parent / name).resolve() if name else page
    if not path.exists():
        return "no such file"
    if anchor and anchor not in anchors(path):
        return "no such heading"
    return None


def unlisted(docs, contents):
    """Pages of the documentation that a table of contents leaves out."""
    listed = {"".join(found) for found in LINK.findall((docs / contents).read_text())}
    pages = {page.relative_to(docs).as_posix() for page in docs.rglob("*.md")}
    return sorted(pages - listed - {"SUMMARY.md", "index.md"})


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    listed = ["git", "-C", root, "ls-files", "-co", "--exclude-standard", "*.md"]
    pages = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.splitlines()
    links = faults = 0
    for page in (root / name for name in pages if (root / name).exists()):
        for found in LINK.findall(prose(page.read_text())):
            target = "".join(found)
            if re.match(r"[a-z]+:", target):
                continue
            links += 1
            if reason := broken(page, target):
                faults += 1
                print(f"{page.relative_to(root)}: `{target}`: {reason}")
    for contents in ["SUMMARY.md", "index.md"]:
        for page in unlisted(root / "docs", contents):
            faults += 1
            print(f"docs/{contents}: no link to {page}")
    print(f"{links} relative links, {faults} faults")
    sys.exit(faults > 0)


main()
