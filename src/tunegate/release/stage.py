"""Render, decide, act: the thin part of the release."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tunegate.core.dvc import dvc_digest
from tunegate.core.errors import BusyError, EvidenceError, ReleaseRefused
from tunegate.core.files import file_digests, write_text
from tunegate.core.git import branch, changed_files, git
from tunegate.core.lock import committed, data_hash
from tunegate.core.params import adapter_of
from tunegate.core.settings import Params
from tunegate.records.attestation import Subject, sign
from tunegate.records.manifest import Manifest, facts_of
from tunegate.records.release_keys import signer
from tunegate.records.released import newest
from tunegate.release.bump import asked
from tunegate.release.bundle import Sources, render
from tunegate.release.decision import Action, Decision, Facts, decide_release
from tunegate.release.tag import annotation, make_tag
from tunegate.release.verify import verify


def release(root: Path, key: str, sources: Sources, out: Path, params: Params, today: date) -> str:
    """Render the bundle of `key` to `out`, then refuse, tag, or say why not; return what to tell.

    Raises:
        ReleaseRefused: the evidence does not say PASS for these very bytes; the message holds the table.
        EvidenceError: scores or verdict are missing or corrupt.
    """
    try:
        return _release(root, key, sources, out, params, today)
    except EvidenceError as fault:
        if not os.environ.get("DVC_EXP_NAME"):
            raise
        # DVC drops an experiment whose stage fails or writes no out: a failed try must stay in `dvc exp show`.
        write_text(out / "README.md", f"No bundle: {fault.message}\n")
        return f"experiment: nothing is released ({fault.message})"


def _release(root: Path, key: str, sources: Sources, out: Path, params: Params, today: date) -> str:
    verified = verify(key, sources.scores, sources.gate, sources.adapter, params, today)
    manifest = render(out, sources, params, verified.verdict, verified.evidence)
    facts = _facts(root, key, out, params, verified.refusals, manifest)
    decision = decide_release(facts)
    if decision.action is Action.REFUSE:
        raise _refusal(decision, facts, sources)
    if decision.action is Action.TAG:
        return _tag(root, decision, facts, signer(root, params.release_signers), out)
    return f"{facts.key}: {decision.why}" + (f"; next: {decision.next_step}" if decision.next_step else "")


def _facts(root: Path, key: str, out: Path, params: Params, refusals: tuple[str, ...], manifest: Manifest) -> Facts:
    return Facts(
        key=key,
        experiment=os.environ.get("DVC_EXP_NAME", ""),
        refusals=refusals,
        branch=branch(root),
        release_branch=params.release_branch,
        changed=tuple(changed_files(root)),
        bundle=dvc_digest(out),
        committed_bundle=committed(root, key, out.as_posix()),
        manifest=manifest,
        compared=adapter_of(params, key).gate.released,
        newest=newest(root, key),
        head=git(root, "rev-parse", "HEAD"),
        asked=asked(),
    )


def _refusal(decision: Decision, facts: Facts, sources: Sources) -> ReleaseRefused:
    table = (sources.gate / "table.md").read_text(encoding="utf-8").strip()
    return ReleaseRefused(
        f"{facts.key} is not released: {decision.why}\n\n{table}\n",
        next_step=decision.next_step
        or f"read build/gate/{facts.key}/verdict.json; change data or training, or try `dvc exp run`",
    )


def _rows_of(manifest: Manifest) -> str:
    """The key of the rows that it was trained on."""
    return manifest.variant.key if manifest.variant else manifest.key


def _tag(root: Path, decision: Decision, facts: Facts, key: Any, out: Path) -> str:
    name = f"{facts.key}@v{decision.version}"
    said = {**facts_of(facts.manifest, facts.bundle, data_hash(root, _rows_of(facts.manifest))), "bump": decision.bump}
    text = annotation(facts.manifest, said)
    if key is not None:
        today = datetime.now(UTC).date()
        text += f"signature: {sign(Subject(name, facts.head, today, text), file_digests(out), key)}\n"
    try:
        make_tag(root, name, facts.head, text)
    except BusyError:
        other = newest(root, facts.key)
        if other and other.facts.get("bundle") == facts.bundle:
            return f"{facts.key}: {other.tag} was made by somebody else just now, of this very bundle"
        raise
    how = "unsigned" if key is None else "signed"
    return f"released {name}, {how} ({decision.bump}); next: git push origin {name}, then `make serve`"
