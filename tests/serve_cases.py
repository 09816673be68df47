"""Released versions, stages and settings for the tests of `serve`: made up, so that goldens can be reviewed."""

from pathlib import Path

from tunegate.core.files import digest_bytes
from tunegate.core.params import load_params
from tunegate.core.serve_settings import Serve
from tunegate.core.settings import Params
from tunegate.records.released import Released
from tunegate.records.stages import Assignment
from tunegate.serve.plan import wanted

ROOT = Path(__file__).parents[1]
PARAMS = load_params(ROOT / "params.yaml")


def version(key: str, number: str, rank: int = 16, method: str = "lora", base: str = "", dtype: str = "") -> Released:
    facts = {"rank": str(rank), "method": method, "adapter": digest_bytes(f"{key} {number}".encode())}
    if base:
        facts |= {"base": PARAMS.base.model, "base-digest": base}
    if dtype:
        facts["dtype"] = dtype
    return Released(key, number, "c" * 40, facts)


VERSIONS = [
    version("reply", "1.0.0"),
    version("triage", "1.10.0", rank=24),
    version("triage", "1.9.0"),
    version("triage", "1.8.0", rank=300),
]


def staged(*tags: str) -> list[Assignment]:
    """Assignments in the order of time, such as "prod 1.8.0"."""
    made = [(tag.partition(" "), counter) for counter, tag in enumerate(tags, 1)]
    return [Assignment("triage", stage, number, at, "c" * 40) for (stage, _, number), at in reversed(made)]


STAGES = staged("prod 1.8.0", "prod 1.9.0", "canary 1.10.0")


def params(**serve: object) -> Params:
    """The example's settings with others under `serve`."""
    return PARAMS.model_copy(update={"serve": Serve.model_validate(serve)})


WANTS = wanted(VERSIONS, STAGES)
CLUSTER = params(repository="https://git.example.com/support.git", device="gpu", gpus=2, host="0.0.0.0").model_copy(  # noqa: S104
    update={"base": PARAMS.base.model_copy(update={"dtype": "bfloat16"})}
)
# A full fine-tune and a variant, each a model of its own, beside an adapter.
FULL = version("triage", "2.0.0", method="full", base="f" * 64)
SMALL = version("triage-int8", "1.0.0", method="full", dtype="bfloat16")
OWN = wanted([version("reply", "1.0.0"), FULL, SMALL], [])
