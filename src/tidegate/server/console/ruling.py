"""What people decide on an upload's page, and take back; and the page itself with what they had filled in."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tidegate.errors import TidegateError
from tidegate.explain.marks import marked_texts
from tidegate.records import Action, Verdict
from tidegate.server.accounts.principal import principal_of
from tidegate.server.casework.deciding import Ruling, decide_case, undo
from tidegate.server.casework.models import CaseRow
from tidegate.server.console.upload_page import RESTRICTIONS, RULINGS, UploadPage, upload_page
from tidegate.server.history.models import DecisionRow
from tidegate.server.problems import status_of
from tidegate.server.project.clock import now_s
from tidegate.server.project.places import current_policy
from tidegate.server.project.setup import settings_in_use

LONGEST_NOTE = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person filled in, and what was wrong with it. `token` is the link to media that they asked to see."""

    verdict: str = ""
    actions: tuple[str, ...] = ()
    clause: str = ""
    note: str = ""
    error: TidegateError | None = None
    token: str = ""


def asked(request: HttpRequest, *, error: TidegateError | None = None, token: str = "") -> Asked:
    """The form as it was sent."""
    told = request.POST
    return Asked(
        verdict=told.get("verdict", ""),
        actions=tuple(told.getlist("actions")),
        clause=told.get("clause", ""),
        note=told.get("note", "")[:LONGEST_NOTE],
        error=error,
        token=token,
    )


def upload_answer(request: HttpRequest, upload_id: str, form: Asked, *, status: int = 200) -> HttpResponse:
    """The upload's page. Raises NotFoundError."""
    at_s = now_s()
    page = upload_page(upload_id)
    policy = current_policy()
    values = {
        "page": page,
        "plain_texts": marked_texts(page.upload, ()),
        "form": form,
        "chosen_clause": form.clause or _proposed_clause(page),
        "chosen_actions": form.actions or _proposed_actions(page),
        "clauses": [(clause.id, clause.title) for clause in policy.clauses],
        "restrictions": [action.value for action in RESTRICTIONS],
        "rulings": [verdict.value for verdict in RULINGS],
        "undo_until_s": page.undo_until_s(at_s),
        "undo_s": settings_in_use().settings.server.undo_s,
        "now_s": at_s,
    }
    return render(request, "console/upload.html", values, status=status)


def decide(request: HttpRequest, case_id: str) -> HttpResponse:
    """`POST /cases/{id}/decision`: a person's ruling; back to the upload's page, with what was wrong if it was."""
    person = principal_of(request).person
    case = CaseRow.objects.filter(id=case_id).first()
    form = asked(request)
    try:
        ruling = Ruling(
            verdict=_verdict(form.verdict),
            actions=tuple(action for action in Action if action.value in form.actions),
            clause_id=form.clause,
            note=form.note,
        )
        decide_case(case_id, ruling, person_id=person.id if person else "", now_s=now_s())
    except TidegateError as error:
        if case is None:
            raise
        return upload_answer(request, case.upload_id, asked(request, error=error), status=status_of(error))
    messages.success(request, f"Decided: {ruling.verdict.value}.")
    return redirect("console-upload", upload_id=case.upload_id if case else "")


def take_back(request: HttpRequest, decision_id: str) -> HttpResponse:
    """`POST /decisions/{id}/undo`: a decision taken back in its window; its case is open again."""
    person = principal_of(request).person
    row = DecisionRow.objects.filter(id=decision_id).only("upload_id").first()
    try:
        undo(decision_id, person_id=person.id if person else "", now_s=now_s())
    except TidegateError as error:
        if row is None:
            raise
        messages.error(request, f"{error.what}. {error.next_step}")
        return redirect("console-upload", upload_id=row.upload_id)
    messages.success(request, "The decision was taken back; the case is open again.")
    return redirect("console-upload", upload_id=row.upload_id if row else "")


def _proposed_clause(page: UploadPage) -> str:
    if page.case is not None and page.case.clause_id:
        return page.case.clause_id
    return page.standing.decision.leading_clause_id if page.standing else ""


def _proposed_actions(page: UploadPage) -> tuple[str, ...]:
    """The restrictions that the machine proposed for the clause in question."""
    if page.standing is None:
        return ()
    wanted = _proposed_clause(page)
    proposed = [one.proposed for one in page.standing.decision.clauses if one.clause_id == wanted]
    return tuple(action.value for actions in proposed for action in actions if action in RESTRICTIONS)


def _verdict(text: str) -> Verdict:
    """What was chosen; `HELD`, which is no ruling, for anything else."""
    return Verdict(text) if text in [verdict.value for verdict in RULINGS] else Verdict.HELD
