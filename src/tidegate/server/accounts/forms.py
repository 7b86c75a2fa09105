"""The form behind a one-time link."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password

from tidegate.server.accounts.models import Person


class FirstLinkForm(forms.Form):
    """A password twice, and the address of the first administrator, who was invited without one."""

    email = forms.EmailField(
        label="Your e-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
        help_text="You sign in with it. Nothing is sent to it.",
    )
    password = forms.CharField(
        label="Password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    again = forms.CharField(
        label="The same password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, person: Person, is_address_asked: bool, **kwargs: Any) -> None:  # noqa: ANN401 - as Django's
        super().__init__(*args, **kwargs)
        self._person = person
        if not is_address_asked:
            del self.fields["email"]
            self.fields["password"].widget.attrs["autofocus"] = True
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean_email(self) -> str:
        """The address, if nobody here has it."""
        address = str(self.cleaned_data["email"]).lower()
        if Person.objects.filter(email=address).exclude(id=self._person.id).exists():
            raise forms.ValidationError("Somebody with this address is here already.", code="taken")
        return address

    def clean(self) -> dict[str, Any]:
        """Both passwords, alike and good enough."""
        cleaned = dict(super().clean() or {})
        password, again = cleaned.get("password"), cleaned.get("again")
        if password and again and password != again:
            self.add_error("again", "The two passwords differ.")
        elif password:
            somebody = Person(email=cleaned.get("email") or self._person.email, name=self._person.name)
            try:
                validate_password(password, somebody)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned
