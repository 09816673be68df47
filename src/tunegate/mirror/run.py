"""`tunegate mirror [KEY...]`: bring a registry in step with the tags. Run again, it goes on where it was."""

import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tunegate.bundles.bring import WRONG, bring, signature
from tunegate.core.errors import BusyError, ReleaseRefused, UsageError
from tunegate.core.params import load_params
from tunegate.mirror.difference import Difference, difference, holders
from tunegate.mirror.mlflow import Mlflow
from tunegate.mirror.words import repository, words
from tunegate.records.manifest import Manifest
from tunegate.records.released import Released, released
from tunegate.records.stages import assignments

Say = Callable[[str], None]


NAME = re.compile(r"[A-Za-z0-9._-]*")  # it stands in queries


def mirror(root: Path, keys: Sequence[str], uri: str, say: Say, *, prefix: str = "", dry_run: bool = False) -> str:
    """Copy what is released to the MLflow server at `uri`, and set its aliases to the stages; return the last line.

    `prefix`: what the names of our models begin with there.

    Raises:
        UsageError: no such adapter, not an http address, or a prefix with other signs than letters, digits, `._-`.
        ReleaseRefused: nothing is released; bytes that are not those of the tag, here or there; a model of the name
            that is somebody else's.
        BusyError: somebody deleted a version there while this ran.
        MachineError: the server does not answer or says no; DVC cannot get a bundle.
    """
    if not uri.startswith(("http://", "https://")):
        step = "give one by --mlflow, or in MLFLOW_TRACKING_URI"
        raise UsageError(f"{uri or 'nothing'}: not the http address of an MLflow server", next_step=step)
    if not NAME.fullmatch(prefix):
        raise UsageError(f"--prefix {prefix!r}: letters, digits and ._- only", next_step="give another")
    there = {version.key for version in released(root)}
    known = load_params(root / "params.yaml").releases
    if unknown := [key for key in keys if key not in known]:
        raise UsageError(f"no such adapter: {', '.join(unknown)}", next_step=f"there is {', '.join(known)}")
    if not (wanted := [key for key in keys or known if key in there]):
        raise ReleaseRefused("nothing is released", next_step="`dvc repro` releases what passes; `git fetch --tags`")
    registry = Mlflow(uri, prefix)
    for key in wanted:
        _one(root, key, registry, say, dry_run=dry_run)
    return "nothing was changed: a dry run" if dry_run else f"in step with the tags: {', '.join(wanted)}"


def _one(root: Path, key: str, registry: Mlflow, say: Say, *, dry_run: bool) -> None:
    versions = [version for version in released(root) if version.key == key]
    found = difference(versions, holders(key, assignments(root)), registry.there(key))
    if found.strange:
        names = ", ".join(found.strange)
        step = "find out who copied it; delete the wrong version there, then run this again"
        raise ReleaseRefused(f"MLflow has another bundle as {names}", next_step=step)
    if dry_run:
        _foretell(key, found, say)
        return
    address = repository(root)
    for version in found.missing:
        say(f"{version.tag}: version {_copy(root, version, registry, address)} of {key}")
    copies = registry.there(key).copies if found.moves else {}
    for stage, tag in found.moves.items():
        if tag not in copies:
            raise BusyError(f"MLflow: {tag} was deleted meanwhile", next_step="run this again")
        registry.alias(key, stage, copies[tag].number)
        say(f"{key}: {stage} is {tag}")


def _foretell(key: str, found: Difference, say: Say) -> None:
    for version in found.missing:
        say(f"{version.tag}: to be copied")
    for stage, tag in found.moves.items():
        say(f"{key}: {stage} to become {tag}")


def _copy(root: Path, version: Released, registry: Mlflow, address: str) -> int:
    with tempfile.TemporaryDirectory(prefix="tunegate-mirror-") as place:
        bundle = Path(place) / "bundle"
        bring(root, version, bundle, signature(root, version))
        manifest = Manifest.read(bundle / "manifest.json", ReleaseRefused, next_step=WRONG)
        return registry.add(version, bundle, words(version, manifest, address))
