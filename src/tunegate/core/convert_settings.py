"""The section `convert` of a variant: how an adapter becomes a model of its own."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from tunegate.core.section import Count, Section

DEFAULT_SCHEME = "W4A16"


class Convert(Section):
    """Merging into the base, and quantising what comes out.

    `method`: `merge` alone, or `gptq` or `awq` after it (llm-compressor). `dtype`: number format of all that is not
    quantised. `scheme`: bits of weights (W) and activations (A); `group_size`: weights that share a scale, in W4A16;
    `rows`: training rows by which the rounding is chosen, and the `seed` of their choice.
    """

    method: Literal["merge", "gptq", "awq"] = "merge"
    dtype: Literal["bfloat16", "float16", "float32"] = "bfloat16"
    scheme: Literal["W4A16", "W8A8"] = "W4A16"
    group_size: Annotated[int, Field(ge=8, le=1024)] = 128
    rows: Count = 128
    seed: int = 1

    @model_validator(mode="after")
    def _possible(self) -> "Convert":
        if self.method == "awq" and self.scheme != "W4A16":
            message = "awq scales weights for W4A16; take gptq for W8A8"
            raise ValueError(message)
        return self

    @property
    def name(self) -> str:
        """In a few words, as the tag and the card have it."""
        return f"merged, {self.dtype}" if self.method == "merge" else f"{self.method} {self.scheme}, {self.dtype}"
