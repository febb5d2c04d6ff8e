"""What is asked of references in files, and what excuses breaking it: rules, findings, waivers."""

from bot.policy.adoption import MOST_WAIVERS, Terms, adopted, by_end
from bot.policy.amendments import Amended, Departed, Key, Setting
from bot.policy.changes import Touched, narrowed, suspects
from bot.policy.charts import Chart, charts
from bot.policy.check import Broken, Survey, Verdict, amended, judge, statistics, survey
from bot.policy.finding import Finding, Level, Party, Remark
from bot.policy.registry import ENVIRONMENT_RULES, RULES
from bot.policy.rule import Profile, Rule
from bot.policy.settings import EVERYWHERE, Operators, Policy
from bot.policy.sheet import House, Sheet, Use
from bot.policy.templates.charts import Templates
from bot.policy.waivers import SOON_DAYS, Waiver

__all__ = [
    "ENVIRONMENT_RULES",
    "EVERYWHERE",
    "MOST_WAIVERS",
    "RULES",
    "SOON_DAYS",
    "Amended",
    "Broken",
    "Chart",
    "Departed",
    "Finding",
    "House",
    "Key",
    "Level",
    "Operators",
    "Party",
    "Policy",
    "Profile",
    "Remark",
    "Rule",
    "Setting",
    "Sheet",
    "Survey",
    "Templates",
    "Terms",
    "Touched",
    "Use",
    "Verdict",
    "Waiver",
    "adopted",
    "amended",
    "by_end",
    "charts",
    "judge",
    "narrowed",
    "statistics",
    "survey",
    "suspects",
]
