"""Errors of endpoints and deliveries: TG-W."""

from tidegate.errors.base import TidegateError


class EndpointUrlError(TidegateError, ValueError):
    """The address of a webhook may not be sent to: its form, its scheme, or a network that is not public."""

    code = "TG-W001"
    exit_code = 2


class EndpointKindsError(TidegateError, ValueError):
    """A webhook asks for a kind of event that does not exist."""

    code = "TG-W002"
    exit_code = 2


class EndpointUnknownError(TidegateError):
    """There is no webhook of that id, or it was removed."""

    code = "TG-W003"


class EndpointPausedError(TidegateError):
    """The webhook is paused; nothing is sent to it until it is resumed."""

    code = "TG-W004"


class DeliveryFailedError(TidegateError):
    """A delivery did not come to its end: no address, no connection, no trust, too slow, cut short."""

    code = "TG-W010"


class DeliveryRejectedError(TidegateError):
    """The receiver answered a delivery with a status other than 2xx."""

    code = "TG-W011"


class DeliveryRefusedError(TidegateError):
    """A delivery was not sent, because the address of its webhook now leads where it may not."""

    code = "TG-W012"


class DeliveryUnknownError(TidegateError):
    """There is no delivery of that id."""

    code = "TG-W020"


class ReplayError(TidegateError):
    """A delivery cannot be sent again: it has not ended, was cancelled, or tells of a decision that was taken back."""

    code = "TG-W021"


class NotStandingError(TidegateError):
    """The decision that a platform says it acted on is not the one that stands."""

    code = "TG-W030"


class StillHeldBackError(TidegateError):
    """The decision may still be taken back, so nobody acts on it yet."""

    code = "TG-W031"
