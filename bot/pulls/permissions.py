"""Which permission is missing, and where it is set: that depends on the kind of the credential.

GitHub lists what would do in `X-Accepted-GitHub-Permissions`: sets joined by `;`, what is in one set joined by `,`.
Source: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#insufficient-permission-errors
"""

import re
from collections.abc import Mapping
from typing import Final

from bot.pulls.access import Access

Permissions = Mapping[str, str]
# Where GitHub does not say which one it was: what a run needs altogether.
WRITING: Final[Permissions] = {"contents": "write", "pull_requests": "write"}
_ONE: Final = re.compile(r"([a-z_]{1,40})=(read|write|admin)")
_LEVELS: Final = {"read": "read-only", "write": "read and write", "admin": "admin"}


def needed(header: str) -> Permissions:
    """Return the permissions that the header asks for: of several sets one that bump needs anyway, else the first."""
    sets = [dict(_ONE.findall(one)) for one in header.split(";")]
    known = [one for one in sets if one]
    return next((one for one in known if one.keys() <= WRITING.keys()), known[0] if known else WRITING)


def advice(access: Access, permissions: Permissions) -> str:
    """Say which permissions to give, and where."""
    titles = " and ".join(f"'{_title(name)}: {_LEVELS[level]}'" for name, level in permissions.items())
    match access.kind:
        case "actions":
            keys = " and ".join(f"`{name.replace('_', '-')}: {level}`" for name, level in permissions.items())
            return f"add {keys} to `permissions:` of the job in the workflow"
        case "app":
            return f"give the App {titles} in its settings (Permissions & events), and accept it at its installation"
        case "installation":
            return f"give the App that the token is from {titles}, and ask for it where the token is made"
        case "fine-grained":
            return f"give the token {titles} in your settings (Developer settings), and this repository"
        case "classic":
            return "give the token the scope 'repo' in your settings (Developer settings)"
        case "login":
            return "run `gh auth refresh --scopes repo`, and check that you may write to this repository"
        case "unknown":
            return f"give the token {titles}"


def login_advice(access: Access) -> str:
    """Say what to do about a credential that GitHub does not know, or not any more."""
    match access.kind:
        case "app":
            return "check that the private key is one of this App's, and this machine's clock"
        case "login":
            return "run `gh auth login`"
        case "actions":
            return "it ends with its job: run the job again"
        case "installation" | "fine-grained" | "classic" | "unknown":
            return "it may have expired or been revoked: make a new one"


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()
