"""What is written as YAML is read back as it was, by readers of YAML 1.1 and 1.2."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.report.yaml import documents

scalars = st.one_of(
    st.text(max_size=12), st.text("ab \n:#-'\"{}[]&*!|>%@`,?~", max_size=12), st.booleans(), st.none(), st.integers()
)
texts = st.one_of(
    st.text(max_size=8), st.sampled_from(["yes", "on", "1", "null", "~", "y", "1.0", "a: b", "- a", "<<", "="])
)
values = st.recursive(
    scalars | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
trees = st.dictionaries(texts.filter(lambda key: key != "<<"), values, min_size=1, max_size=4)


@cache
def reader(version: tuple[int, int]) -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.version = version
    return yaml


def read(text: str, version: tuple[int, int]) -> list[object]:
    return list(reader(version).load_all(text))


@settings(max_examples=60, deadline=None)
@given(found=st.lists(trees, min_size=1, max_size=2), version=st.sampled_from([(1, 1), (1, 2)]))
def test_what_is_written_is_read_back(found: list[dict[str, object]], version: tuple[int, int]) -> None:
    assert read(documents(found), version) == found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": "b c"}, "a: b c\n"),
        ({"a": "true"}, 'a: "true"\n'),
        ({"a": ""}, 'a: ""\n'),
        ({"a": []}, "a: []\n"),
        ({"a": {}}, "a: {}\n"),
        ({"a": ["x", ""]}, 'a: [x, ""]\n'),
        ({"a": [{"b": 1, "c": "x\n  y"}]}, "a:\n- b: 1\n  c: |-\n    x\n      y\n"),
        ({"a": {"b": True}}, "a:\n  b: true\n"),
        ({"a": "x\ty\n"}, 'a: "x\\U00000009y\\U0000000a"\n'),
        ({"a": "\U0001f600"}, 'a: "\U0001f600"\n'),
    ],
)
def test_it_looks_as_people_write_it(value: dict[str, object], expected: str) -> None:
    assert documents([value]) == f"---\n{expected}"
