"""`report.html`: what a person finds in it, that nothing in it runs, and that texts are only shown where they are."""

import xml.etree.ElementTree as ET
from pathlib import Path

import factories
import gate_reports
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.gate.page import read_facts, render_page
from tunegate.gate.page.classes import class_rows
from tunegate.gate.page.flips import all_flips
from tunegate.gate.page.markup import fill
from tunegate.judge.decide import decide
from tunegate.records.verdict import Outcome


def page(name: str) -> str:
    return render_page(gate_reports.SAMPLES[name]())


def words(html: str, section: str) -> str:
    root = ET.fromstring(html.partition("\n")[2])  # noqa: S314 - our own page
    found = root.find(f".//section[@id='{section}']")
    return "" if found is None else " ".join(" ".join(found.itertext()).split())


@pytest.mark.parametrize("name", gate_reports.SAMPLES)
def test_the_page_is_well_formed_and_the_same_twice(name: str) -> None:
    html = page(name)
    assert html == page(name)
    tags = {element.tag for element in ET.fromstring(html.partition("\n")[2]).iter()}  # noqa: S314 - our own page
    assert not tags & {"script", "img", "iframe", "link", "object", "form"}
    assert "default-src 'none'" in html


def test_it_says_the_verdict_and_what_it_means() -> None:
    assert '<h1>triage: <span class="outcome">FAIL</span></h1>' in page("fail")
    assert "refuted by the evidence" in page("fail")
    assert "neither proves nor refutes" in page("inconclusive")
    assert "nothing to decide on" in page("error")


def test_flips_are_counted_in_both_directions() -> None:
    found = {(one.task, one.metric): one for one in all_flips("triage", gate_reports.forgetful())}
    own, lost = found["triage", "exact_match"], found["skill_a", "exact_match"]
    assert (own.n, len(own.worse), len(own.better)) == (300, 0, 168)
    assert (lost.n, len(lost.worse), len(lost.better)) == (500, 100, 0)
    assert "skill_a: exact_match 500 100 0" in words(page("fail"), "flips")
    assert "Wrong to right : 168" in words(page("fail"), "flips").replace("right:", "right :")


def test_flips_agree_with_the_verdict() -> None:
    evidence = gate_reports.forgetful()
    verdict = decide("triage", evidence, factories.POLICY, gate_reports.TODAY, {})
    counted = {one.task: (len(one.worse), len(one.better)) for one in all_flips("triage", evidence) if not one.own}
    judged = {gate.task: (gate.worse, gate.better) for gate in verdict.gates if gate.id.startswith("forgetting/skill")}
    assert counted == judged


def test_documents_are_shown_with_their_texts_where_there_are_any() -> None:
    shown = words(page("fail"), "flips")
    assert "The router that I bought in week" in shown
    assert "triage-test-" in shown
    bare = words(render_page(gate_reports.facts(gate_reports.forgetful(), texts=False)), "flips")
    assert "router" not in bare
    flipped = next(one for one in all_flips("triage", gate_reports.forgetful()) if one.better)
    assert all(flip.doc in bare for flip in flipped.better[:20])


def test_classes_add_up() -> None:
    rows = class_rows("triage", gate_reports.forgetful())
    assert [row.n for row in rows] == [75] * 4
    assert all(row.base is not None and row.base.f1 < row.candidate.f1 for row in rows)
    assert "name no class" in words(page("fail"), "classes")
    assert 'id="classes"' not in page("pass")


def test_classes_against_scikit_learn() -> None:
    from sklearn.metrics import precision_recall_fscore_support

    task = gate_reports.own_task(gate_reports.forgetful().candidate)
    true, answered = zip(*(sample.parts["f1"] for sample in task.samples), strict=True)
    precision, recall, f1, count = precision_recall_fscore_support(true, answered, labels=range(4), zero_division=0)
    for row in class_rows("triage", gate_reports.forgetful()):
        at = gate_reports.LABELS.index(row.label)
        assert row.candidate.precision == pytest.approx(precision[at])
        assert row.candidate.recall == pytest.approx(recall[at])
        assert row.candidate.f1 == pytest.approx(f1[at])
        assert row.n == count[at]


def test_what_to_try_has_the_numbers_of_this_run() -> None:
    said = words(page("fail"), "tries")
    assert "0.822 of the base's general skills is retained, 0.95 is asked for; most lost: skill_a -22.2 %" in said
    assert "replay 0 to 0.5" in said
    assert "dvc exp run -S adapters.triage.train.learning_rate=0.001 gate@triage" in said
    assert 'id="tries"' not in page("pass")


def test_a_waiver_is_shown_with_its_last_day() -> None:
    assert "floor/schema_valid 2026-12-31 Ada the parser repairs it yes" in words(page("waived"), "waivers")


def test_above_chance_is_shown_for_multiple_choice() -> None:
    assert "0.867 to 0.600" in words(page("fail"), "gates")


def test_provenance_names_everything() -> None:
    said = words(page("fail"), "provenance")
    for part in (factories.BASE_DIGEST, factories.ADAPTER_DIGEST, "torch 2.13.0", "c" * 64, "max_drop"):
        assert part in said


def test_what_stands_in_evidence_and_texts_is_no_markup() -> None:
    html = page("hostile")
    assert "<script" not in html
    assert "\u202e" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;[U+202E][U+0007]" in html


@given(st.text())
def test_no_value_breaks_out(text: str) -> None:
    element = ET.fromstring(fill('<p title="{}">{}</p>', text, text))  # noqa: S314 - our own markup
    assert list(element) == []
    assert set(element.attrib) == {"title"}


def test_texts_are_read_leniently(tmp_path: Path) -> None:
    evidence = factories.write_evidence(tmp_path / "scores", "triage")
    verdict = decide("triage", evidence, factories.POLICY, gate_reports.TODAY, {})
    outputs = gate_reports.write_outputs(tmp_path / "outputs", evidence)
    found = read_facts(verdict, tmp_path / "scores", outputs, ())
    assert len(found.texts) == 300
    assert "ticket 1" in words(render_page(found), "flips")
    assert read_facts(verdict, tmp_path / "scores", tmp_path / "nowhere", ()).texts == {}
    assert read_facts(verdict, tmp_path / "nowhere", None, ()).evidence is None
    assert verdict.outcome is Outcome.PASS
