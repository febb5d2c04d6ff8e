"""What one text of the configuration may be."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import fields, github_fields
from bot.errors import BumpError


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (fields.environment, "dev", "dev"),
        (fields.environment, "0-eu-west-1", "0-eu-west-1"),
        (fields.environment, "x" * 39, "x" * 39),
        (fields.rule, "tag-form", "tag-form"),
        (fields.tag, "main", "main"),
        (fields.platform, "linux/arm64/v8", "linux/arm64"),
        (fields.image_pattern, "ghcr.io/acme/*", "ghcr.io/acme/*"),
        (fields.image_pattern, "ghcr.io/acme/mirror/**", "ghcr.io/acme/mirror/**"),
        (fields.image_pattern, "localhost:5000/**", "localhost:5000/**"),
        (fields.image_pattern, "*/acme/*", "*/acme/*"),
        (fields.image_pattern, "**", "**"),
        (fields.image_pattern, "*.corp/acme/api-?", "*.corp/acme/api-?"),
        (fields.image_pattern, "*.corp:5000/**", "*.corp:5000/**"),
        (fields.image_pattern, "registry-?.corp:5000/api", "registry-?.corp:5000/api"),
        (fields.image_pattern, "*:50??/acme/*", "*:50??/acme/*"),
        (fields.source_pattern, "github.com/acme/*", "github.com/acme/*"),
        (fields.source_pattern, "git.corp:8443/**", "git.corp:8443/**"),
        (fields.source_pattern, "github.com/Acme/Api", "github.com/Acme/Api"),
        (fields.revision_tag, "{revision}", "{revision}"),
        (fields.revision_tag, "sha-{revision}-prod", "sha-{revision}-prod"),
        (fields.seconds, "45s", 45),
        (fields.seconds, "30m", 1800),
        (fields.seconds, "0h", 0),
        (fields.seconds, "2d", 172_800),
        (fields.seconds, "365d", 31_536_000),
        (fields.host, "registry.corp:5000", "registry.corp:5000"),
        (fields.host, "GHCR.io", "ghcr.io"),
        (fields.host, "index.docker.io", "docker.io"),
        (fields.host, "localhost", "localhost"),
        (fields.host, "[::1]:5000", "[::1]:5000"),
        (fields.variable, "GHCR_TOKEN", "GHCR_TOKEN"),
        (fields.variable, "BUMP_REGISTRY_CORP_2", "BUMP_REGISTRY_CORP_2"),
        (fields.username, "x-access-token", "x-access-token"),
        (fields.realm, "https://auth.corp", "https://auth.corp"),
        (fields.realm, "https://auth.corp:8443/v2/token", "https://auth.corp:8443/v2/token"),
        (fields.realm, "http://localhost:5001/token", "http://localhost:5001/token"),
        (fields.realm, "http://127.0.0.2", "http://127.0.0.2"),
        (fields.realm, "http://[::1]:5001", "http://[::1]:5001"),
        (fields.file_inside, "certs/ca.pem", "certs/ca.pem"),
        (github_fields.github_repository, "acme/gitops", "acme/gitops"),
        (github_fields.github_repository, "Acme-2/.github", "Acme-2/.github"),
        (github_fields.branch, "main", "main"),
        (github_fields.branch, "release/2026.11", "release/2026.11"),
        (github_fields.label, "image-bump", "image-bump"),
        (github_fields.label, "area: images 🚀", "area: images 🚀"),
        (github_fields.label, "x" * 50, "x" * 50),
        (github_fields.label, "...", "..."),
        (github_fields.check_name, "ci / test (3.14)", "ci / test (3.14)"),
        (github_fields.login, "octocat", "octocat"),
        (github_fields.login, "dependabot[bot]", "dependabot[bot]"),
        (github_fields.login, "jane_corp", "jane_corp"),
        (github_fields.team, "platform-sre", "platform-sre"),
    ],
)
def test_a_valid_text_becomes_its_value(parse: Callable[[str], object], text: str, value: str | int) -> None:
    found = parse(text)
    assert (found if isinstance(value, int) else str(found)) == value


@pytest.mark.parametrize(
    ("parse", "text", "reason"),
    [
        (fields.environment, "", "not an environment's name"),
        (fields.environment, "-dev", "not an environment's name"),
        (fields.environment, "Dev", "lower-case"),
        (fields.environment, "x" * 40, "39"),
        (fields.environment, "dev\n", "not an environment's name"),
        (fields.environment, "a.lock", "not an environment's name"),
        (fields.environment, "promote", "reserved"),
        (fields.environment, "rollback", "reserved"),
        (fields.rule, "tag-from", "no such rule; there are channel-bleed"),
        (fields.kind, "domain", "not a kind"),
        (fields.tag, "a/b", "not a tag"),
        (fields.platform, "linux", "os/architecture"),
        (fields.platform, "unknown/unknown", "real platform"),
        (fields.image_pattern, "acme/*", "no host"),
        (fields.image_pattern, "api", "no host"),
        (fields.image_pattern, "ghcr.io", "a host alone"),
        (fields.image_pattern, "GHCR.io/acme/*", "written 'ghcr.io'"),
        (fields.image_pattern, "index.docker.io/acme/*", "written 'docker.io'"),
        (fields.image_pattern, "ghcr.io/Acme/*", "lower case"),
        (fields.image_pattern, "ghcr.io/acme/api:main", "without tag"),
        (fields.image_pattern, "ghcr.io/acme/api@sha256:abc", "without tag or digest"),
        (fields.image_pattern, "*/Acme", "lower case"),
        (fields.image_pattern, "*/api:main", "without tag"),
        (fields.image_pattern, "**/api:5000", "without tag"),
        (fields.image_pattern, "*api:5000", "without tag"),
        (fields.image_pattern, "*.corp:main/api", "port"),
        (fields.image_pattern, "*.corp:/api", "port"),
        (fields.image_pattern, "*.Corp:5000/api", "lower case"),
        (fields.image_pattern, "https://ghcr.io/acme/*", "empty segments"),
        (fields.image_pattern, "ghcr.io/acme/{a,b}", "one by one"),
        (fields.source_pattern, "https://github.com/acme/*", "without https://"),
        (fields.source_pattern, "acme", "host/owner/name"),
        (fields.source_pattern, "*/acme/api", "host in full"),
        (fields.source_pattern, "**", "host/owner/name"),
        (fields.source_pattern, "git@github.com/acme/*", "host in full"),
        (fields.revision_tag, "latest", "exactly once"),
        (fields.revision_tag, "{revision}{revision}", "exactly once"),
        (fields.revision_tag, "v/{revision}", "gives no tag"),
        (fields.revision_tag, "{revision}-{date}", "gives no tag"),
        (fields.revision_tag, "-{revision}", "gives no tag"),
        (fields.revision_tag, "{revision}" + "x" * 65, "gives no tag"),
        (fields.seconds, "30", "one unit"),
        (fields.seconds, "1h30m", "one unit"),
        (fields.seconds, "-1h", "one unit"),
        (fields.seconds, "1.5h", "one unit"),
        (fields.seconds, "30 m", "one unit"),
        (fields.seconds, "1w", "one unit"),
        (fields.seconds, "٣m", "one unit"),
        (fields.seconds, "366d", "longer than a year"),
        (fields.seconds, "9" * 100 + "s", "one unit"),
        (fields.host, "", "not a registry's host"),
        (fields.host, "registry", "without a dot or a port"),
        (fields.host, "https://ghcr.io", "not a registry's host"),
        (fields.host, "ghcr.io/acme", "not a registry's host"),
        (fields.host, "*.corp", "not a registry's host"),
        (fields.host, "a.b:0", "1 to 65535"),
        (fields.host, "a.b:65536", "1 to 65535"),
        (fields.variable, "GITHUB_TOKEN", "BUMP_REGISTRY_"),
        (fields.variable, "BUMP_REGISTRY_", "BUMP_REGISTRY_"),
        (fields.variable, "BUMP_REGISTRY_x", "in capitals"),
        (fields.variable, "BUMP_GITHUB_TOKEN", "BUMP_REGISTRY_"),
        (fields.username, "", "1 to 255"),
        (fields.username, "a:b", "without ':'"),
        (fields.username, "a\r\nb", "1 to 255"),
        (fields.realm, "auth.corp", "an https URL"),
        (fields.realm, "ftp://auth.corp", "an https URL"),
        (fields.realm, "https://", "an https URL"),
        (fields.realm, "https://auth.corp/token?x=y", "without query"),
        (fields.realm, "https://auth.corp/#x", "without query"),
        (fields.realm, "https://auth.corp\\.evil.example", "an https URL"),
        (fields.realm, "https://auth.corp\n", "an https URL"),
        (fields.realm, "https://auth.corp:99999", "an https URL"),
        (fields.realm, "https://auth.corp:0", "1 to 65535"),
        (fields.realm, "https://[1::2::3]", "an https URL"),
        (fields.realm, "https://user@auth.corp", "a user in it"),
        (fields.realm, "http://auth.corp", "clear text"),
        (fields.realm, "http://localhost.evil.example", "clear text"),
        (fields.realm, "http://10.0.0.1", "clear text"),
        (fields.file_inside, "", "inside the repository"),
        (fields.file_inside, "/etc/ssl/ca.pem", "inside the repository"),
        (fields.file_inside, "../ca.pem", "inside the repository"),
        (fields.file_inside, "a/../../ca.pem", "inside the repository"),
        (fields.file_inside, "a//b", "inside the repository"),
        (fields.file_inside, "..\\ca.pem", "inside the repository"),
        (fields.file_inside, "~/ca.pem", "inside the repository"),
        (fields.file_inside, ".git/config", "inside the repository"),
        (fields.file_inside, "ca\x00.pem", "inside the repository"),
        (github_fields.github_repository, "gitops", "owner/name"),
        (github_fields.github_repository, "a/b/c", "owner/name"),
        (github_fields.github_repository, "https://github.com/acme/gitops", "owner/name"),
        (github_fields.github_repository, "../gitops", "owner/name"),
        (github_fields.github_repository, "acme/..", "owner/name"),
        (github_fields.github_repository, "acme/.", "owner/name"),
        (github_fields.github_repository, "acme/a..b", "owner/name"),
        (github_fields.github_repository, "acme/gitops.git", "owner/name"),
        (github_fields.github_repository, "acme/gitops?x=y", "owner/name"),
        (github_fields.github_repository, "acme/gitops\n", "owner/name"),
        (github_fields.github_repository, "acme/%2e%2e", "owner/name"),
        (github_fields.branch, "", "no such branch"),
        (github_fields.branch, "a..b", "no such branch"),
        (github_fields.branch, "a b", "no such branch"),
        (github_fields.branch, "/a", "no such branch"),
        (github_fields.branch, "a/", "no such branch"),
        (github_fields.branch, "a//b", "no such branch"),
        (github_fields.branch, ".a", "no such branch"),
        (github_fields.branch, "a/.b", "no such branch"),
        (github_fields.branch, "a.", "no such branch"),
        (github_fields.branch, "a.lock", "no such branch"),
        (github_fields.branch, "a.lock/b", "no such branch"),
        (github_fields.branch, "a~1", "no such branch"),
        (github_fields.branch, "a^", "no such branch"),
        (github_fields.branch, "a:b", "no such branch"),
        (github_fields.branch, "a?b", "no such branch"),
        (github_fields.branch, "a*", "no such branch"),
        (github_fields.branch, "a[b", "no such branch"),
        (github_fields.branch, "a\\b", "no such branch"),
        (github_fields.branch, "a@{1}", "no such branch"),
        (github_fields.branch, "@", "no such branch"),
        (github_fields.branch, "HEAD", "no such branch"),
        (github_fields.branch, "-a", "no such branch"),
        (github_fields.branch, "a\x7f", "no such branch"),
        (github_fields.branch, "x" * 201, "no such branch"),
        (github_fields.branch, "refs/heads/main", "without refs/heads/"),
        (github_fields.label, "", "1 to 50"),
        (github_fields.label, "x" * 51, "1 to 50"),
        (github_fields.label, " x", "blank at its ends"),
        (github_fields.label, "a\nb", "control character"),
        (github_fields.label, "a\u202eb", "control character"),
        (github_fields.label, ".", "taken off"),
        (github_fields.label, "..", "taken off"),
        (github_fields.label, "bump:retry", "declined"),
        (github_fields.label, "Bump:Retry", "declined"),
        (github_fields.check_name, "", "1 to 255"),
        (github_fields.check_name, "a\tb", "a check's name"),
        (github_fields.login, "@octocat", "without @"),
        (github_fields.login, "acme/octocat", "user name"),
        (github_fields.login, "octocat\n", "user name"),
        (github_fields.team, "acme/platform", "slug alone"),
        (github_fields.team, "@platform", "without @"),
    ],
)
def test_any_other_text_is_refused_with_the_reason(parse: Callable[[str], object], text: str, reason: str) -> None:
    with pytest.raises(BumpError) as caught:
        parse(text)
    assert reason in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (fields.variable, "ghp_0123456789abcdefSECRET"),
        (fields.username, "bot:ghp_0123456789abcdefSECRET"),
        (fields.realm, "https://bot:ghp_0123456789abcdefSECRET@auth.corp"),
        (fields.host, "bot:ghp_0123456789abcdefSECRET@registry.corp"),
    ],
)
def test_what_may_be_a_secret_is_not_repeated(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(BumpError) as caught:
        parse(text)
    assert "SECRET" not in str(caught.value)


PARSERS = [
    *(fields.environment, fields.rule, fields.tag, fields.platform, fields.image_pattern, fields.source_pattern),
    *(fields.revision_tag, fields.seconds, fields.host, fields.variable, fields.username, fields.realm),
    *(
        fields.file_inside,
        github_fields.github_repository,
        github_fields.branch,
        github_fields.label,
        github_fields.check_name,
        github_fields.login,
    ),
    github_fields.team,
]


@given(st.sampled_from(PARSERS), st.text(max_size=30) | st.text("a./:*@-{}[]\\~ \n", max_size=12))
def test_any_text_is_taken_or_refused_in_one_printable_line(parse: Callable[[str], object], text: str) -> None:
    message = ""
    try:
        parse(text)
    except BumpError as error:
        message = str(error)
    assert message.isprintable()
