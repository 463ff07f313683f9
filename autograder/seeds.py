"""Which numbers a learner is asked: different for each, the same on every regrade."""

import hashlib
import hmac

PRACTICE = b"practice"
"""The key of the practice packs. It is public; no course secret may equal it."""


def seed_of(secret: bytes, *names: str) -> int:
    """Return a seed, 0 to 2**63 - 1, that nobody without ``secret`` can foresee.

    >>> seed_of(b"secret", "ada", "kl") == seed_of(b"secret", "ada", "kl")
    True
    >>> seed_of(b"secret", "ada", "kl") == seed_of(b"secret", "bob", "kl")
    False
    """
    message = "\x00".join(names).encode()
    return int.from_bytes(hmac.digest(secret, message, hashlib.sha256)[:8]) >> 1
