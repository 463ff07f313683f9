"""From the notes to the course: every topic has a home, or the build says which has none."""

import copy
import importlib.util
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOUND = importlib.util.spec_from_file_location("topic_map", ROOT / "book" / "_ext" / "topic_map.py")
topic_map = importlib.util.module_from_spec(FOUND)
FOUND.loader.exec_module(topic_map)

HOMES = topic_map.Homes(pages={"entropy"}, boxes={1}, exercises={"kl": "ps02"})
TOPICS = {
    "parts": [
        {
            "title": "Information",
            "written": True,
            "topics": [
                {"topic": "Divergence", "where": "S3 15-19", "page": "entropy", "exercises": ["kl"]}
            ],
        },
        {
            "title": "Noise",
            "topics": [
                {"topic": "Dropout", "where": "S4 20", "planned": "2.3 Noise", "later": ["dropout"]}
            ],
        },
    ],
    "errata": [
        {"number": 1, "part": 1, "where": "S3 19", "claim": "about 0.36"},
        {"number": 2, "part": 2, "where": "S3 70", "claim": "noise helps", "planned": "2.3 Noise"},
    ],
}


def complaints(edit):
    """The problems of the small topic map above, after ``edit`` has spoiled it."""
    topics = copy.deepcopy(TOPICS)
    edit(topics["parts"], topics["errata"])
    return list(topic_map.problems(topics, HOMES))


def test_every_topic_has_a_home():
    """Today nothing of the notes is without a page, an exercise or a plan."""
    topics = yaml.safe_load((ROOT / "book" / "topics.yml").read_text())
    assert list(topic_map.problems(topics, topic_map.find_homes(ROOT))) == []
    assert [row["number"] for row in topics["errata"]] == list(range(1, 53))
    assert len(topics["parts"]) == 6


def test_page_shows_all_parts():
    """The page has a table for each part, and one of the errata."""
    page = (ROOT / "book" / "notes_to_course.md").read_text()
    for which in [*range(1, 7), "errata"]:
        assert f"```{{topic-map}} {which}\n```" in page


@pytest.mark.parametrize(
    ("edit", "complaint"),
    [
        (
            lambda parts, errata: parts[0]["topics"][0].pop("page"),
            "topic 'Divergence': expected a page, found none",
        ),
        (
            lambda parts, errata: parts[0]["topics"][0].update(page="entropie"),
            "topic 'Divergence': expected a page labelled 'entropie', found none",
        ),
        (
            lambda parts, errata: parts[0]["topics"][0]["exercises"].append("kll"),
            "topic 'Divergence': expected a spec and a check of 'kll', one is missing",
        ),
        (
            lambda parts, errata: parts[1]["topics"][0].pop("planned"),
            "topic 'Dropout': expected a page, found none",
        ),
        (
            lambda parts, errata: parts[1].update(written=True),
            "topic 'Dropout': expected a page, found none",
        ),
        (
            lambda parts, errata: errata[0].update(number=3),
            "erratum E3: expected a box note-e3, found none",
        ),
    ],
    ids=["no page", "wrong page", "wrong exercise", "no plan", "planned but due", "no box"],
)
def test_topic_without_a_home_is_named(edit, complaint):
    """Each way to lose a topic, an exercise or an erratum gives a line that names it."""
    assert complaint in complaints(edit)


def test_good_map_has_no_problems():
    """What is planned for a later part need not exist yet."""
    assert complaints(lambda parts, errata: None) == []


def test_only_pages_of_the_build_count(tmp_path):
    """A page that is left out is no home, nor a spec that no set asks for, nor the reverse."""
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "kl.md").write_text("(kl)=\n# KL\n\n:name: note-e1\n")
    (tmp_path / "autograder" / "specs" / "information").mkdir(parents=True)
    (tmp_path / "autograder" / "specs" / "information" / "kl.py").touch()
    (tmp_path / "solutions" / "ps02").mkdir(parents=True)
    (tmp_path / "solutions" / "ps02" / "ps02.py").write_text('# %% check="entropy" points=2\n')
    assert topic_map.find_homes(tmp_path, {"book/kl"}) == topic_map.Homes({"kl"}, {1}, {})
    assert topic_map.find_homes(tmp_path, set()) == topic_map.Homes(set(), set(), {})


def test_rows_link_what_exists_and_name_what_is_planned():
    """A page and a box are links; a plan is words."""
    written, planned = TOPICS["parts"]
    assert topic_map.topic_table(written, HOMES)[2:] == [
        "| Divergence | S3\u00a015\u2060–\u206019 | {ref}`entropy` | `kl` (ps02) |"
    ]
    assert topic_map.topic_table(planned, HOMES)[2:] == [
        "| Dropout | S4\u00a020 | planned: 2.3 Noise | planned: `dropout` |"
    ]
    assert topic_map.errata_table(TOPICS, HOMES)[2:] == [
        "| E1 | about 0.36 | S3\u00a019 | {ref}`box E1 <note-e1>` |",
        "| E2 | noise helps | S3\u00a070 | planned: 2.3 Noise |",
    ]
