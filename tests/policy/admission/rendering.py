"""Rendered texts made of configurations: what a test does not say is as in `objects.CONFIGURATION`."""

from collections.abc import Sequence
from datetime import date

from bot import config
from bot.policy.admission.exemptions import Exemptions, exemptions
from bot.policy.admission.objects import rendered
from bot.policy.admission.rules import rules
from bot.report import yaml
from tests.policy.admission.objects import CONFIGURATION

PATH = "config/environments.yaml"
FILES = ("env/dev/api.yaml", "env/production/api.yaml", "env/production/web/a.yaml", "shared/a.yaml", "docs/a.yaml")
TODAY = date(2026, 11, 25)
DENY = "{admission: {actions: Deny}}"


def render(
    policy: str = DENY,
    *,
    waivers: str = "",
    environments: Sequence[str] = ("production",),
    configuration: str = CONFIGURATION,
    today: date = TODAY,
) -> str:
    text = f"{configuration}policy: {policy}\n".encode()
    read, asked = config.load(text, path=PATH), config.load_policy(text, path=PATH)
    found = [read.environments[name] for name in environments]
    held = excused(waivers, environments=environments, configuration=configuration, today=today).held
    return yaml.documents([one.tree for one in rendered(read, asked, held, found)])


def excused(
    waivers: str,
    *,
    environments: Sequence[str] = ("production",),
    configuration: str = CONFIGURATION,
    today: date = TODAY,
) -> Exemptions:
    text = configuration.encode()
    read, asked = config.load(text, path=PATH), config.load_policy(text, path=PATH)
    entries = config.load_waivers(f"version: 1\nwaivers: [{waivers}]\n".encode(), path="config/waivers.yaml")
    names = {rule.name for rule in rules(asked)}
    return exemptions(entries, [read.environments[name] for name in environments], FILES, names, today)
