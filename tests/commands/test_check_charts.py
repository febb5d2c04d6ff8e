"""`bump check` on what lies in no environment: templates of charts, and documents."""

from pathlib import Path

import pytest

from tests.builders import written
from tests.commands.terminal import bump

FILES = {
    "config/environments.yaml": (
        "version: 1\nenvironments:\n  dev: {paths: [env/dev/**], follow: main}\n"
        "policy: {documents: {docs/a.md: ['603']}}\n"
    ),
    "env/dev/sales.yaml": "a: b\n",
    "charts/sales/Chart.yaml": "name: sales\n",
    "charts/sales/templates/domain.yaml": "kind: Domain\nspec:\n  image: {{ .Values.image }}\n",
    "charts/sales/templates/raw.tpl": '{{ tpl (.Files.Get "raw.yaml") . }}\n',
    "charts/sales/raw.yaml": '{{ dig "a" "" .Values }}\n',
    "docs/a.md": "nothing\n",
}
DOMAIN = (
    "charts/sales/templates/domain.yaml:1:1 fleet-contract Domain: renders no spec.imagePullPolicy; "
    "write imagePullPolicy: {{ .Values.global.ameide.primitives.imagePullPolicy }}"
)
RAW = (
    "charts/sales/raw.yaml:1:4 fleet-contract dig on .Values in what tpl evaluates: fails where that is no plain map; "
    "write a path, as .Values.a.b, with default"
)
DOCUMENT = "docs/a.md:1:1 docs-reference does not mention '603'; write 603, where it belongs"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(written(text), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param([], [RAW, DOMAIN, DOCUMENT], id="all"),
        pytest.param(["charts/sales/templates"], [DOMAIN], id="a folder"),
        pytest.param(["docs/a.md"], [DOCUMENT], id="a document"),
        pytest.param(["--env", "dev"], [], id="an environment, in which they do not lie"),
    ],
)
def test_what_lies_in_no_environment(checkout: Path, words: list[str], told: list[str]) -> None:
    done = bump("check", *words, folder=checkout)

    assert done.out.splitlines() == told
    assert done.code == (1 if told else 0)


def test_what_is_linked_to_is_no_template(checkout: Path) -> None:
    template = checkout / "charts/sales/templates/domain.yaml"
    template.rename(checkout / "elsewhere")
    template.symlink_to(checkout / "elsewhere")
    done = bump("check", "charts/sales/templates", folder=checkout)

    assert (done.out, done.code) == ("", 0)
