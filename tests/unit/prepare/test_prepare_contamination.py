"""Rows against what is held out: the same as holding each row against each document, one after the other."""

import random
from pathlib import Path

import numpy as np
import pytest

from tunegate.prepare.contamination import Hit, ScanTask, hits_of, scan
from tunegate.prepare.fingerprints import jaccard, run_set
from tunegate.prepare.heldout import Document, HeldOut, HeldRows, document_piece, row_piece, write_index
from tunegate.prepare.normalise import key64
from tunegate.prepare.traces import pack, traces_of

WORDS = [f"word{number}" for number in range(400)]
Row = tuple[str, str, list[str]]  # prompt, answer, user turns
TESTS, OWN = 30, 60  # rows of test, and of test and validation


def said(rng: random.Random, size: int) -> str:
    return " ".join(rng.choices(WORDS, k=size))


def changed(rng: random.Random, text: str) -> str:
    words = text.split()
    words[rng.randrange(len(words))] = "other"
    return " ".join(words)


def keys_of(texts: list[str]) -> np.ndarray:
    return np.array([key64([text]) for text in texts], dtype=np.uint64)


@pytest.fixture
def held(tmp_path: Path) -> tuple[Path, list[str], list[str]]:
    """An index of rows of test (suite 0), of validation (1) and of a task (2); their prompts and answers."""
    rng = random.Random(3)  # noqa: S311 - no secret
    prompts = [said(rng, 30) for _ in range(OWN)]
    prompts[40] = prompts[10]  # the same prompt in both
    answers = [said(rng, 20) for _ in range(OWN)]
    rows = [HeldRows(pack(traces_of(prompts[at : at + 20], answers[at : at + 20], [()] * 20)),
                     keys_of(prompts[at : at + 20]), at, answers=True) for at in range(0, OWN, 20)]  # fmt: skip
    tasks = [Document("task", f"task.jsonl:{number}", [said(rng, 16)], [said(rng, 25)]) for number in range(20)]
    suites = [0] * TESTS + [1] * (OWN - TESTS) + [2] * len(tasks)
    write_index(tmp_path, [*map(row_piece, rows), document_piece(tasks, OWN)], suites, OWN)
    parts = [part for document in tasks for part in document.parts]
    return tmp_path, [*prompts, *(document.prompts[0] for document in tasks)], [*answers, *parts]


def look(folder: Path, rows: list[Row], below: int = 1000, common: int = 10) -> list[Hit]:
    prompts, answers, turns = zip(*rows, strict=True)
    packed = pack(traces_of(prompts, answers, [keys_of(some).tolist() for some in turns]))
    task = ScanTask(folder, 0.8, below, np.arange(100, 100 + len(rows)), packed, keys_of(list(prompts)))
    return sorted(hits_of([scan(task)], HeldOut(folder), common), key=lambda hit: hit[:3])


def test_every_near_prompt_is_found_with_its_similarity(held: tuple[Path, list[str], list[str]]) -> None:
    folder, prompts, _ = held
    rng = random.Random(4)  # noqa: S311 - no secret
    rows: list[Row] = [(changed(rng, prompt), "yes", []) for prompt in prompts]
    found = {(hit.row - 100, hit.document): hit.similarity for hit in look(folder, rows) if hit.similarity}
    for row, (prompt, _, _) in enumerate(rows):
        for document, other in enumerate(prompts):
            value = jaccard(run_set(prompt.split()), run_set(other.split()))
            assert found.get((row, document), 0) == pytest.approx(value if value >= 0.8 else 0)
    assert len(found) > 50


def test_the_same_prompt_meets_each_suite_once_and_validation_does_not_count_against_itself(
    held: tuple[Path, list[str], list[str]],
) -> None:
    folder, prompts, _ = held
    rows: list[Row] = [(prompts[10], "yes", []), (prompts[OWN + 1], "yes", [])]
    same = [hit[:4] for hit in look(folder, rows) if hit.similarity]
    assert same == [(100, 0, 10, 1.0), (100, 1, 40, 1.0), (101, 2, OWN + 1, 1.0)]
    assert [hit[:4] for hit in look(folder, [(prompts[40], "yes", [])], below=TESTS) if hit.similarity] == [
        (100, 0, 10, 1.0)
    ]


def test_a_turn_may_ask_what_a_row_asks_but_not_what_a_task_asks(held: tuple[Path, list[str], list[str]]) -> None:
    folder, prompts, _ = held
    row = (f"{prompts[0]} and {prompts[OWN]}", "yes", [prompts[0], prompts[OWN]])
    assert [hit[1:4] for hit in look(folder, [row]) if hit.similarity == 1] == [(2, OWN, 1.0)]


def test_thirteen_words_in_a_row_of_prompt_or_answer(held: tuple[Path, list[str], list[str]]) -> None:
    folder, prompts, answers = held
    thirteen, twelve = " ".join(answers[5].split()[3:16]), " ".join(answers[5].split()[3:15])
    assert [hit[:4] for hit in look(folder, [("ask", f"so {thirteen} then", [])])] == [(100, 0, 5, None)]
    assert look(folder, [("ask", f"so {twelve} then", [])]) == []
    assert look(folder, [(twelve, answers[5].split()[15], [])]) == []  # not across from prompt to answer
    spread = " ".join(prompts[OWN + 2].split()[:13])
    assert [hit[1:4] for hit in look(folder, [(f"{spread} {said(random.Random(1), 40)}", "yes", [])])] == []  # noqa: S311
    part = " ".join(answers[OWN + 2].split()[7:20])
    assert [hit[1:4] for hit in look(folder, [(f"{part} {said(random.Random(1), 40)}", "yes", [])])] == [  # noqa: S311
        (2, OWN + 2, None)
    ]


def test_words_of_many_rows_tell_nothing(held: tuple[Path, list[str], list[str]]) -> None:
    folder, _, answers = held
    run = " ".join(answers[5].split()[:13])
    rows: list[Row] = [(f"ask {number}", run, []) for number in range(4)]
    assert len(look(folder, rows, common=4)) == 4
    assert look(folder, rows, common=3) == []


def test_nothing_is_held_out(tmp_path: Path) -> None:
    write_index(tmp_path, [document_piece([], 0)], [], 0)
    assert look(tmp_path, [("ask " * 20, "say " * 20, ["ask"])]) == []
