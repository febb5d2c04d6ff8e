"""Every rule's own examples are true: the bad one breaks it, and the good one breaks nothing."""

import pytest

from bot.policy import Rule
from tests.policy.checking import checked, rules, told

LOUD = {"not-checked": "{rules: {not-checked: warning}}"}  # ignored, where nothing else is said


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_the_bad_example_breaks_the_rule(rule: Rule) -> None:
    assert rule.name in {name for name, _ in told(checked(rule.bad, policy=LOUD.get(rule.name, "")))}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_the_good_example_breaks_none(rule: Rule) -> None:
    assert told(checked(rule.good)) == []


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_a_rule_says_what_it_asks_and_why(rule: Rule) -> None:
    assert rule.asks.endswith(".")
    assert len(rule.why.split()) > 10
    assert "Bad:" not in rule.why
    assert "Good:" not in rule.why
