"""What is over and need not be kept: sessions, links, counts of failed sign-ins."""

import datetime

from django.contrib.sessions.models import Session
from django.db.models import Q

from tidegate.server.accounts.models import FirstLinkRow, SharedCacheRow


def forget_ended(now_s: float) -> int:
    """Delete sessions, links and shared counts whose time is over, and links that were used; how many.

    What happened is in the journal. Cost: three indexed deletes but for the few links.
    """
    now = datetime.datetime.fromtimestamp(now_s, datetime.UTC)
    over = Session.objects.filter(expire_date__lt=now).delete()[0]
    over += FirstLinkRow.objects.filter(Q(expires_at_s__lte=now_s) | Q(used_at_s__isnull=False)).delete()[0]
    over += SharedCacheRow.objects.filter(expires__lt=now).delete()[0]
    return over
