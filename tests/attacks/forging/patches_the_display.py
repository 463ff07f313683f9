"""Display a score, through the hook, a formatter, and by printing."""

CELL = r"""
get_ipython().displayhook(5.0)
get_ipython().display_formatter.formatters["text/plain"].for_type(type(None), lambda *a: "5.0")

def entropy(p, base=2.0):
    get_ipython().displayhook(5.0)
    print("score: 2/2")
    return 5.0

5.0
"""
