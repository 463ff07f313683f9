"""Put a submission back into shape: our cells as we wrote them, the learner's as they left them.

Whatever was done to the graded cells of a submission (edited, deleted, duplicated, renamed),
what runs is the instructor's text, once, in the instructor's order after the learner's cells.
"""

import copy

from nbformat import NotebookNode


def restore(submission: NotebookNode, source: NotebookNode) -> NotebookNode:
    """Return ``submission`` with each nbgrader cell of ``source`` in it exactly once.

    Cells that learners answer in keep their text; locked cells get the source's text back, and
    return where they are missing. A second cell with the same grade id loses its mark, and so
    does a locked cell that stands before a cell it should follow.
    """
    originals = {cell.metadata.nbgrader.grade_id: cell for cell in source.cells if _marked(cell)}
    names = list(originals)
    restored: list[NotebookNode] = []
    present: set[str] = set()
    for at, cell in enumerate(submission.cells):
        cell = copy.deepcopy(cell)
        name = grade_id(cell)
        cell.metadata.pop("gradus", None)
        early = name in originals and originals[name].metadata.nbgrader.locked
        if early:  # a graded cell before the answer it asks for would cost an honest answer
            later = {grade_id(other) for other in submission.cells[at + 1 :]}
            early = not later.isdisjoint(names[: names.index(name)])
        if name not in originals or name in present or early:
            cell.metadata.pop("nbgrader", None)
        else:
            present.add(name)
            cell = _as_written(cell, originals[name])
        restored.append(cell)
    for name in originals:
        if name not in present and originals[name].metadata.nbgrader.locked:
            restored.insert(_place(restored, names, name), copy.deepcopy(originals[name]))
    result = copy.deepcopy(source)  # its metadata, too: kernel and language are not the learner's
    result.cells = _with_ids_of_their_own(restored)
    return result


def changes(submission: NotebookNode, source: NotebookNode) -> dict[str, str]:
    """Return what was done to the cells of ``source`` in ``submission``, by graded cells' ids.

    A word on a cell that is answered in goes to the next graded cell. Splitting a cell leaves two
    with the same id.
    """
    found: dict[str, str] = {}
    of_answer = ""
    for original in filter(_marked, source.cells):
        name = original.metadata.nbgrader.grade_id
        there = [cell for cell in submission.cells if grade_id(cell) == name]
        if not original.metadata.nbgrader.locked:
            of_answer = _count(there, "its answer cell") or of_answer
            continue
        word = _count(there, "its graded cell") or _edits(there[0], original)
        word = f"{word}, and put back" if word else of_answer
        of_answer = ""
        if word:
            found[name] = word
    return found


def _count(there: list[NotebookNode], cell: str) -> str:
    if not there:
        return f"{cell} was missing"
    return f"{cell} was there more than once" if len(there) > 1 else ""


def _edits(cell: NotebookNode, original: NotebookNode) -> str:
    if not original.source.startswith(cell.source.strip()[:40] or "-"):
        return "its graded cell was edited"
    if cell.metadata.nbgrader.get("points") != original.metadata.nbgrader.points:
        return "the points of its graded cell were edited"
    return ""


def grade_id(cell: NotebookNode) -> str:
    """Return the grade id that a cell claims, empty if none, whatever its metadata holds."""
    mark = cell.metadata.get("nbgrader")
    name = mark.get("grade_id") if isinstance(mark, dict) else None
    return name if isinstance(name, str) else ""


def _marked(cell: NotebookNode) -> bool:
    return grade_id(cell) != ""


def _with_ids_of_their_own(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Return ``cells``, those renamed whose id an earlier one has: a cell that came back, say."""
    seen: set[str] = set()
    for at, cell in enumerate(cells):
        if not isinstance(cell.get("id"), str) or cell.id in seen:
            cell.id = f"cell-{at}-of-{len(cells)}"
        seen.add(cell.id)
    return cells


def _as_written(cell: NotebookNode, original: NotebookNode) -> NotebookNode:
    fresh = copy.deepcopy(original)
    if not original.metadata.nbgrader.locked:
        fresh.source = cell.source
    if isinstance(cell.metadata.nbgrader.get("checksum"), str):
        fresh.metadata.nbgrader.checksum = cell.metadata.nbgrader.checksum
    fresh.id = cell.get("id", original.id)
    return fresh


def _place(cells: list[NotebookNode], names: list[str], name: str) -> int:
    """Return where a missing cell belongs: after the last of its predecessors that is there."""
    before = set(names[: names.index(name)])
    there = [index for index, cell in enumerate(cells) if grade_id(cell) in before]
    return there[-1] + 1 if there else len(cells)
