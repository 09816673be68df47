"""`tunegate gate released KEY [VERSION]`: take the scores of a released version from its tag, to compare with.

A stage cannot depend on a tag: so the file stands in the tree, params.yaml names version and digest, and `release`
refuses where a newer version is out.
"""

from pathlib import Path

from tunegate.core.errors import UsageError
from tunegate.core.files import digest_file, write_bytes
from tunegate.core.git import blob_at
from tunegate.records.released import Released, released

LINES = "    gate:\n      released: {{version: {version}, scores: {digest}}}"


def take_released(root: Path, key: str, scores: Path, version: str = "") -> str:
    """Write scores/KEY/released.jsonl; return what to put into params.yaml.

    Raises:
        UsageError: there is no such version, or its commit has no scores.
    """
    chosen = _choose(root, key, version.removeprefix("v"))
    source = (Path("scores") / key / "candidate.jsonl").as_posix()
    found = blob_at(root, chosen.commit, source)
    if found is None:
        raise UsageError(f"{chosen.tag} has no {source}", next_step="choose a version whose commit holds its scores")
    path = scores / key / "released.jsonl"
    write_bytes(path, found)
    lines = LINES.format(version=chosen.version, digest=digest_file(path))
    return f"{path} holds the scores of {chosen.tag}; params.yaml, adapters.{key}:\n{lines}"


def _choose(root: Path, key: str, version: str) -> Released:
    known = [each for each in released(root) if each.key == key]
    if chosen := next((each for each in known if version in ("", each.version)), None):
        return chosen
    said = ", ".join(each.version for each in known) or "none"
    raise UsageError(f"{key}: no released version {version}".rstrip() + f"; there is {said}",
                     next_step="`git fetch --tags`, or release first")  # fmt: skip
