"""`/settings/people`: people invited by a one-time link, given a role, made to leave."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tidegate.errors import TidegateError
from tidegate.server.accounts.people import Invitation, change_role, deactivate, invite, list_people, renew_link
from tidegate.server.accounts.principal import principal_of
from tidegate.server.accounts.roles import Role
from tidegate.server.problems import status_of
from tidegate.server.project.clock import now_s
from tidegate.server.project.setup import settings_in_use
from tidegate.server.project.values import public_url

ROLE_TEXTS = {
    Role.REVIEWER: "decides cases",
    Role.LEAD: "decides cases and looks after the desk",
    Role.POLICY: "reads everything, owns the policy",
    Role.ADMIN: "does everything, people and keys among it",
    Role.AUDITOR: "reads everything, changes nothing",
    Role.INTEGRATOR: "connects the platform: keys and webhooks, no media",
}


def people(request: HttpRequest) -> HttpResponse:
    """`GET` lists everybody, `POST` invites somebody and shows their link this once."""
    if request.method != "POST":
        return _page(request)
    told = request.POST
    try:
        invitation = invite(
            told.get("email", ""), told.get("role", ""), now_s=now_s(), name=told.get("name", ""), by=_by(request)
        )
    except TidegateError as error:
        return _page(request, error=error, status=status_of(error))
    return _page(request, invitation=invitation)


def give_role(request: HttpRequest, person_id: str) -> HttpResponse:
    """`POST .../role`: another role for somebody."""
    try:
        person = change_role(person_id, request.POST.get("role", ""), now_s=now_s(), by=_by(request))
    except TidegateError as error:
        return _page(request, error=error, status=status_of(error))
    messages.success(request, f"The role is {person.get_role_display()} from their next request on.")
    return redirect("settings-people")


def end(request: HttpRequest, person_id: str) -> HttpResponse:
    """`POST .../deactivate`: somebody leaves."""
    try:
        deactivate(person_id, now_s=now_s(), by=_by(request))
    except TidegateError as error:
        return _page(request, error=error, status=status_of(error))
    messages.success(request, "Deactivated: their sessions, password and links have ended.")
    return redirect("settings-people")


def give_link(request: HttpRequest, person_id: str) -> HttpResponse:
    """`POST .../link`: a new one-time link for somebody, shown this once."""
    has_reset = request.POST.get("reset") == "yes"
    try:
        invitation = renew_link(person_id, now_s=now_s(), is_second_factor_reset=has_reset, by=_by(request))
    except TidegateError as error:
        return _page(request, error=error, status=status_of(error))
    return _page(request, invitation=invitation)


def _by(request: HttpRequest) -> str:
    return principal_of(request).actor


def _page(
    request: HttpRequest,
    *,
    invitation: Invitation | None = None,
    error: TidegateError | None = None,
    status: int = 200,
) -> HttpResponse:
    values = {
        "people": list_people(),
        "roles": [(role.value, role.label, ROLE_TEXTS[role]) for role in Role],
        "invitation": invitation,
        "link": f"{public_url(settings_in_use())}{invitation.path}" if invitation else "",
        "error": error,
        "email": request.POST.get("email", "") if error else "",
        "name": request.POST.get("name", "") if error else "",
        "role": request.POST.get("role", "") if error else "",
        "me": principal_of(request).person,
    }
    response = render(request, "console/settings_people.html", values, status=status)
    response["Cache-Control"] = "no-store"
    return response
