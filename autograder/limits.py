"""What the code of one exercise may use. One place for the defaults; a spec may ask for others."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What a cell and its sandbox may use; taking more ends the cell with the limit's name.

    Args:
        wall: Seconds that a cell may take.
        cpu: Seconds of CPU time that a cell may use, over all its processes.
        memory: Bytes in memory, over all processes of the sandbox.
        processes: Processes in the sandbox at one time.
        output: Bytes that a cell may print or show.
        file: Bytes of the largest file.
        disk: Bytes in one writable folder.
    """

    wall: float = 30.0
    cpu: float = 60.0
    memory: int = 4 * 2**30
    processes: int = 64
    output: int = 2 * 2**20
    file: int = 256 * 2**20
    disk: int = 256 * 2**20

    def of_system(self) -> dict[str, int]:
        """Return the limits that the operating system itself keeps, by its names for them."""
        return {"FSIZE": self.file, "CORE": 0, "NOFILE": 1024}
