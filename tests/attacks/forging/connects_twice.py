"""Hold a connection to the judge open, and open others, from a thread, until the next exercise."""

RACE = True
CELL = r"""
import os, socket, threading, time

def knock():
    while "kl" not in globals():
        try:
            channel = socket.socket(socket.AF_UNIX)
            channel.connect(os.environ["GRADUS_JUDGE"])
            time.sleep(0.2)
            channel.close()
            return
        except OSError:
            time.sleep(0.005)

threading.Thread(target=knock, daemon=True).start()


def entropy(p, base=2.0):
    return p.sum(-1)
"""
