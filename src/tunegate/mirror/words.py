"""What a copy says of itself: where it comes from, and what was measured."""

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tunegate.core.git import branch, git
from tunegate.core.share import remote_of
from tunegate.records.manifest import Manifest
from tunegate.records.released import Released

TAG, BUNDLE = "tunegate.tag", "tunegate.bundle"  # by these a copy is known again
SCP = re.compile(r"^(?:[^@/]+@)?(?P<host>[A-Za-z0-9][A-Za-z0-9.-]+):(?P<path>[^/].*)$")  # git@github.com:owner/name.git


class Words(NamedTuple):
    """What a copy is given beside its bytes: a text for people, tags, and scores by name (the base's as
    `prompted_base/NAME`).
    """

    description: str
    tags: dict[str, str]
    metrics: dict[str, float]


def words(version: Released, manifest: Manifest, address: str) -> Words:
    """The words of one version. `address`: of its repository (`repository`), or empty."""
    base = {f"prompted_base/{name}": score for name, score in manifest.baseline_scores.items()}
    return Words(_description(version, address), _tags(version, address), {**base, **manifest.scores})


def repository(root: Path) -> str:
    """The web address of the repository, without a password; empty where its remote is a folder, or there is none."""
    remote = remote_of(root, branch(root))
    return web_address(git(root, "remote", "get-url", remote)) if remote else ""


def web_address(url: str) -> str:
    """`https://HOST/PATH` of a Git URL (https, ssh, or `git@HOST:PATH`); empty for any other.

    >>> web_address("git@github.com:acme/triage.git")
    'https://github.com/acme/triage'
    """
    if "://" in url:
        parts = urlsplit(url)
        host, path = parts.hostname or "", parts.path
        if parts.scheme not in ("http", "https", "ssh"):
            return ""
        if parts.port and parts.scheme != "ssh":
            host = f"{host}:{parts.port}"
    elif match := SCP.match(url):
        host, path = match["host"], match["path"]
    else:
        return ""
    return f"https://{host}/{path.strip('/').removesuffix('.git')}" if host else ""


def _page(address: str, version: Released) -> str:
    """The page of a tag on GitHub, and where others do as it does; empty where there is no address."""
    return f"{address}/tree/{version.tag}" if address else ""


def _tags(version: Released, address: str) -> dict[str, str]:
    """What the copy is tagged with: all that the annotation of the Git tag says, but its scores, which are metrics."""
    facts = {name: value for name, value in version.facts.items() if not name.startswith("score-")}
    link = {"tunegate.page": _page(address, version)} if address else {}
    named = {f"tunegate.{name}": value for name, value in facts.items()}
    return {**named, **link, "tunegate.version": version.version, "tunegate.commit": version.commit,
            TAG: version.tag, BUNDLE: version.facts.get("bundle", "")}  # fmt: skip


def _description(version: Released, address: str) -> str:
    """What a person reads beside the copy."""
    subject = version.text.partition("\n")[0]
    where = _page(address, version) or f"tag {version.tag}, commit {version.commit[:12]}"
    check = f"tunegate verify {version.tag} --bundle DIR"
    return f"{version.tag}: {subject}\n\nReleased by tunegate: {where}. Check a copy: `{check}`."
