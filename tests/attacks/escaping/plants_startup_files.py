"""Leave files that a new interpreter would run, then die, so that one is started."""

CAUSE = ("the kernel died",)
CELL = r"""
import os, sys
from pathlib import Path

CODE = "import builtins; builtins.PLANTED = True; print('2.0')\n"
version = f"python{sys.version_info.major}.{sys.version_info.minor}"
for place in (
    "sitecustomize.py", "usercustomize.py", "evil.pth", ".pythonstartup", "ipython_config.py",
    f".local/lib/{version}/site-packages/usercustomize.py",
    ".ipython/profile_default/startup/00.py", ".config/matplotlib/matplotlibrc",
    "/tmp/ipython/profile_default/startup/00.py", "ipykernel_launcher.py",
):
    path = Path(os.environ["HOME"], place)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CODE)
os.environ["PYTHONSTARTUP"] = os.path.abspath(".pythonstartup")


def entropy(p, base=2.0):
    os._exit(0)
"""
