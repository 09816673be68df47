"""Finished requests on disk, one file each: nothing is asked, or paid, twice."""

from pathlib import Path

from tunegate.core.errors import DataError
from tunegate.endpoint.request import Finished, Reply, Request

FOLDER = "answers"


class Answers:
    """The cache of one adapter."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made with the first answer."""
        self._folder = folder / FOLDER

    def get(self, request: Request) -> Reply | None:
        """The reply, if this very request was answered before.

        Raises:
            DataError: its file is broken (it was written whole: something else changed it).
        """
        path = self._path(request)
        if not path.is_file():
            return None
        return Finished.read(path, DataError, next_step=f"delete {path}; the request is then asked anew").reply

    def put(self, request: Request, reply: Reply) -> None:
        """Keep a reply; it is on the disk when this returns."""
        Finished(request=request, reply=reply).write(self._path(request))

    def _path(self, request: Request) -> Path:
        return self._folder / f"{request.key}.json"
