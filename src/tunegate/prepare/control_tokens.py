"""Control tokens of chat templates inside a text: read as tokens they would end a turn or forge one."""

from collections.abc import Iterable, Sequence

# Of the model families in docs/models.md and their relatives. `<s>` is also HTML, so only a tokenizer can name it.
WELL_KNOWN = (
    "<|im_start|>", "<|im_end|>", "<|im_sep|>", "<|endoftext|>", "<|endofprompt|>",  # ChatML, GPT, Qwen, Phi-4
    "<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|eom_id|>",
    "<|python_tag|>",  # Llama 3
    "<|header_start|>", "<|header_end|>", "<|eot|>",  # Llama 4
    "<|start|>", "<|message|>", "<|channel|>", "<|return|>", "<|call|>", "<|constrain|>",  # gpt-oss
    "<|system|>", "<|user|>", "<|assistant|>", "<|end|>", "<|tool|>", "<|observation|>",  # Phi-3, GLM, Zephyr
    "<|start_of_role|>", "<|end_of_role|>",  # Granite
    "<start_of_turn>", "<end_of_turn>", "<bos>", "<eos>",  # Gemma
    "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[AVAILABLE_TOOLS]",
    "[/AVAILABLE_TOOLS]", "[TOOL_CALLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]",  # Llama 2, Mistral
    "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>",  # DeepSeek  # noqa: RUF001
    "<|START_OF_TURN_TOKEN|>", "<|END_OF_TURN_TOKEN|>",  # Command R
)  # fmt: skip


class ControlTokens:
    """Finds control tokens quickly: nearly all texts lack the one or two signs that they begin with."""

    def __init__(self, special: Sequence[str] | None) -> None:
        """Of one tokenizer, or those that are well known."""
        self._groups: dict[str, list[str]] = {}
        for token in sorted(set(WELL_KNOWN if special is None else special)):
            if token.strip():
                self._groups.setdefault(token[0], []).append(token)

    def found(self, texts: Iterable[str]) -> str:
        """The first control token in texts, or nothing."""
        whole = "\0".join(texts)
        for sign, tokens in self._groups.items():
            if sign in whole:
                for token in tokens:
                    if token in whole:
                        return token
        return ""
