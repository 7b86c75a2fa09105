"""How passwords are kept: argon2id, with as much memory at work at a time as a small server can spare."""

import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

AT_A_TIME = 2
_ROOM = threading.BoundedSemaphore(AT_A_TIME)


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 46 MiB, one lane, two passes: above the least that OWASP's cheat sheet asks for (46 MiB, one pass).

    Two are worked on at a time in a process, whoever waits: a rush of sign-ins takes 92 MiB and no more. One takes
    about 150 ms of CPU.
    """

    time_cost = 2
    memory_cost = 46 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """The hash of a password, as it is stored."""
        with _ROOM:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Whether this is the password of a stored hash."""
        with _ROOM:
            return super().verify(password, encoded)
