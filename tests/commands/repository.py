"""A checkout with a history, for checks that compare: `main`, and a branch that is checked out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.checkout import Git
from tests.builders import written
from tests.commands.terminal import Done, bump

CONFIGURATION = """\
version: 1
images:
  - match: "ghcr.io/acme/*"
environments:
  dev: {paths: ["env/dev/**"], follow: main}
  staging: {paths: ["env/staging/**"], promote_from: dev}
"""
CONFIG = "config/environments.yaml"
WAIVERS = "config/waivers.yaml"
FILES = {
    CONFIG: CONFIGURATION,
    "env/dev/api.yaml": "image: ghcr.io/acme/api@<a>\n",
    "env/staging/api.yaml": "# the api\nimage: ghcr.io/acme/api@<a>\n",
    "env/staging/old.yaml": "image: ghcr.io/acme/old:1.4.0\n",
}


@dataclass(frozen=True)
class Repository:
    """`write` changes files, `commit` keeps them."""

    root: Path

    @classmethod
    def begin(cls, root: Path, files: Mapping[str, str] = FILES) -> "Repository":
        root.mkdir(exist_ok=True)
        one = cls(root)
        one.git("init", "-q", "-b", "main")
        one.git("config", "user.name", "a")
        one.git("config", "user.email", "a@b")
        one.write(files)
        one.commit()
        one.git("checkout", "-q", "-b", "work")
        return one

    def git(self, *arguments: str) -> str:
        return Git(self.root).line(*arguments)

    def write(self, files: Mapping[str, str | None]) -> None:
        """Write files; None takes one away."""
        for path, text in files.items():
            if text is None:
                (self.root / path).unlink()
                continue
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(written(text), encoding="utf-8")

    def commit(self) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "HEAD")

    def check(self, *arguments: str, environ: Mapping[str, str] | None = None) -> Done:
        return bump("check", *arguments, folder=self.root, environ=environ)
