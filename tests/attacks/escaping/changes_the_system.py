"""Write the system's settings: core_pattern, sysrq, the scheduler's."""

CELL = r"""
import os

def entropy(p, base=2.0):
    places = []
    for folder, _, names in os.walk("/proc/sys"):
        places += [os.path.join(folder, name) for name in names]
    places += ["/proc/sysrq-trigger", "/proc/self/oom_score_adj", "/proc/mtrr", "/proc/1/mem"]
    for place in places:
        try:
            os.close(os.open(place, os.O_WRONLY))
        except OSError:
            continue
        raise AssertionError("FOUND " + place)
    return p.sum(-1)
"""
