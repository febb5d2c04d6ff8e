"""What is asked of references in files, and what excuses breaking it: rules, findings, waivers."""

from bot.policy.charts import Chart, charts
from bot.policy.check import Broken, Survey, Verdict, judge, statistics, survey
from bot.policy.finding import Finding, Level, Party, Remark
from bot.policy.registry import RULES
from bot.policy.rule import Profile, Rule
from bot.policy.settings import EVERYWHERE, Operators, Policy
from bot.policy.sheet import House, Sheet, Use
from bot.policy.templates.charts import Templates
from bot.policy.waivers import Waiver

__all__ = [
    "EVERYWHERE",
    "RULES",
    "Broken",
    "Chart",
    "Finding",
    "House",
    "Level",
    "Operators",
    "Party",
    "Policy",
    "Profile",
    "Remark",
    "Rule",
    "Sheet",
    "Survey",
    "Templates",
    "Use",
    "Verdict",
    "Waiver",
    "charts",
    "judge",
    "statistics",
    "survey",
]
