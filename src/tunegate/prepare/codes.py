"""Every code under which `prepare` rejects a row, and what it means. docs/data.md shows it (a test compares)."""

CODES = {
    # the file and the line
    "encoding": "not UTF-8, half of a surrogate pair, or a NUL character",
    "json_invalid": "not JSON, a key twice, NaN or infinity, nested over 100 levels",
    "ragged": "a table row with more or fewer cells than the header",
    # the row's shape; names of the OpenAI cookbook's notebook where it has one
    "data_type": "the row is no object",
    "format_unknown": "none of the formats",
    "missing_messages_list": "no turns where a list of turns should be",
    "message_missing_key": "a turn without role or content",
    "message_unrecognized_key": "a turn with a key that a clean row has no place for",
    "unrecognized_role": "a role that is none of system, user, assistant, tool (or what stands for them)",
    "missing_content": "the content of a turn is no text",
    "example_missing_assistant_message": "no answer to learn",
    "tool_call_invalid": "a tool call without function and JSON arguments, or calls and answers that do not match",
    "label_invalid": "the label of a feedback row is not true or false",
    # what the row says
    "role_order": "anything but (system) user assistant user assistant ..., with tool turns after tool calls",
    "empty_turn": "a turn with nothing but space",
    "empty_answer": "the answer is nothing but space",
    "prompt_mismatch": "chosen and rejected do not share their prompt",
    "chosen_equals_rejected": "the better and the worse answer are the same",
    "special_token_in_content": "a control token of a chat template inside a text",
    "overlong": "more tokens than max_tokens, or over 16 MB",
    "label_unknown": "an answer that `labels` does not name",
    "schema_invalid": "the answer breaks the JSON Schema",
    # the row among the others
    "kind_mismatch": "a chat among preference pairs, or the like",
    "template_mismatch": "does not follow the template that nearly all other rows follow",
    "duplicate": "prompt and answer of another row of the split",
    "near_duplicate": "nearly the prompt and the answer of another row of the split",
    "semantic_duplicate": "means what another row of the split means",
    "leaked_test": "its prompt, or nearly so, stands in test; it stays there",
    "leaked_validation": "its prompt, or nearly so, stands in validation; it stays there",
    "contaminated_general": "meets a document of a general task: the prompt, nearly so, or 13 words in a row",
    # people
    "origin_missing": "a synthetic row that does not say which model wrote it, and how",
    "private_data": "holds private data, and private.action is drop",
    "review_rejected": "a reviewer rejected it",
    "review_pending": "nobody has approved it yet: a synthetic row, or review.required",
}
