"""The credentials of one run: one for the GitOps repository, and for each source repository the one that reads it."""

from collections.abc import Mapping

from bot.pulls.access import Access, AppKey, Pace, find_access, find_source_access
from bot.pulls.app import App


class Credentials:
    """`git` writes to the GitOps repository; a dear one, which goes nowhere else while there is another."""

    def __init__(self, git: Access, *, sources: Access | None = None, app: App | None = None) -> None:
        """`sources` was set to read sources; `app` may be installed on them."""
        self.git = git
        self._sources = sources
        self._app = app

    def source(self, repository: str) -> Access:
        """Return what reads `repository` (`owner/name`): the token set for that, else the App's, else Git's own.

        It may ask GitHub where the App is installed, once for each owner that it is installed on.
        """
        if self._sources is not None:
            return self._sources
        return (self._app.reading(repository) if self._app else None) or self.git


def open_credentials(environ: Mapping[str, str], *, repository: str, terminal: bool, pace: Pace) -> Credentials:
    """Return the credentials for a run on `repository`; raises `CredentialError` that says what to set.

    `terminal`: a person is there, so `gh auth token` may be asked. An App is looked up at GitHub.
    """
    found = find_access(environ, repository=repository, terminal=terminal)
    sources = find_source_access(environ)
    if not isinstance(found, AppKey):
        return Credentials(found, sources=sources)
    app = App(found, pace=pace)
    return Credentials(app.writing(repository), sources=sources, app=app)
