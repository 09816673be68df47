"""`tunegate serve render --for NAME` on disk."""

from pathlib import Path

import pytest
from serve_cases import OWN, ROOT

from tunegate.serve.plan import Wanted
from tunegate.serve.render import export


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    wants(monkeypatch, OWN)
    return tmp_path


def wants(monkeypatch: pytest.MonkeyPatch, found: list[Wanted]) -> None:
    monkeypatch.setattr("tunegate.serve.render.plan", lambda _: found)
    monkeypatch.setattr("tunegate.serve.render.on_one_base", lambda some, _: some)


def files(root: Path) -> set[str]:
    return {path.relative_to(root / "serving").as_posix() for path in (root / "serving").rglob("*") if path.is_file()}


def test_what_is_not_served_any_more_goes(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pod that reads all of the folder would go on serving it."""
    said = export(root, "tgi")
    assert said == [
        "serving/tgi/tgi.env",
        "serving/tgi/tgi-triage-v2.0.0.env",
        "serving/tgi/tgi-triage-int8-v1.0.0.env",
    ]
    wants(monkeypatch, OWN[:1])
    export(root, "tgi")
    assert files(root) == {"tgi/tgi.env"}


@pytest.mark.parametrize("name", ["production-stack", "llm-d"])
def test_whole_models_that_a_system_has_no_place_for_are_named(root: Path, name: str) -> None:
    assert export(root, name)[-1] == (
        "not in these: triage-v2.0.0, triage-int8-v1.0.0, whole models; `tunegate serve render` has them"
    )
