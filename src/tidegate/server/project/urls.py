"""Every address of the server."""

from django.urls import include, path

from tidegate.server.project import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("", include("tidegate.server.accounts.urls")),
    path("", include("tidegate.server.api.urls")),
    path("", include("tidegate.server.texts.urls")),
    path("", include("tidegate.server.console.urls")),
]

handler400 = "tidegate.server.project.answers.bad_request"
handler404 = "tidegate.server.project.answers.not_found"
handler500 = "tidegate.server.project.answers.failed"
