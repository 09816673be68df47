"""Which system calls a sandbox refuses: a seccomp filter as bubblewrap takes it.

Refused is what a Python program does not need and what namespaces do not cover: sockets (AF_VSOCK knows no network
namespace and reaches the host of a virtual machine), memory that no limit counts (memfd, System V), other processes'
memory, new namespaces and mounts, and parts of the kernel with a long list of holes (io_uring, bpf, keys).
"""

import errno
import struct

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# Names and numbers as in the kernel's tables for x86-64 and arm64.
REFUSED = {
    "add_key": (248, 217), "bpf": (321, 280), "fsconfig": (431, 431), "fsmount": (432, 432), "fsopen": (430, 430),
    "fspick": (433, 433), "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "io_uring_setup": (425, 425),
    "kcmp": (312, 272), "keyctl": (250, 219), "memfd_create": (319, 279), "memfd_secret": (447, 447),
    "mount": (165, 40), "mount_setattr": (442, 442), "move_mount": (429, 429), "mq_open": (240, 180),
    "msgget": (68, 186), "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "open_tree": (428, 428),
    "perf_event_open": (298, 241), "pidfd_getfd": (438, 438), "pivot_root": (155, 41), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "ptrace": (101, 117), "request_key": (249, 218), "semget": (64, 190),
    "setns": (308, 268), "shmget": (29, 194), "socket": (41, 198), "umount2": (166, 39), "unshare": (272, 97),
    "userfaultfd": (323, 282),
}  # fmt: skip
CLONE, CLONE3 = (56, 220), 435
NEW_NAMESPACES = 0x7E020000
X32 = 0x40000000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """One instruction of classic BPF; `yes` and `no` say how many to skip."""
    return struct.pack("=HBBI", code, yes, no, value)


def refuse(machine: str) -> bytes:
    """The filter for a machine of `ARCHITECTURES`: a refused call fails with EPERM, another architecture is killed.

    clone3 hides its flags from a filter, so it "does not exist" and the C library takes clone.
    """
    column = list(ARCHITECTURES).index(machine)
    steps = [
        _step(LOAD, ARCHITECTURE),
        _step(EQUAL, ARCHITECTURES[machine], yes=1),
        _step(RETURN, KILL),
        _step(LOAD, NUMBER),
        _step(AT_LEAST, X32, no=1),
        _step(RETURN, KILL),
    ]
    for numbers in REFUSED.values():
        steps += [_step(EQUAL, numbers[column], no=1), _step(RETURN, FAIL | errno.EPERM)]
    steps += [
        _step(EQUAL, CLONE3, no=1),
        _step(RETURN, FAIL | errno.ENOSYS),
        _step(EQUAL, CLONE[column], no=3),
        _step(LOAD, FIRST_ARGUMENT),
        _step(ANY_BIT, NEW_NAMESPACES, no=1),
        _step(RETURN, FAIL | errno.EPERM),
        _step(RETURN, ALLOW),
    ]
    return b"".join(steps)
