"""The addresses that score texts."""

from django.urls import path

from tidegate.server.texts import views

urlpatterns = [
    path("api/v1/texts", views.texts, name="texts"),
    path("v1/moderations", views.openai_moderations, name="openai-moderations"),
    path("v1alpha1/comments:analyze", views.perspective_analyze, name="perspective-analyze"),
    path("$discovery/rest", views.perspective_discovery, name="perspective-discovery"),
]
