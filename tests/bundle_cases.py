"""A bundle as a release has it, and the version that its tag would name."""

from pathlib import Path

from tunegate.core.dvc import dvc_digest
from tunegate.core.files import digest_file, digest_tree
from tunegate.records.manifest import Manifest
from tunegate.records.released import Released


def make_bundle(folder: Path) -> Released:
    """Make it in the new folder."""
    (folder / "adapter").mkdir(parents=True)
    (folder / "adapter" / "adapter_config.json").write_text('{"r": 16}')
    (folder / "adapter" / "adapter_model.safetensors").write_bytes(b"weights")
    files = {f"adapter/{path.name}": digest_file(path) for path in (folder / "adapter").iterdir()}
    manifest = Manifest(
        key="triage", method="lora", rank=16, base="b", base_revision=None, base_digest="B",
        adapter=digest_tree(folder / "adapter"), data="D", outcome="PASS", scores={}, baseline_scores={}, policy={},
        files=files,
    )  # fmt: skip
    manifest.write(folder / "manifest.json")
    facts = {"bundle": dvc_digest(folder), "adapter": manifest.adapter, "rank": "16", "method": "lora"}
    return Released("triage", "1.0.0", "c" * 40, facts)
