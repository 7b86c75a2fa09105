"""The schema: one migration history that makes exactly what the models say, on both databases."""

import io
from typing import Any

import pytest

from tidegate.settings import Resolved

OURS = ("intake", "history", "ledger", "casework")
PLANNED = {
    "claim": "SELECT id FROM upload WHERE stage = 'screen' AND NOT (stage = '') ORDER BY deadline_s LIMIT 2",
    "same": "SELECT decision_id FROM upload WHERE screening_key = 'k' AND NOT (screening_key = '')",
    "external": "SELECT id FROM upload WHERE external_id = 'clip-1'",
    "creator": "SELECT id FROM upload WHERE creator_id = 'cr-1'",
    "media": "SELECT id FROM upload WHERE media_sha256 = 'ab' AND NOT (media_sha256 = '')",
    "decided": "SELECT id FROM upload WHERE decided_at_s > 5e9",
    "lane": "SELECT id FROM upload WHERE lane = 'bulk' AND state = 'held' ORDER BY accepted_at_s LIMIT 5",
    "verdict": "SELECT id FROM upload WHERE verdict = 'removed' ORDER BY accepted_at_s DESC LIMIT 5",
    "clause": "SELECT id FROM upload WHERE clause_id = 'spam' ORDER BY accepted_at_s DESC LIMIT 5",
    "state": "SELECT id FROM upload WHERE state = 'held' ORDER BY accepted_at_s DESC LIMIT 5",
    "accepted": "SELECT id FROM upload ORDER BY accepted_at_s DESC, id DESC LIMIT 5",
    "deadline": "SELECT id FROM upload ORDER BY deadline_s, id LIMIT 5",
}


def test_no_model_has_changed_without_a_migration(django_ready: Resolved, database: str) -> None:
    from django.core.management import call_command

    told = io.StringIO()
    try:
        call_command("makemigrations", *OURS, check=True, dry_run=True, stdout=told, stderr=told)
    except SystemExit:
        pytest.fail(told.getvalue())


def test_the_database_has_every_column_and_index_of_the_models(both_databases: str) -> None:
    from django.apps import apps
    from django.db import connection

    for label in OURS:
        for model in apps.get_app_config(label).get_models():
            with connection.cursor() as cursor:
                table = model._meta.db_table
                columns = {column.name for column in connection.introspection.get_table_description(cursor, table)}
                constraints = set(connection.introspection.get_constraints(cursor, table))
            assert columns == {field.column for field in model._meta.fields}
            wanted = {one.name for one in (*model._meta.indexes, *model._meta.constraints)}
            assert wanted <= constraints, f"{table} lacks {wanted - constraints}"


def test_migrating_again_changes_nothing(both_databases: str) -> None:
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    from tidegate.server.project.setup import migrate

    before = set(MigrationRecorder(connection).applied_migrations())
    migrate()
    assert set(MigrationRecorder(connection).applied_migrations()) == before


@pytest.mark.parametrize("name", PLANNED)
def test_a_list_that_is_asked_for_is_read_by_its_index(
    both_databases: str, name: str, request: pytest.FixtureRequest
) -> None:
    from django.db import connection

    _fill(2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE upload" if both_databases == "postgresql" else "ANALYZE")
        how = "EXPLAIN" if both_databases == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{how} {PLANNED[name]}")
        plan = "\n".join(str(row) for row in cursor.fetchall())
    assert f"upload_{name}" in plan, plan


def test_the_claim_as_it_is_asked_goes_by_its_partial_index(both_databases: str) -> None:
    from django.db import connection

    from tidegate.server.intake.claiming import LeaseRules, claim
    from tidegate.server.intake.models import Stage

    _fill(2000)
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE upload" if both_databases == "postgresql" else "ANALYZE")
    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(note):
        patch.setattr("tidegate.server.intake.claiming._lease", lambda *_: [])
        claim(Stage.SCREEN, 2, "screen-test", rules=LeaseRules(lease_s=300.0, max_tries=3), now_s=2e9)
    queries = [(sql, params) for sql, params in asked if sql.startswith("SELECT id, tries")]
    assert len(queries) == 1
    how = "EXPLAIN" if both_databases == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{how} {queries[0][0]}", queries[0][1])
        plan = "\n".join(str(row) for row in cursor.fetchall())
    assert "upload_claim" in plan
    assert "Sort" not in plan and "TEMP B-TREE" not in plan


def _fill(count: int) -> None:
    from tidegate.server.intake.models import UploadRow

    UploadRow.objects.bulk_create(UploadRow(**_row(number)) for number in range(count))


def _row(number: int) -> dict[str, Any]:
    """One in a hundred still waits; the others are decided, as in a database that has been used for long."""
    is_waiting = number % 100 == 0
    return {
        "id": f"up_{number:026}",
        "submitted_by": "ak_test",
        "idempotency_key": str(number),
        "external_id": f"clip-{number}",
        "creator_id": f"cr-{number}",
        "surface": "feed",
        "record": "{}",
        "context": "{}",
        "media_sha256": f"{number:064x}",
        "state": "held" if is_waiting else ("acted" if number % 7 else "decided"),
        "stage": "screen" if is_waiting else "",
        "lane": "standard" if number % 50 else "bulk",
        "accepted_at_s": 1e9 + number,
        "deadline_s": 1e9 + number + 60,
        "due_s": 0.0,
        "screening_key": "" if is_waiting else f"{number:064x}",
        "verdict": "" if is_waiting else ("allowed" if number % 25 else "removed"),
        "clause_id": "" if number % 25 or is_waiting else ("spam" if number % 3 else "nudity"),
        "decision_id": "" if is_waiting else f"de_{number:026}",
        "decided_at_s": None if is_waiting else 1e9 + number,
    }
