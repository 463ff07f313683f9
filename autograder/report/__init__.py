"""The class report: what a class knows, what to teach again, whom to look at. One static page."""
