"""The one way in which a raw row is refused: a code that counts, a reason that a person reads."""


class BadRow(ValueError):
    """A row that cannot be used; `code` is one of `codes.CODES`."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def kind(value: object) -> str:
    """What a JSON value is, in words."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")
