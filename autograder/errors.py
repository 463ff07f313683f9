"""Every exception of the grader, in one tree."""


class GradusError(Exception):
    """Something the person at the keyboard can act on; the message says what and where."""


class SpecError(GradusError):
    """An exercise's spec contradicts itself or does not exist."""


class AuthoringError(GradusError):
    """An assignment's source cannot be built."""


class SubmissionError(GradusError):
    """A submission that cannot be read; named in that learner's record, the class goes on."""


class SandboxError(GradusError):
    """The sandbox cannot be made on this machine."""


class JudgeError(GradusError):
    """The judge failed; the answer it was judging counts as *could not tell*."""
