"""Fetching an upload by reference: from the web without being led astray, and from object stores."""

from tidegate.server.intake.fetching.fetch import fetch
from tidegate.server.intake.fetching.receiving import Sink
from tidegate.server.intake.fetching.record import Fetched
from tidegate.server.intake.fetching.references import shown
from tidegate.server.intake.fetching.resolving import Resolver, system_resolver
from tidegate.server.intake.fetching.rules import FetchRules, StoreRules

__all__ = ["FetchRules", "Fetched", "Resolver", "Sink", "StoreRules", "fetch", "shown", "system_resolver"]
