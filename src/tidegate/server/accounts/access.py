"""The one table of access: which roles and which key scopes may use each route. What is not here, nobody may use."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tidegate.server.accounts.roles import Role

REVIEWER, LEAD, POLICY = Role.REVIEWER, Role.LEAD, Role.POLICY
ADMIN, AUDITOR, INTEGRATOR = Role.ADMIN, Role.AUDITOR, Role.INTEGRATOR
EVERYBODY = frozenset(Role)
"""Everybody who is signed in."""
DESK = frozenset({REVIEWER, LEAD, ADMIN})
"""Those who decide cases."""
SEERS = frozenset({REVIEWER, LEAD, POLICY, ADMIN, AUDITOR})
"""Those who see uploads and their media."""
BUILDERS = frozenset({INTEGRATOR, ADMIN})
"""Those who connect the platform."""
NO_ROLE: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Who may use one route by one method: people of these roles, keys of one of these scopes, or anybody at all.

    `is_before_second_factor` routes are open to people who have yet to set their second factor up.
    """

    roles: frozenset[Role] = NO_ROLE
    scopes: frozenset[str] = frozenset()
    is_public: bool = False
    is_before_second_factor: bool = False

    @property
    def is_for_keys(self) -> bool:
        """Whether any API key may come here."""
        return bool(self.scopes)


def _people(*roles: Iterable[Role]) -> Rule:
    return Rule(roles=frozenset().union(*roles))


def _either(roles: Iterable[Role], *scopes: str) -> Rule:
    return Rule(roles=frozenset(roles), scopes=frozenset(scopes))


def _keys(*scopes: str) -> Rule:
    return Rule(scopes=frozenset(scopes))


_PUBLIC = Rule(is_public=True)
_ON_THE_WAY = Rule(roles=EVERYBODY, is_before_second_factor=True)

ACCESS: Mapping[tuple[str, str], Rule] = MappingProxyType(
    {
        # --- the server itself ---
        ("GET", "healthz"): _PUBLIC,
        ("GET", "readyz"): _PUBLIC,
        ("GET", "metrics"): _either({ADMIN, INTEGRATOR}, "metrics:read"),
        # --- intake ---
        ("POST", "api-uploads"): _keys("uploads:write"),
        # --- accounts ---
        ("GET", "accounts-first-link"): _PUBLIC,
        ("POST", "accounts-first-link"): _PUBLIC,
        ("GET", "account_login"): _PUBLIC,
        ("POST", "account_login"): _PUBLIC,
        ("GET", "account_logout"): _PUBLIC,
        ("POST", "account_logout"): _PUBLIC,
        ("GET", "mfa_authenticate"): _PUBLIC,
        ("POST", "mfa_authenticate"): _PUBLIC,
        ("GET", "openid_connect_login"): _PUBLIC,
        ("GET", "openid_connect_callback"): _PUBLIC,
        ("GET", "account_reauthenticate"): _ON_THE_WAY,
        ("POST", "account_reauthenticate"): _ON_THE_WAY,
        ("GET", "mfa_reauthenticate"): _ON_THE_WAY,
        ("POST", "mfa_reauthenticate"): _ON_THE_WAY,
        ("GET", "mfa_activate_totp"): _ON_THE_WAY,
        ("POST", "mfa_activate_totp"): _ON_THE_WAY,
        ("GET", "mfa_deactivate_totp"): _people(EVERYBODY),
        ("POST", "mfa_deactivate_totp"): _people(EVERYBODY),
        ("GET", "mfa_index"): _people(EVERYBODY),
        ("GET", "mfa_view_recovery_codes"): _people(EVERYBODY),
        ("GET", "mfa_generate_recovery_codes"): _people(EVERYBODY),
        ("POST", "mfa_generate_recovery_codes"): _people(EVERYBODY),
        ("GET", "account_change_password"): _people(EVERYBODY),
        ("POST", "account_change_password"): _people(EVERYBODY),
        # --- api ---
        ("GET", "api-openapi"): _PUBLIC,
        ("GET", "api-uploads"): _either(EVERYBODY, "uploads:read"),
        ("POST", "api-uploads-batch"): _keys("uploads:write"),
        ("GET", "api-upload"): _either(EVERYBODY, "uploads:read"),
        ("GET", "api-upload-evidence"): _either(SEERS, "uploads:read"),
        ("GET", "api-upload-explanation"): _either(SEERS, "uploads:read"),
        ("GET", "api-upload-journal"): _either(SEERS, "uploads:read"),
        ("GET", "api-upload-statement"): _either(SEERS, "uploads:read"),
        ("POST", "api-upload-acted"): _keys("uploads:write"),
        ("GET", "api-decisions"): _either({LEAD, ADMIN, AUDITOR, INTEGRATOR}, "decisions:read"),
        ("GET", "api-decisions-stream"): _either({LEAD, ADMIN, AUDITOR, INTEGRATOR}, "decisions:read"),
        ("POST", "api-decision-undo"): _either(DESK, "cases:decide"),
        ("POST", "api-precheck"): _keys("uploads:write"),
        ("GET", "api-cases"): _either(SEERS, "cases:decide"),
        ("POST", "api-case-decision"): _either(DESK, "cases:decide"),
        ("GET", "api-webhooks"): _either({*BUILDERS, AUDITOR}, "webhooks:manage"),
        ("POST", "api-webhooks"): _either(BUILDERS, "webhooks:manage"),
        ("DELETE", "api-webhook"): _either(BUILDERS, "webhooks:manage"),
        ("POST", "api-webhook-pause"): _either(BUILDERS, "webhooks:manage"),
        ("POST", "api-webhook-resume"): _either(BUILDERS, "webhooks:manage"),
        ("POST", "api-webhook-test"): _either(BUILDERS, "webhooks:manage"),
        ("GET", "api-deliveries"): _either({*BUILDERS, AUDITOR}, "webhooks:manage"),
        ("POST", "api-delivery-replay"): _either(BUILDERS, "webhooks:manage"),
        ("GET", "api-ledger-head"): _either({LEAD, ADMIN, AUDITOR}, "decisions:read"),
        # --- texts ---
        ("POST", "texts"): _keys("texts:score"),
        ("POST", "openai-moderations"): _keys("texts:score"),
        ("POST", "perspective-analyze"): _keys("texts:score"),
        ("GET", "perspective-discovery"): _PUBLIC,
        # --- console ---
        ("GET", "console-flow"): _people(EVERYBODY),
        ("GET", "console-flow-figures"): _people(EVERYBODY),
        ("GET", "console-uploads"): _people(SEERS),
        ("GET", "console-uploads-csv"): _people(SEERS),
        ("GET", "console-upload"): _people(SEERS),
        ("POST", "console-upload-media"): _people(SEERS),
        ("GET", "media"): _people(SEERS),
        ("GET", "console-cases"): _people(SEERS),
        ("POST", "console-case-decide"): _people(DESK),
        ("POST", "console-undo"): _people(DESK),
        ("GET", "settings-keys"): _people(BUILDERS, {AUDITOR}),
        ("POST", "settings-keys"): _people(BUILDERS),
        ("POST", "settings-key-revoke"): _people(BUILDERS),
        ("GET", "settings-webhooks"): _people(BUILDERS, {AUDITOR}),
        ("POST", "settings-webhooks"): _people(BUILDERS),
        ("POST", "settings-webhook-pause"): _people(BUILDERS),
        ("POST", "settings-webhook-resume"): _people(BUILDERS),
        ("POST", "settings-webhook-test"): _people(BUILDERS),
        ("POST", "settings-webhook-remove"): _people(BUILDERS),
        ("POST", "settings-delivery-replay"): _people(BUILDERS),
        ("GET", "settings-people"): _people({ADMIN, AUDITOR}),
        ("POST", "settings-people"): _people({ADMIN}),
        ("POST", "settings-person-role"): _people({ADMIN}),
        ("POST", "settings-person-deactivate"): _people({ADMIN}),
        ("POST", "settings-person-link"): _people({ADMIN}),
    }
)
"""(method, route name) -> who may. HEAD goes by GET; no other method has an entry of its own."""


def rule_of(method: str, route: str) -> Rule | None:
    """The rule of a route, `None` where nobody may."""
    return ACCESS.get(("GET" if method == "HEAD" else method, route))


def methods_of(route: str) -> tuple[str, ...]:
    """The methods that a route has, in order; empty for one that is not in the table."""
    return tuple(sorted(method for method, name in ACCESS if name == route))


def may(role: str, method: str, route: str) -> bool:
    """Whether people of this role may use the route; pages ask it to show what can be done."""
    rule = rule_of(method, route)
    return rule is not None and (rule.is_public or role in rule.roles)
