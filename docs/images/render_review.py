"""Draw docs/images/review.png anew: the real page on made-up tickets, in a real Chromium.

Run `.venv/bin/python docs/images/render_review.py` and look at the picture before you commit it.
"""

import json
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tests"))

from browser import Browser  # noqa: E402 - tests are no package
from review_project import Server, chat, make_project, queued  # noqa: E402

TICKETS = (
    ("I was charged twice for the Lantern subscription in March. Can you return the second charge?", "refund", "high"),
    ("The tablet app closes as soon as I open the calendar, on two devices.", "bug_report", "normal"),
    ("How do I add a colleague to our team account?", "how_to", "low"),
    ("My parcel was to arrive on Monday, and the tracking page has not moved for five days.", "delivery", "normal"),
)
ORIGIN = {
    "teacher": "qwen3-32b-instruct",
    "revision": "2025-06",
    "prompt_hash": "5f0c1e",
    "sampling": {"temperature": 0.8, "top_p": 1.0},
    "licence": "Apache-2.0",
    "seeds": ["t-17", "t-402"],
}


def main() -> None:
    """Review a few rows, edit one, and take a picture of it."""
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        root, rows = Path(folder), []
        for n in range(120):
            text, intent, priority = TICKETS[n % 4]
            row = chat(text, json.dumps({"intent": intent, "priority": priority}))
            row["messages"].insert(0, {"role": "system", "content": "Answer with one JSON object."})
            flags = ("near_duplicate of train/tickets.jsonl:212 (0.83)",) if n == 43 else ()
            rows.append(queued(f"syn-{n}", row, synthetic=True, file="synthetic/a.jsonl", line=n + 1, flags=flags))
        make_project(root, rows)
        origins = root / "datasets" / "triage" / "synthetic" / "a.jsonl"
        origins.parent.mkdir()
        origins.write_text((json.dumps({"origin": ORIGIN}) + "\n") * 120, encoding="utf-8")
        server = Server(root, reviewers=("Ann Lee", "Ben Ortiz"))
        people = [server.reviewer(name) for name in ("Ann Lee", "Ann Lee", "Ben Ortiz")]
        for n in range(43):
            person = people[n % 3]
            verdict, more = ("rejected", {"reason": "wrong"}) if n % 9 == 5 else ("approved", {})
            person.decide(person.next(), verdict, **more)
        browser.resize(1280, 860)
        browser.driver.get(server.links["Ann Lee"])
        browser.find("html[data-ready]")
        browser.press("e")
        area = browser.find(".answer textarea:focus")
        browser.run(
            "arguments[0].value = arguments[0].value.replace('normal', 'high');"
            "arguments[0].dispatchEvent(new Event('input'))",
            area,
        )
        browser.find("ins")
        browser.driver.save_screenshot(str(HERE / "review.png"))
        server.kill()


if __name__ == "__main__":
    main()
