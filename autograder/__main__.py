"""``gradus`` and ``python -m autograder``: the way into the command."""


def main() -> None:
    """Run the command. A worker's process imports this module, too, and needs no command."""
    from autograder import cli

    cli.main()


if __name__ == "__main__":
    main()
