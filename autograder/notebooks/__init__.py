"""From the text an author edits to the notebooks of learners and back to one that can be run."""
