"""The model card of a bundle: what Hugging Face's card asks for, with the verdict and its waivers."""

import yaml

from tunegate.core.settings import Release
from tunegate.records.manifest import Manifest
from tunegate.records.verdict import Verdict, WaiverUsed

BODY = """\
# {key}

{description}

- Base model: `{base}` (digest `{base_digest}`)
- Method: {method}
- Data: digest `{data}`
- Verdict of the gate: **{outcome}** (`verdict.md` is the table, `verdict.json` the record)

## Intended use

{intended_use}

## Scores on the test split

| metric | prompted base | this model |
|---|---|---|
{scores}

## Waivers

{waivers}

## Files

`manifest.json` names every file with its SHA-256; `adapter/` is what a server loads; `training.json` says how it was
trained and `data.json` what its data was.
"""


def model_card(manifest: Manifest, release: Release, verdict: Verdict) -> str:
    """Render README.md of the bundle."""
    front = {
        "license": release.license,
        "language": list(release.language),
        "base_model": manifest.base,
        "library_name": "peft" if manifest.method == "lora" else "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["lora"] if manifest.method == "lora" else [],
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
        method=f"LoRA, rank {manifest.rank}" if manifest.method == "lora" else "full fine-tune",
        data=manifest.data[:12],
        outcome=verdict.outcome,
        intended_use=release.intended_use,
        scores="\n".join(rows),
        waivers="\n".join(waivers) or "None.",
    )
    return f"---\n{yaml.safe_dump(front, sort_keys=False)}---\n\n{body}"


def _waiver(waiver: WaiverUsed) -> str:
    state = "used" if waiver.used else "not needed"
    return f"- `{waiver.gate}`: {waiver.reason} ({waiver.by}, until {waiver.expires}, {state})"


def _number(score: float | None) -> str:
    return "-" if score is None else f"{score:.4f}"
