"""Check the project's prose for phrases that do not read as plain English.

It reads Markdown files, the comments, docstrings and messages of Python files, and the comments
of SQL files and the Makefile. Each finding names the file, the line and what to write instead.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parent.parent

PHRASES = {
    r"anew": "again, or a verb with re-",
    r"tells? (?!apart\b)(?:of|which|what|that|how|its|their|the|it|no|so)": "specify, contain, say",
    r"(?:is|are|was|were|be) told": "specified, known, passed",
    r"told": "specified, known, given",
    r"(?:one|a) row an? \w+": "one row per …",
    r"(?:one|a (?:file|line|module|class|page)) an? (?:event|line|table|verb|commit)": "per",
    r"for ever": "permanently, always",
    r"of (?:ours|yours|before)": "our, your; earlier",
    r"stands? (?:in|at|there|by|beside|for)": "is in, appears in",
    r"beside": "alongside, next to, compared with",
    r"(?<!there )(?:is|are) no (?:event|date|number|archive|file|object|JSON|text|ID)\w*": (
        "is not a(n)"
    ),
    r"lest": "so that … not",
    r"left alone": "ignored",
    r"so many (?:rows|bytes|events|seconds|records|times)": "this many, the given number of",
    r"what (?:is|was|has been) (?:told|asked|said|left)": "the … that",
    r"who (?:asks|reads|runs)": "whoever, users who",
    r"in place of": "instead of",
    r"wanting|for want of": "missing, out of",
    r"reckons?": "computes, uses",
    r"nought|naught|hitherto|thereof|whereof|therein": "a plainer word",
}
BANNED = [
    (re.compile(rf"\b(?:{phrase})\b", re.IGNORECASE), hint) for phrase, hint in PHRASES.items()
]
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def main() -> int:
    """Print each finding; the exit code is 1 if there are any."""
    findings = 0
    for path in list_files():
        for line, text in read_prose(path):
            for pattern, hint in BANNED:
                for match in pattern.finditer(text):
                    at = line + text.count("\n", 0, match.start())
                    name = path.relative_to(PROJECT)
                    print(f"{name}:{at}: {' '.join(match[0].split())!r}: write {hint}")
                    findings += 1
    return 1 if findings else 0


def list_files() -> Iterator[Path]:
    """The files under version control that hold prose; sample and test data are not prose."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        path = PROJECT / name
        is_prose = path.suffix in (".md", ".py", ".sql") or path.name == "Makefile"
        if is_prose and path != Path(__file__) and path.is_file():
            yield path


def read_prose(path: Path) -> Iterator[tuple[int, str]]:
    """The pieces of prose in a file, each with the line it begins at."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        yield 1, CODE_BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text)
    elif path.suffix == ".py":
        yield from read_comments(text)
        if not path.is_relative_to(PROJECT / "tests"):
            yield from read_strings(text)
    elif path.suffix == ".sql":
        for number, line in enumerate(text.splitlines(), 1):
            yield number, line.partition("--")[2]
    else:
        for number, line in enumerate(text.splitlines(), 1):
            yield number, line.partition("#")[2]


def read_comments(source: str) -> Iterator[tuple[int, str]]:
    """The comments of a Python file."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def read_strings(source: str) -> Iterator[tuple[int, str]]:
    """The docstrings and messages of a Python file: every string constant that has a space."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value


if __name__ == "__main__":
    sys.exit(main())
