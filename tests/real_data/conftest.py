"""Tests on public data that is not in the repository: not collected where TUNEGATE_REAL_DATA is not set."""

import os

collect_ignore_glob = [] if os.environ.get("TUNEGATE_REAL_DATA") else ["test_*.py"]
