"""Errors of people and keys: TG-A."""

from tidegate.errors.base import TidegateError


class AccessError(TidegateError):
    """A request may not do what it asks for, whoever sends it."""

    code = "TG-A001"


class KeyMissingError(AccessError):
    """A request that needs an API key or a sign-in brought neither."""

    code = "TG-A002"


class KeyUnknownError(AccessError):
    """The API key of a request is not one of this server's."""

    code = "TG-A003"


class KeyExpiredError(AccessError):
    """The API key of a request has come to its end."""

    code = "TG-A004"


class KeyRevokedError(AccessError):
    """The API key of a request was revoked."""

    code = "TG-A005"


class ScopeMissingError(AccessError):
    """The API key of a request was not made for this."""

    code = "TG-A006"


class RoleMissingError(AccessError):
    """The role of the person who is signed in does not include this."""

    code = "TG-A007"


class SecondFactorMissingError(AccessError):
    """The person's role asks for a second factor, and none is set up yet."""

    code = "TG-A008"


class CrossSiteError(AccessError):
    """A change was asked for by a browser without the token that proves it came from our own page."""

    code = "TG-A009"


class AccountRequestError(TidegateError, ValueError):
    """A person or key cannot be made or changed as asked: unknown name, role, scope or address, or one too many."""

    code = "TG-A010"
    exit_code = 2


class LastAdminError(AccountRequestError):
    """The change would leave nobody who may administer the server."""

    code = "TG-A011"


class FirstLinkError(TidegateError):
    """A one-time link is unknown, used, too old or belongs to somebody who left."""

    code = "TG-A012"


class MediaLinkError(AccessError):
    """A link to media is not good any more, or was made for somebody else."""

    code = "TG-A013"
