"""The sections of `params.yaml` about data: `prepare`, `synth`, and what `advise` asks."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from tunegate.core.section import Count, Section, Share


class Columns(Section):
    """Which columns of a table, or keys of a row, hold what; `family`: the cluster of the statistics.

    A pair has `prompt`, `chosen`, `rejected`; feedback `prompt`, `answer`, `label`; all else `prompt`, `answer`.
    """

    prompt: str
    answer: str | None = None
    chosen: str | None = None
    rejected: str | None = None
    label: str | None = None
    family: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> "Columns":
        if bool(self.chosen) != bool(self.rejected) or bool(self.answer) == bool(self.chosen):
            message = "name answer, or chosen and rejected"
            raise ValueError(message)
        return self


FormatName = Literal["chat", "sharegpt", "alpaca", "completion", "columns", "preference", "transcript", "feedback"]


class FileFormat(Section):
    """The format of the files that `files` matches (a pattern like train/*.csv), where detection would err."""

    files: Annotated[str, StringConstraints(min_length=1)]
    format: FormatName
    columns: Columns | None = None


class Semantic(Section):
    """Duplicates by meaning, with a local encoder of static word vectors (no torch): a folder, or `wordllama`."""

    encoder: str = "wordllama"
    threshold: Annotated[float, Field(gt=0, le=1)] = 0.95


class Duplicates(Section):
    """Near-duplicates share at least `near` of their runs of three words (Jaccard). None: not looked for."""

    near: Annotated[float, Field(ge=0.5, le=1)] | None = 0.8
    action: Literal["drop", "report"] = "drop"
    semantic: Semantic | None = None


class Contamination(Section):
    """Training rows that repeat held-out rows or documents of general tasks: 13 words in a row, or near-duplicates."""

    action: Literal["drop", "fail"] = "drop"
    answers: bool = True  # False: words shared with an answer of test or validation are the house style, not a leak
    common: Count = 10  # words that stand in more training rows than this are boilerplate, not a leak


PrivateKind = Literal["email", "phone", "iban", "card", "ip", "secret"]


class Private(Section):
    """Private data and secrets in rows: say so, mask them, or drop the row."""

    action: Literal["report", "mask", "drop"] = "report"
    kinds: Annotated[tuple[PrivateKind, ...], Field(strict=False)] = ("email", "phone", "iban", "card", "ip", "secret")
    region: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None  # of phone numbers without +


class Reviewing(Section):
    """What experts have to see: all real rows (`required`), or a sample; synthetic rows always need an approval."""

    required: bool = False
    sample: Share = 0.1


class Prepare(Section):
    """Reading and cleaning raw data."""

    max_reject_rate: Share = 0.05
    formats: Annotated[tuple[FileFormat, ...], Field(strict=False)] = ()
    columns: Columns | None = None
    system: Annotated[str, StringConstraints(min_length=1)] | None = None  # for rows that have no system turn
    answer_schema: str | None = None
    labels: Annotated[tuple[str, ...], Field(strict=False)] | None = None  # all answers that a classification may have
    max_tokens: Count | None = None  # of a row, by the base's tokenizer
    template_share: Annotated[float, Field(gt=0.5, le=1)] = 0.95  # if so many rows agree, the others are rejected
    validation_share: Annotated[float, Field(gt=0, lt=0.5)] = 0.1  # where there is no validation/
    test_share: Annotated[float, Field(gt=0, lt=0.5)] = 0.1  # where there is no test/
    duplicates: Duplicates = Duplicates()
    contamination: Contamination = Contamination()
    private: Private = Private()
    review: Reviewing = Reviewing()


class Synth(Section):
    """Synthetic rows: a stronger model writes variations of real ones. The key is in TUNEGATE_TEACHER_KEY."""

    endpoint: Annotated[str, StringConstraints(pattern=r"^https?://")]  # of an OpenAI-compatible server, with /v1
    model: Annotated[str, StringConstraints(min_length=1)]
    revision: str | None = None
    licence: Annotated[str, StringConstraints(min_length=1)]  # under which the teacher's answers may be used
    rows: Count = 500
    seeds: Count = 3  # real rows shown in one request
    variations: Count = 4  # rows asked for in one request
    instruction: str | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.8
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_tokens: Count = 1024
    seed: int = 1
    concurrency: Annotated[int, Field(ge=1, le=64)] = 4
    requests_per_minute: Count | None = None
    max_cost: Annotated[float, Field(ge=0)] | None = None  # in the currency of the prices
    price_in: Annotated[float, Field(ge=0)] = 0.0  # of a million tokens
    price_out: Annotated[float, Field(ge=0)] = 0.0


class Advise(Section):
    """What only the team knows, for the question whether to fine-tune at all."""

    knowledge_changes: Literal["never", "yearly", "monthly", "weekly", "daily"] = "never"
    wants: Annotated[tuple[Literal["style", "format", "domain", "latency", "privacy"], ...], Field(strict=False)] = ()
    bar: Annotated[float, Field(gt=0, le=1)] = 0.9  # of the prompted base: from here on the gain may not pay
