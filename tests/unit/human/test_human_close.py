"""From votes to evidence to the gate: no text and no name gets out, and no other adapter's votes get in."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import factories
import pytest
from human_project import KEY, make_project, marks
from review_project import tunegate

from tunegate.core.errors import DataError
from tunegate.core.settings import Gate, Human
from tunegate.gate.recorded import judge_recorded
from tunegate.gate.table import render_table
from tunegate.human.close import close
from tunegate.human.files import VOTES, files_of, new, read_pairs, read_plan
from tunegate.human.status import status
from tunegate.judge.decide import decide
from tunegate.judge.wording import fell_short
from tunegate.records import looks
from tunegate.records.evidence import Evidence
from tunegate.records.human import HumanSession, Said, Vote, session_path
from tunegate.records.looks import Look
from tunegate.records.verdict import GateResult, Outcome
from tunegate.web.journal import Journal

TODAY = date(2026, 1, 1)
NAMES = ("Ann Lee", "Ben Ortiz", "Cleo")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    make_project(tmp_path, 200)
    shutil.copy(Path(__file__).parents[3] / "params.yaml", tmp_path / "params.yaml")
    new(tmp_path, KEY, "baseline", 120, 3)
    return tmp_path


def rate(root: Path, *, blind: str = "", leave: int = 0) -> None:
    """Everybody prefers the candidate on three pairs of four; `blind` always says A; the last `leave` pairs stay."""
    files, plan = files_of(root, KEY), read_plan(files_of(root, KEY))
    sides = {side.item: side for side in plan.sides}
    with Journal(files.votes, Vote, next_step=VOTES) as journal:
        for number, pair in enumerate(read_pairs(files)[: -leave or None]):
            side = sides[pair.item]
            raters = NAMES if side.kind == "gold" else (NAMES[number % 3], NAMES[(number + 1) % 3])[: side.raters]
            better: Said = "a" if side.left in {"candidate", "reference"} else "b"
            worse: Said = "b" if better == "a" else "a"
            said = better if side.kind == "gold" or number % 4 else worse
            for name in raters:
                given = marks("a" if name == blind else said)
                journal.append(Vote(item=pair.item, rater=name, at=datetime.now(UTC), marks=given))


def policy(**more: Any) -> Gate:
    return factories.POLICY.model_copy(update={"human": Human(**more)})


def judged(found: HumanSession | None, gate: Gate) -> GateResult:
    """The deciding row where the adapter's task is the session's."""
    return rows(found, gate)["human/overall"]


def rows(found: HumanSession | None, gate: Gate) -> dict[str, GateResult]:
    verdict = decide(KEY, evidence(found), gate, TODAY, {})
    return {row.id: row for row in verdict.gates}


def evidence(found: HumanSession | None) -> Evidence:
    """A clear PASS, whose test documents are those of the session."""
    plain = factories.evidence(KEY)
    if found is None:
        return plain
    clusters = {side.doc: side.cluster for side in found.plan.sides}
    files = {}
    for name in ("baseline", "candidate"):
        file = getattr(plain, name)
        task = next(one for one in file.tasks if one.task == KEY and one.split == "test")
        extra = [
            task.samples[0].model_copy(update={"doc": doc, "cluster": cluster}) for doc, cluster in clusters.items()
        ]
        grown = task.model_copy(update={"samples": (*task.samples, *extra)})
        others = tuple(grown if one is task else one for one in file.tasks)
        files[name] = file.model_copy(update={"tasks": others})
    test = next(one for one in files["candidate"].tasks if one.task == KEY and one.split == "test")
    look = Look(test=looks.test_set(test), candidate=factories.ADAPTER_DIGEST)
    return plain._replace(**files, human=found, looks=(look,))


def test_the_evidence_holds_no_text_and_no_name(root: Path) -> None:
    rate(root)
    said = close(root, KEY)
    path = session_path(root / "scores", KEY)
    assert f"next: commit it; with `human: {{}}` under adapters.{KEY}.gate" in said
    text = path.read_text()
    assert not any(name in text for name in NAMES)
    assert not any(pair.a[:40] in text or pair.prompt[0].text[:40] in text for pair in read_pairs(files_of(root, KEY)))
    assert path.stat().st_size < 300_000
    assert close(root, KEY) == said  # again changes nothing
    assert path.read_text() == text


def test_the_gate_passes_what_people_prefer(root: Path) -> None:
    rate(root)
    close(root, KEY)
    found = HumanSession.load(session_path(root / "scores", KEY))
    row = judged(found, policy())
    assert (row.outcome, row.bound, row.kind) == (Outcome.PASS, 0.5, "human")
    assert "gold: 0 of" in row.reason
    assert "agreement: alpha 1.00" in row.reason
    others = rows(found, policy())
    assert [name for name, one in others.items() if name.startswith("human/") and not one.decides] == [
        "human/correctness",
        "human/style",
        "human/completeness",
        "human/safety",
    ]
    verdict = decide(KEY, evidence(found), policy(), TODAY, {})
    assert "human/overall" not in {row.id for row in fell_short(verdict)}
    line = next(line for line in render_table(verdict).split("\n") if "human/overall" in line)
    assert "| > 0.500 | PASS |" in line
    assert "+" not in line


def test_without_the_setting_there_is_no_row_and_with_it_a_missing_session_is_an_error() -> None:
    assert "human/overall" not in rows(None, factories.POLICY)
    row = judged(None, policy())
    assert row.outcome is Outcome.ERROR
    assert f"tunegate human new {KEY}" in row.reason


def test_unreadable_evidence_still_shows_the_declared_row(tmp_path: Path) -> None:
    factories.write_evidence(tmp_path, KEY)
    path = session_path(tmp_path, KEY)
    path.parent.mkdir(parents=True)
    path.write_text('{"plan": {}}')
    verdict = judge_recorded(KEY, tmp_path, policy(), TODAY, ())
    assert verdict.outcome is Outcome.ERROR
    assert "human/overall" in {row.id for row in verdict.gates}
    assert any(str(path) in row.reason for row in verdict.gates)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("plan", "candidate", "adapter"), "c" * 64, "people rated the adapter cccccccccccc"),
        (("plan", "candidate", "base_digest"), "c" * 64, "of the base cccccccccccc"),
        (("plan", "other", "base_digest"), "c" * 64, "another baseline"),
        (("plan", "other", "adapter"), "c" * 64, "another baseline"),
        (("plan", "against"), "released", "compared with the released, the policy asks for the baseline"),
        (("plan", "key"), "triage", "the session is about triage"),
        (("ballots", 0, "item"), "none", "which nobody was shown"),
        (("plan", "sides", 0, "left"), "reference", "whose left side is reference"),
    ],
)
def test_votes_on_something_else_are_an_error(root: Path, place: tuple[str | int, ...], value: str, words: str) -> None:
    rate(root)
    close(root, KEY)
    content = json.loads(session_path(root / "scores", KEY).read_text())
    target: Any = content
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = value
    row = judged(HumanSession.model_validate(content), policy())
    assert row.outcome is Outcome.ERROR
    assert words in row.reason


def test_votes_on_another_test_split_are_an_error(root: Path) -> None:
    rate(root)
    close(root, KEY)
    found = HumanSession.load(session_path(root / "scores", KEY))
    verdict = decide(KEY, factories.evidence(KEY)._replace(human=found), policy(), TODAY, {})
    row = next(row for row in verdict.gates if row.id == "human/overall")
    assert row.outcome is Outcome.ERROR
    assert "are not those of the test split" in row.reason


def test_closing_early_needs_a_word_and_then_cannot_pass(root: Path) -> None:
    rate(root, leave=40)
    with pytest.raises(DataError, match="ratings are missing"):
        close(root, KEY)
    assert not session_path(root / "scores", KEY).exists()
    close(root, KEY, partial=True)
    row = judged(HumanSession.load(session_path(root / "scores", KEY)), policy(min_pairs=50))
    assert row.outcome is Outcome.INCONCLUSIVE
    assert "stopping early" in row.reason


def test_nothing_rated_and_mixed_files_are_refused(root: Path) -> None:
    with pytest.raises(DataError, match="nobody has rated"):
        close(root, KEY)
    files = files_of(root, KEY)
    files.pairs.write_text("".join(files.pairs.read_text().splitlines(keepends=True)[1:]))
    with pytest.raises(DataError, match="not of one session"):
        close(root, KEY)


def test_the_status_says_all_and_names_who_does_not_read(root: Path) -> None:
    assert "nobody has rated yet" in status(root, KEY, Human(), 0.05)
    rate(root, blind="Cleo")
    said = status(root, KEY, Human(), 0.05)
    for word in ("win rate", "won", "exact sign test", "alpha", "the left answer", "the longer answer", "verdict"):
        assert word in said
    gold = sum(side.kind == "gold" for side in read_plan(files_of(root, KEY)).sides)
    assert f"Cleo: {gold // 2} of {gold} missed: these ratings do not count" in said
    assert f"Ann Lee: 0 of {gold} missed\n" in said
    done = tunegate(root, "human", "status", KEY)
    assert (done.returncode, done.stdout.strip()) == (0, said)


def test_a_new_session_leaves_votes_alone_until_they_are_closed(root: Path) -> None:
    rate(root)
    with pytest.raises(DataError, match="with votes is there and not closed"):
        new(root, KEY, "baseline", 100)
    close(root, KEY)
    before = files_of(root, KEY).votes.read_bytes()
    new(root, KEY, "baseline", 100)
    kept = list((root / "build" / "human" / "closed").glob("*/votes.jsonl"))
    assert [path.read_bytes() for path in kept] == [before]
    assert not files_of(root, KEY).votes.exists()
