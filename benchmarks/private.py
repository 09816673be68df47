"""Finding private data: microseconds a row, and recall and precision on the labelled sets of tests/.

    python benchmarks/private.py             ours
    python benchmarks/private.py presidio    or detect-secrets, datafog: in an environment that has it (and pydantic),
                                             with PYTHONPATH=src

A peer is judged kindly: any overlap with an item counts as found, and only the kinds that it knows count at all.
"""

import sys
import tempfile
import time
import timeit
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import private_cases  # noqa: E402 - found on the path just set
import private_held_out  # noqa: E402

POSITIVES = private_cases.POSITIVES + private_held_out.POSITIVES + private_held_out.MISSED
NEGATIVES = private_cases.NEGATIVES + private_held_out.NEGATIVES + private_held_out.FALSE
PROSE = """
I have been waiting for my card to arrive for more than two weeks now and nobody at the bank seems to know
where it is. Could you please check the status of the delivery and tell me when I can expect it? I also tried
to top up my account with another card, but the payment was declined twice without any reason. Please tell me
what I should do next, since I need the money for my trip and I leave soon.
""".strip()
SUMS = """
Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May 2024. How many
clips did Natalia sell altogether in April and May? Natalia sold 48/2 = <<48/2=24>>24 clips in May. Natalia
sold 48+24 = <<48+24=72>>72 clips altogether in April and May. #### 72. A robe takes 2 bolts of blue fiber and
half that much white fiber. How many bolts in total? It takes 2/2=<<2/2=1>>1 bolt.
""".strip()
Scan = Callable[[str, str | None], list[tuple[str, int, int]]]


def ours() -> tuple[set[str], Scan]:
    """What `prepare` uses."""
    from tunegate.core.data_settings import Private
    from tunegate.prepare.private import Finder

    finders = {
        region: Finder(Private(region=region)) for region in {None, *(case.region for case in POSITIVES + NEGATIVES)}
    }
    return set(Private().kinds), lambda text, region: [(*found,) for found in finders[region].find(text)]


def presidio() -> tuple[set[str], Scan]:
    """The recognisers of presidio-analyzer by themselves, without its language model."""
    from presidio_analyzer import predefined_recognizers as known

    names = {
        "EMAIL_ADDRESS": "email",
        "PHONE_NUMBER": "phone",
        "IBAN_CODE": "iban",
        "CREDIT_CARD": "card",
        "IP_ADDRESS": "ip",
    }
    fixed = [known.EmailRecognizer(), known.IbanRecognizer(), known.CreditCardRecognizer(), known.IpRecognizer()]
    phones = {region: known.PhoneRecognizer(supported_regions=[region]) for region in ("US", "DE", "GB", "FR", "AU")}
    everywhere = known.PhoneRecognizer()

    def scan(text: str, region: str | None) -> list[tuple[str, int, int]]:
        phone = phones[region] if region else everywhere
        found = [hit for one in [*fixed, phone] for hit in one.analyze(text, one.supported_entities, None)]
        return [(names[hit.entity_type], hit.start, hit.end) for hit in found if hit.score > 0]

    return set(names.values()), scan


def detect_secrets() -> tuple[set[str], Scan]:
    """detect-secrets on a file with the text, its default plugins and filters."""
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import default_settings

    place = Path(tempfile.mkdtemp()) / "text.txt"

    def scan(text: str, _region: str | None) -> list[tuple[str, int, int]]:
        place.write_text(text, encoding="utf-8")
        with default_settings():
            values = {found.secret_value for found in scan_file(str(place))}
        return [("secret", text.find(value), text.find(value) + len(value)) for value in values]

    return {"secret"}, scan


def datafog() -> tuple[set[str], Scan]:
    """datafog-core, written in Rust. Of IBANs it knows Germany's."""
    import datafog_core

    names = {"EMAIL": "email", "PHONE": "phone", "DE_IBAN": "iban", "CREDIT_CARD": "card", "IP_ADDRESS": "ip"}
    names |= dict.fromkeys(("API_KEY", "BEARER_TOKEN", "CREDENTIAL_URI", "JWT", "PRIVATE_KEY"), "secret")

    def scan(text: str, _region: str | None) -> list[tuple[str, int, int]]:
        found = datafog_core.scan(text, {"locale": "de"})
        known = [(names[hit.entity_type], hit.codepoint_range) for hit in found if hit.entity_type in names]
        return [(kind, span.start, span.end) for kind, span in known]

    return set(names.values()), scan


def judge(kinds: set[str], scan: Scan) -> None:
    """Print recall and precision by kind."""
    hit, all_, false = Counter[str](), Counter[str](), Counter[str]()
    for case in (case for case in POSITIVES if case.kind in kinds):
        start, spans = case.text.index(case.item), scan(case.text, case.region)
        end = start + len(case.item)
        wrong = [kind for kind, begin, stop in spans if kind != case.kind or begin >= end or stop <= start]
        all_[case.kind] += 1
        hit[case.kind] += len(wrong) < len(spans)
        false.update(wrong)
    for clean in NEGATIVES:
        false.update(kind for kind, *_ in scan(clean.text, clean.region))
    for kind in [*sorted(kinds), None]:
        found, of, bad = (counts.total() if kind is None else counts[kind] for counts in (hit, all_, false))
        print(f"{kind or 'all':8} found {found} of {of}, false {bad}, precision {found / max(found + bad, 1):.2f}")


def pace(scan: Scan) -> None:
    """Print processor time for 400 characters without findings: the best of many tries, since other work disturbs."""
    for name, text in (("prose", PROSE), ("sums", SUMS)):
        tries = timeit.repeat(lambda text=text: scan(text, None), number=100, repeat=30, timer=time.process_time)
        print(f"{name}: {len(text)} characters in {min(tries) / 100 * 1e6:.1f} us")


def main() -> None:
    """Measure one finder."""
    peers = {"ours": ours, "presidio": presidio, "detect-secrets": detect_secrets, "datafog": datafog}
    kinds, scan = peers[sys.argv[1] if len(sys.argv) > 1 else "ours"]()
    judge(kinds, scan)
    pace(scan)


if __name__ == "__main__":
    main()
