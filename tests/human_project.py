"""A project with a blind comparison, and the real server on it, for tests."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from review_project import Answer, Reviewer, Server

from tunegate.core.files import dump_json
from tunegate.human.files import Files, files_of
from tunegate.records.example import Example, Message, Source, write_examples
from tunegate.records.human import Ballot, Compared, HumanSession, Marks, Plan, Said, Shown, Side, Vote
from tunegate.records.review import content_hash
from tunegate.records.scores import Measured, Sample, ScoreFile, TaskScores

KEY = "reply"
BASE, ADAPTER = "b" * 64, "a" * 64
NAMES = ("Colin", "Yara", "Willi", "Noor", "Sofia", "Emeka", "Lena", "Tariq", "Ines", "Pavel")
THINGS = (
    ("tablet", "does not start", "hold the power button of the tablet for ten seconds"),
    (
        "phone",
        "came in the wrong colour",
        "choose the right one on our swap page, and send the phone back free of charge",
    ),
    (
        "invoice",
        "shows an amount that I do not owe",
        "open Billing, then Invoices, and press Correct beside the amount",
    ),
    ("camera", "has not arrived, and the tracking page stands still", "follow the parcel with the number in your mail"),
    ("headset", "crackles in my left ear", "pair the headset anew: hold both keys until the light turns blue"),
)
CRITERIA = ("correctness", "style", "completeness", "safety")


def example(number: int) -> Example:
    """A ticket and the reply to it."""
    person, (thing, trouble, step) = NAMES[number % len(NAMES)], THINGS[number % len(THINGS)]
    ask = f"Hello, this is {person}, order {4000 + number}. My {thing} {trouble}. What can I do?"
    reply = f"Hello {person}! Please {step}. We answer again today if order {4000 + number} needs more."
    turns = (Message(role="user", content=ask), Message(role="assistant", content=reply))
    source = Source(file="test/tickets.jsonl", line=number + 1)
    return Example(id=f"t-{number}", family=f"family-{number // 3}", source=source, messages=turns)


def good(row: Example) -> str:
    return row.answer


def curt(row: Example) -> str:
    words = row.answer.split()
    return f"{' '.join(words[2:9]).capitalize()}. See the manual of your product."


def make_project(
    root: Path, count: int = 200, *, same: int = 10, key: str = KEY, answers: Mapping[str, Sequence[str]] | None = None
) -> Path:
    """A project with the answers of base and candidate to `count` prompts; the first `same` are the same text twice."""
    rows = [example(number) for number in range(count)]
    write_examples(root / "build" / "data" / key / "test.jsonl", rows)
    texts = answers or {
        "candidate": [good(row) for row in rows],
        "baseline": [good(row) if n < same else curt(row) for n, row in enumerate(rows)],
    }
    for name, written in texts.items():
        write_outputs(root, key, name, rows, written)
    return root


def write_outputs(root: Path, key: str, name: str, rows: Sequence[Example], texts: Sequence[str]) -> None:
    """A model's answers and its scores, as `evaluate` writes them."""
    docs = [content_hash([turn.plain() for turn in row.messages]) for row in rows]
    lines = [
        {
            "split": "test",
            "doc": doc,
            "id": row.id,
            "answer": text,
            "reference": row.answer,
            "prompt_text": "",
            "scores": {"rouge_l": len(text) / 1000},
        }
        for doc, row, text in zip(docs, rows, texts, strict=True)
    ]
    path = root / "build" / "outputs" / key / name / "task.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(dump_json(line) + "\n" for line in lines), encoding="utf-8")
    samples = tuple(
        Sample(doc=doc, prompt="0" * 16, cluster=row.family, scores={"rouge_l": len(text) / 1000})
        for doc, row, text in zip(docs, rows, texts, strict=True)
    )
    task = TaskScores(
        task=key,
        suite="task",
        split="test",
        version="1",
        metrics=("rouge_l",),
        same_prompt=False,
        samples=samples,
    )
    measured = Measured(base="base", base_digest=BASE, adapter=ADAPTER if name == "candidate" else None)
    ScoreFile(measured=measured, tasks=(task,)).save(root / "scores" / key / f"{name}.jsonl")


def marks(overall: Said, **others: Said) -> Marks:
    """Marks that say the same to all questions but those that are named."""
    return Marks.model_validate({"overall": overall, **dict.fromkeys(CRITERIA, overall), **others})


def session(
    scores: Sequence[Sequence[float]],
    *,
    clusters: Sequence[str] = (),
    gold: Mapping[str, Sequence[bool]] | None = None,
    same: int = 0,
    missing: int = 0,
) -> HumanSession:
    """A closed session: for each pair the candidate's score (0, 0.5, 1) by rater r1, r2, ...; sides alternate.

    `gold`: for each rater whether each gold pair was got right.
    """
    sides, ballots = [], []
    for number, given in enumerate(scores):
        left = "candidate" if number % 2 else "other"
        sides.append(_side(f"p{number}", left, clusters[number] if clusters else f"c{number}", raters=len(given)))
        for place, score in enumerate(given, 1):
            said: Said = "tie" if score == 0.5 else "a" if (score == 1.0) == (left == "candidate") else "b"
            ballots.append(Ballot(item=f"p{number}", rater=f"r{place}", marks=marks(said)))
    for rater, results in (gold or {}).items():
        for number, right in enumerate(results):
            if not any(side.item == f"g{number}" for side in sides):
                sides.append(_side(f"g{number}", "reference", f"g{number}", kind="gold"))
            ballots.append(Ballot(item=f"g{number}", rater=rater, marks=marks("a" if right else "b")))
    sides += [_side(f"s{number}", "candidate", f"s{number}", kind="same") for number in range(same)]
    models = {"candidate": ADAPTER, "other": None}
    compared = {name: Compared(base_digest=BASE, adapter=digest, outputs="0" * 64) for name, digest in models.items()}
    plan = Plan(key=KEY, against="baseline", seed=1, sides=tuple(sides), **compared)
    return HumanSession(plan=plan, ballots=tuple(ballots), missing=missing)


def _side(item: str, left: str, cluster: str, *, kind: str = "pair", raters: int = 0) -> Side:
    fields = {"item": item, "doc": f"doc-{item}", "cluster": cluster, "kind": kind, "left": left, "raters": raters}
    return Side.model_validate({**fields, "lengths": (80, 60)})


class HumanServer(Server):
    """`tunegate human serve` as a process of its own."""

    def __init__(self, root: Path, *options: str, port: int = 0, reviewers: Sequence[str] = ("Ann", "Ben")) -> None:
        names = [word for name in reviewers for word in ("--reviewer", name)]
        command = [sys.executable, "-m", "tunegate.cli", "human", "serve", KEY, "--port", str(port), *names, *options]
        self.root, self.said = root, ""
        self.process = subprocess.Popen(
            command,
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C" in line:
                break
        self.links = dict(re.findall(r"^(.+?): (http://\S+)$", self.said, re.MULTILINE))
        self.port = int(re.findall(r"http://[^/]+:(\d+)/", self.said)[0]) if self.links else 0

    @property
    def files(self) -> Files:
        return files_of(self.root, KEY)

    @property
    def votes(self) -> list[Vote]:
        """What is on disk."""
        lines = self.files.votes.read_text(encoding="utf-8").splitlines() if self.files.votes.exists() else []
        return [Vote.model_validate(json.loads(line)) for line in lines]

    @property
    def pairs(self) -> list[Shown]:
        lines = self.files.pairs.read_text(encoding="utf-8").splitlines()
        return [Shown.model_validate(json.loads(line)) for line in lines]

    def rater(self, name: str) -> "Rater":
        """A rater who came in by the personal link."""
        return Rater(self.reviewer(name))


class Rater:
    """What the page does for a rater, without a browser."""

    def __init__(self, person: Reviewer) -> None:
        self.person = person

    def next(self) -> Any:
        return self.person.get("/api/next").json

    def rate(self, item: str, overall: Said, **others: Said) -> Answer:
        return self.person.post("/api/vote", {"item": item, "marks": marks(overall, **others).model_dump(mode="json")})

    def undo(self, item: str) -> Answer:
        return self.person.post("/api/undo", {"item": item})
