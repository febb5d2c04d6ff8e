"""The plan does not depend on the order in which files, pins or environments come."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pins import discover
from bot.planning.targets import first_party, targets
from bot.planning.update import plan
from tests.builders import answered, configuration, environment, plan_of, resolved, snapshot
from tests.pins.strategies import Written, files

SETTINGS = settings(deadline=None, max_examples=25)
ANSWERS = {"api": resolved("b"), "web": resolved("c"), "api__x": resolved("d")}


@SETTINGS
@given(st.lists(files(), min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_another_order_of_files_and_pins_gives_the_same_plan(texts: list[Written], order: Random) -> None:
    contents = {f"dev/{number}.yaml": file.text.encode() for number, file in enumerate(texts)}
    state = snapshot(contents)
    config = configuration()
    pins = [pin for path, text in contents.items() for pin in discover(path, text, first_party(config)).pins]
    shuffled = targets(config, environment(), order.sample(pins, len(pins)))
    turned = snapshot(dict(order.sample(sorted(contents.items()), len(contents))))

    once = plan_of(state, ANSWERS)
    again = plan(
        turned,
        environment="dev",
        targets=order.sample(shuffled, len(shuffled)),
        problems=[],
        resolutions=answered(shuffled, ANSWERS),
        proposed={},
    )

    assert again == once


@SETTINGS
@given(files())
def test_another_order_of_environments_gives_the_same_plans(file: Written) -> None:
    one, other = environment("dev"), environment("qa")
    pins = discover("dev/x.yaml", file.text.encode(), first_party(configuration())).pins

    assert targets(configuration(environments=(one, other)), one, pins) == targets(
        configuration(environments=(other, one)), one, pins
    )
