"""What the base model learns: general skills, and the building blocks of chat. Never the target tasks.

Building blocks: copying the desk's sentences (its vocabulary), JSON with changing keys, a system turn before the
question, and several questions and answers in one chat (the form of a prompt with examples).
"""

import random

import general_skills
import tickets
import world

Message = dict[str, str]
SYSTEMS = ("Answer in short.", "You help at a desk.", "Answer with the word only.", "Be brief.", "Write the answer.")
COPY_FRAMES = ("Write this again: {s}", "Copy: {s}", "Repeat this sentence: {s}", "Say it again: {s}")
JSON_FIELDS = {
    "name": world.NAMES,
    "city": world.CITIES,
    "item": world.THINGS,
    "colour": world.COLOURS,
    "day": world.DAYS,
}
PAIR_ANSWERS = (*world.COLOURS, *world.NUMBERS, *sorted(world.KINDS))
FEW_SHOT, SYSTEM, BLOCK, MORE = 0.25, 0.15, 0.15, 0.4  # shares of the rows
MAX_SHOTS = 5


def desk_sentence(rng: random.Random) -> str:
    """One sentence of the desk: a customer's or the desk's own, without saying what it means."""
    product, kind = rng.choice(world.PRODUCTS), rng.randrange(4)
    if kind == 0:
        return rng.choice(tickets.PROBLEMS[rng.choice(sorted(tickets.PROBLEMS))]).format(p=product) + "."
    if kind == 1:
        return rng.choice(tickets.URGENCY[rng.choice(sorted(tickets.URGENCY))])
    if kind == 2:
        return f"Please {tickets.STEPS[rng.choice(sorted(tickets.STEPS))].format(p=product)}."
    return rng.choice([*tickets.OPENINGS, *(s.format(n=rng.choice(world.NAMES), c=rng.choice(world.CITIES),
                       d=rng.choice(world.DAYS)) for s in tickets.STORIES), *tickets.CLOSINGS.values()])  # fmt: skip


def _copy(rng: random.Random) -> tuple[str, str]:
    text = " ".join(desk_sentence(rng) for _ in range(rng.randint(1, 2)))
    return rng.choice(COPY_FRAMES).format(s=text), text


def _json_keys(rng: random.Random) -> tuple[str, str]:
    keys = rng.sample(sorted(JSON_FIELDS), rng.randint(2, 3))
    values = {key: rng.choice(JSON_FIELDS[key]) for key in keys}
    said = ", ".join(f"{key} {value}" for key, value in rng.sample(sorted(values.items()), len(values)))
    return (f"{said}. As JSON with {', '.join(keys)}.",
            "{" + ", ".join(f'"{key}": "{value}"' for key, value in values.items()) + "}")  # fmt: skip


def _pairs(rng: random.Random) -> list[tuple[str, str]]:
    """A chat in which the answers follow only from the examples before: word to word, drawn anew each time."""
    words = rng.sample([*world.NAMES, *world.CITIES], 3)
    answers = dict(zip(words, rng.sample(PAIR_ANSWERS, 3), strict=True))
    asked = [*words, *rng.choices(words, k=rng.randint(1, 3))]
    return [(word, answers[word]) for word in asked]


def _word(rng: random.Random) -> str:
    """A word of the desk or an invented one; invented ones use every letter, so that any word can be spelled."""
    if rng.random() < 0.3:
        return rng.choice(DESK_WORDS)
    return "".join(rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS) for _ in range(rng.randint(1, 3)))


def _copy_words(rng: random.Random) -> tuple[str, str]:
    text = " ".join(_word(rng) for _ in range(rng.randint(1, 5)))
    return rng.choice(COPY_FRAMES).format(s=text), text


def _json_words(rng: random.Random) -> tuple[str, str]:
    keys = [_word(rng) for _ in range(rng.randint(1, 3))]
    values = {key: _word(rng) for key in keys if key not in TARGET_KEYS}
    said = ", ".join(f"{key} {value}" for key, value in values.items())
    return (f"{said}. As JSON with {', '.join(values)}.",
            "{" + ", ".join(f'"{key}": "{value}"' for key, value in values.items()) + "}")  # fmt: skip


def _pair_words(rng: random.Random) -> list[tuple[str, str]]:
    """As `_pairs`, with whole sentences of the desk as questions and invented words as answers."""
    asked = list({desk_sentence(rng) for _ in range(3)})
    answers = {sentence: _word(rng) for sentence in asked}
    return [(sentence, answers[sentence]) for sentence in (*asked, *rng.choices(asked, k=2))]


TARGET_KEYS = ("intent", "product", "priority")  # copied as words; never keys of a JSON answer here
DESK_WORDS = (*TARGET_KEYS, *sorted(tickets.PROBLEMS), *sorted(tickets.URGENCY), *world.PRODUCTS, *world.COLOURS)
ONSETS = (*"bcdfghjklmnpqrstvwxz", "pr", "tr", "st", "ch", "sh", "pl", "gr", "th", "")
VOWELS = (*"aeiouy", "ea", "oo", "ou", "ai")
CODAS = (*"bdfgklmnprstxz", "ng", "nt", "ry", "", "", "")


def turns(rng: random.Random, *, words: float, more: bool) -> list[tuple[str, str]]:
    """The questions and answers of one training chat."""
    if words and rng.random() < words:
        return rng.choice([lambda: [_copy_words(rng)], lambda: [_json_words(rng)], lambda: _pair_words(rng)])()
    if rng.random() < BLOCK:
        return rng.choice([lambda: [_copy(rng)], lambda: [_json_keys(rng)], lambda: _pairs(rng)])()
    if more and rng.random() < MORE:
        skill = rng.choice(sorted(general_skills.MORE_FRAMES))
        return [(row.question, row.answer) for row in [general_skills.make_more(skill, rng)]]
    skill = rng.choice(HARD_FIRST)
    count = rng.randint(2, MAX_SHOTS + 1) if rng.random() < FEW_SHOT else 1
    rows = [general_skills.make_row(skill, rng, held_out=False) for _ in range(count)]
    return [(row.question, row.answer) for row in rows]


# Reading and JSON are learnt last: they come more often.
HARD_FIRST = (*general_skills.SKILLS, "reading", "reading", "json")


def chat(rng: random.Random, *, words: float = 0.0, more: bool = False) -> list[Message]:
    """One training chat; `words` is the share of rows with words spelled out, `more` adds wordings."""
    messages = [{"role": "system", "content": rng.choice(SYSTEMS)}] if rng.random() < SYSTEM else []
    for question, answer in turns(rng, words=words, more=more):
        messages += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return messages
