"""Which Git credential is taken, in which order, and what is said when there is none."""

import pytest

from bot.errors import CredentialError
from bot.pulls.access import find_access

OURS = "acme/gitops"


@pytest.mark.parametrize(
    ("environ", "origin"),
    [
        pytest.param({"BUMP_GITHUB_TOKEN": "a" * 20, "GITHUB_TOKEN": "b" * 20}, "BUMP_GITHUB_TOKEN", id="named first"),
        pytest.param({"GITHUB_TOKEN": "b" * 20}, "GITHUB_TOKEN", id="the usual one"),
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


def test_an_enterprise_server_is_honoured() -> None:
    environ = {"BUMP_GITHUB_TOKEN": "a" * 20, "GITHUB_API_URL": "https://ghe.corp/api/v3/"}
    assert find_access(environ, repository=OURS, terminal=False).api_url == "https://ghe.corp/api/v3"
