"""The teacher: the endpoint of the synth section, asked within the budget."""

from tunegate.core.data_settings import Synth
from tunegate.endpoint.client import Client, Patience, Target
from tunegate.endpoint.protocol import Place
from tunegate.synth.budget import Budget

KEY_VARIABLE = "TUNEGATE_TEACHER_KEY"


def make_teacher(settings: Synth, key: str | None, budget: Budget, patience: Patience) -> Client:
    """The client for the endpoint that params.yaml names."""
    place = Place(f"{settings.model} at {settings.endpoint}", KEY_VARIABLE, "synth.model", "synth.endpoint")
    limits = (settings.max_tokens, settings.concurrency, settings.requests_per_minute)
    return Client(Target(settings.endpoint, place, *limits), key, budget, patience)
