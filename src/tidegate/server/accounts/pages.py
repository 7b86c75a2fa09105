"""Pages of signing in: django-allauth's, with an honest status when somebody is slowed down, and the one-time link."""

from typing import Any

import requests
from allauth.account.forms import LoginForm
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LoginView, PasswordChangeView, ReauthenticateView
from allauth.core.internal import ratelimit
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as CodeView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.socialaccount import app_settings as issuer_settings
from allauth.socialaccount.adapter import get_adapter as get_issuer_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.openid_connect.views import callback
from django.conf import settings
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from tidegate.errors import FirstLinkError
from tidegate.server.accounts.adapter import AccountAdapter
from tidegate.server.accounts.first_link import person_of_link, use_link
from tidegate.server.accounts.forms import FirstLinkForm
from tidegate.server.accounts.models import Person
from tidegate.server.accounts.people import FIRST_ADMIN_EMAIL
from tidegate.server.accounts.second_factor import came_by_issuer
from tidegate.server.accounts.sign_in import ISSUER_ID
from tidegate.server.project.clock import now_s

_SLOWED_DOWN = {"too_many_login_attempts", "rate_limited"}
_AGAIN_S = 300
_ISSUER_RATES = {"issuer": "30/m/ip"}
_UNUSABLE_ANSWER = (requests.RequestException, AttributeError, KeyError, TypeError, ValueError)
"""What comes of an issuer that is away or answers with something else than its documents."""


def came_without_password(request: HttpRequest) -> bool:
    """Whether who is signed in has no password here and came by the issuer."""
    person = request.user
    return isinstance(person, Person) and not person.has_usable_password() and came_by_issuer(request, person)


class Slowed:
    """A form page that answers 429 where the reason is too many failures."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401 - as Django's
        """Answer; whoever is slowed down reads when to come again."""
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        if response.status_code == 429:
            response.headers.setdefault("Retry-After", str(_AGAIN_S))
        return response

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:  # noqa: ANN401 - as Django's
        """The page, with the status that its form asks for."""
        if _is_slowed_down(context.get("form")):
            kwargs["status"] = 429
        response: HttpResponse = super().render_to_response(context, **kwargs)  # type: ignore[misc]
        return response


def _is_slowed_down(form: object) -> bool:
    if not isinstance(form, Form) or not form.is_bound:
        return False
    return any(error.code in _SLOWED_DOWN for errors in form.errors.as_data().values() for error in errors)


class SignInForm(LoginForm):  # type: ignore[misc]
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as Django's
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "E-mail address"
        self.fields["login"].widget.attrs |= {"autofocus": True, "autocomplete": "username"}


class SignInPage(Slowed, LoginView):  # type: ignore[misc]
    """Address and password, or the issuer."""

    form_class = SignInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401 - as Django's
        """What the page shows."""
        apps = issuer_settings.PROVIDERS["openid_connect"]["APPS"]
        return {**super().get_context_data(**kwargs), "issuer_name": apps[0]["name"] if apps else ""}


class CodePage(Slowed, AuthenticateView):  # type: ignore[misc]
    """The code of the authenticator, after the password."""


class Again(Slowed):
    """Shows who is there once more. A form that was sent before that is not sent again behind the person's back."""

    def form_valid(self, form: Form) -> HttpResponse:
        """Go on where that was asked for, to look at it first."""
        self.request.session.pop(STATE_SESSION_KEY, None)
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        return response


class PasswordAgainPage(Again, ReauthenticateView):  # type: ignore[misc]
    """The password once more, before something that matters."""


class CodeAgainPage(Again, CodeView):  # type: ignore[misc]
    """The code once more, before something that matters."""


class AuthenticatorPage(Slowed, ActivateTOTPView):  # type: ignore[misc]
    """Setting an authenticator up."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401 - as Django's
        """Somebody without a password, who comes by the issuer, has the issuer's."""
        if came_without_password(request):
            return HttpResponseRedirect(reverse("mfa_index"))
        return super().dispatch(request, *args, **kwargs)


class PasswordPage(Slowed, PasswordChangeView):  # type: ignore[misc]
    """Another password, by who knows the present one."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401 - as Django's
        """Somebody without a password, who comes by the issuer, has none to change."""
        if came_without_password(request):
            return HttpResponseRedirect(reverse("mfa_index"))
        return super().dispatch(request, *args, **kwargs)


def to_issuer(request: HttpRequest, provider_id: str = ISSUER_ID) -> HttpResponse:
    """Send somebody to the issuer to sign in. A link and no form: a page may not send forms elsewhere."""
    slowed = _slowed_at_issuer(request)
    if slowed is not None:
        return slowed
    try:
        provider = get_issuer_adapter().get_provider(request, provider_id)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    try:
        answer: HttpResponse = provider.redirect(
            request, process=AuthProcess.LOGIN, next_url=get_next_redirect_url(request)
        )
    except _UNUSABLE_ANSWER:
        return _issuer_away(request)
    return answer


def from_issuer(request: HttpRequest, provider_id: str = ISSUER_ID) -> HttpResponse:
    """Somebody comes back from the issuer, signed in there or not."""
    slowed = _slowed_at_issuer(request)
    if slowed is not None:
        return slowed
    try:
        answer: HttpResponse = callback(request, provider_id)
    except _UNUSABLE_ANSWER:
        return _issuer_away(request)
    return answer


def _slowed_at_issuer(request: HttpRequest) -> HttpResponse | None:
    answer: HttpResponse | None = ratelimit.consume_or_429(
        request, app="tidegate", action="issuer", config=_ISSUER_RATES, limit_get=True
    )
    return answer


def _issuer_away(request: HttpRequest) -> HttpResponse:
    return render(request, "socialaccount/authentication_error.html", {"is_away": True}, status=502)


@sensitive_post_parameters("password", "again")
def first_link(request: HttpRequest, token: str) -> HttpResponse:
    """The one-time link: looking at it leaves it good, sending the form uses it and signs in.

    Good or not, who opens it learns nothing but that.
    """
    try:
        person = person_of_link(token, now_s=now_s())
        form = FirstLinkForm(request.POST or None, person=person, is_address_asked=person.email == FIRST_ADMIN_EMAIL)
        if request.method == "POST" and form.is_valid():
            password, address = form.cleaned_data["password"], form.cleaned_data.get("email")
            return _come_in(request, use_link(token, password=password, email=address, now_s=now_s()))
    except FirstLinkError:
        answer = render(request, "account/link_over.html", status=404)
    else:
        answer = render(request, "account/first_link.html", {"form": form, "person": person})
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _come_in(request: HttpRequest, person: Person) -> HttpResponse:
    """Sign in who has just set their password; whoever has a second factor still shows it."""
    if request.user.is_authenticated:
        AccountAdapter(request).logout(request)
    record_authentication(request, person, method="password", email=person.email)
    answer: HttpResponse = perform_login(request, Login(user=person, redirect_url=settings.LOGIN_REDIRECT_URL))
    return answer
