"""The Python client of a Tidegate server, blocking and asynchronous, and the verification of its webhooks."""

from tidegate.client.answers import (
    ActionTaken,
    BatchResult,
    CaseSummary,
    DecisionSummary,
    Delivery,
    EvidenceOfUpload,
    Explanation,
    JournalEntry,
    LedgerHead,
    Precheck,
    TextScore,
    UploadStatus,
    Webhook,
)
from tidegate.client.awaiting import AsyncClient
from tidegate.client.blocking import Client
from tidegate.client.events import Event
from tidegate.client.retrying import Retries
from tidegate.client.signatures import verify_webhook
from tidegate.client.uploads import ReferenceFields, UploadFields
from tidegate.errors import TidegateApiError

__all__ = [
    "ActionTaken",
    "AsyncClient",
    "BatchResult",
    "CaseSummary",
    "Client",
    "DecisionSummary",
    "Delivery",
    "Event",
    "EvidenceOfUpload",
    "Explanation",
    "JournalEntry",
    "LedgerHead",
    "Precheck",
    "ReferenceFields",
    "Retries",
    "TextScore",
    "TidegateApiError",
    "UploadFields",
    "UploadStatus",
    "Webhook",
    "verify_webhook",
]
