"""``gradus`` and ``python -m autograder``: the way into the command."""

import atexit
import gc


def main() -> None:
    """Run the command. A worker's process imports this module, too, and needs no command."""
    from autograder import cli

    atexit.register(gc.freeze)  # Python's last look for garbage takes half a second, for nothing
    cli.main()


if __name__ == "__main__":
    main()
