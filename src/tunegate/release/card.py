"""The model card of a bundle: what Hugging Face's card asks for, with the verdict and its waivers."""

from collections import Counter
from typing import Any

import yaml

from tunegate.core.settings import Gate, Release
from tunegate.judge.rows import MACRO
from tunegate.records.manifest import Manifest, VariantOf
from tunegate.records.verdict import GateResult, Verdict, WaiverUsed

BODY = """\
# {key}

{description}

- Base model: `{base}` (digest `{base_digest}`)
- Method: {method}
- Data: digest `{data}`
- Verdict of the gate: **{outcome}** (`verdict.md` is the table, `verdict.json` the record)

## Intended use

{intended_use}

## Data

{data_summary}

## Scores on the test split

| metric | prompted base | this model |
|---|---|---|
{scores}

## General abilities

What the base could do before, on the same documents (lm-eval tasks). The gate's limit for a loss is {max_drop:.0%}.

| task | base | this model | change | verdict |
|---|---|---|---|---|
{general}
{variant}
## Waivers

{waivers}

## Files

`adapter/` is what a server loads. `manifest.json` names every file with its SHA-256, `SHA256SUMS` the same for
`sha256sum -c`. `scores/` is what the verdict was decided from: `tunegate verify` decides it again. `training.json` says
how it was trained, `data.json` what its data was, `provenance.json` (in-toto) from what it was made, `bom.cdx.json`
(CycloneDX) of what.
"""


def model_card(manifest: Manifest, release: Release, verdict: Verdict, data: dict[str, Any]) -> str:
    """Render README.md of the bundle. `data` is the data report (records.data_report)."""
    front = {
        "license": release.license,
        "language": list(release.language),
        "base_model": manifest.base,
        **({"base_model_relation": _relation(manifest.variant)} if manifest.variant else {}),
        "library_name": "peft" if manifest.method == "lora" else "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["lora"] if manifest.method == "lora" else [],
        "model-index": [_results(manifest)],
    }
    rows = [
        f"| {name} | {_number(manifest.baseline_scores.get(name))} | {_number(score)} |"
        for name, score in manifest.scores.items()
    ]
    waivers = [_waiver(waiver) for waiver in verdict.waivers]
    body = BODY.format(
        key=manifest.key,
        description=release.description,
        base=manifest.base,
        base_digest=manifest.base_digest[:12],
        method=_method(manifest),
        data=manifest.data[:12],
        outcome=verdict.outcome,
        data_summary=_data(data),
        intended_use=release.intended_use,
        scores="\n".join(rows),
        max_drop=Gate.model_validate(verdict.policy).forgetting.max_drop,
        general="\n".join(_general(gate) for gate in verdict.gates if gate.kind == "noninferiority"),
        variant=_variant(manifest),
        waivers="\n".join(waivers) or "None.",
    )
    return f"---\n{yaml.safe_dump(front, sort_keys=False)}---\n\n{body}"


def _method(manifest: Manifest) -> str:
    if manifest.variant:
        return f"`{manifest.variant.key}` in another form: {manifest.variant.form}"
    return f"LoRA, rank {manifest.rank}" if manifest.method == "lora" else "full fine-tune"


def _relation(variant: VariantOf) -> str:
    """As the Hub names it: https://huggingface.co/docs/hub/model-cards#specifying-a-base-model."""
    return "finetune" if variant.form.startswith("merged") else "quantized"


def _variant(manifest: Manifest) -> str:
    """What the form saves and what it costs; nothing for an adapter."""
    if (variant := manifest.variant) is None:
        return ""
    rows = [_compared("weights, MB", variant.bytes_before / 1e6, variant.bytes_after / 1e6, 1)]
    rows += [_compared(name, variant.scores[name], score, 4) for name, score in manifest.scores.items()
             if name in variant.scores]  # fmt: skip
    lines = "\n".join(rows)
    return f"""
## Beside the adapter that it was made of

`{variant.key}`, digest `{variant.made_of[:12]}`, with its base: what a server loads, and what it scores on the same
documents. The gate holds the loss against `variants.{manifest.key}.max_drop` (`verdict.md`, rows `variant/`).

| | {variant.key} on its base | this model | change |
|---|---|---|---|
{lines}
"""


def _general(gate: GateResult) -> str:
    """One task of the forgetting suite, or all together; a task that only informs has no verdict of its own."""
    name = "all together" if gate.id == MACRO else gate.task
    change = f"{gate.candidate / gate.base - 1:+.1%}" if gate.base and gate.candidate is not None else "-"
    said = f"{gate.outcome}{' (waived)' if gate.waived else ''}" if gate.decides else "-"
    return f"| {name} | {_number(gate.base)} | {_number(gate.candidate)} | {change} | {said} |"


def _compared(name: str, before: float, after: float, places: int) -> str:
    change = f"{after / before - 1:+.1%}" if before else "-"
    return f"| {name} | {before:.{places}f} | {after:.{places}f} | {change} |"


def _results(manifest: Manifest) -> dict[str, Any]:
    """The scores as the Hub reads them: https://huggingface.co/docs/hub/model-cards#evaluation-results."""
    rows = manifest.variant.key if manifest.variant else manifest.key
    dataset = {"type": rows, "name": f"{rows}, test split", "revision": manifest.data}
    metrics = [{"type": name, "value": score} for name, score in manifest.scores.items()]
    task = {"type": "text-generation"}
    return {"name": manifest.key, "results": [{"task": task, "dataset": dataset, "metrics": metrics}]}


def _data(report: dict[str, Any]) -> str:
    kept = ", ".join(f"{split['kept']} {name}" for name, split in sorted(report.get("splits", {}).items()))
    dropped: Counter[str] = Counter()
    for file in report.get("files", ()):
        dropped.update(file["rejected"])
    codes = ", ".join(f"{count} {code}" for code, count in sorted(dropped.items()))
    private = ", ".join(f"{kind} in {one['rows']} rows" for kind, one in sorted(report.get("private", {}).items()))
    said = {"kept": kept or "not recorded", "dropped": codes or "none", "with private data": private or "none"}
    return "\n".join(f"- Rows {what}: {found}" for what, found in said.items())


def _waiver(waiver: WaiverUsed) -> str:
    state = "used" if waiver.used else "not needed"
    return f"- `{waiver.gate}`: {waiver.reason} ({waiver.by}, until {waiver.expires}, {state})"


def _number(score: float | None) -> str:
    return "-" if score is None else f"{score:.4f}"
