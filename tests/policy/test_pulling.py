"""How pull policies are mended: which bytes change, what is left to a person, and that once is enough."""

import json

import pytest

from bot import config
from bot.pins import Edit
from bot.policy import Verdict, judge, survey
from bot.policy.mending import Mended, candidates, mend
from bot.policy.pulling import pulling
from tests.policy.checking import CONFIGURATION, TODAY, sheets, whole

PATH = "env/staging/a.yaml"
API = "ghcr.io/acme/api@sha256:3fa4c1d…"
HEAD = "apiVersion: v1\nkind: Pod\nmetadata: {name: api}\nspec:\n"
READ = config.load(CONFIGURATION.encode(), path="config/environments.yaml")
POLICY = config.load_policy(CONFIGURATION.encode(), path="config/environments.yaml")


def check(content: bytes) -> Verdict:
    return judge(survey(sheets(READ, POLICY, {PATH: content})), POLICY, today=TODAY)


def mended(text: str) -> Mended:
    contents = {PATH: whole(text).encode()}
    pulls = [one for sheet in sheets(READ, POLICY, contents) for one in pulling(sheet)]
    found = candidates(check(contents[PATH]).findings, (), frozenset(), pulls)
    return mend(found, {}, contents, POLICY)


def after(text: str) -> str:
    """The text after it was mended; nothing of the rule is left, and a second time changes nothing."""
    found = mended(text)
    new = found.files[PATH]
    assert found.left == ()
    assert "pull-policy" not in {one.rule for one in check(new).findings}
    assert mended(new.decode()).files == {}
    return new.decode()


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param(
            f"  containers:\n    - name: a\n      image: {API}  # \n      x: y\n",
            f"  containers:\n    - name: a\n      image: {API}  # \n      imagePullPolicy: IfNotPresent\n      x: y\n",
            id="a line behind the image",
        ),
        pytest.param(
            f"  containers:\n  - image: '{API}'\n    name: a\n",
            f"  containers:\n  - image: '{API}'\n    imagePullPolicy: IfNotPresent\n    name: a\n",
            id="behind the dash",
        ),
        pytest.param(
            f"  initContainers:\n  - image: {API}\n  containers:\n  -   name: b\n      image: redis:7.2.5",
            f"  initContainers:\n  - image: {API}\n    imagePullPolicy: IfNotPresent\n"
            "  containers:\n  -   name: b\n      image: redis:7.2.5\n      imagePullPolicy: IfNotPresent",
            id="two, and no line end",
        ),
        pytest.param(
            f"  containers: [{{name: a, image: '{API}'}}, {{image: redis:7.2.5, name: b}}]\n",
            f"  containers: [{{name: a, image: '{API}', imagePullPolicy: \"IfNotPresent\"}}, "
            '{image: redis:7.2.5, imagePullPolicy: "IfNotPresent", name: b}]\n',
            id="in braces",
        ),
        pytest.param(
            f"  containers:\n  - image: {API}\n    imagePullPolicy:\n",
            f"  containers:\n  - image: {API}\n    imagePullPolicy: IfNotPresent\n",
            id="an empty value",
        ),
        pytest.param(
            f'  containers:\n  - image: {API}\n    imagePullPolicy: ""\n',
            f'  containers:\n  - image: {API}\n    imagePullPolicy: "IfNotPresent"\n',
            id="an empty text",
        ),
        pytest.param(
            f"  containers:\n  - imagePullPolicy: 'Always' # why\n    image: {API}\n",
            f"  containers:\n  - imagePullPolicy: 'IfNotPresent' # why\n    image: {API}\n",
            id="always beside a digest",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_manifest(before: str, expected: str, line_end: str) -> None:
    text = f"{HEAD}{before}".replace("\n", line_end)

    assert after(text) == whole(f"{HEAD}{expected}").replace("\n", line_end)


def test_values_and_a_manifest_within_them() -> None:
    pod = f"{HEAD}  containers:\n  - image: {API}\n".replace("\n", "\n  ").rstrip()
    before = (
        f"\ufeffimage: {{repository: ghcr.io/acme/api, digest: sha256:aa…, pullPolicy: Always}}\nraw: |-\n  {pod}\n"
    )

    expected = whole(before).replace("pullPolicy: Always", "pullPolicy: IfNotPresent")
    assert after(before) == f"{expected}      imagePullPolicy: IfNotPresent\n"


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        pytest.param(f"{HEAD}  containers:\n  - image: redis:latest\n", ["pin it first"], id="moves"),
        pytest.param(f"{HEAD}  containers:\n  - image: redis\n", ["pin it first"], id="no tag"),
        pytest.param(f"{HEAD}  containers:\n  - image: &x {API}\n", ["an anchor or a tag"], id="an anchor"),
        pytest.param(f"x: &x {{image: '{API}'}}\n{HEAD}  containers:\n  - {{<<: *x}}\n", ["no place for"], id="merged"),
        pytest.param(
            "raw: " + json.dumps(f"{HEAD}  containers:\n  - image: {whole(API)}\n") + "\n",
            ["it stands in a quoted text"],
            id="quoted",
        ),
        pytest.param(f"{HEAD}  containers:\n  - image: {API}\n    imagePullPolicy: Never\n", [], id="never"),
        pytest.param("image: {repository: ghcr.io/acme/api, tag: 1.4.0, pullPolicy: Always}\n", [], id="no digest"),
        pytest.param("global: {imagePullPolicy: Always}\n", [], id="beside no image"),
        pytest.param(
            f"apiVersion: ameide.io/v1\nkind: Domain\nspec: {{image: '{API}', imagePullPolicy: Always}}\n",
            [],
            id="a primitive",
        ),
    ],
)
def test_what_is_left_to_a_person(text: str, reasons: list[str]) -> None:
    found = mended(text)

    assert found.files == {}
    assert len(found.left) == len(reasons)
    assert all(reason in left.reason for reason, left in zip(reasons, found.left, strict=True))


def test_an_edit_and_a_digest_at_one_image_go_together() -> None:
    text = f"{HEAD}  containers:\n  - image: redis:7.2.5\n"
    contents = {PATH: text.encode()}
    (one,) = (one for sheet in sheets(READ, POLICY, contents) for one in pulling(sheet))
    (image,) = (use.pin.value for sheet in sheets(READ, POLICY, contents) for use in sheet.uses)

    (edit,) = one.edits
    assert isinstance(edit, Edit)
    assert edit.token.start == image.end
