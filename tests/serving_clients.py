"""Clients that ask without a pause through a stable name, resolved as a router does: by serving/routes.yaml."""

import json
import random
import threading
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple, Self

import yaml

PROMPT = [{"role": "user", "content": "Hello, I am Anna. The router is late. Please be quick."}]


class Asked(NamedTuple):
    """One request: when it went out and came back, which version was asked, its answer, what went wrong."""

    sent: float
    came: float
    version: str
    answer: str
    fault: str


def ask(url: str, model: str, tokens: int = 8) -> str:
    """The answer of a model to one question."""
    return ask_chat(url, model, PROMPT, tokens)


def ask_chat(url: str, model: str, chat: list[dict[str, str]], tokens: int) -> str:
    """The answer to a request that names no sampling: the rendered file makes it greedy, as evaluated."""
    body = {"model": model, "messages": chat, "max_tokens": tokens}
    request = urllib.request.Request(  # noqa: S310 - a loopback address
        f"{url}/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        content = json.load(answer)
    if content["model"] != model:
        message = f"{content['model']} answered for {model}"
        raise ValueError(message)
    return str(content["choices"][0]["message"]["content"])


class Clients:
    """`count` of them, from `with` to its end; `asked` is what they saw."""

    def __init__(self, root: Path, url: str, key: str, count: int) -> None:
        self.root, self.url, self.key = root, url, key
        self.asked: list[Asked] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._loop) for _ in range(count)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def wait(self, answers: int) -> None:
        """Until so many more answers came."""
        wanted = len(self.asked) + answers
        while len(self.asked) < wanted:
            time.sleep(0.02)

    def _loop(self) -> None:
        while not self._over.is_set():
            sent, version, answer, fault = time.monotonic(), "", "", ""
            try:
                routes = yaml.safe_load((self.root / "serving" / "routes.yaml").read_text(encoding="utf-8"))
                targets = routes["routes"][self.key]["targets"]
                (chosen,) = random.choices(targets, [target["weight"] for target in targets])  # noqa: S311
                version = chosen["model"]
                answer = ask(self.url, version)
            except (OSError, ValueError, KeyError, TypeError) as problem:
                fault = repr(problem)
            self.asked.append(Asked(sent, time.monotonic(), version, answer, fault))

    def last(self, version: str) -> float:
        """When the last answer of a version came."""
        return max(one.came for one in self.asked if one.version == version)

    def first(self, version: str, since: float) -> float:
        """When the first answer of a version came that was asked for after that moment."""
        return min(one.came for one in self.asked if one.version == version and one.sent >= since)
