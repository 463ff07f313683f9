"""What one submission may use. One place for the defaults; a spec may ask for others."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Wall time per cell in seconds, processes per sandbox, and bytes: of memory, of
    output, in one file, in one writable folder.
    """

    wall: float = 30.0
    memory: int = 4 * 2**30
    processes: int = 64
    output: int = 2 * 2**20
    file: int = 256 * 2**20
    disk: int = 256 * 2**20
