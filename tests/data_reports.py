"""Data reports for tests, with examples: a support desk, 77 intents, preference pairs, nothing at all, hostile texts.

Plain functions. Counts agree with each other (rows = kept + rejected) unless a test wants otherwise; lengths are drawn
with a fixed seed.
"""

import itertools
import math
import random
from collections.abc import Sequence
from typing import Literal, NamedTuple

from tunegate.records.data_report import (
    Bin,
    ClusterExample,
    DataExamples,
    DataReport,
    DuplicateReport,
    FileReport,
    Lengths,
    PrivateReport,
    RejectExample,
    ReviewReport,
    ShownRow,
    SplitReport,
    SuiteReport,
)

NO_REVIEW = ReviewReport(required=False, approved=0, edited=0, rejected=0, pending_real=0, pending_synthetic=0)
# Texts that would run as markup, break out of an attribute, a style, a comment or a script, turn the direction of
# the text, move a terminal's cursor, break a CSV or a template, or break the layout.
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><style>*{display:none}</style>",
    "--><b>out</b><!--",
    "{{ 7 * 7 }}{% for x in y %}",
    "&lt;already&gt; &amp; &#0;",
    "\u202egnp.exe\u2066 turned",
    "\x1b[2J\x1b[31mred\x07\x00\x7f\x85 bell",
    "=HYPERLINK(1,2),\"a\"\n'b'\r\n\tc",
    "W" * 900,
    "https://example.com/a?b=1&c=2 url(https://example.com/x.png) @import 'x'",
    "日本語のテキスト عربى 👩‍💻 \u0301\u0301\u0301",
    "javascript:alert(1)",
    "]]><![CDATA[ \ufffe \ufdd0 \u2028",
)


class Sample(NamedTuple):
    """What `render_page` takes."""

    report: DataReport
    examples: DataExamples


def lengths(
    count: int,
    median: float,
    *,
    spread: float = 0.5,
    seed: int = 1,
    unit: Literal["characters", "tokens"] = "characters",
) -> Lengths:
    """Lengths of `count` rows, log-normal around `median`, in bins that grow by a quarter (the same for all splits)."""
    draw = random.Random(seed)  # noqa: S311 - test data
    values = sorted(max(1, round(draw.lognormvariate(math.log(median), spread))) for _ in range(count))
    if not values:
        return Lengths(unit=unit, mean=0, median=0, p95=0, p99=0, max=0, histogram=())
    edges = [0, 1]
    while edges[-1] <= values[-1]:
        edges.append(max(edges[-1] + 1, round(edges[-1] * 1.25)))
    bins = [Bin(low=a, high=b, count=sum(a <= v < b for v in values)) for a, b in itertools.pairwise(edges)]

    def rank(share: float) -> int:
        return values[min(count - 1, math.ceil(share * count) - 1)]

    mean = round(sum(values) / count, 1)
    return Lengths(
        unit=unit, mean=mean, median=rank(0.5), p95=rank(0.95), p99=rank(0.99), max=values[-1],
        histogram=tuple(b for b in bins if b.count),
    )  # fmt: skip


def split_report(
    kept: int,
    *,
    seed: int,
    medians: tuple[float, float] = (140, 60),
    rejected: dict[str, int] | None = None,
    labels: dict[str, int] | None = None,
    families: int | None = None,
    tokens: bool = True,
    synthetic: int = 0,
) -> SplitReport:
    """One split: `medians` of prompt and answer in characters."""
    prompt, answer = medians
    return SplitReport(
        kept=kept,
        families=kept if families is None else families,
        rejected=rejected or {},
        prompt=lengths(kept, prompt, seed=seed),
        answer=lengths(kept, answer, seed=seed + 1, spread=0.25),
        row=lengths(kept, (prompt + answer) / 4, seed=seed + 2, unit="tokens") if tokens else None,
        labels=labels,
        system_prompts=1,
        synthetic=synthetic,
    )


def file_report(
    name: str, rejected: dict[str, int] | None = None, *, kept: int, split: str = "train", form: str = "chat"
) -> FileReport:
    """One raw file whose counts agree."""
    rejected = rejected or {}
    rows = kept + sum(rejected.values())
    container = "csv" if ".csv" in name else "jsonl"
    return FileReport(
        name=name, split=split, container=container, formats={form: rows}, rows=rows, kept=kept, rejected=rejected
    )


def shown(where: str, split: str, prompt: str, answer: str) -> ShownRow:
    """A row as a person is shown it."""
    return ShownRow(where=where, split=split, prompt=prompt, answer=answer)


def support() -> Sample:
    """The support desk: several formats, planted faults of many kinds, some synthetic rows."""
    files = (
        file_report("train/tickets-2025.jsonl", {"duplicate": 9, "leaked_test": 2, "empty_answer": 1}, kept=398),
        file_report(
            "train/mail.json", {"near_duplicate": 6, "role_order": 2, "private_data": 1}, kept=211, form="sharegpt"
        ),
        file_report("train/wiki.csv", {"ragged": 3, "encoding": 2, "duplicate": 4}, kept=117, form="columns"),
        file_report("train/teacher.synthetic.jsonl", {"review_pending": 8, "review_rejected": 3}, kept=48),
        file_report("validation/tickets.jsonl", {"leaked_test": 1}, kept=92, split="validation"),
        file_report("test/tickets.jsonl", {"schema_invalid": 2, "duplicate": 2}, kept=92, split="test"),
        file_report("general/train/skills.jsonl", {"contaminated_general": 12}, kept=1_988, split="replay"),
    )
    splits = {
        "train": split_report(
            774, seed=1, families=311, synthetic=48,
            rejected={"duplicate": 13, "near_duplicate": 6, "review_pending": 8, "review_rejected": 3, "ragged": 3,
                      "leaked_test": 2, "role_order": 2, "encoding": 2, "empty_answer": 1, "private_data": 1},
        ),
        "validation": split_report(92, seed=4, families=40, rejected={"leaked_test": 1}),
        "test": split_report(92, seed=7, medians=(150, 61), families=41,
                             rejected={"schema_invalid": 2, "duplicate": 2}),
        "replay": split_report(1_988, seed=9, medians=(70, 25), rejected={"contaminated_general": 12}),
    }  # fmt: skip
    report = DataReport(
        key="triage",
        kind="chat",
        files=files,
        splits=splits,
        duplicates=DuplicateReport(exact=15, near=6, semantic=0, clusters=14, largest=4),
        contamination={
            "test": SuiteReport(documents=92, by_words=2, by_near=1),
            "validation": SuiteReport(documents=92, by_words=0, by_near=0),
            "skill_capitals": SuiteReport(documents=500, by_words=9, by_near=3),
            **{
                f"skill_{name}": SuiteReport(documents=500, by_words=0, by_near=0)
                for name in ("json", "topic", "yes_no")
            },
        },
        private={
            "email": PrivateReport(rows=14, findings=17, action="mask"),
            "phone": PrivateReport(rows=5, findings=5, action="mask"),
            "secret": PrivateReport(rows=1, findings=1, action="mask"),
        },
        review=ReviewReport(required=False, approved=41, edited=7, rejected=3, pending_real=60, pending_synthetic=8),
        reject_rate=11 / 1004,
        warnings=(
            "train: conflicting_answers: 2 prompts have more than one answer, first train/mail.json:88",
            "train: 2 different system prompts (none counts as one)",
        ),
    )
    return Sample(report, DataExamples(clusters=_support_clusters(), rejects=_support_rejects()))


def _support_clusters() -> tuple[ClusterExample, ...]:
    printer = '{"intent": "repair", "product": "printer", "priority": "high"}'
    return (
        ClusterExample(how="near", size=3, similarity=0.86, rows=(
            shown("train/mail.json:17", "train", "The printer on the second floor jams with every page since Monday. "
                  "Can you send somebody today?", printer),
            shown("train/mail.json:54", "train", "The printer on the third floor jams with every page since Tuesday. "
                  "Can you send somebody today?", printer),
            shown("train/tickets-2025.jsonl:203", "train", "Hello, the printer on the second floor jams with every "
                  "page since Monday. Can you send somebody?", printer),
        )),
        ClusterExample(how="exact", size=4, similarity=1.0, rows=(
            shown("train/tickets-2025.jsonl:9", "train", "Where is my refund?", '{"intent": "refund"}'),
            shown("train/wiki.csv:44", "train", "where is my REFUND", '{"intent": "refund"}'),
        )),
        ClusterExample(how="leak", size=2, similarity=0.93, rows=(
            shown("test/tickets.jsonl:31", "test", "My account [email] is locked after three attempts, please open it.",
                  '{"intent": "unlock", "product": "account", "priority": "high"}'),
            shown("train/tickets-2025.jsonl:377", "train", "My account [email] is locked after five attempts, please "
                  "open it.", '{"intent": "unlock", "product": "account", "priority": "high"}'),
        )),
    )  # fmt: skip


def _support_rejects() -> tuple[RejectExample, ...]:
    def one(where: str, code: str, reason: str, row: str) -> RejectExample:
        return RejectExample(where=where, code=code, reason=reason, row=row)

    return (
        one("train/tickets-2025.jsonl:12", "duplicate", "the same prompt and answer as train/tickets-2025.jsonl:9",
            '{"messages":[{"content":"where is my refund","role":"user"},{"content":"...","role":"assistant"}]}'),
        one("train/wiki.csv:44", "duplicate", "the same prompt and answer as train/tickets-2025.jsonl:9",
            '{"text":"where is my REFUND","label":"refund"}'),
        one("train/mail.json:54", "near_duplicate", "near train/mail.json:17 (Jaccard 0.86)",
            '{"conversations":[...]}'),
        one("train/tickets-2025.jsonl:377", "leaked_test", "near test/tickets.jsonl:31 (Jaccard 0.93)",
            '{"messages":[{"content":"My account [email] is locked","role":"user"}]}'),
        one("train/mail.json:3", "role_order", "turn 2: assistant after assistant",
            '{"conversations":[{"from":"human","value":"Hi"},{"from":"gpt","value":"Hello"},{"from":"gpt","value":"?"}]}'),
        one("train/wiki.csv:18", "ragged", "3 cells; the header has 2", "Reset the router,router,"),
        one("test/tickets.jsonl:61", "schema_invalid", "priority: 'urgent' is not one of ['high', 'normal', 'low']",
            '{"messages":[{"content":"Screen is black","role":"user"},{"content":"{...}","role":"assistant"}]}'),
    )  # fmt: skip


def intent_names() -> list[str]:
    """77 made-up intents of a bank."""
    things = ("card", "transfer", "account", "top_up", "exchange_rate", "refund", "cash")
    cases = (
        "arrival_estimate", "not_recognised", "limit", "fee_charged", "pending", "declined", "cancelled",
        "lost_or_stolen", "not_working", "how_to", "verification_needed",
    )  # fmt: skip
    return [f"{thing}_{case}" for thing in things for case in cases]


def intents() -> Sample:
    """A classification with 77 labels, unevenly filled: train has none of one and few of some, test lacks another."""
    names, draw = intent_names(), random.Random(7)  # noqa: S311 - test data
    train = {name: round(draw.triangular(30, 190, 140)) for name in names}
    train |= {names[3]: 0, names[20]: 4, names[41]: 8, names[66]: 9}
    test = dict.fromkeys(names, 40) | {names[12]: 0}
    validation = {name: max(1, count // 9) for name, count in train.items()}
    report = DataReport(
        key="intents",
        kind="chat",
        files=(
            file_report("train/banking.csv", {"duplicate": 61, "near_duplicate": 214, "leaked_test": 187},
                        kept=sum(train.values()) + sum(validation.values()), form="columns"),
            file_report("test/banking.csv", {"duplicate": 3}, kept=sum(test.values()), split="test", form="columns"),
        ),
        splits={
            "train": split_report(sum(train.values()), seed=1, medians=(58, 22), labels=train, tokens=False,
                                  rejected={"duplicate": 61, "near_duplicate": 214, "leaked_test": 187}),
            "validation": split_report(sum(validation.values()), seed=4, medians=(58, 22), labels=validation,
                                       tokens=False),
            "test": split_report(sum(test.values()), seed=7, medians=(55, 22), labels=test, tokens=False,
                                 rejected={"duplicate": 3}),
        },
        duplicates=DuplicateReport(exact=64, near=214, clusters=190, largest=11),
        contamination={"test": SuiteReport(documents=sum(test.values()), by_words=32, by_near=155)},
        private={},
        review=NO_REVIEW,
        reject_rate=0.0,  # copies and leaks are no faults of a row
    )  # fmt: skip
    return Sample(report, DataExamples())


def preferences() -> Sample:
    """Preference pairs in one file, much longer rows, nothing synthetic, no token counts."""
    rejected = {"chosen_equals_rejected": 8, "prompt_mismatch": 3, "duplicate": 21}
    train, validation, test = 1_844, 204, 232
    report = DataReport(
        key="harmless",
        kind="preference",
        files=(file_report("train/pairs.jsonl.gz", rejected, kept=train + validation + test, form="transcript"),),
        splits={
            "train": split_report(train, seed=1, medians=(610, 420), rejected=rejected, tokens=False),
            "validation": split_report(validation, seed=4, medians=(600, 410), tokens=False),
            "test": split_report(test, seed=7, medians=(620, 430), tokens=False),
        },
        duplicates=DuplicateReport(exact=21, clusters=19, largest=3),
        contamination={"test": SuiteReport(documents=test, by_words=0, by_near=0)},
        private={"phone": PrivateReport(rows=12, findings=15, action="report")},
        review=NO_REVIEW,
        reject_rate=11 / 2312,
    )
    return Sample(report, DataExamples())


def spotless() -> Sample:
    """One small file of one split, nothing wrong with it: every section of the page is in its empty state."""
    report = DataReport(
        key="tiny",
        kind="feedback",
        files=(file_report("train/a.jsonl", kept=1, form="feedback"),),
        splits={"train": split_report(1, seed=1, tokens=False)},
        duplicates=DuplicateReport(),
        contamination={},
        private={},
        review=NO_REVIEW,
        reject_rate=0.0,
    )
    return Sample(report, DataExamples())


def nothing() -> Sample:
    """No file, no split, no row."""
    report = DataReport(
        key="void", kind="chat", files=(), splits={}, duplicates=DuplicateReport(), contamination={}, private={},
        review=NO_REVIEW, reject_rate=0.0,
    )  # fmt: skip
    return Sample(report, DataExamples())


def hostile(texts: Sequence[str] = HOSTILE) -> Sample:
    """Every text of report and examples is hostile."""
    labels = {f"{text}{number}": number for number, text in enumerate(texts)}
    files = tuple(
        FileReport(name=text, split="train", container=text, formats={text: 3}, rows=4, kept=3, rejected={text: 1})
        for text in texts
    )
    row = [shown(text, text, f"a {text} b", f"{text} c") for text in texts]
    clusters = tuple(
        ClusterExample(how="near", size=2, similarity=0.9, rows=(one, other)) for one, other in itertools.pairwise(row)
    )
    report = DataReport(
        key=texts[0],
        kind="chat",
        files=files,
        splits={"train": split_report(3 * len(texts), seed=1, labels=labels)}
        | {text: split_report(2, seed=2) for text in texts},
        duplicates=DuplicateReport(exact=1, clusters=1, largest=2, action=texts[1]),
        contamination={text: SuiteReport(documents=1, by_words=1, by_near=0) for text in texts},
        private={text: PrivateReport(rows=1, findings=1, action=text) for text in texts},
        review=NO_REVIEW,
        reject_rate=0.25,
        warnings=tuple(texts),
    )
    rejects = tuple(RejectExample(where=text, code=text, reason=text, row=text) for text in texts)
    return Sample(report, DataExamples(clusters=clusters, rejects=rejects))


def crowd(count: int = 10_000) -> Sample:
    """Very many of everything: files, codes, labels, suites, splits, warnings, clusters, rejects."""
    names = [f"name-{number:05d}" for number in range(count)]
    few = names[:300]
    report = DataReport(
        key="crowd",
        kind="chat",
        files=tuple(
            FileReport(name=f"train/{name}.jsonl", split="train", container="jsonl", formats={"chat": 100_000},
                       rows=100_000, kept=99_999, rejected={name: 1})
            for name in few
        ),
        splits={"train": split_report(20_000, seed=1, labels=dict.fromkeys(names, 2_999)),
                "test": split_report(900, seed=2, labels=dict.fromkeys(names[10:], 1))}
        | {name: split_report(1, seed=3) for name in few},
        duplicates=DuplicateReport(exact=10**7, near=10**6, semantic=10**5, clusters=10**6, largest=10**6),
        contamination={name: SuiteReport(documents=10**6, by_words=10**5, by_near=1) for name in few},
        private={name: PrivateReport(rows=10**6, findings=10**7, action="report") for name in few},
        review=ReviewReport(required=True, approved=10**6, edited=10**6, rejected=10**6, pending_real=10**6,
                            pending_synthetic=10**6),
        reject_rate=0.00001,
        warnings=tuple(f"{name}: no rows" for name in few),
    )  # fmt: skip
    row = shown("train/a.jsonl:1", "train", "word " * 400, "answer " * 100)
    clusters = tuple(ClusterExample(how="near", size=10**6, similarity=0.9, rows=(row,) * 12) for _ in range(200))
    rejects = tuple(RejectExample(where=f"{name}:1", code=name, reason="r", row="row " * 300) for name in few)
    return Sample(report, DataExamples(clusters=clusters, rejects=rejects))


SAMPLES = {
    "support": support,
    "intents": intents,
    "preferences": preferences,
    "spotless": spotless,
    "nothing": nothing,
    "hostile": hostile,
    "crowd": crowd,
}
