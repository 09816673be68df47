"""E-mail and IP addresses in a text.

Not personal, and so not found: domains and networks that standards keep for documentation (RFC 2606, 5737, 3849,
9637), private, loopback and other networks that no machine on the Internet has, and the public name servers.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# Letters of Latin scripts; not \w, since in Chinese or Japanese text no space parts an address from the words.
_LETTER = "A-Za-z0-9\u00c0-\u024f"
EMAIL = re.compile(
    rf"(?<![\]{_LETTER}_.+%-])[{_LETTER}_][{_LETTER}_.+%'-]{{0,63}}"
    rf"@((?:[{_LETTER}][{_LETTER}-]{{0,62}}\.){{1,8}}(?:xn--[A-Za-z0-9-]{{2,59}}|[A-Za-z]{{2,24}}))(?![{_LETTER}\[]|-[{_LETTER}])"
)
RESERVED = re.compile(r"(?:^|\.)(?:example\.[a-z]{2,3}(?:\.[a-z]{2})?|example|test|invalid|localhost|local)$")
# The name of a file such as logo@2x.png. None of these is a top-level domain.
SUFFIX = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|ico|pdf|css|js|json|html?|xml|txt|csv|jar|exe|dll)$")
LOGIN = re.compile(r"://[^\s/@\[\]]{0,80}$")  # the address goes on the name of a user in a URL
LOGIN_REACH = 83
SERVICE = re.compile(r"git@|[a-z.]{1,20}@\w{1,20}\.\w{2,20}:\w")  # git@host:path

# Both begin with a class, which the engine looks for fast; what may not stand before it comes after.
V4 = re.compile(
    r"[0-9](?<![\]A-Za-z0-9_.].)(?<![A-Za-z][/-].)(?<![=<>~^!]=.)"
    r"[0-9]{0,2}(?:\.[0-9]{1,3}){3}(?![A-Za-z0-9_\[]|\.[0-9]|-[A-Za-z])",
    re.DOTALL,
)
INNER = re.compile(r"\.[0-9]{1,3}\.[0-9]")  # a cheap look whether V4 can match at all
V6 = re.compile(r"[23](?<![\]A-Za-z0-9_:.].)[0-9A-Fa-f]{3}:[0-9A-Fa-f:]{2,35}+(?![A-Za-z0-9_\[])", re.DOTALL)
NUMBERING = re.compile(
    r"\b(?:versions?|ver|releases?|build|firmware|driver|kernel|sdk|article|section|chapter|clause|paragraph|oid)"
    r"[\s:.=#]{0,3}(?:is |to |from |number |no\. ?)?$",
    re.IGNORECASE,
)
NUMBERING_REACH = 24
DOCUMENTATION = IPv6Network("3fff::/20")  # RFC 9637, newer than Python's own list
NAME_SERVERS = frozenset(
    ip_address(one)
    for one in (
        *("8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "149.112.112.112", "208.67.222.222", "208.67.220.220"),
        *(
            "2001:4860:4860::8888",
            "2001:4860:4860::8844",
            "2606:4700:4700::1111",
            "2606:4700:4700::1001",
            "2620:fe::fe",
        ),
    )
)


def emails(text: str) -> Iterator[tuple[int, int]]:
    """Spans of e-mail addresses. The user's name in a URL and `git@host:path` are none."""
    if "@" not in text:
        return
    for match in EMAIL.finditer(text):
        domain = match[1].lower()
        if RESERVED.search(domain) or SUFFIX.search(domain):
            continue
        at = match.start()
        if SERVICE.match(text, at) or LOGIN.search(text, max(0, at - LOGIN_REACH), at):
            continue
        yield match.span()


def ips(text: str) -> Iterator[tuple[int, int]]:
    """Spans of IP addresses that a machine on the Internet can have; not versions, sections and object identifiers."""
    if INNER.search(text):
        for match in V4.finditer(text):
            start, end = match.span()
            # Four single digits are a section or a version far more often than one of ten thousand such addresses.
            numbering = end - start == len("1.2.3.4") or NUMBERING.search(text, max(0, start - NUMBERING_REACH), start)
            if not numbering and _personal(match[0]):
                yield start, end
    if ":" in text:
        for match in V6.finditer(text):
            said = match[0].rstrip(":") if not match[0].endswith("::") else match[0]
            if _personal(said):
                yield match.start(), match.start() + len(said)


def _personal(said: str) -> bool:
    try:
        address: IPv4Address | IPv6Address = ip_address(said)
    except ValueError:
        return False
    if address in NAME_SERVERS or (address.version == 6 and address in DOCUMENTATION):
        return False
    return address.is_global and not address.is_multicast
