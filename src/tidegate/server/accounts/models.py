"""People and API keys."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from tidegate.server.accounts.roles import Role
from tidegate.server.ids import new_id


def new_person_id() -> str:
    """The id of somebody new."""
    return new_id("pe")


class PersonManager(BaseUserManager["Person"]):
    """Makes people."""

    def create_user(
        self, email: str, password: str | None = None, *, role: str = Role.REVIEWER, name: str = ""
    ) -> "Person":
        """A person of one role; without a password they can come in by a link or by OpenID Connect only."""
        person = self.model(email=self.normalize_email(email).lower(), role=role, name=name)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> "Person":
        """By e-mail address, whatever its case."""
        return self.get(email=(username or "").lower())


class Person(AbstractBaseUser):
    """Someone who works here; the e-mail address is the name they sign in with."""

    id = models.CharField(primary_key=True, max_length=32, default=new_person_id)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=12, choices=Role)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        """The table's name."""

        db_table = "person"

    def __str__(self) -> str:
        return self.name or self.email


class ApiKeyRow(models.Model):
    """A platform's key. Only the SHA-256 of its secret is kept; `scopes` is a list of names apart by spaces."""

    id = models.CharField(primary_key=True, max_length=32)
    name = models.CharField(max_length=120)
    secret_sha256 = models.CharField(max_length=64, unique=True)
    scopes = models.TextField()
    created_at_s = models.FloatField()
    created_by = models.CharField(max_length=64, blank=True)
    expires_at_s = models.FloatField(null=True)
    revoked_at_s = models.FloatField(null=True)
    last_used_at_s = models.FloatField(null=True)

    class Meta:
        """The table's name."""

        db_table = "api_key"

    def __str__(self) -> str:
        return self.id


class FirstLinkRow(models.Model):
    """A one-time link that lets somebody in to set a password; only its SHA-256 is kept."""

    token_sha256 = models.CharField(primary_key=True, max_length=64)
    person_id = models.CharField(max_length=32)
    expires_at_s = models.FloatField()
    used_at_s = models.FloatField(null=True)

    class Meta:
        """The table's name."""

        db_table = "first_link"

    def __str__(self) -> str:
        return self.person_id


class SharedCacheRow(models.Model):
    """The table behind Django's DatabaseCache: failed sign-ins are counted across all processes and servers."""

    cache_key = models.CharField(primary_key=True, max_length=255)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        """The name that `CACHES` gives it."""

        db_table = "cache"

    def __str__(self) -> str:
        return self.cache_key
