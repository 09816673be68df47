"""What page and terminal say of a report: the verdict, what needs a look, the sums; labels and their faults."""

import data_reports
import pytest
from data_reports import NO_REVIEW, file_report, split_report

from tunegate.prepare.figures import metrics_of
from tunegate.prepare.findings import Finding, findings, verdict
from tunegate.prepare.labels import balance
from tunegate.prepare.wording import breakable, counted, listed, percent
from tunegate.records.data_report import (
    DataReport,
    DuplicateReport,
    PrivateReport,
    ReviewReport,
    SplitReport,
    SuiteReport,
)


def report(
    rejected: dict[str, int] | None = None,
    *,
    kept: int = 90,
    labels: dict[str, dict[str, int]] | None = None,
    private: dict[str, PrivateReport] | None = None,
    contamination: dict[str, SuiteReport] | None = None,
    review: ReviewReport = NO_REVIEW,
    warnings: tuple[str, ...] = (),
) -> DataReport:
    """One file, one split; `labels` by split instead."""
    splits: dict[str, SplitReport] = {
        name: split_report(sum(counts.values()), seed=1, labels=counts) for name, counts in (labels or {}).items()
    } or {"train": split_report(kept, seed=1)}
    return DataReport(
        key="k",
        kind="chat",
        files=(file_report("train/a.jsonl", rejected, kept=sum(split.kept for split in splits.values())),),
        splits=splits,
        duplicates=DuplicateReport(),
        contamination=contamination or {},
        private=private or {},
        review=review,
        reject_rate=0.0,
        warnings=warnings,
    )


@pytest.mark.parametrize(
    ("rejected", "said"),
    [
        ({}, "All 90 rows are clean."),
        ({"leaked_test": 3}, "90 of 93 rows are clean; 3 that repeated test stayed out."),
        (
            {"duplicate": 1_000, "near_duplicate": 2, "leaked_test": 3, "contaminated_general": 1},
            "90 of 1,096 rows are clean; 3 that repeated test and 1 that repeated general tasks stayed out.",
        ),
        ({"duplicate": 4, "near_duplicate": 2}, "90 of 96 rows are clean; 6 that repeated other rows stayed out."),
        ({"ragged": 2, "encoding": 5}, "90 of 97 rows are clean; 5 stayed out as encoding."),
    ],
)
def test_the_verdict_is_one_sentence_with_what_matters_most(rejected: dict[str, int], said: str) -> None:
    assert verdict(report(rejected)) == said


def test_the_verdict_on_one_row_and_on_none() -> None:
    assert verdict(report(kept=1)) == "The only row is clean."
    assert verdict(report({"ragged": 1}, kept=1)) == "1 of 2 rows is clean; 1 stayed out as ragged."
    assert verdict(data_reports.nothing().report) == "There are no rows."


def test_secrets_are_grave_whatever_was_done_with_them() -> None:
    for action in ("report", "mask", "drop"):
        found = findings(report(private={"secret": PrivateReport(rows=2, findings=3, action=action)}))
        assert found[0].grave
        assert found[0].text == "2 rows hold keys or other secrets"
        assert "revoke" in found[0].next_step


def test_private_data_that_stays_is_told_and_masked_data_is_not() -> None:
    stays = {"email": PrivateReport(rows=12, findings=12, action="report")}
    assert [one.text for one in findings(report(private=stays))] == ["rows with e-mail addresses (12) stay in the data"]
    assert not findings(report(private={"email": PrivateReport(rows=12, findings=12, action="mask")}))


def test_leaks_name_their_suites() -> None:
    suites = {
        "skill": SuiteReport(documents=9, by_words=2, by_near=1),
        "test": SuiteReport(documents=9, by_words=0, by_near=1),
        "clean": SuiteReport(documents=9, by_words=0, by_near=0),
    }
    assert findings(report(contamination=suites))[0].text == "rows that met test (1), skill (3) stayed out"


def test_lost_rows_are_the_gravest_of_all() -> None:
    wrong = report().model_copy(update={"files": (file_report("a", kept=3).model_copy(update={"rows": 9}),)})
    assert findings(wrong)[0] == Finding(True, "rows in are not rows kept and rejected: a", "report it: rows were lost")


def test_reviews_that_wait() -> None:
    waits = ReviewReport(required=True, approved=0, edited=0, rejected=0, pending_real=5, pending_synthetic=1)
    said = [(one.grave, one.text, one.next_step) for one in findings(report(review=waits))]
    assert said == [
        (True, "5 real rows wait for the review that params.yaml requires", "tunegate review serve k"),
        (False, "1 synthetic row waits for a reviewer", "tunegate review serve k"),
    ]


def test_warnings_of_the_stage_get_their_next_step() -> None:
    warnings = (
        "train: conflicting_answers: 2 prompts have more than one answer, first train/a.jsonl:8",
        "train: 2 different system prompts (none counts as one)",
        "train/a.jsonl: no rows",
        "train/a.jsonl: rows of 2 formats: chat, columns",
        "3 ids stand more than once, first a",
        "test: 1 of 9 families are also in train",
        "general: no rows left for replay",
        "no *.jsonl documents of general tasks: training rows were not held against them",
        "something new",
    )
    found = findings(report(warnings=warnings))
    assert [one.text for one in found] == [*warnings]
    assert all(one.next_step for one in found[:-1])
    assert found[-1].next_step == ""


def test_labels_that_train_lacks_has_few_of_or_test_lacks() -> None:
    found = balance(
        report(labels={"train": {"a": 50, "b": 9, "c": 40, "e": 0}, "test": {"a": 5, "b": 5, "d": 5, "e": 0}})
    )
    assert found
    assert {label.name: label.fault for label in found.labels} == {
        "a": "", "b": "rare", "c": "unmeasured", "d": "lacking", "e": "",
    }  # fmt: skip
    assert [label.name for label in found.labels] == ["a", "c", "b", "d", "e"]


def test_the_shift_of_labels_is_the_share_that_would_have_to_move() -> None:
    same = balance(report(labels={"train": {"a": 30, "b": 10}, "test": {"a": 3, "b": 1}}))
    other = balance(report(labels={"train": {"a": 40}, "test": {"b": 4}}))
    half = balance(report(labels={"train": {"a": 40}, "test": {"a": 2, "b": 2}}))
    assert same
    assert other
    assert half
    assert (same.shift["test"], other.shift["test"], half.shift["test"]) == (0.0, 1.0, 0.5)


def test_a_test_split_alone_has_no_lacking_labels() -> None:
    found = balance(report(labels={"test": {"a": 5}}))
    assert found
    assert [label.fault for label in found.labels] == [""]


def test_the_metrics_are_flat_and_complete() -> None:
    assert metrics_of(data_reports.support().report) == {
        "triage": {
            "data": {
                "train": 774,
                "validation": 92,
                "test": 92,
                "replay": 1_988,
                "rejected": 46,
                "reject_rate": 0.010956,
                "duplicates": 15,
                "near_duplicates": 6,
                "semantic_duplicates": 0,
                "contaminated": {
                    "validation": 0, "test": 3, "skill_capitals": 12, "skill_json": 0, "skill_topic": 0,
                    "skill_yes_no": 0,
                },
                "private_rows": {"email": 14, "phone": 5, "secret": 1},
                "synthetic": 48,
                "review_pending": 8,
            }
        }
    }  # fmt: skip
    assert metrics_of(data_reports.nothing().report)["void"]["data"]["train"] == 0


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 9, "0 %"), (9, 9, "100 %"), (1, 10_000, "< 0.1 %"), (9_999, 10_000, "> 99.9 %"), (1, 3, "33 %"),
     (1, 100, "1.0 %"), (0, 0, "0 %"), (996, 1000, "99.6 %")],
)  # fmt: skip
def test_a_share_is_never_rounded_to_nothing_or_to_all(part: int, whole: int, said: str) -> None:
    assert percent(part, whole) == said


def test_words_for_counts_and_lists() -> None:
    assert counted(1, "family") == "1 family"
    assert counted(1_004, "row") == "1,004 rows"
    assert listed(["a", "b"]) == "a, b"
    assert listed([*"abcdef"], 2) == "a, b and 4 more"
    assert breakable("train/a_b-c.jsonl") == ["train/", "a_", "b-", "c.", "jsonl"]
