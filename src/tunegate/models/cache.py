"""Keys and values of a batch, in memory that is taken once.

transformers' own cache copies all that it holds for each new token (`torch.cat`). Here a layer takes room for prompt
and answer at the first token, writes new tokens into it and hands out the part that is filled: the same numbers.
"""

from typing import Any

import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer


class RoomyLayer(DynamicLayer):  # type: ignore[misc]  # transformers has no types
    """A layer with room for `room` tokens; tensors are [rows, heads, tokens, width], as everywhere in transformers."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self._room = room

    def update(
        self,
        key_states: torch.Tensor,
        value_states: torch.Tensor,
        *args: Any,  # other kinds of layer take more
        **kwargs: Any,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write new tokens behind those that are there; return all."""
        del args, kwargs
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
            self._all_keys, self._all_values = self._empty(key_states), self._empty(value_states)
        start = self.get_seq_length()
        end = start + key_states.shape[-2]
        self._all_keys[:, :, start:end] = key_states
        self._all_values[:, :, start:end] = value_states
        return self._show(end)

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep these rows of the batch."""
        end = self.get_seq_length()
        self._all_keys, self._all_values = self._all_keys[indices], self._all_values[indices]
        self._show(end)

    def _show(self, end: int) -> tuple[torch.Tensor, torch.Tensor]:
        self.keys, self.values = self._all_keys[:, :, :end], self._all_values[:, :, :end]
        return self.keys, self.values

    def _empty(self, states: torch.Tensor) -> torch.Tensor:
        rows, heads, _, width = states.shape
        return states.new_empty((rows, heads, self._room, width))


def roomy_cache(config: Any, room: int) -> DynamicCache | None:
    """An empty cache for a model of this configuration, with room for so many tokens a row.

    None if a layer of it keeps anything but all keys and values (a sliding window, a state space).
    """
    cache = DynamicCache(config=config)
    if any(type(layer) is not DynamicLayer for layer in cache.layers):
        return None
    cache.layers = [RoomyLayer(room) for _ in cache.layers]
    return cache
