"""The pages that show: the live flow, the list of uploads, one upload, open cases."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from tidegate.records import Verdict
from tidegate.server.casework.models import CaseReason, CaseRow
from tidegate.server.console.export import MOST_ROWS, csv_lines
from tidegate.server.console.flow import flow
from tidegate.server.console.listing import filter_of, page_of
from tidegate.server.console.ruling import asked, upload_answer
from tidegate.server.console.streaming import streamed
from tidegate.server.intake.fields import lanes_of
from tidegate.server.intake.models import State, UploadRow
from tidegate.server.project.clock import now_s
from tidegate.server.project.places import current_policy
from tidegate.server.project.setup import settings_in_use

MOST_CASES = 100


def flow_page(request: HttpRequest) -> HttpResponse:
    """`GET /`: the live flow."""
    at_s = now_s()
    return render(request, "console/flow.html", {"flow": flow(now_s=at_s), "now_s": at_s})


def flow_figures(request: HttpRequest) -> HttpResponse:
    """`GET /flow`: the figures alone, as the page asks for them every two seconds."""
    at_s = now_s()
    response = render(request, "console/flow_figures.html", {"flow": flow(now_s=at_s), "now_s": at_s})
    response["Cache-Control"] = "no-store"
    return response


def uploads(request: HttpRequest) -> HttpResponse:
    """`GET /uploads`: a page of the uploads that the address asks for."""
    wanted = filter_of(request.GET.dict())
    page = page_of(wanted, after=request.GET.get("after", ""))
    titles = titles_of_clauses()
    values = {
        "wanted": wanted,
        "page": page,
        "is_first": "after" not in request.GET,
        "after": request.GET.get("after", ""),
        "rows": [(row, titles.get(row.clause_id, row.clause_id)) for row in page.rows],
        "next_query": wanted.query(after=page.after) if page.after else "",
        "first_query": wanted.query(),
        "states": State.choices,
        "verdicts": [verdict.value for verdict in Verdict],
        "lanes": list(lanes_of(settings_in_use().settings.server.lanes)),
        "clauses": titles.items(),
        "most_rows": MOST_ROWS,
        "now_s": now_s(),
    }
    return render(request, "console/uploads.html", values)


def uploads_csv(request: HttpRequest) -> HttpResponseBase:
    """`GET /uploads.csv`: the same filter as a file, newest first, at most `export.MOST_ROWS` lines."""
    wanted = filter_of(request.GET.dict())
    lines = csv_lines(wanted, after=request.GET.get("after", ""))
    response = streamed(request, lines, content_type="text/csv; charset=utf-8", reads_database=True)
    response["Content-Disposition"] = 'attachment; filename="uploads.csv"'
    response["Cache-Control"] = "no-store"
    return response


def upload(request: HttpRequest, upload_id: str) -> HttpResponse:
    """`GET /uploads/{id}`: everything about one upload."""
    return upload_answer(request, upload_id, asked(request))


def cases(request: HttpRequest) -> HttpResponse:
    """`GET /cases`: what waits for a person, the earliest deadline first."""
    rows = list(CaseRow.objects.filter(closed_at_s=None).order_by("deadline_s", "id")[: MOST_CASES + 1])
    found = UploadRow.objects.only("id", "external_id", "creator_id", "surface", "region", "accepted_at_s").in_bulk(
        [row.upload_id for row in rows]
    )
    titles = titles_of_clauses()
    values = {
        "rows": [
            (row, found.get(row.upload_id), titles.get(row.clause_id, row.clause_id), CaseReason(row.reason).label)
            for row in rows[:MOST_CASES]
        ],
        "is_cut": len(rows) > MOST_CASES,
        "most": MOST_CASES,
        "now_s": now_s(),
    }
    return render(request, "console/cases.html", values)


def titles_of_clauses() -> dict[str, str]:
    """Clause id -> title, of the policy in force."""
    return {clause.id: clause.title for clause in current_policy().clauses}
