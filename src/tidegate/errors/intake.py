"""Errors of references and request bodies: TG-I."""

from typing import ClassVar

from tidegate.errors.base import TidegateError


class IntakeEdgeError(TidegateError):
    """Bytes did not come in whole; `is_transient` says whether trying the same again may help."""

    code = "TG-I020"
    is_transient: ClassVar[bool] = False


class RefusedReferenceError(IntakeEdgeError):
    """A reference has a form, scheme, host, port or bucket that may not be fetched."""

    code = "TG-I021"


class RefusedAddressError(IntakeEdgeError):
    """A reference leads to an address inside a private, local or reserved network."""

    code = "TG-I022"


class RefusedResponseError(IntakeEdgeError):
    """The server of a reference answered with something that is not taken: too many redirects, coded bytes, no end."""

    code = "TG-I023"


class ReferenceGoneError(IntakeEdgeError):
    """The server or store of a reference says that there is nothing, or nothing for us."""

    code = "TG-I024"


class FetchFailedError(IntakeEdgeError):
    """A fetch did not come to its end: no address, no connection, too slow, cut short; later it may."""

    code = "TG-I025"
    is_transient = True


class UploadTooLargeError(IntakeEdgeError):
    """The bytes of an upload are, or are declared to be, more than is taken."""

    code = "TG-I026"


class EmptyUploadError(IntakeEdgeError):
    """The bytes of an upload are none."""

    code = "TG-I027"


class BodyTypeError(IntakeEdgeError):
    """A body or its video has a type or a coding that is not taken."""

    code = "TG-I028"


class MalformedBodyError(IntakeEdgeError):
    """A body or one of its headers is not what its type says: multipart, JSON, UTF-8 or digest."""

    code = "TG-I029"


class BodyPartsError(IntakeEdgeError):
    """A multipart body lacks a part, has one too often, or has too many or too large fields."""

    code = "TG-I030"


class BodyTooSlowError(IntakeEdgeError):
    """The bytes of a body came too slowly or stopped coming."""

    code = "TG-I031"
    is_transient = True


class BodyCutShortError(IntakeEdgeError):
    """The connection ended before the body did."""

    code = "TG-I032"
    is_transient = True


class DigestMismatchError(IntakeEdgeError):
    """The bytes that arrived are not those that a digest header names."""

    code = "TG-I033"
    is_transient = True
