"""What to try next, for whatever was judged: an adapter's training, a variant's form."""

from tunegate.core.settings import Params
from tunegate.judge.remedies import Remedy, remedies
from tunegate.judge.variant_remedies import variant_remedies
from tunegate.records.verdict import Verdict


def tries_of(verdict: Verdict, params: Params) -> tuple[Remedy, ...]:
    """The remedies, best first; none where nothing fell short that a setting is known to help."""
    if (variant := params.variants.get(verdict.key)) is not None:
        return variant_remedies(verdict, variant.convert)
    return remedies(verdict, params.adapters[verdict.key].train)
