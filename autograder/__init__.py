"""The instructor side of Gradus: specs, judge, sandbox, grading."""
