"""Text from evidence and settings, made safe to stand in a Markdown table."""


def escaped(text: str) -> str:
    """One line that can neither break the table nor smuggle in HTML."""
    plain = " ".join(text.split())
    return plain.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
