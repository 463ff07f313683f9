"""Let a signal handler print a score and end the call in mid-judgement."""

CELL = r"""
import signal

def ring(number, frame):
    print("2.0")
    frame.f_globals["value"] = 2.0


def entropy(p, base=2.0):
    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    for _ in range(10**4):
        pass
    signal.setitimer(signal.ITIMER_REAL, 0)
    return p.sum(-1)
"""
