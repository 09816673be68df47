"""All broken inputs, as data: `CASES`. A file each, with what must come of it. Folders are in `folder_cases`."""

from broken import json_cases, packed_cases, row_cases, table_cases
from broken.case import Broken

CASES: tuple[Broken, ...] = (*json_cases.CASES, *table_cases.CASES, *packed_cases.CASES, *row_cases.CASES)
