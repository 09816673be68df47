"""What the tag says: is it one of ours, who signed it, and does it fit the bundle and its commit?"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from tunegate.core.dvc import dvc_digest
from tunegate.core.git import git
from tunegate.core.lock import committed
from tunegate.records.attestation import Subject, check_tag, day_of, parse
from tunegate.records.manifest import Manifest, facts_of
from tunegate.records.released import Released
from tunegate.verify.finding import Finding, found


def check_kind(root: Path, version: Released) -> Finding:
    """An annotated tag; a light one says nothing of a release."""
    kind = git(root, "cat-file", "-t", f"refs/tags/{version.tag}")
    faults = [] if kind == "tag" else ["a tag without annotation: `tunegate` makes none"]
    return found("tag", faults, f"annotated, at commit {version.commit[:12]}")


def check_signature(version: Released, keys: Mapping[str, Any], files: Mapping[str, str]) -> Finding:
    """The signature fits tag, commit, text and every file; `keys` are trusted (none: nothing is demanded)."""
    if not version.signature:
        return found("signature", ["not signed, and release_signers demands it"] if keys else [], "not signed")
    subject = Subject(version.tag, version.commit, date.min, version.text)
    try:
        attested = parse(version.signature)
    except ValueError as fault:
        return found("signature", [str(fault)], "")
    faults = check_tag(attested, subject, keys)
    if not keys:  # without a key only what it says can be compared
        faults = [fault for fault in faults if "release_signers" not in fault]
    faults += differences(attested.files, files, "signed")
    by = f"by key {attested.key[:16]}" + ("" if keys else ", which nothing here lists: only what it says was compared")
    return found("signature", faults, f"{by}, over tag, commit, text and {len(files)} files")


def differences(said: Mapping[str, str], here: Mapping[str, str], what: str) -> list[str]:
    """How files differ from a list of them."""
    return [
        *(f"{name} is missing" for name in sorted(said.keys() - here.keys())),
        *(f"{name} was not {what}" for name in sorted(here.keys() - said.keys())),
        *(
            f"{name} has other bytes than {what}"
            for name in sorted(said.keys() & here.keys())
            if said[name] != here[name]
        ),
    ]


def check_facts(version: Released, manifest: Manifest) -> Finding:
    """Each line of the tag is what the manifest says; an older tag may lack some."""
    wanted = facts_of(manifest, version.facts.get("bundle", ""), version.facts.get("data-hash", ""))
    faults = [
        f"{name} is {version.facts[name]} in the tag, {value} in the manifest"
        for name, value in wanted.items()
        if name in version.facts and version.facts[name] != value
    ]
    if version.key != manifest.key:
        faults.append(f"the manifest is of {manifest.key}")
    if lacking := sorted(wanted.keys() - version.facts.keys()):
        return found("facts", faults, f"as in the manifest; an older tag, it lacks {', '.join(lacking)}")
    return found("facts", faults, f"{len(wanted)} lines of the tag are as in the manifest")


def check_commit(root: Path, version: Released, bundle: Path) -> Finding:
    """The bundle is the one that the tag names, and that the tagged commit's dvc.lock records."""
    here = dvc_digest(bundle)
    faults = []
    if version.facts.get("bundle") != here:
        faults.append(f"this bundle is {here}, the tag names {version.facts.get('bundle', 'none')}")
    recorded = committed(root, version.key, f"build/release/{version.key}", version.commit)
    if recorded != here:
        faults.append(f"dvc.lock of {version.commit[:12]} records {recorded or 'none'}")
    return found("bundle", faults, "the one that the tag and dvc.lock of its commit name")


def day_of_tag(root: Path, version: Released) -> date:
    """The day on which the tag was made: as signed, else as Git has it."""
    try:
        signed = day_of(parse(version.signature)) if version.signature else None
    except ValueError:
        signed = None
    said = git(root, "for-each-ref", f"refs/tags/{version.tag}", "--format=%(creatordate:format:%Y-%m-%d)")
    return signed or date.fromisoformat(said)
