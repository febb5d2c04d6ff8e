"""Which Git credential is taken, in which order, and what is said when there is none."""

import pytest

from bot.errors import CredentialError
from bot.log import redact
from bot.pulls.access import AppKey, find_access, find_source_access

OURS = "acme/gitops"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nbWFkZSB1cCBmb3IgdGVzdHM=\n-----END RSA PRIVATE KEY-----"
APP = {"BUMP_GITHUB_APP_ID": "4711", "BUMP_GITHUB_APP_PRIVATE_KEY": PEM}


@pytest.mark.parametrize(
    ("environ", "origin"),
    [
        pytest.param({"BUMP_GITHUB_TOKEN": "a" * 20, "GITHUB_TOKEN": "b" * 20}, "BUMP_GITHUB_TOKEN", id="named first"),
        pytest.param({"GITHUB_TOKEN": "b" * 20}, "GITHUB_TOKEN", id="the usual one"),
        pytest.param({"BUMP_GITHUB_TOKEN": "a" * 20, **APP}, "BUMP_GITHUB_TOKEN", id="before an App"),
        pytest.param(
            {"GITHUB_TOKEN": "b" * 20, **APP}, "BUMP_GITHUB_APP_ID and BUMP_GITHUB_APP_PRIVATE_KEY", id="an App before"
        ),
        pytest.param(
            {"GITHUB_TOKEN": "b" * 20, "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "Acme/GitOps"},
            "GITHUB_TOKEN",
            id="its own repository, in any case",
        ),
    ],
)
def test_the_order(environ: dict[str, str], origin: str) -> None:
    assert find_access(environ, repository=OURS, terminal=False).origin == origin


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        pytest.param({}, "--into files", id="none"),
        pytest.param({"BUMP_GITHUB_TOKEN": "", "GITHUB_TOKEN": "b" * 20}, "set but empty", id="empty"),
        pytest.param({**APP, "BUMP_GITHUB_APP_ID": ""}, "BUMP_GITHUB_APP_ID: set but empty", id="an empty id"),
        pytest.param({**APP, "BUMP_GITHUB_APP_PRIVATE_KEY": ""}, "PRIVATE_KEY: set but empty", id="an empty key"),
        pytest.param(
            {"BUMP_GITHUB_APP_ID": "1"}, "APP_ID: set without BUMP_GITHUB_APP_PRIVATE_KEY; set both", id="an id alone"
        ),
        pytest.param(
            {"BUMP_GITHUB_APP_PRIVATE_KEY": PEM},
            "PRIVATE_KEY: set without BUMP_GITHUB_APP_ID; set both",
            id="a key alone",
        ),
        pytest.param({**APP, "BUMP_GITHUB_APP_ID": PEM}, "not an App's ID", id="a key for an id"),
        pytest.param({**APP, "BUMP_GITHUB_APP_PRIVATE_KEY": "./app.pem"}, "not its path", id="a path"),
        pytest.param({**APP, "BUMP_GITHUB_APP_PRIVATE_KEY": "aaaaaaaaaaaa"}, "not a private key in PEM", id="no key"),
        pytest.param(
            {**APP, "BUMP_GITHUB_APP_PRIVATE_KEY": PEM.replace("PRIVATE", "PUBLIC")}, "not a private key", id="public"
        ),
        pytest.param({"BUMP_GITHUB_TOKEN": "two\nlines of it"}, "line break", id="not a token"),
        pytest.param(
            {"GITHUB_TOKEN": "b" * 20, "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/api"},
            "set BUMP_GITHUB_TOKEN",
            id="another repository",
        ),
        pytest.param({"BUMP_GITHUB_TOKEN": "a" * 20, "GITHUB_API_URL": "http://ghe.corp/api/v3"}, "https", id="http"),
        pytest.param({"BUMP_GITHUB_TOKEN": "a" * 20, "GITHUB_API_URL": "https://u:p@ghe.corp"}, "user name", id="user"),
    ],
)
def test_what_is_missing_is_named_and_no_value_shown(environ: dict[str, str], words: str) -> None:
    with pytest.raises(CredentialError, match=words) as caught:
        find_access(environ, repository=OURS, terminal=False)
    assert "aaaa" not in str(caught.value)
    assert "two" not in str(caught.value)


def test_a_token_does_not_show_in_its_repr() -> None:
    access = find_access({"BUMP_GITHUB_TOKEN": "very-secret-token"}, repository=OURS, terminal=False)
    assert "very-secret-token" not in repr(access)


@pytest.mark.parametrize(
    "written",
    [PEM, PEM.replace("\n", "\\n"), f"{PEM}\n".replace("\n", "\\n"), f"\n{PEM}\n", PEM.replace("\n", "\r\n")],
)
def test_an_apps_key_may_be_written_in_several_ways(written: str) -> None:
    environ = {**APP, "BUMP_GITHUB_APP_PRIVATE_KEY": written}
    key = find_access(environ, repository=OURS, terminal=False)
    assert isinstance(key, AppKey)
    assert (key.id, key.key) == ("4711", PEM)
    assert "bWFkZSB1c" not in repr(key)
    assert "bWFkZSB1c" not in redact(f"{written} {PEM}")


@pytest.mark.parametrize(
    ("environ", "kind"),
    [
        ({"BUMP_GITHUB_TOKEN": "ghs_" + "a" * 36}, "installation"),
        ({"BUMP_GITHUB_TOKEN": "github_pat_" + "a" * 36}, "fine-grained"),
        ({"BUMP_GITHUB_TOKEN": "ghp_" + "a" * 36}, "classic"),
        ({"BUMP_GITHUB_TOKEN": "a" * 36}, "unknown"),
        ({"GITHUB_TOKEN": "ghp_" + "a" * 36}, "classic"),
        ({"GITHUB_TOKEN": "ghs_" + "a" * 36, "GITHUB_ACTIONS": "true"}, "actions"),
    ],
)
def test_where_its_permissions_are_set_is_known(environ: dict[str, str], kind: str) -> None:
    access = find_access(environ, repository=OURS, terminal=False)
    assert not isinstance(access, AppKey)
    assert access.kind == kind


def test_a_token_for_sources_is_its_own() -> None:
    assert find_source_access({"BUMP_GITHUB_TOKEN": "a" * 20}) is None
    access = find_source_access({"BUMP_SOURCE_TOKEN": "s" * 20})
    assert access is not None
    assert (access.bearer(), access.origin) == ("s" * 20, "BUMP_SOURCE_TOKEN")
    with pytest.raises(CredentialError, match="BUMP_SOURCE_TOKEN: set but empty"):
        find_source_access({"BUMP_SOURCE_TOKEN": ""})


def test_an_enterprise_server_is_honoured() -> None:
    environ = {"BUMP_GITHUB_TOKEN": "a" * 20, "GITHUB_API_URL": "https://ghe.corp/api/v3/"}
    assert find_access(environ, repository=OURS, terminal=False).api_url == "https://ghe.corp/api/v3"
