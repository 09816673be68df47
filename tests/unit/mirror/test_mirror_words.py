"""What a copy says of itself."""

from pathlib import Path

import pytest
from bundle_cases import make_bundle

from tunegate.mirror.words import web_address, words
from tunegate.records.manifest import Manifest

PAGE = "https://github.com/acme/support"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("git@github.com:acme/support.git", PAGE),
        ("https://github.com/acme/support.git", PAGE),
        ("https://ada:secret@github.com/acme/support.git/", PAGE),
        ("ssh://git@github.com:2222/acme/support.git", PAGE),
        ("http://git.acme.example:8080/support", "https://git.acme.example:8080/support"),
        ("/srv/git/support.git", ""),
        ("../origin.git", ""),
        ("file:///srv/git/support.git", ""),
        ("C:\\git\\support", ""),
    ],
)
def test_the_page_of_a_remote(url: str, address: str) -> None:
    """A password in the address goes nowhere."""
    assert web_address(url) == address


def manifest_of(tmp_path: Path) -> Manifest:
    manifest = Manifest.read(tmp_path / "bundle" / "manifest.json", ValueError, next_step="")  # type: ignore[arg-type]
    return manifest.model_copy(update={"scores": {"exact_match": 0.9}, "baseline_scores": {"exact_match": 0.2}})


def test_scores_are_metrics_and_the_rest_is_tags(tmp_path: Path) -> None:
    version = make_bundle(tmp_path / "bundle")
    version = version._replace(
        facts={**version.facts, "verdict": "PASS", "score-exact-match": "0.9"}, text="triage 1.0.0\n\nmore\n"
    )
    found = words(version, manifest_of(tmp_path), PAGE)
    assert found.metrics == {"exact_match": 0.9, "prompted_base/exact_match": 0.2}
    assert found.tags == {
        "tunegate.tag": "triage@v1.0.0", "tunegate.version": "1.0.0", "tunegate.commit": "c" * 40,
        "tunegate.bundle": version.facts["bundle"], "tunegate.adapter": version.facts["adapter"], "tunegate.rank": "16",
        "tunegate.method": "lora", "tunegate.verdict": "PASS", "tunegate.page": f"{PAGE}/tree/triage@v1.0.0",
    }  # fmt: skip
    assert found.description.startswith("triage@v1.0.0: triage 1.0.0\n")
    assert f"{PAGE}/tree/triage@v1.0.0" in found.description
    assert "tunegate verify triage@v1.0.0 --bundle DIR" in found.description


def test_without_a_page_the_tag_is_named(tmp_path: Path) -> None:
    found = words(make_bundle(tmp_path / "bundle"), manifest_of(tmp_path), "")
    assert "tag triage@v1.0.0, commit cccccccccccc." in found.description
    assert "tunegate.page" not in found.tags
