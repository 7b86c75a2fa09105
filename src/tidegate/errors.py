"""The exception tree: every error says what is wrong, where, and what to do next, under a stable code.

Codes are `TG-<room><number>`: C command line and configuration, R records, M media, S signals,
B banks, J judgement, P policy, L learning, E engine, H media at rest, I intake,
N the client.
A code, once released, never changes its meaning.
"""

from dataclasses import dataclass
from typing import ClassVar


class TidegateError(Exception):
    """Base of every error Tidegate raises on purpose.

    `what` is one sentence without a full stop, `where` names the file, field or position, and
    `next_step` tells the reader what to do. `str(error)` joins the three behind the code.
    """

    code: ClassVar[str] = "TG-0000"
    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", next_step: str = "") -> None:
        super().__init__(what, where, next_step)
        self.what = what
        self.where = where
        self.next_step = next_step

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.where, self.next_step))

    def __str__(self) -> str:
        head = f"{self.code} {self.where}: {self.what}" if self.where else f"{self.code} {self.what}"
        return f"{head}\n  next: {self.next_step}" if self.next_step else head

    def to_json(self) -> dict[str, str]:
        """The error as the object that `--json`, the API and logs carry."""
        return {"code": self.code, "what": self.what, "where": self.where, "next_step": self.next_step}


def _rebuild(cls: type[TidegateError], what: str, where: str, next_step: str) -> TidegateError:
    """Unpickle an error that crossed a process boundary with its three parts intact."""
    return cls(what, where=where, next_step=next_step)


# --- command line and configuration -------------------------------------------------------------


class UsageError(TidegateError):
    """The command line or a call's arguments do not make sense together."""

    code = "TG-C001"
    exit_code = 2


class SettingError(TidegateError):
    """A setting has a name or a value that Tidegate does not know."""

    code = "TG-C002"
    exit_code = 2


class MissingDependencyError(TidegateError):
    """An optional package or model that this action needs is not installed."""

    code = "TG-C003"
    exit_code = 3


class InputNotFoundError(TidegateError):
    """A path given on the command line does not exist or cannot be listed."""

    code = "TG-C004"
    exit_code = 4


# --- records ------------------------------------------------------------------------------------


class RecordError(TidegateError, ValueError):
    """A record was given a value outside its documented range."""

    code = "TG-R001"
    exit_code = 2


class RecordJsonError(TidegateError, ValueError):
    """JSON does not describe the record it claims to be."""

    code = "TG-R002"
    exit_code = 2


class SchemaVersionError(TidegateError, ValueError):
    """JSON was written under a record schema this version cannot read."""

    code = "TG-R003"
    exit_code = 2


# --- media --------------------------------------------------------------------------------------


class MediaError(TidegateError):
    """A file cannot be screened as media; the upload is held for a person, never allowed."""

    code = "TG-M000"
    exit_code = 4


class NotARegularFileError(MediaError):
    """The path is a fifo, device, socket, directory or symlink loop."""

    code = "TG-M001"


class UnreadableFileError(MediaError):
    """The file cannot be opened or read."""

    code = "TG-M002"


class EmptyFileError(MediaError):
    """The file has no bytes."""

    code = "TG-M003"


class FileTooLargeError(MediaError):
    """The file is larger than `media.max_size_bytes`."""

    code = "TG-M004"


class UnknownContainerError(MediaError):
    """The bytes are no container that Tidegate reads."""

    code = "TG-M005"


class RefusedContainerError(MediaError):
    """The container is known and refused, for example a playlist that names other files."""

    code = "TG-M006"


class RefusedCodecError(MediaError):
    """A stream's codec is not on the allow-list."""

    code = "TG-M007"


class TooManyStreamsError(MediaError):
    """More streams than `media.max_streams`."""

    code = "TG-M008"


class TooLongError(MediaError):
    """Declared or measured duration above `media.max_duration_s`."""

    code = "TG-M009"


class TooManyPixelsError(MediaError):
    """A picture larger than `media.max_pixels`, or with a side above `media.max_side_px`."""

    code = "TG-M010"


class TooManyFramesError(MediaError):
    """More frames declared than `media.max_frames`."""

    code = "TG-M011"


class NothingDecodedError(MediaError):
    """The container opened but neither a picture nor a sound came out of it."""

    code = "TG-M012"


class DecodeTimeoutError(MediaError):
    """Decoding went past its wall or CPU time limit and its process was ended."""

    code = "TG-M013"


class DecodeCrashError(MediaError):
    """The decode process died: out of memory or a fault in a decoder."""

    code = "TG-M014"


class OutputTooLargeError(MediaError):
    """Decoding produced more data than `media.max_output_bytes`."""

    code = "TG-M015"


class DamagedContainerError(MediaError):
    """The container is one that is read, but its header is missing or makes no sense."""

    code = "TG-M016"


# --- signals ------------------------------------------------------------------------------------


class DetectorError(TidegateError):
    """A detector failed on an upload; it becomes an Abstention, never silence."""

    code = "TG-S001"


class DuplicateDetectorError(TidegateError):
    """Two detectors claim one id; both owners are named."""

    code = "TG-S002"
    exit_code = 2


class PipelineError(TidegateError):
    """The detectors do not fit together: a need nobody provides, or a `when` nobody can answer."""

    code = "TG-S003"
    exit_code = 2


class ModelFileError(TidegateError):
    """A model file is missing, damaged or not the one its card names."""

    code = "TG-S004"
    exit_code = 3


class UnknownDetectorError(TidegateError):
    """A detector id that is not registered."""

    code = "TG-S005"
    exit_code = 2


class PluginError(TidegateError):
    """An installed plugin offers a detector that cannot be imported or made; nothing is screened without it."""

    code = "TG-S006"
    exit_code = 3


# --- banks --------------------------------------------------------------------------------------


class BankFileError(TidegateError, ValueError):
    """A bank file cannot be read; line and column are said and nothing of it was taken."""

    code = "TG-B001"
    exit_code = 2


# --- judgement ----------------------------------------------------------------------------------


class FusionModelError(TidegateError, ValueError):
    """A fusion model file is malformed or contradicts itself."""

    code = "TG-J001"
    exit_code = 2


# --- policy -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding in a document: code, position (line and column from 1, length in characters), message and hint.

    `source` names the document. `is_error` is false for warnings. `hint` may be empty.
    """

    code: str
    source: str
    line: int
    column: int
    length: int
    message: str
    hint: str = ""
    is_error: bool = True


class PolicyError(TidegateError, ValueError):
    """A policy document has one or more errors; `diagnostics` holds every one with its position."""

    code = "TG-P000"
    exit_code = 2

    def __init__(
        self, what: str, *, where: str = "", next_step: str = "", diagnostics: tuple[Diagnostic, ...] = ()
    ) -> None:
        super().__init__(what, where=where, next_step=next_step)
        self.diagnostics = diagnostics

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_policy_error, (self.what, self.where, self.next_step, self.diagnostics))


def _rebuild_policy_error(what: str, where: str, next_step: str, diagnostics: tuple[Diagnostic, ...]) -> PolicyError:
    return PolicyError(what, where=where, next_step=next_step, diagnostics=diagnostics)


# --- engine -------------------------------------------------------------------------------------


class LaneSpecError(TidegateError, ValueError):
    """Lanes were asked for that cannot be run as described; nothing was started."""

    code = "TG-E001"
    exit_code = 2


class LaneFactoryError(TidegateError):
    """A lane's factory cannot be imported, is not callable, or returns no lane."""

    code = "TG-E002"


class LaneFailedError(TidegateError):
    """A lane raised an error without a code of its own; its type and last frame are said, never its text."""

    code = "TG-E003"


class LaneLostError(TidegateError):
    """A lane's process ended unasked: by a signal, or by an exit of its own."""

    code = "TG-E004"


class LaneSilentError(TidegateError):
    """A lane's process gave no sign of life, or did not open, in its time, and was killed."""

    code = "TG-E005"


class EngineStateError(TidegateError):
    """An engine was asked for what it cannot do in its present state, such as starting twice."""

    code = "TG-E006"


# --- media at rest ------------------------------------------------------------------------------


class KeyRingError(TidegateError):
    """The key ring is missing, cannot be read or is damaged; what its keys protect stays closed until it is back."""

    code = "TG-H001"
    exit_code = 2


class KeyRingExposedError(KeyRingError):
    """Others than its owner may read or replace the key ring."""

    code = "TG-H002"
    exit_code = 2


class UnknownKeyError(TidegateError):
    """Something is protected by a master key that the ring does not hold."""

    code = "TG-H003"


class KeyStillNeededError(TidegateError):
    """A master key is not retired: it is the active one, became old only now, or something is still protected by it."""

    code = "TG-H004"
    exit_code = 2


class SealError(TidegateError):
    """A wrapped key or sealed secret was changed, or is opened for another purpose than it was sealed for."""

    code = "TG-H005"


class BlobMissingError(TidegateError):
    """The store holds no object of that name."""

    code = "TG-H010"


class BlobDamagedError(TidegateError):
    """A stored object is cut off, altered, or not the one its name promises; nothing of the bad part was handed out."""

    code = "TG-H011"


class BlobSpaceError(TidegateError):
    """There is no room left for an object; nothing of it was kept."""

    code = "TG-H012"


class BlobStoreError(TidegateError):
    """The place where objects lie cannot be reached, read or written."""

    code = "TG-H013"


class BlobNameError(TidegateError, ValueError):
    """The name of an object is not the SHA-256 of its content in 64 lowercase hexadecimal digits."""

    code = "TG-H014"
    exit_code = 2


# --- intake edges -------------------------------------------------------------------------------


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


# --- client -------------------------------------------------------------------------------------


class TidegateApiError(TidegateError):
    """A server answered a call with a problem; code, what, where and next step are the server's own words.

    `status` is the HTTP status, 0 inside a batch that names none; `retry_after_s` is None where the server names none.
    """

    code = "TG-N001"

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        next_step: str = "",
        code: str = "",
        status: int = 0,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(what, where=where, next_step=next_step)
        self.status = status
        self.retry_after_s = retry_after_s
        if code:
            vars(self)["code"] = code

    def __reduce__(self) -> tuple[object, ...]:
        parts = (self.what, self.where, self.next_step, self.code, self.status, self.retry_after_s)
        return (_rebuild_api_error, parts)


def _rebuild_api_error(
    what: str, where: str, next_step: str, code: str, status: int, retry_after_s: float | None
) -> TidegateApiError:
    return TidegateApiError(
        what, where=where, next_step=next_step, code=code, status=status, retry_after_s=retry_after_s
    )


class ServerUnreachableError(TidegateError):
    """No answer came from the server, or the connection broke, and trying again did not help or was not safe."""

    code = "TG-N002"


class UnexpectedAnswerError(TidegateError):
    """What answered does not speak this API: no JSON, another shape, a redirect."""

    code = "TG-N003"


class NotDecidedInTimeError(TidegateError):
    """An upload was not decided within the time that the caller was ready to wait; it stays held."""

    code = "TG-N004"


class WebhookSignatureError(TidegateError):
    """A webhook is not signed with the secret, or not now; nothing of it may be believed."""

    code = "TG-N005"


# --- learning -----------------------------------------------------------------------------------


class TrainingDataError(TidegateError, ValueError):
    """Labelled data cannot be used; file and line are said."""

    code = "TG-L001"
    exit_code = 2
