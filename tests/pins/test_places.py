"""Columns of what stands within a value."""

import pytest

from tests.builders import pin


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_the_place_of_an_argument_is_where_its_reference_begins(quote: str) -> None:
    text = f"args: [{quote}--image=ghcr.io/acme/api@<a>{quote}]\n"

    assert pin(text).column == text.index("ghcr") + 1


def test_a_text_of_one_line_in_a_literal_block_is_read() -> None:
    one = pin("values: |-\n  image: ghcr.io/acme/api@<a>\n")

    assert (one.key, one.place, one.refusal) == ("values|0.image", "values.yaml:2:10", None)
