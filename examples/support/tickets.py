"""Support tickets for the two adapters: frames, problems, urgency. Seeded; a family is one frame of the text.

The frames are split by family between train, validation and test, so that the nearest training ticket is a
neighbour in wording and not in meaning: lookup does not solve it, reading does.
"""

import random
from typing import NamedTuple

import world

SPLITS = ("train", "validation", "test")

PROBLEMS: dict[str, tuple[str, ...]] = {
    "defect": ("the {p} does not start", "the {p} is dead", "the {p} stopped working", "my {p} is faulty"),
    "delivery": ("the {p} did not come", "the {p} is late", "I wait for the {p}", "the parcel with the {p} is lost"),
    "refund": ("I want my money back for the {p}", "please pay back the {p}", "I send the {p} back for the money",
               "I ask for a refund of the {p}"),
    "invoice": ("the bill for the {p} is wrong", "I paid twice for the {p}", "I need the bill of the {p}",
                "the price on the bill of the {p} is not right"),
    "howto": ("how do I set up the {p}", "I do not know how to use the {p}", "where is the guide for the {p}",
              "can you explain the {p}"),
    "cancel": ("I do not need the {p} any more", "please stop my order of the {p}", "I cancel the {p}",
               "take the {p} out of my order"),
    "exchange": ("I want another colour of the {p}", "the {p} is the wrong one", "please swap the {p}",
                 "I got the {p} in the wrong size"),
    "praise": ("I love the {p}", "the {p} is great", "thank you for the {p}", "the {p} is a joy"),
}  # fmt: skip
URGENCY: dict[str, tuple[str, ...]] = {
    "high": ("It is urgent.", "I need an answer today.", "Nothing goes on here without it.", "Please be quick."),
    "normal": ("An answer this week is fine.", "Please write to me.", "I hope you can help.", "Let me know."),
    "low": ("There is no hurry.", "Take your time.", "It can wait.", "Whenever you have a moment."),
}
OPENINGS = (
    "Hello,", "Hi,", "Dear desk,", "Good morning,", "To the support desk:", "Hey,", "Good day,", "Team,",
    "Sir or madam,", "Hello desk,",
)  # fmt: skip
STORIES = (
    "I am {n} from {c}.", "{n} here.", "my name is {n}.", "this is {n}, I live in {c}.", "{n} from {c} writes.",
    "I am {n} and I bought from you on {d}.", "{n} speaking, customer since {d}.", "I, {n}, have a question.",
)  # fmt: skip
ORDERS = ("{o} {s} {b}. {u}", "{o} {s} {u} {b}.", "{u} {o} {s} {b}.", "{o} {b}. {s} {u}")
FRAMES = tuple(f"{o}|{s}|{i}" for o in range(len(OPENINGS)) for s in range(len(STORIES)) for i in range(len(ORDERS)))


class Ticket(NamedTuple):
    """A ticket with what it is about; `family` is its frame."""

    family: str
    text: str
    name: str
    intent: str
    product: str
    priority: str


def split_frames(seed: int) -> dict[str, list[str]]:
    """Frames by split, disjoint: 240 for train, 40 each for validation and test."""
    frames = list(FRAMES)
    random.Random(seed).shuffle(frames)
    return {"validation": frames[:40], "test": frames[40:80], "train": frames[80:]}


def make_ticket(frame: str, rng: random.Random) -> Ticket:
    """One ticket in a frame; intent, product, priority, name, place and day at random."""
    opening, story, order = (int(part) for part in frame.split("|"))
    intent, priority = rng.choice(sorted(PROBLEMS)), rng.choice(sorted(URGENCY))
    product, name = rng.choice(world.PRODUCTS), rng.choice(world.NAMES)
    said = STORIES[story].format(n=name, c=rng.choice(world.CITIES), d=rng.choice(world.DAYS))
    text = ORDERS[order].format(
        o=OPENINGS[opening],
        s=said[0].upper() + said[1:],
        b=(body := rng.choice(PROBLEMS[intent]).format(p=product))[0].upper() + body[1:],
        u=rng.choice(URGENCY[priority]),
    )
    return Ticket(frame, text, name, intent, product, priority)


def make_tickets(split: str, count: int, seed: int) -> list[Ticket]:
    """`count` different tickets of a split, the frames in turn."""
    frames = split_frames(seed)[split]
    rng = random.Random(f"{seed}-{split}")
    tickets: dict[str, Ticket] = {}
    while len(tickets) < count:
        ticket = make_ticket(frames[len(tickets) % len(frames)], rng)
        tickets.setdefault(ticket.text, ticket)
    return list(tickets.values())


STEPS: dict[str, str] = {
    "defect": "hold the power button of the {p} for ten seconds",
    "delivery": "follow the parcel with the {p} on our page",
    "refund": "send the {p} back with the label in the box",
    "invoice": "open the bill of the {p} in your account",
    "howto": "read page one of the guide for the {p}",
    "cancel": "press stop beside the {p} in your orders",
    "exchange": "choose the new {p} on our swap page",
    "praise": "tell your friends about the {p}",
}
CLOSINGS = {"high": "We answer today.", "normal": "We are here all week.", "low": "Take all the time you need."}


def reply_to(ticket: Ticket) -> str:
    """The answer in the house style: a greeting by name, one step, a closing line."""
    return f"Hello {ticket.name}! Please {STEPS[ticket.intent].format(p=ticket.product)}. {CLOSINGS[ticket.priority]}"
