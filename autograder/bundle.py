"""The learners' bundle: the exercises and the package they import, in one zip for any system.

``make release`` writes it. It holds the committed release and the learner's package, so nothing
of the instructor's side can get in.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

from autograder.course import Course
from autograder.errors import GradusError

FOLDER = "gradus-exercises"
LAB = ("jupyterlab", "ipywidgets", "ipykernel", "nbgrader")
SETTINGS = ".jupyter"
"""The folder of the learner's settings of JupyterLab: no menu and no sidebar for instructors."""
README = (
    "Install once, in this folder: `python -m pip install -r requirements.txt`; "
    f"then `python -m jupyter lab --LabApp.app_settings_dir={SETTINGS}` opens the exercises, "
    "and `check` needs no network.\n"
    "To hand in: `python -m gradus submit ps02/ps02.ipynb --as YOUR_NAME`, "
    "and upload the zip that it names.\n"
)
NOT_ON_WINDOWS = re.compile(
    r'[<>:"\\|?*]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)', re.IGNORECASE
)
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files make the same zip, but for the wheel


def bundle(course: Course, zipped: Path) -> list[str]:
    """Write the bundle to ``zipped`` and return the names in it, sorted.

    Raises:
        GradusError: If a name is one that some system cannot hold, or the wheel cannot be built.
    """
    files = {
        path.relative_to(course.exercises).as_posix(): path.read_bytes()
        for name in (*course.assignments(), SETTINGS)
        for path in sorted((course.exercises / name).iterdir())
        if path.suffix in (".ipynb", ".safetensors", ".json")
    }
    name, wheel = _wheel(course.root)
    files |= {name: wheel, "README.md": README.encode()}
    files["requirements.txt"] = _requirements(course.root, name).encode()
    _check_names(list(files))
    zipped.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return sorted(files)


def _wheel(root: Path) -> tuple[str, bytes]:
    """Build the learner's package from a copy that holds nothing else."""
    with tempfile.TemporaryDirectory(prefix="gradus-") as place:
        copy = Path(place) / "source"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(root / "gradus", copy / "gradus", ignore=ignored)
        shutil.copy(root / "pyproject.toml", copy)
        words = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", place]
        done = subprocess.run(
            [sys.executable, "-m", "pip", *words, str(copy)],
            capture_output=True,
            text=True,
            check=False,
        )
        built = list(Path(place).glob("*.whl"))
        if done.returncode or len(built) != 1:
            raise GradusError(f"the wheel cannot be built: {done.stderr.strip()[-500:]}")
        return built[0].name, built[0].read_bytes()


def _requirements(root: Path, wheel: str) -> str:
    """Return what a learner installs: our own pins of what the package and the lab need."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {*project["dependencies"], *project["optional-dependencies"]["lab"], *LAB}
    pins = [
        line.split("#")[0].strip()
        for line in (root / "requirements.txt").read_text(encoding="utf-8").splitlines()
    ]
    lines = [pin for pin in pins if pin.split("==")[0] in wanted]
    return "\n".join([*lines, f"./{wheel}", ""])


def _check_names(names: list[str]) -> None:
    bad = [name for name in names if any(map(NOT_ON_WINDOWS.search, name.split("/")))]
    if bad:
        raise GradusError(f"expected names that every system can hold, got {', '.join(bad)}")
    if len({name.lower() for name in names}) < len(names):
        raise GradusError(f"two names differ in case only: {', '.join(sorted(names))}")


def main() -> None:
    """Write dist/gradus-exercises.zip, and say where."""
    course = Course.here()
    zipped = course.root / "dist" / "gradus-exercises.zip"
    names = bundle(course, zipped)
    print(f"{zipped}: {len(names)} files, {zipped.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
