"""The addresses of the console's pages."""

from django.urls import path

from tidegate.server.console import media_views, pages, ruling, settings_keys, settings_people, settings_webhooks

urlpatterns = [
    path("", pages.flow_page, name="console-flow"),
    path("flow", pages.flow_figures, name="console-flow-figures"),
    path("uploads", pages.uploads, name="console-uploads"),
    path("uploads.csv", pages.uploads_csv, name="console-uploads-csv"),
    path("uploads/<str:upload_id>", pages.upload, name="console-upload"),
    path("uploads/<str:upload_id>/media", media_views.show, name="console-upload-media"),
    path("media/<str:token>", media_views.media, name="media"),
    path("cases", pages.cases, name="console-cases"),
    path("cases/<str:case_id>/decision", ruling.decide, name="console-case-decide"),
    path("decisions/<str:decision_id>/undo", ruling.take_back, name="console-undo"),
    path("settings/keys", settings_keys.keys, name="settings-keys"),
    path("settings/keys/<str:key_id>/revoke", settings_keys.revoke_key, name="settings-key-revoke"),
    path("settings/webhooks", settings_webhooks.webhooks, name="settings-webhooks"),
    path("settings/webhooks/<str:endpoint_id>/pause", settings_webhooks.pause, name="settings-webhook-pause"),
    path("settings/webhooks/<str:endpoint_id>/resume", settings_webhooks.resume, name="settings-webhook-resume"),
    path("settings/webhooks/<str:endpoint_id>/test", settings_webhooks.test, name="settings-webhook-test"),
    path("settings/webhooks/<str:endpoint_id>/remove", settings_webhooks.remove, name="settings-webhook-remove"),
    path("settings/deliveries/<str:delivery_id>/replay", settings_webhooks.send_again, name="settings-delivery-replay"),
    path("settings/people", settings_people.people, name="settings-people"),
    path("settings/people/<str:person_id>/role", settings_people.give_role, name="settings-person-role"),
    path("settings/people/<str:person_id>/deactivate", settings_people.end, name="settings-person-deactivate"),
    path("settings/people/<str:person_id>/link", settings_people.give_link, name="settings-person-link"),
]
