"""Which requests there are, by number."""

from typing import Any

from tunegate.core.data_settings import Synth
from tunegate.endpoint.request import Request
from tunegate.synth.prompt import messages, response_format
from tunegate.synth.rules import Rules
from tunegate.synth.seeds import Draw, Seeds

MOST = 3  # times the requests that would do if every row were good


class Plan:
    """Which requests there are, by number. Pure."""

    def __init__(self, settings: Synth, seeds: Seeds, rules: Rules) -> None:
        """What is asked depends on these three and on nothing else."""
        self.settings, self.seeds, self.rules = settings, seeds, rules
        self.most = MOST * -(-settings.rows // settings.variations)

    def request(self, number: int) -> tuple[Request, Draw]:
        """Request `number`, and the rows it shows."""
        settings, draw = self.settings, self.seeds.draw(number)
        request = Request(
            endpoint=settings.endpoint,
            model=settings.model,
            revision=settings.revision,
            number=number,
            messages=tuple(messages(settings, draw, self.rules)),
            sampling=sampling_of(settings, number),
            form=response_format(settings.variations, draw),
        )
        return request, draw


def sampling_of(settings: Synth, number: int) -> dict[str, Any]:
    """The sampling parameters of request `number`; the seed differs, so that the same seeds may be varied twice."""
    return {
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "max_tokens": settings.max_tokens,
        "seed": settings.seed + number,
    }
