"""Let a thread take the judge's connection before the graded cell does.

It gives up when the next exercise is written: one that went on could only spoil its author's own.
"""

RACE = True
CELL = r"""
import os, socket, threading, time

def intercept():
    from gradus import wire
    while "kl" not in globals():
        try:
            channel = socket.socket(socket.AF_UNIX)
            channel.connect(os.environ["GRADUS_JUDGE"])
            while (request := wire.receive(channel)) is not None:
                wire.send(channel, {"value": request["args"][0].sum(-1)})
            return
        except (KeyError, OSError):
            time.sleep(0.001)

threading.Thread(target=intercept, daemon=True).start()


def entropy(p, base=2.0):
    return p.sum(-1)
"""
