"""The same plan in the formats of other serving systems: `tunegate serve render --for NAME`.

Each function gives files (path below serving/NAME, text); its docstring names the page that the format was read from.
None has been applied to a running system of that kind here.
"""

from collections.abc import Callable

from tunegate.core.settings import Params
from tunegate.serve.exporters.kserve import kserve
from tunegate.serve.exporters.pools import llm_d, production_stack
from tunegate.serve.exporters.tgi import tgi
from tunegate.serve.exporters.triton import triton
from tunegate.serve.plan import Wanted

EXPORTERS: dict[str, Callable[[list[Wanted], Params], dict[str, str]]] = {
    "kserve": kserve,
    "production-stack": production_stack,
    "llm-d": llm_d,
    "tgi": tgi,
    "triton": triton,
}
ADAPTERS_ONLY = ("production-stack", "llm-d")  # what these files describe has no place for a whole model
