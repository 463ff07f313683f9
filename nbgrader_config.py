"""The course as nbgrader sees it. Stock commands (`nbgrader autograde ps02`) use the judge, too."""

import os
from pathlib import Path

c = get_config()  # noqa: F821 - traitlets provides it

ROOT = Path(__file__).resolve().parent if "__file__" in globals() else Path.cwd()
COURSE = Path(os.environ.get("GRADUS_COURSE", ROOT / "_course")).resolve()
COURSE.mkdir(parents=True, exist_ok=True)  # nbgrader makes its database there

c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.course_id = "gradus"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = os.environ.get("GRADUS_RELEASE", "exercises")
c.CourseDirectory.submitted_directory = str(COURSE / "submitted")
c.CourseDirectory.autograded_directory = str(COURSE / "autograded")
c.CourseDirectory.feedback_directory = str(COURSE / "feedback")
c.CourseDirectory.db_url = os.environ.get("GRADUS_DB", f"sqlite:///{COURSE / 'gradebook.db'}")
# Without "*.py" generate_assignment copies the model answers into the release.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", ".pytest_cache", "*.py"]

c.Autograde.sanitize_preprocessors = [
    "autograder.gradebook.plugin.RestoreCells",  # the rest are nbgrader's
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "autograder.gradebook.plugin.JudgeAnswers",  # in place of nbgrader's Execute
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "autograder.gradebook.plugin.SaveVerdicts",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.GenerateFeedback.preprocessors = [
    "autograder.gradebook.plugin.ReadScores",  # in place of nbgrader's GetGrades
    "autograder.gradebook.plugin.TidyFeedback",
]
c.GenerateFeedback.exporter_class = "autograder.gradebook.page.FeedbackPage"
c.ClearMetadataPreprocessor.enabled = False  # the verdicts live in the graded cells' metadata
c.OnCourse.root = str(ROOT)
c.OnCourse.folder = str(COURSE)

c.ClearSolutions.code_stub = {"python": 'raise NotImplementedError("not yet written")'}
c.Exchange.root = str(COURSE / "exchange")

# What `gradus submit` calls its zips; platforms put something before and after.
STEPS = COURSE / "{downloaded}" / "{assignment_id}" / "{collect_step}"
c.ZipCollectApp.collect_directory_structure = str(STEPS)
c.ZipCollectApp.collector_plugin = "autograder.gradebook.plugin.ChecksumCollector"
c.ChecksumCollector.named_regexp = (
    r".*?(?P<assignment>\w+)__(?P<student_id>[^/\\]+?)__(?P<timestamp>\d{8}T\d{6}Z)"
    r"__(?P<checksum>[0-9a-f]{12})[^/\\]*[/\\](?P<file_id>\w+)\.ipynb$"
)
