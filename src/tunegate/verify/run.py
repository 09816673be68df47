"""`tunegate verify TAG`: all checks of one release, all faults at once."""

import tempfile
from datetime import date
from pathlib import Path

from tunegate.core.dvc_get import get_out
from tunegate.core.errors import UsageError
from tunegate.core.files import dump_json, file_digests, write_text
from tunegate.core.params import load_params
from tunegate.records.attestation import pretty
from tunegate.records.release_keys import trusted
from tunegate.records.released import Released, released
from tunegate.verify.files import check_files, check_safe, has_links, read_manifest
from tunegate.verify.finding import Finding
from tunegate.verify.tag import check_commit, check_facts, check_kind, check_signature, day_of_tag
from tunegate.verify.verdict import check_verdict


def verify(root: Path, tag: str, today: date, bundle: Path | None = None) -> list[Finding]:
    """Check a release; its bundle is in the folder `bundle`, or else DVC brings it.

    Raises:
        UsageError: no such release, or no such folder.
        MachineError: DVC cannot get the bundle.
        ReleaseRefused: the folder has no manifest.
    """
    version = find(root, tag)
    if bundle is not None:
        if not bundle.is_dir():
            raise UsageError(f"{bundle}: no such folder", next_step=f"without --bundle DVC brings that of {tag}")
        return _checks(root, version, bundle, today)
    with tempfile.TemporaryDirectory(prefix="tunegate-") as place:
        out = Path(place) / "bundle"
        get_out(root, f"build/release/{version.key}", version.commit, out, what=version.tag)
        return _checks(root, version, out, today)


def find(root: Path, tag: str) -> Released:
    """The release of that tag.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    known = {version.tag: version for version in released(root)}
    if tag not in known:
        raise UsageError(
            f"{tag}: no such release; there is {', '.join(known) or 'none'}",
            next_step="give one such as triage@v1.0.0; `git fetch --tags` brings other people's",
        )
    return known[tag]


def _checks(root: Path, version: Released, bundle: Path, today: date) -> list[Finding]:
    safe = check_safe(bundle)
    if has_links(bundle):
        return [check_kind(root, version), safe]
    here, manifest = file_digests(bundle), read_manifest(bundle)
    keys = trusted(root, load_params(root / "params.yaml").release_signers)
    return [
        check_kind(root, version),
        check_signature(version, keys, here),
        check_facts(version, manifest),
        check_commit(root, version, bundle),
        safe,
        check_files(bundle, manifest, here),
        check_verdict(bundle, manifest, day_of_tag(root, version), today),
    ]


def report(tag: str, findings: list[Finding], *, as_json: bool) -> str:
    """All checks, for a person or as JSON."""
    fine = all(finding.passed for finding in findings)
    if as_json:
        checks = [finding._asdict() for finding in findings]
        return dump_json({"tag": tag, "verified": fine, "checks": checks}, indent=2)
    head = f"{tag} is what was released" if fine else f"{tag} is NOT what was released"
    return "\n".join([head, *(finding.line for finding in findings)])


def write_signature(root: Path, tag: str, path: Path) -> str:
    """Write a tag's signature to a file for `model_signing verify key`.

    Raises:
        UsageError: no such release, or it is not signed.
    """
    version = find(root, tag)
    if not version.signature:
        raise UsageError(f"{tag} is not signed", next_step="`tunegate verify` checks what there is")
    write_text(path, pretty(version.signature))
    return f"{path}: the signature of {tag}, in the format of OpenSSF model signing"
