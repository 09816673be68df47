"""The contract of `params.yaml`: one section per stage, unknown keys are errors.

The whole file has one schema, so that a typing error in `gate` is found before `train` spends an hour. The sections
about data stand in `data_settings`.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    field_validator,
    model_serializer,
    model_validator,
)

from tunegate.core.convert_settings import Convert
from tunegate.core.data_settings import Advise, Prepare, Synth
from tunegate.core.evaluate_settings import Evaluate
from tunegate.core.section import Count, Probability, Section, Share
from tunegate.core.serve_settings import MAX_RANK, Serve

KEY_PATTERN = r"^[a-z][a-z0-9-]*$"
Key = Annotated[str, StringConstraints(pattern=KEY_PATTERN)]
PublicKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Base(Section):
    """The one base model: a folder (safetensors), or a hub id with its 40-digit revision."""

    model: Annotated[str, StringConstraints(min_length=1)]
    revision: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")] | None = None
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"

    @property
    def path(self) -> Path | None:
        """The folder, or None for a hub id (an id has a pinned revision)."""
        return None if self.revision else Path(self.model)


class General(Section):
    """The forgetting suite: lm-eval tasks, documents per task, and how they are run."""

    tasks: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    documents: Count = 500
    seed: int = 1
    batch_size: Count = 64


class Baseline(Section):
    """The prompted base: candidates among which validation chooses."""

    metric: str
    system: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    shots: Annotated[tuple[Annotated[int, Field(ge=0, le=32)], ...], Field(min_length=1, strict=False)] = (0,)
    seed: int = 1


class Train(Section):
    """Training: LoRA or full, with general rows mixed in (`replay`)."""

    method: Literal["lora", "full"] = "lora"
    rank: Count = 16
    alpha: Count = 32
    dropout: Share = 0.0
    learning_rate: Annotated[float, Field(gt=0, lt=1)] = 2e-4
    epochs: Annotated[float, Field(gt=0, le=1000)] = 3
    batch_size: Count = 32
    accumulation: Count = 1
    warmup_ratio: Share = 0.05
    replay: Annotated[float, Field(ge=0, le=10)] = 0.0
    max_length: Annotated[int, Field(ge=8)] = 1024
    seed: int = 1
    checkpoints_per_epoch: Count = 1

    @model_validator(mode="after")
    def _servable(self) -> "Train":
        if self.method == "lora" and self.rank > MAX_RANK:
            message = f"rank {self.rank}: vLLM serves adapters up to rank {MAX_RANK}"
            raise ValueError(message)
        return self


class Gain(Section):
    """The candidate beats the prompted base on `metric` by more than `min_gain` (absolute)."""

    metric: str
    min_gain: Annotated[float, Field(ge=0)] = 0.0


class Floor(Section):
    """The candidate's mean of `metric` is above `min`."""

    metric: str
    min: float


class Forgetting(Section):
    """At most `max_drop` (relative) lost on the general tasks: macro + veto, or every task (strict). `sizes`: numbers
    of documents declared beforehand, at which an inconclusive run may be looked at again; the level is shared by them.
    """

    max_drop: Probability = 0.05
    policy: Literal["macro+veto", "strict"] = "macro+veto"
    sizes: Annotated[tuple[Count, ...], Field(strict=False)] = ()


class Compared(Section):
    """The released version that the candidate may fall behind by `max_drop` (relative) at most, on each gain's metric.
    `scores` is the SHA-256 of scores/KEY/released.jsonl; `tunegate gate released KEY` writes that file.
    """

    version: Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]
    scores: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    max_drop: Probability = 0.02


class Parent(Section):
    """Of a variant: the adapter it was made of, on whose task and against whose prompted base it is judged, and of
    whose scores it may lose `max_drop` (relative) at most, on each gain's metric. Set from `variants`, not by hand.
    """

    key: Key
    max_drop: Probability


class Human(Section):
    """People prefer the candidate's answers, compared blindly (`tunegate human`): the win rate, a tie counting a half,
    is above `min_win_rate`. `min_alpha`: Krippendorff's alpha of the raters; `against`: the prompted base, or the
    released version.
    """

    min_win_rate: Probability = 0.5
    min_alpha: Annotated[float, Field(ge=-1, le=1)] = 0.4
    min_pairs: Count = 100
    against: Literal["baseline", "released"] = "baseline"


class Waiver(Section):
    """A gate that may fall short until `expires`: who says so, and why."""

    gate: str
    reason: Annotated[str, StringConstraints(min_length=10)]
    by: Annotated[str, StringConstraints(min_length=1)]
    expires: date

    @field_validator("expires", mode="before")
    @classmethod
    def _iso(cls, value: object) -> object:
        return date.fromisoformat(value) if isinstance(value, str) else value


class Gate(Section):
    """The policy that decides: significance level, gains, floors, forgetting, the released version, waivers.

    `free_looks`: candidates that one test split may judge at the full `alpha`; for more it is divided by their number.
    `max_leak_gap`: a gain on test that is shown to be further than this above that on validation fails: a leak.
    `signers`: Ed25519 public keys (64 hex digits); where there are any, each score file must carry a signature of one.
    `served`: the probe starts a real vLLM on the candidate, and what it answers there is demanded too.
    """

    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    gains: Annotated[tuple[Gain, ...], Field(min_length=1, strict=False)]
    floors: Annotated[tuple[Floor, ...], Field(strict=False)] = ()
    forgetting: Forgetting = Forgetting()
    released: Compared | None = None
    parent: Parent | None = None
    human: Human | None = None
    free_looks: Count = 3
    max_leak_gap: Share = 0.05
    signers: Annotated[tuple[PublicKey, ...], Field(strict=False)] = ()
    served: bool = False
    waivers: Annotated[tuple[Waiver, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _distinct(self) -> "Gate":
        for kind, names in (("gains", [g.metric for g in self.gains]), ("floors", [f.metric for f in self.floors])):
            if len(set(names)) != len(names):
                message = f"a metric stands twice in {kind}"
                raise ValueError(message)
        return self

    @model_serializer(mode="wrap")
    def _plain(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without `parent` and `served` where they ask nothing: a policy stays the bytes that older verdicts hold."""
        found: dict[str, Any] = handler(self)
        for name in ("parent", "served"):
            if not getattr(self, name):
                found.pop(name, None)
        return found

    @property
    def task(self) -> str:
        """The key of the adapter whose baseline a variant shares; empty for an adapter."""
        return self.parent.key if self.parent else ""


class Release(Section):
    """The model card's words, and the metrics that the tag's subject line carries."""

    description: str
    intended_use: str
    license: str = "apache-2.0"
    language: Annotated[tuple[str, ...], Field(strict=False)] = ("en",)
    headline: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]


class Adapter(Section):
    """All sections of one adapter, one per stage."""

    prepare: Prepare = Prepare()
    synth: Synth | None = None
    advise: Advise = Advise()
    baseline: Baseline
    train: Train = Train()
    evaluate: Evaluate
    gate: Gate
    release: Release

    @model_validator(mode="after")
    def _measured(self) -> "Adapter":
        wanted = {self.baseline.metric, *(g.metric for g in self.gate.gains), *(f.metric for f in self.gate.floors)}
        if missing := sorted((wanted | set(self.release.headline)) - set(self.evaluate.metrics)):
            message = f"not measured: add {', '.join(missing)} to evaluate.metrics"
            raise ValueError(message)
        return self


class Variant(Section):
    """Another form of an adapter, released and gated by itself: merged into the base, quantised (docs/variants.md).

    `of` is the adapter; what it is measured by and held to is that adapter's, but for its waivers, the released version
    and people's preference. `max_drop`: the share of the adapter's own score that may be lost, on each gain's metric.
    """

    of: Key
    convert: Convert = Convert()
    max_drop: Probability = 0.05
    waivers: Annotated[tuple[Waiver, ...], Field(strict=False)] = ()

    def adapter(self, parent: Adapter) -> Adapter:
        """Its settings, as if it were an adapter."""
        own = {"released": None, "human": None, "waivers": self.waivers}
        gate = parent.gate.model_copy(update={**own, "parent": Parent(key=self.of, max_drop=self.max_drop)})
        return parent.model_copy(update={"gate": gate})


class Params(Section):
    """The whole of `params.yaml`. `release_signers`: files with the public keys (P-256, PEM) that the team trusts;
    where there are any, a release without a signature of one is neither made nor served.
    """

    base: Base
    general: General
    adapters: Annotated[dict[Key, Adapter], Field(min_length=1)]
    variants: dict[Key, Variant] = Field(default_factory=dict)
    serve: Serve = Serve()
    release_branch: str = "main"
    release_signers: Annotated[tuple[str, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _fits(self) -> "Params":
        faults = []
        for key, adapter in self.adapters.items():
            if adapter.evaluate.max_new_tokens >= self.serve.max_model_len:
                message = f"serve.max_model_len leaves no room for a prompt: {key} answers with up to"
                faults.append(f"{message} {adapter.evaluate.max_new_tokens} tokens (evaluate.max_new_tokens)")
        lora = [key for key, adapter in self.adapters.items() if adapter.train.method == "lora"]
        if lora and self.serve.device == "gpu" and self.base.dtype == "float32":
            message = (
                "on a GPU vLLM serves LoRA adapters in 16 bits only; set base.dtype: bfloat16 (or serve.device: cpu)"
            )
            faults.append(f"base.dtype float32 with serve.device gpu ({', '.join(lora)}): {message}")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @model_validator(mode="after")
    def _variants(self) -> "Params":
        given = [key for key, adapter in self.adapters.items() if adapter.gate.parent]
        faults = [f"adapters.{key}.gate.parent is set from `variants`" for key in given]
        for key, variant in self.variants.items():
            if key in self.adapters:
                faults.append(f"variants.{key}: an adapter has this key")
            if variant.of not in self.adapters:
                faults.append(f"variants.{key}.of: no adapter '{variant.of}'; there are: {', '.join(self.adapters)}")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def releases(self) -> dict[str, Adapter]:
        """All that can be released, adapters and then variants, with the settings that hold for each."""
        made = {key: variant.adapter(self.adapters[variant.of]) for key, variant in self.variants.items()}
        return {**self.adapters, **made}

    def base_of(self, key: str) -> Base:
        """The base as `key` is measured and served: a variant may have another number format."""
        variant = self.variants.get(key)
        return self.base.model_copy(update={"dtype": variant.convert.dtype}) if variant else self.base
