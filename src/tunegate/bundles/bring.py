"""Bring the bundle of a release, and hold every byte against tag, manifest and signature."""

from datetime import date
from pathlib import Path

from tunegate.core.dvc import dvc_digest
from tunegate.core.dvc_get import get_out
from tunegate.core.errors import ReleaseRefused
from tunegate.core.files import digest_tree, file_digests
from tunegate.core.params import load_params
from tunegate.records.attestation import Attested, Subject, require
from tunegate.records.manifest import Manifest
from tunegate.records.release_keys import trusted
from tunegate.records.released import Released

WRONG = "do not serve it: find out who changed the release (docs/serving.md)"


def bring(root: Path, version: Released, bundle: Path, signed: Attested | None) -> None:
    """Write the bundle of `version` to the new folder `bundle`; `signed`: what `signature` found.

    Raises:
        ReleaseRefused: bytes that are not those that the tag names.
        MachineError: DVC cannot get the bundle.
    """
    get_out(root, f"build/release/{version.key}", version.commit, bundle, what=version.tag)
    hold(bundle, version, signed)


def signature(root: Path, version: Released) -> Attested | None:
    """The signature of a version, where params.yaml names keys that may sign; None where it names none.

    Raises:
        ReleaseRefused: there is no right one: nobody is handed this version.
    """
    keys = trusted(root, load_params(root / "params.yaml").release_signers)
    subject = Subject(version.tag, version.commit, date.min, version.text)
    return require(version.signature, subject, keys)


def hold(bundle: Path, version: Released, signed: Attested | None = None) -> None:
    """Hold a bundle against its tag, and against what was signed.

    Raises:
        ReleaseRefused: a file is missing, changed or not in the manifest.
    """
    if dvc_digest(bundle) != version.facts.get("bundle"):
        raise ReleaseRefused(f"{version.tag}: the bundle is not the one that the tag names", next_step=WRONG)
    if signed and file_digests(bundle) != signed.files:
        raise ReleaseRefused(f"{version.tag}: the bundle's files are not those that were signed", next_step=WRONG)
    manifest = Manifest.read(bundle / "manifest.json", ReleaseRefused, next_step=WRONG)
    here = file_digests(bundle)  # never a path that the manifest names: it may lead out of the folder
    wrong = [name for name, digest in manifest.files.items() if here.get(name) != digest]
    if wrong or digest_tree(bundle / "adapter") != version.facts.get("adapter"):
        named = ", ".join(wrong) or "adapter"
        raise ReleaseRefused(f"{version.tag}: digests differ from the manifest's: {named}", next_step=WRONG)
