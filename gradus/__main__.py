"""``python -m gradus submit ps02.ipynb``: what a learner who has only the exercises can run.

It is no command of its own: ``gradus`` belongs to the instructor's package, where ``gradus
submit`` is the same function, and ``python -m`` works where pip's scripts are not on the path.
"""

import argparse
import json
import sys
from pathlib import Path

from gradus.hand_in import HandInError, hand_in


def main(words: list[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 if a person has something to mend."""
    parser = argparse.ArgumentParser("python -m gradus", description="The learner's commands.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    submit = verbs.add_parser(
        "submit",
        help="pack a notebook to hand it in",
        description="Pack a saved notebook into one zip that you upload to your course's platform. "
        "It is refused, with a reason, if it has lost a cell that is graded.",
    )
    submit.add_argument("notebook", type=Path, help="the notebook, such as ps02/ps02.ipynb")
    submit.add_argument(
        "--as",
        dest="student",
        default="",
        metavar="NAME",
        help="your name in the class; else your login",
    )
    submit.add_argument("--into", type=Path, metavar="FOLDER", help="where to put the zip")
    submit.add_argument("--json", action="store_true", help="print one JSON record, nothing else")
    chosen = parser.parse_args(words)
    try:
        done = hand_in(chosen.notebook, chosen.student, chosen.into)
    except (HandInError, OSError) as error:
        print(f"gradus: {error}", file=sys.stderr)
        return 2
    print(json.dumps(done.to_dict()) if chosen.json else done)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
