"""Write the lm-eval tasks of the general skills: `python examples/support/make_tasks.py`. Seeded."""

import json
import random
from functools import partial
from pathlib import Path

import general_skills

ROOT = Path(__file__).parents[2]
TASKS = ROOT / "evals" / "tasks"
DOCUMENTS, SEED = 500, 20
LENGTHS = {"summary": 24, "json": 48, "repeat": 16}  # tokens that the longest answer needs, with room to be wrong
TEMPLATE = """\
# Written by examples/support/make_tasks.py. {about}
task: skill_{name}
dataset_path: json
dataset_kwargs:
  data_files:
    test: evals/tasks/data/{skill}.jsonl
test_split: test
output_type: generate_until
doc_to_text: "{{{{question}}}}"
doc_to_target: "{{{{answer}}}}"
num_fewshot: 0
generation_kwargs:
  until: ["\\n"]
  do_sample: false
  max_gen_toks: {length}
metric_list:
  - metric: exact_match
    aggregation: mean
    higher_is_better: true
metadata:
  version: 1
"""
ABOUT = {
    "reading": "Question over two facts.",
    "sentiment": "Good or bad review.",
    "capitals": "Facts: the capital of a country.",
    "kinds": "Facts: the group that a word belongs to.",
    "repeat": "Instruction: write a word so many times.",
    "topic": "Which thing a note is about.",
    "summary": "One-sentence summary.",
    "json": "Extraction to JSON.",
    "yes-no": "Yes or no over one fact.",
}


def write(skill: str) -> None:
    """Write one task: its settings and its held-out documents."""
    rng = random.Random(f"{SEED}-{skill}")
    rows = general_skills.distinct_rows(partial(general_skills.make_row, skill, rng, held_out=True), DOCUMENTS)
    lines = [json.dumps({"question": r.question, "answer": r.answer, "family": r.family}) for r in rows]
    (TASKS / "data" / f"{skill}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = TEMPLATE.format(name=skill.replace("-", "_"), skill=skill, length=LENGTHS.get(skill, 8), about=ABOUT[skill])
    (TASKS / f"{skill}.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    (TASKS / "data").mkdir(parents=True, exist_ok=True)
    for each in general_skills.SKILLS:
        write(each)
