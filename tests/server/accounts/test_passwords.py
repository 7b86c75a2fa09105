"""How passwords are kept: argon2id, and never many at work at once."""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tidegate.server.accounts.models import Person

WORDS = "a long walk at low tide"
GERMAN = "Ebbe und Flut, täglich zweimal"


def test_what_is_stored_of_a_password_is_argon2id_with_our_cost(person: Callable[..., "Person"]) -> None:
    from tidegate.server.accounts.models import Person

    one, two = person(password=WORDS), person(password=WORDS)
    stored = Person.objects.get(id=one.id).password
    assert stored.startswith("argon2$argon2id$v=19$m=47104,t=2,p=1$")
    assert stored != two.password
    assert "walk" not in stored


def test_a_password_is_right_or_wrong_to_the_letter(person: Callable[..., "Person"]) -> None:
    somebody = person(password=GERMAN)
    assert somebody.check_password(GERMAN)
    assert not somebody.check_password("Ebbe und Flut, taeglich zweimal")
    assert not somebody.check_password("ebbe und Flut, täglich zweimal")


def test_a_hash_of_lower_cost_is_made_anew_when_its_password_is_typed(person: Callable[..., "Person"]) -> None:
    from django.contrib.auth.hashers import Argon2PasswordHasher

    class Cheap(Argon2PasswordHasher):
        memory_cost, time_cost, parallelism = 1024, 1, 1

    somebody = person()
    somebody.password = Cheap().encode(WORDS, "saltsaltsaltsaltsaltsa")
    somebody.save()
    assert somebody.check_password(WORDS)
    somebody.refresh_from_db()
    assert "m=47104,t=2,p=1" in somebody.password


def test_no_more_than_two_are_worked_on_at_a_time(django_ready: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.contrib.auth.hashers import Argon2PasswordHasher

    from tidegate.server.accounts.passwords import AT_A_TIME, PasswordHasher

    lock, now, most = threading.Lock(), 0, 0

    def slow(*_: object) -> bool:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.02)
        with lock:
            now -= 1
        return True

    monkeypatch.setattr(Argon2PasswordHasher, "verify", slow)
    threads = [threading.Thread(target=PasswordHasher().verify, args=("x", "y")) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == AT_A_TIME
