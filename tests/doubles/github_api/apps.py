"""GitHub Apps: who signs as one, where it is installed, and the tokens that it is given there.

https://docs.github.com/rest/apps/apps
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.doubles.github_api.access import App, Token, as_level
from tests.doubles.github_api.repository import Refused
from tests.doubles.github_api.shapes import installation, moment, repository
from tests.doubles.github_api.wire import Answer
from tests.doubles.github_api.world import Call

LONGEST = timedelta(minutes=10)
LASTS = timedelta(hours=1)


@cache
def private_key() -> RSAPrivateKey:
    """The key of every App of the tests: a new one takes a tenth of a second."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def private_pem() -> str:
    """The same as the text of the file that GitHub makes."""
    return private_key().private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def who_signs(header: str | None, apps: Sequence[App]) -> App:
    """The App of a JSON web token; a refusal for every token that GitHub would not take.

    https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
    """
    scheme, _, value = (header or "").partition(" ")
    try:
        claims = jwt.decode(
            value, private_key().public_key(), algorithms=["RS256"], options={"require": ["iat", "exp", "iss"]}
        )
    except jwt.InvalidTokenError:
        raise Refused(401, "A JSON web token could not be decoded") from None
    if scheme.lower() != "bearer":
        raise Refused(401, "A JSON web token could not be decoded")
    if claims["exp"] - claims["iat"] > LONGEST.total_seconds() + 60:
        raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")
    found = next((app for app in apps if app.id == claims["iss"]), None)
    if found is None:
        raise Refused(404, "Integration not found")
    return found


def get_repo_installation(call: Call) -> Answer:
    """https://docs.github.com/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app"""
    app, name = call.signer, f"{call.place['owner']}/{call.place['repo']}"
    if name.lower() not in {one.lower() for one in app.repositories}:
        raise Refused(404, "Not Found")
    return Answer(body=installation(call.world, app, call.repository))


def create_installation_access_token(call: Call) -> Answer:
    """The token has what was asked for, or all; never what the installation was not given.

    https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app
    """
    app = call.signer
    if int(call.place["installation_id"]) != app.installation_id:
        raise Refused(404, "Not Found")
    if app.suspended:
        raise Refused(403, "This installation has been suspended")
    asked = call.body.get("permissions")
    permissions = asked if isinstance(asked, dict) else dict(app.permissions)
    granted = Token(login="", permissions=app.permissions)
    if not all(granted.allows(name, level) for name, level in permissions.items()):
        raise Refused(422, "The permissions requested are not granted to this installation.")
    names = call.texts("repositories")
    reached = [one for one in app.repositories if not names or one.partition("/")[2] in names]
    if len(reached) < len(names):
        text = "There is at least one repository that does not exist or is not accessible to the parent installation."
        raise Refused(422, text)
    app.tokens_made += 1
    made = f"ghs_{app.tokens_made}_made_for_the_App_{app.id}"
    ends = call.world.clock() + LASTS
    call.world.tokens[made] = Token(
        login=f"{app.slug}[bot]",
        permissions={name: as_level(level) for name, level in permissions.items()},
        repositories=frozenset(reached),
        ends=ends,
    )
    body: dict[str, object] = {"token": made, "expires_at": moment(ends), "permissions": permissions}
    body["repository_selection"] = "selected"
    if names:
        body["repositories"] = [repository(call.world, call.world.repository(one)) for one in reached]
    return Answer(status=201, body=body)
