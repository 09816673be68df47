"""The candidate, ready to be measured: its adapter added to the base's weights where that changes nothing but the time.

Beside the weights an adapter costs three small products a layer; answers then take up to a third longer. In float32 the
sum rounds to within some 1e-6 of the largest logit (the probe's `adapter_is_live` measures it each time). In 16 bits it
does not: a merged model is another model there, so it is measured as a server runs it, side by side.
"""

from pathlib import Path

from tunegate.core.settings import Base
from tunegate.models.adapter import is_full, load_candidate
from tunegate.models.base import Loaded


def load_merged(base: Base, folder: Path) -> Loaded:
    """Load the candidate; an adapter on a float32 base becomes part of its weights."""
    loaded = load_candidate(base, folder)
    if is_full(folder) or base.dtype != "float32":
        return loaded
    return loaded._replace(model=loaded.model.merge_and_unload().eval())
