"""Connect to every Unix socket in sight but its own."""

CELL = r"""
import os, socket

def entropy(p, base=2.0):
    names = {line.split()[-1] for line in open("/proc/net/unix").readlines()[1:]}
    names |= {"/var/run/docker.sock", "/run/dbus/system_bus_socket", "@/tmp/.X11-unix/X0"}
    for name in names:
        if name == os.environ.get("GRADUS_JUDGE") or "/kernel/" in name:
            continue
        try:
            socket.socket(socket.AF_UNIX).connect(name.replace("@", "\0", 1))
        except (OSError, ValueError):
            continue
        raise AssertionError("FOUND " + name)
    return p.sum(-1)
"""
