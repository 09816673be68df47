"""What one completion may use."""

import math
from dataclasses import dataclass

from tunegate.core.errors import UsageError


@dataclass(frozen=True)
class Limits:
    """Of one completion.

    Args:
        seconds: wall-clock time from the moment the program may start until the last test has ended.
        memory_mib: MiB, of each process by itself and of all together.
        disk_mib: MiB in /tmp, its only place to write.
        output_mib: MiB, of one answer.
        processes: processes and threads.
    """

    seconds: float = 5.0
    memory_mib: int = 512
    disk_mib: int = 16
    output_mib: int = 4
    processes: int = 32

    def __post_init__(self) -> None:
        """Refuse limits under which nothing could run.

        Raises:
            UsageError: with what is allowed.
        """
        if not (0 < self.seconds <= 3600 and 64 <= self.memory_mib <= 1 << 20):
            raise UsageError(
                f"limits of {self.seconds:g} s and {self.memory_mib} MiB: seconds should be above 0 and at most 3600,"
                " memory at least 64 MiB",
                next_step="correct --seconds or --memory",
            )

    def of_process(self, user: int) -> dict[str, int]:
        """What `inside.confine` sets."""
        return {
            "memory": self.memory_mib << 20,
            "processor": math.ceil(self.seconds) + 1,
            "file": self.disk_mib << 20,
            "processes": self.processes,
            "user": user,
        }
