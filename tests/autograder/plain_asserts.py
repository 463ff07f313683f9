"""A plug-in of pytest: nbgrader's own tests with our preprocessor, see docs/nbgrader.md."""

from nbgrader.converters import Autograde

from autograder.gradebook.foreign import RunInSandbox

_, *others = Autograde.autograde_preprocessors.default_args[0]
Autograde.autograde_preprocessors.default_args = ([RunInSandbox, *others],)
