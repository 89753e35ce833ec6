"""List the licenses of what `pip install event-archive[charts,serve,shell]` installs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution

ROOT = "event-archive"
EXTRAS = ("charts", "serve", "shell")


def list_distributions() -> list[Distribution]:
    """List the package's dependencies, and theirs, as far as they are installed."""
    found: dict[str, Distribution] = {}
    waiting = [ROOT]
    while waiting:
        name = waiting.pop()
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue
        if found.setdefault(package.metadata["Name"].lower(), package) is package:
            waiting += _list_required(package, EXTRAS if name == ROOT else ())
    return sorted(found.values(), key=lambda package: package.metadata["Name"].lower())


def _list_required(package: Distribution, extras: tuple[str, ...]) -> Iterator[str]:
    for requirement in package.requires or ():
        name, _, marker = requirement.partition(";")
        extra = re.search(r"extra == ['\"]([^'\"]+)", marker)
        if extra is None or extra[1] in extras:
            yield re.split(r"[^A-Za-z0-9._-]", name.strip(), maxsplit=1)[0]


def find_license(package: Distribution) -> str:
    """Find the license in the metadata: the expression, the classifiers, or the first line."""
    metadata = package.metadata.json
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in metadata.get("classifier", [])
        if line.startswith("License :: ")
    ]
    text = str(metadata.get("license_expression") or ", ".join(classifiers))
    return text or str(metadata.get("license", "unknown")).splitlines()[0]


if __name__ == "__main__":
    for package in list_distributions():
        print(f"{package.metadata['Name']:24} {package.version:12} {find_license(package)}")
