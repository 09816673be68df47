"""Write the raw data of the example: `python examples/support/make_datasets.py`. Seeded: the same bytes each time.

Each adapter has train, validation and test; the training rows stand in three forms (chat, Alpaca, ShareGPT) with a few
planted faults, listed in PLANTED, that `prepare` must report and keep out.
"""

import json
import random
from functools import partial
from pathlib import Path

import general_skills
import tickets
import world

HERE = Path(__file__).parent
SEED = 7
COUNTS = {"train": 1000, "validation": 320, "test": 320}
REPLAY = 1500
# What is planted in the training files of each adapter; tests/pipeline compares it with what prepare reports.
PLANTED = {"json_invalid": 1, "role_order": 1, "empty_answer": 2, "duplicate": 3, "leaked_test": 3, "schema_invalid": 1}
Pair = dict[str, str]


def triage_of(ticket: tickets.Ticket) -> str:
    """The ticket as JSON."""
    return json.dumps({"intent": ticket.intent, "product": ticket.product, "priority": ticket.priority})


ANSWERS = {"triage": triage_of, "reply": tickets.reply_to}


def pairs(key: str, split: str) -> list[Pair]:
    """The sound rows of one split."""
    rows = tickets.make_tickets(split, COUNTS[split], SEED)
    return [
        {"id": f"{key}-{split}-{n:04d}", "family": r.family, "question": r.text, "answer": ANSWERS[key](r)}
        for n, r in enumerate(rows, 1)
    ]


def chat(row: Pair) -> dict[str, object]:
    """A row in the form of OpenAI's chat files."""
    messages = [{"role": "user", "content": row["question"]}, {"role": "assistant", "content": row["answer"]}]
    return {"id": row["id"], "messages": messages, "metadata": {"family": row["family"]}}


def alpaca(row: Pair) -> dict[str, object]:
    """A row in the form of Alpaca."""
    return {"id": row["id"], "instruction": row["question"], "input": "", "output": row["answer"],
            "metadata": {"family": row["family"]}}  # fmt: skip


def sharegpt(row: Pair) -> dict[str, object]:
    """A row in the form of ShareGPT."""
    turns = [{"from": "human", "value": row["question"]}, {"from": "gpt", "value": row["answer"]}]
    return {"id": row["id"], "conversations": turns, "metadata": {"family": row["family"]}}


def lines(rows: list[dict[str, object]]) -> list[str]:
    """JSON lines."""
    return [json.dumps(row) for row in rows]


def write(path: Path, content: str) -> None:
    """Write a text file and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def write_train(key: str, folder: Path) -> None:
    """The training files with the planted faults."""
    rows, test = pairs(key, "train"), pairs(key, "test")
    first, second, third = rows[:400], rows[400:700], rows[700:]
    chats = lines([chat(row) for row in first])
    swapped = {"id": "x-roles", "messages": list(reversed(chat(first[0])["messages"]))}  # type: ignore[call-overload]
    chats[100:100] = [json.dumps(swapped), chats[5][:-20]]
    chats += [chats[n] for n in (3, 50, 350)]
    write(folder / "chat.jsonl", "\n".join(chats) + "\n")
    empty = [{**alpaca(row), "id": f"x-empty-{row['id']}", "instruction": f"{row['question']} Thanks.", "output": ""}
             for row in second[:2]]  # fmt: skip
    write(folder / "alpaca.json", json.dumps([alpaca(row) for row in second] + empty, indent=1) + "\n")
    talks = [sharegpt(row) for row in third] + [sharegpt({**row, "id": f"x-leak-{row['id']}"}) for row in test[10:13]]
    if key == "triage":
        wrong = third[0]["answer"].replace('"priority": "', '"priority": "very ')
        talks.append(
            sharegpt({**third[0], "id": "x-schema", "question": third[0]["question"] + " Bye.", "answer": wrong})
        )
    write(folder / "sharegpt.jsonl", "\n".join(lines(talks)) + "\n")


def schema() -> dict[str, object]:
    """What a triage answer must look like."""
    values = {
        "intent": sorted(tickets.PROBLEMS),
        "product": sorted(world.PRODUCTS),
        "priority": sorted(tickets.URGENCY),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {name: {"enum": options} for name, options in values.items()},
        "required": list(values),
        "additionalProperties": False,
    }


def write_replay(folder: Path) -> None:
    """General rows for replay, in no wording that is tested."""
    rng = random.Random(SEED)
    each = REPLAY // len(general_skills.SKILLS) + 1
    rows = [
        row
        for skill in general_skills.SKILLS
        for row in general_skills.distinct_rows(partial(general_skills.make_replay, skill, rng), each)
    ]
    rng.shuffle(rows)
    made = [chat({"id": f"general-{n:04d}", "family": r.family, "question": r.question, "answer": r.answer})
            for n, r in enumerate(rows[:REPLAY], 1)]  # fmt: skip
    write(folder / "train" / "general.jsonl", "\n".join(lines(made)) + "\n")


def main() -> None:
    """Write `datasets/` beside this file."""
    out = HERE / "datasets"
    for key in ANSWERS:
        write_train(key, out / key / "train")
        for split in ("validation", "test"):
            write(out / key / split / "chat.jsonl", "\n".join(lines([chat(r) for r in pairs(key, split)])) + "\n")
    write(out / "triage" / "schema.json", json.dumps(schema(), indent=1) + "\n")
    write_replay(out / "general")


if __name__ == "__main__":
    main()
