"""Released versions, read from the annotations of their tags (`triage@v1.4.0`): the repository is the registry."""

import re
from pathlib import Path
from typing import NamedTuple

from tunegate.core.git import git

TAG = re.compile(r"^(?P<key>[a-z][a-z0-9-]*)@v(?P<version>\d+\.\d+\.\d+)$")
FACT = re.compile(r"^(?P<name>[a-z][a-z-]*): (?P<value>.+)$", re.MULTILINE)
SIGNATURE = "\nsignature: "  # the last line of a signed tag; what stands after it says nothing
FORMAT = "%(refname:short)%00%(objectname)%00%(*objectname)%00%(contents)%01"


class Released(NamedTuple):
    """One released version. `facts` are the `name: value` lines of the annotation (see `release.annotation`), `text`
    all of it that a signature covers, `signature` the signature (records.attestation), empty where there is none.
    """

    key: str
    version: str
    commit: str
    facts: dict[str, str]
    text: str = ""
    signature: str = ""

    @property
    def tag(self) -> str:
        """The Git tag: `triage@v1.4.0`."""
        return f"{self.key}@v{self.version}"

    @property
    def name(self) -> str:
        """The versioned name under which it is served: `triage-v1.4.0`."""
        return f"{self.key}-v{self.version}"

    @property
    def order(self) -> tuple[int, ...]:
        """The version as numbers, for sorting."""
        return tuple(int(part) for part in self.version.split("."))


def released(root: Path) -> list[Released]:
    """All released versions of all adapters: by key, newest first. Tags of other forms do not count.

    Raises:
        MachineError: not a Git repository.
    """
    found = []
    for entry in git(root, "for-each-ref", "refs/tags", f"--format={FORMAT}").split("\x01"):
        if not entry.strip():
            continue
        name, own, peeled, text = entry.strip("\n").split("\0", 3)
        if match := TAG.match(name):
            body, _, signature = text.partition(SIGNATURE)
            body = body.rstrip("\n") + "\n"
            facts = {fact["name"]: fact["value"] for fact in FACT.finditer(body)}
            signed = signature.partition("\n")[0]
            found.append(Released(match["key"], match["version"], peeled or own, facts, body, signed))
    found.sort(key=lambda version: version.order, reverse=True)
    return sorted(found, key=lambda version: version.key)


def newest(root: Path, key: str) -> Released | None:
    """The newest released version of one adapter."""
    return next((version for version in released(root) if version.key == key), None)
