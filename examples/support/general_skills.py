"""The general skills of the base model, as generators: what lm-eval tests and what fine-tuning must not forget.

A family is a way of asking (frame); the last families of each skill are held out: training never sees them.
None of the skills is the target task: their JSON has other keys, their answers are not replies.
"""

import random
from collections.abc import Callable
from typing import NamedTuple

import world


class Row(NamedTuple):
    """A question, its answer, and the family (the frame) it was made from."""

    skill: str
    family: str
    question: str
    answer: str


Maker = Callable[[random.Random], tuple[dict[str, str], str]]


class Skill(NamedTuple):
    """Frames with `{fields}`, the number of held-out frames at their end, and a maker of fields and answer."""

    frames: tuple[str, ...]
    held_out: int
    make: Maker


def _lives(rng: random.Random) -> tuple[dict[str, str], str]:
    first, second = world.distinct(rng, world.NAMES, 2)
    home, away = world.distinct(rng, world.CITIES, 2)
    asked, answer = rng.choice([(first, home), (second, away)])
    return {"a": first, "b": second, "p": home, "q": away, "x": asked}, answer


def _sentiment(rng: random.Random) -> tuple[dict[str, str], str]:
    good = rng.random() < 0.5
    words = world.GOOD if good else world.BAD
    return {"t": rng.choice(world.THINGS), "w": rng.choice(words)}, "good" if good else "bad"


def _capital(rng: random.Random) -> tuple[dict[str, str], str]:
    country = rng.choice(sorted(world.CAPITALS))
    return {"c": country, "n": rng.choice(world.NAMES)}, world.CAPITALS[country]


def _kind(rng: random.Random) -> tuple[dict[str, str], str]:
    word = rng.choice(sorted(world.KINDS))
    return {"w": word, "n": rng.choice(world.NAMES)}, world.KINDS[word]


def _repeat(rng: random.Random) -> tuple[dict[str, str], str]:
    count = rng.randint(1, 4)
    word = rng.choice([*world.THINGS, *world.COLOURS, *sorted(world.KINDS)])
    return {"w": word, "n": world.NUMBERS[count - 1]}, " ".join([word] * count)


def _topic(rng: random.Random) -> tuple[dict[str, str], str]:
    thing = rng.choice(world.THINGS)
    fields = {"t": thing, "n": rng.choice(world.NAMES), "d": rng.choice(world.DAYS), "c": rng.choice(world.COLOURS)}
    return fields, thing


def _summary(rng: random.Random) -> tuple[dict[str, str], str]:
    name, thing = rng.choice(world.NAMES), rng.choice(world.THINGS)
    colour, (ordered, came) = rng.choice(world.COLOURS), world.distinct(rng, world.DAYS, 2)
    fields = {"n": name, "t": thing, "c": colour, "d": ordered, "e": came}
    return fields, f"The {thing} of {name} came on {came}."


def _json(rng: random.Random) -> tuple[dict[str, str], str]:
    name, city, thing = rng.choice(world.NAMES), rng.choice(world.CITIES), rng.choice(world.THINGS)
    return {"n": name, "c": city, "t": thing}, f'{{"name": "{name}", "city": "{city}", "item": "{thing}"}}'


def _yes_no(rng: random.Random) -> tuple[dict[str, str], str]:
    name, (thing, other) = rng.choice(world.NAMES), world.distinct(rng, world.THINGS, 2)
    true = rng.random() < 0.5
    return {"n": name, "t": thing, "x": thing if true else other}, "yes" if true else "no"


SKILLS: dict[str, Skill] = {
    "reading": Skill((
        "{a} lives in {p}. {b} lives in {q}. Where does {x} live?",
        "{a} is from {p} and {b} is from {q}. Where is {x} from?",
        "Read: {a} works in {p}, {b} works in {q}. Where does {x} work?",
        "{a} went to {p}. {b} went to {q}. Where did {x} go?",
        "{a} stays in {p} while {b} stays in {q}. Where does {x} stay?",
        "{a} moved to {p}; {b} moved to {q}. Where did {x} move?",
        "Read: {a} lives in {p}; {b} lives in {q}. Where does {x} live?",
        "{a} works in {p} while {b} works in {q}. Where does {x} work?",
    ), 2, _lives),
    "sentiment": Skill((
        "Is this good or bad? The {t} is {w}.",
        "Review: this {t} is {w}. Good or bad?",
        "I bought a {t} and it is {w}. Is the review good or bad?",
        "Good or bad? My {t} was {w} from the first day.",
        "A customer says the {t} is {w}. Is that good or bad?",
        "Opinion: {t}, {w}. Good or bad?",
        "Review: my {t} is {w}. Is that good or bad?",
        "Good or bad? I bought this {t} and it was {w}.",
    ), 2, _sentiment),
    "capitals": Skill((
        "What is the capital of {c}?",
        "{n} asks: what is the capital of {c}?",
        "{n} went to {c}. Name its capital.",
        "Tell {n} the capital of {c}.",
        "{n} wants to know which city is the capital of {c}.",
        "Name the capital of {c}.",
        "{n} wants to know: what is the capital of {c}?",
        "{n} asks: which city is the capital of {c}?",
    ), 2, _capital),
    "kinds": Skill((
        "What kind of thing is {w}?",
        "{n} asks what kind of thing {w} is.",
        "{n} says {w}. Which group does it belong to?",
        "Tell {n} the kind of {w}.",
        "Which group does {w} belong to?",
        "{n} wants to know the group of {w}.",
        "{n} asks: what kind of thing is {w}?",
        "{n} asks: which group does {w} belong to?",
    ), 2, _kind),
    "repeat": Skill((
        "Write the word {w} {n} times.",
        "Say {w} {n} times.",
        "Repeat {w} {n} times, with spaces.",
        "{n} times the word {w}, please.",
        "Please write {w} {n} times.",
        "The word is {w}. Write it {n} times.",
        "Please say the word {w} {n} times.",
        "The word is {w}. Say it {n} times.",
    ), 3, _repeat),
    "topic": Skill((
        "{n} bought a {c} {t} on {d}. What did {n} buy?",
        "On {d} the {t} of {n} was sent. What was sent?",
        "{n} has a question about the {t}. What is it about?",
        "The {c} {t} belongs to {n}. Which thing belongs to {n}?",
        "{n} wrote on {d}: the {t} is here. Which thing is it about?",
        "{n} looks for a {c} {t}. What does {n} look for?",
        "On {d} {n} bought a {c} {t}. What did {n} buy?",
        "{n} wrote on {d} about the {c} {t}. What is it about?",
    ), 2, _topic),
    "summary": Skill((
        "{n} ordered a {c} {t} on {d}. It came on {e}. Sum up.",
        "Note: a {c} {t} for {n}, ordered on {d}, came on {e}. Sum up.",
        "On {d} {n} ordered a {t}. The {t} came on {e}. Sum up in one sentence.",
        "Sum up: {n} wanted a {c} {t} on {d} and it came on {e}.",
        "{n} waited from {d} for the {t}, which came on {e}. Sum up in one sentence.",
        "In one sentence: {n} paid for a {c} {t} on {d}, and on {e} it came.",
        "Sum up: {n} ordered a {c} {t} on {d}. It came on {e}.",
        "Note: {n} ordered a {t} on {d}, and it came on {e}. Sum up in one sentence.",
    ), 2, _summary),
    "json": Skill((
        "{n} from {c} wants a {t}. Write JSON with name, city and item.",
        "JSON with name, city, item: {n} lives in {c} and has a {t}.",
        "{n}, {c}: one {t}. As JSON with name, city and item.",
        "In {c}, {n} bought a {t}. Give name, city and item as JSON.",
        "Write JSON with name, city and item. The {t} of {n} is in {c}.",
        "Name, city and item as JSON: {n} asks from {c} about the {t}.",
        "{n} from {c} bought a {t}. Give name, city and item as JSON.",
        "JSON with name, city, item: {n} from {c} wants a {t}.",
    ), 2, _json),
    "yes-no": Skill((
        "{n} has a {t}. Does {n} have a {x}?",
        "{n} bought a {t}. Did {n} buy a {x}?",
        "The {t} belongs to {n}. Does the {x} belong to {n}?",
        "{n} asks about a {t}. Is it about a {x}?",
        "{n} sold the {t}. Did {n} sell the {x}?",
        "There is a {t} in the box of {n}. Is there a {x} in it?",
        "Yes or no? {n} has a {t}. Does {n} have a {x}?",
        "Yes or no? {n} bought a {t}. Did {n} buy a {x}?",
    ), 2, _yes_no),
}  # fmt: skip


def families(skill: str, *, held_out: bool) -> list[int]:
    """The indices of the frames for training, or of those held out for the tests."""
    frames, border = SKILLS[skill].frames, len(SKILLS[skill].frames) - SKILLS[skill].held_out
    return list(range(border, len(frames))) if held_out else list(range(border))


# More wordings for the last part of the base's training: prefixes and orders that the held-out wordings also use.
MORE_FRAMES: dict[str, tuple[str, ...]] = {
    "repeat": (
        "The word is {w}. Repeat it {n} times.",
        "The word is {w}. {n} times, please.",
        "Please repeat the word {w} {n} times.",
        "Please give the word {w} {n} times, with spaces.",
    ),
    "json": (
        "JSON with name, city, item: {n} in {c} bought a {t}.",
        "JSON with name, city, item: the {t} of {n} is in {c}.",
        "{n} from {c} has a {t}. Give name, city and item as JSON.",
        "{n} lives in {c} and wants a {t}. Write JSON with name, city and item.",
    ),
    "yes-no": (
        "Yes or no? The {t} belongs to {n}. Does the {x} belong to {n}?",
        "Yes or no? {n} sold the {t}. Did {n} sell the {x}?",
        "Yes or no? {n} asks about a {t}. Is it about a {x}?",
        "Yes or no? There is a {t} in the box of {n}. Is there a {x} in it?",
    ),
    "summary": (
        "Sum up: {n} paid for a {c} {t} on {d}. It came on {e}.",
        "Sum up: {n} wanted a {t} on {d}. It came on {e}.",
    ),
}

# Wordings for replay only: what is said here sounds most like a ticket, so a task adapter forgets it first.
REPLAY_FRAMES: dict[str, tuple[str, ...]] = {
    "sentiment": (
        "I bought this {t} and it is {w}. Is that good or bad?",
        "Good or bad? This {t} was {w}.",
        "Good or bad? I have a {t} and it is {w}.",
        "My {t} was {w} on the first day. Is the review good or bad?",
        "Good or bad? A customer bought the {t} and says it was {w}.",
    ),
    **{skill: frames for skill, frames in MORE_FRAMES.items() if skill != "summary"},
}


def make_more(skill: str, rng: random.Random, frames: dict[str, tuple[str, ...]] = MORE_FRAMES) -> Row:
    """One random row of a skill in one of its further training wordings."""
    at = rng.randrange(len(frames[skill]))
    fields, answer = SKILLS[skill].make(rng)
    return Row(skill, f"{skill}-more-{at}", frames[skill][at].format(**fields), answer)


def make_row(skill: str, rng: random.Random, *, held_out: bool) -> Row:
    """One random row of a skill."""
    family = rng.choice(families(skill, held_out=held_out))
    fields, answer = SKILLS[skill].make(rng)
    return Row(skill, f"{skill}-{family}", SKILLS[skill].frames[family].format(**fields), answer)


def make_replay(skill: str, rng: random.Random) -> Row:
    """One random row of a skill for replay: half of them in the wordings that are for replay, where it has any."""
    if skill in REPLAY_FRAMES and rng.random() < 0.5:
        return make_more(skill, rng, REPLAY_FRAMES)
    return make_row(skill, rng, held_out=False)


def distinct_rows(make: Callable[[], Row], count: int) -> list[Row]:
    """Up to `count` rows with different questions (fewer where the skill has fewer)."""
    rows: dict[str, Row] = {}
    for _ in range(count * 40):
        row = make()
        rows.setdefault(row.question, row)
        if len(rows) == count:
            break
    return list(rows.values())
