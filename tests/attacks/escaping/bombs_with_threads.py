"""Start threads without end."""

CAUSE = ("started more than 1024 threads",)
CELL = r"""
import threading, time

def entropy(p, base=2.0):
    while True:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
"""
