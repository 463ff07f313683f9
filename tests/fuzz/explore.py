"""Search for bytes that break a reader, guided by coverage: ``python -m tests.fuzz.explore``.

Needs ``pip install atheris``, which has wheels for CPython up to 3.13 on Linux and is no
requirement of the course. Usage, with libFuzzer's own options after the target's name::

    python -m tests.fuzz.explore reads_a_message tests/fuzz/corpus/reads_a_message \
        -max_total_time=600
"""

import sys


def main() -> None:
    """Run libFuzzer on the target named first; the other words are libFuzzer's."""
    import atheris  # here, for a test run reads every module, and nobody needs atheris for that

    with atheris.instrument_imports(include=["gradus", "autograder", "nbformat", "tests.fuzz"]):
        from tests.fuzz.targets import TARGETS
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
