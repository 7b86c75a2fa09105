"""People: invited, given roles, let go; never without an administrator."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tidegate.errors import AccountRequestError, FirstLinkError, LastAdminError

if TYPE_CHECKING:
    from tidegate.server.accounts.models import Person

NOW_S = 1_800_000_000.0
OLD, NEW = "a long walk at low tide", "another long walk"


def test_an_invitation_makes_somebody_without_a_password_and_one_link(both_databases: str) -> None:
    from tidegate.server.accounts.first_link import person_of_link
    from tidegate.server.accounts.people import invite

    made = invite(" Ada@Example.ORG ", "lead", name=" Ada ", now_s=NOW_S)
    assert (made.person.email, made.person.name, made.person.role) == ("ada@example.org", "Ada", "lead")
    assert not made.person.has_usable_password()
    assert made.expires_at_s == NOW_S + 24 * 3600
    assert person_of_link(made.path.removeprefix("/first/"), now_s=NOW_S) == made.person


@pytest.mark.parametrize(("email", "role"), [("no address", "lead"), ("a@example.org", "king"), ("", "lead")])
def test_nonsense_is_not_invited(database: str, email: str, role: str) -> None:
    from tidegate.server.accounts.people import invite, list_people

    with pytest.raises(AccountRequestError):
        invite(email, role, now_s=NOW_S)
    assert list_people() == []


def test_nobody_is_invited_twice_whatever_the_case_of_their_address(database: str) -> None:
    from tidegate.server.accounts.people import invite

    invite("ada@example.org", "lead", now_s=NOW_S)
    with pytest.raises(AccountRequestError, match="already"):
        invite("ADA@example.org", "reviewer", now_s=NOW_S)


def test_the_last_administrator_can_neither_leave_nor_step_down(person: Callable[..., "Person"]) -> None:
    from tidegate.server.accounts.people import change_role, deactivate

    first = person("admin")
    with pytest.raises(LastAdminError):
        deactivate(first.id, now_s=NOW_S)
    with pytest.raises(LastAdminError):
        change_role(first.id, "reviewer", now_s=NOW_S)
    second = person("admin")
    assert change_role(first.id, "reviewer", now_s=NOW_S).role == "reviewer"
    with pytest.raises(LastAdminError):
        deactivate(second.id, now_s=NOW_S)


def test_two_administrators_who_end_each_other_at_once_do_not_both_succeed(
    both_databases: str, person: Callable[..., "Person"], both_at_once: Callable[..., list[object]]
) -> None:
    from tidegate.server.accounts.models import Person
    from tidegate.server.accounts.people import deactivate

    first, second = person("admin"), person("admin")
    both_at_once(lambda: deactivate(first.id, now_s=NOW_S), lambda: deactivate(second.id, now_s=NOW_S))
    assert Person.objects.filter(role="admin", is_active=True).count() == 1


def test_whoever_left_has_no_password_no_link_and_comes_back_by_a_new_link_only(
    person: Callable[..., "Person"],
) -> None:
    from tidegate.server.accounts.first_link import person_of_link, use_link
    from tidegate.server.accounts.people import deactivate, renew_link

    person("admin")
    somebody = person("lead", password=OLD)
    link = renew_link(somebody.id, now_s=NOW_S).path.removeprefix("/first/")
    left = deactivate(somebody.id, now_s=NOW_S)
    assert (left.is_active, left.has_usable_password()) == (False, False)
    with pytest.raises(FirstLinkError):
        person_of_link(link, now_s=NOW_S)

    again = renew_link(somebody.id, now_s=NOW_S).path.removeprefix("/first/")
    assert use_link(again, password=NEW, now_s=NOW_S).check_password(NEW)


def test_a_reset_of_the_second_factor_forgets_it_and_the_tie_to_the_issuer(person: Callable[..., "Person"]) -> None:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP
    from allauth.socialaccount.models import SocialAccount

    from tidegate.server.accounts.people import renew_link

    somebody = person("lead", password=OLD)
    TOTP.activate(somebody, "JBSWY3DPEHPK3PXP")
    SocialAccount.objects.create(user=somebody, provider="issuer", uid="x")
    renew_link(somebody.id, now_s=NOW_S)
    assert Authenticator.objects.count() == 1
    renew_link(somebody.id, is_second_factor_reset=True, now_s=NOW_S)
    assert (Authenticator.objects.count(), SocialAccount.objects.count()) == (0, 0)
    somebody.refresh_from_db()
    assert not somebody.has_usable_password()


def test_a_link_for_the_first_administrator_is_made_until_somebody_has_signed_in(
    database: str, person: Callable[..., "Person"]
) -> None:
    from django.utils import timezone

    from tidegate.server.accounts.models import Person
    from tidegate.server.accounts.people import first_admin_link

    first = first_admin_link(NOW_S)
    second = first_admin_link(NOW_S)
    assert first is not None
    assert second is not None
    assert first.person == second.person
    assert first.path != second.path
    Person.objects.update(last_login=timezone.now())
    assert first_admin_link(NOW_S) is None


def test_what_happens_to_people_is_in_the_journal_without_their_names(
    database: str, journal: Callable[[], list[Any]], person: Callable[..., "Person"]
) -> None:
    from tidegate.server.accounts.people import change_role, deactivate, invite, renew_link
    from tidegate.server.ledger.models import EntryRow

    person("admin")
    who = invite("ada@example.org", "lead", name="Ada", now_s=NOW_S, by="person:pe_1").person
    change_role(who.id, "auditor", now_s=NOW_S, by="person:pe_1")
    change_role(who.id, "auditor", now_s=NOW_S, by="person:pe_1")
    renew_link(who.id, now_s=NOW_S, by="person:pe_1")
    deactivate(who.id, now_s=NOW_S, by="person:pe_1")
    deactivate(who.id, now_s=NOW_S, by="person:pe_1")
    kinds = ["account.invited", "account.role_changed", "account.link_renewed", "account.deactivated"]
    assert [entry[0] for entry in journal()] == kinds
    assert {entry[1:3] for entry in journal()} == {(who.id, "person:pe_1")}
    written = str(list(EntryRow.objects.values()))
    assert "ada" not in written.lower().replace(who.id, "")


def test_somebody_is_found_by_their_address_and_nobody_by_another(person: Callable[..., "Person"]) -> None:
    from tidegate.server.accounts.people import person_by_email

    somebody = person("lead")
    assert person_by_email(f" {somebody.email.upper()} ") == somebody
    with pytest.raises(AccountRequestError):
        person_by_email("nobody@example.org")


def test_one_who_does_not_exist_cannot_be_changed(database: str) -> None:
    from tidegate.server.accounts.people import change_role, deactivate, renew_link

    for change in (lambda: change_role("pe_x", "lead", now_s=time.time()), lambda: deactivate("pe_x", now_s=0.0)):
        with pytest.raises(AccountRequestError):
            change()
    with pytest.raises(AccountRequestError):
        renew_link("pe_x", now_s=0.0)
