"""General rows for replay: what training mixes in against forgetting. Disjoint from what the general tasks ask."""

from pathlib import Path

from tunegate.core.settings import Prepare
from tunegate.prepare.clean import Split, drop_leaks, key_of, read_split
from tunegate.prepare.general import Documents


def read_replay(folder: Path, documents: Documents, test: Split) -> Split | None:
    """Read `datasets/general`, without what the general tasks or the test split ask; None where there is no folder."""
    if not folder.is_dir():
        return None
    split = read_split(folder, "train", Prepare(), None)
    drop_leaks(split, test)
    drop_contaminated(split, documents)
    return split


def drop_contaminated(split: Split, documents: Documents) -> None:
    """Keep out of `split` what the general tasks ask."""
    keep, dropped = [], []
    for example in split.kept:
        if reason := documents.hit(key_of(example), example.answer):
            dropped.append((example, "contaminated_general", reason))
        else:
            keep.append(example)
    split.drop(keep, dropped)
