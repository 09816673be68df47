"""Every version of the data that Git knows: on all branches, tags and remotes, in DVC experiments, not yet committed.

A version is one out of one `dvc.lock` (or of a `.dvc` file of raw data) with its digest. Each distinct file is read
once, however many commits have it.
"""

import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml

from tunegate.core.errors import MachineError
from tunegate.core.git import NEXT_STEP, git

LOCK = "dvc.lock"
UNCOMMITTED = "(not committed)"
STAGE = re.compile(r"^(?P<stage>[a-z]+)@(?P<key>[a-z][a-z0-9-]*)$")
Kind = Literal["data", "report", "outputs", "raw"]
KINDS: dict[str, Kind] = {"prepare": "data", "baseline": "outputs", "evaluate": "outputs"}
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
RAW, REPORT = "datasets", "build/report/"


class Out(NamedTuple):
    """One out of a lock or `.dvc` file. `key` is empty for raw data of all adapters; `old` is DVC 2's cache layout."""

    kind: Kind
    key: str
    path: str
    digest: str
    old: bool = False


class Version(NamedTuple):
    """One out, and the commits that have it, oldest first."""

    out: Out
    commits: tuple[str, ...]


class History(NamedTuple):
    """All versions. `faults`: what in the history could not be read, so that the search is not complete."""

    versions: tuple[Version, ...]
    faults: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """All adapters that ever had data."""
        return tuple(sorted({version.out.key for version in self.versions} - {""}))


def history(root: Path) -> History:
    """Read all versions.

    Raises:
        MachineError: not a Git repository.
    """
    faults = []
    if git(root, "rev-parse", "--is-shallow-repository") == "true":
        faults.append("this clone is shallow, older commits are not here: `git fetch --unshallow --tags`")
    commits = git(root, "rev-list", "--all", "HEAD", "--topo-order", "--reverse").split()
    names = [LOCK, f"{RAW}.dvc", *_more_raw(root)]
    blobs = _blobs(root, [(commit, name) for commit in commits for name in names])
    texts = _contents(root, {blob for _, _, blob in blobs})
    read: dict[tuple[str, str], tuple[Out, ...]] = {}
    found: dict[Out, list[str]] = {}
    for commit, name, blob in blobs:
        if (name, blob) not in read:
            read[name, blob] = _outs_or_fault(name, texts[blob], f"{name} in commit {commit:.8}", faults)
        for out in read[name, blob]:
            found.setdefault(out, []).append(commit)
    for name in names:
        if (root / name).is_file():
            for out in _outs_or_fault(name, (root / name).read_text(encoding="utf-8"), name, faults):
                found.setdefault(out, [UNCOMMITTED])
    versions = [Version(out, tuple(commits)) for out, commits in found.items()]
    return History(tuple(_without_tracked(root, versions)), tuple(faults))


def _without_tracked(root: Path, versions: list[Version]) -> list[Version]:
    """Without outs that Git itself keeps (`cache: false`): scores and metrics hold no text, and DVC stores none."""
    commits = {UNCOMMITTED: "HEAD"}  # a new file of scores is tracked soon, and its older version is
    places = [(commits.get(v.commits[-1], v.commits[-1]), v.out.path) for v in versions]
    tracked = {(commit, path) for commit, path, _ in _blobs(root, places)}
    return [version for version, place in zip(versions, places, strict=True) if place not in tracked]


def _more_raw(root: Path) -> list[str]:
    """`datasets/KEY.dvc` and deeper ones, where a team adds each adapter's data for itself."""
    changed = git(
        root, "log", "--all", "HEAD", "--full-history", "--format=", "--name-only", "--", f"{RAW}/*.dvc"
    ).split("\n")
    return sorted({name for name in changed if name})


def _blobs(root: Path, wanted: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """(commit, file, blob) for each wanted (commit, file) that there is."""
    told = _ask(root, "--batch-check", [f"{commit}:{name}" for commit, name in wanted]).decode().splitlines()
    fields = (line.split() for line in told)
    return [(*one, words[0]) for one, words in zip(wanted, fields, strict=True) if words[1:2] == ["blob"]]


def _contents(root: Path, blobs: Iterable[str]) -> dict[str, str]:
    wanted, found = sorted(blobs), {}
    told, at = _ask(root, "--batch", wanted), 0
    for blob in wanted:
        end = told.index(b"\n", at)
        size = int(told[at:end].split()[2])
        found[blob] = told[end + 1 : end + 1 + size].decode("utf-8", "replace")
        at = end + 1 + size + 1
    return found


def _ask(root: Path, how: str, objects: list[str]) -> bytes:
    done = subprocess.run(["git", "cat-file", how], cwd=root, input="\n".join(objects).encode(), capture_output=True,
                          check=False)  # fmt: skip
    if done.returncode:
        raise MachineError(f"git cat-file: {done.stderr.decode().strip()}", next_step=NEXT_STEP)
    return done.stdout


def _outs_or_fault(name: str, text: str, where: str, faults: list[str]) -> tuple[Out, ...]:
    try:
        content = yaml.load(text, Loader=LOADER)  # noqa: S506 - a safe loader, the quick one where there is one
        return tuple(_lock_outs(content) if name == LOCK else _raw_outs(content, Path(name).parent))
    except (yaml.YAMLError, AttributeError, TypeError, KeyError) as fault:
        faults.append(f"{where} cannot be read ({type(fault).__name__})")
        return ()


def _lock_outs(content: Any) -> Iterator[Out]:
    """Outs of the stages that store rows; `stages` is missing in the oldest form of the file."""
    for name, stage in (content or {}).get("stages", content or {}).items():
        match = STAGE.match(name)
        if match and match["stage"] in KINDS:
            for out in stage.get("outs", ()):
                kind = "report" if out["path"].startswith(REPORT) else KINDS[match["stage"]]
                if digest := out.get("md5"):
                    yield Out(kind, match["key"], out["path"], digest, out.get("hash") != "md5")


def _raw_outs(content: Any, folder: Path) -> Iterator[Out]:
    for out in content.get("outs", ()):
        path = (folder / out["path"]).as_posix()
        key = path.split("/")[1] if path.startswith(f"{RAW}/") else ""
        if digest := out.get("md5"):
            yield Out("raw", key, path, digest, out.get("hash") != "md5")
