"""The process that libraries read in: what comes back from it, and that nothing gets out of it."""

import pytest

from stancecraft.errors import InputError
from stancecraft.readers import isolated

MEMORY = 200_000_000


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Runs a function ``told``, given as source, on some content."""
    monkeypatch.setattr(isolated, "Path", lambda _: tmp_path / "isolated.py")

    def run(source, content=b"We sail.", *limits, seconds=30):
        (tmp_path / "program.py").write_text(f"def told(content, *limits):\n    {source}\n")
        where = isolated.told(
            "program", content, "talk", *limits, what="talk", library="harbour", memory=MEMORY, seconds=seconds
        )
        return list(where)

    return run


def refused(told, source, **options):
    with pytest.raises(InputError) as caught:
        told(source, **options)
    [line] = caught.value.lines
    return line


def test_plain_values_come_back_as_they_are_told(told):
    source = "yield content.decode(); yield list(limits); yield {'a': [None, True, 2.5, 'Да\\n']}"
    assert told(source, b"We sail.", 3, 4) == ["We sail.", [3, 4], {"a": [None, True, 2.5, "Да\n"]}]
    assert told("return iter(())") == []


@pytest.mark.parametrize(
    "source",
    ["raise ValueError('We stay.')", "yield 1; yield object()", "import os; os.abort()", "import sys; sys.exit(3)",
     "yield len(bytes(300_000_000))", "while True: yield 'We sail. ' * 100_000"],
)  # fmt: skip
def test_a_process_that_breaks_is_told_in_one_line_and_nothing_else_of_it(told, source):
    expected = "talk: not a readable talk: it breaks harbour, or unpacks to more than 200 MB"
    assert refused(told, source) == expected


def test_a_process_that_does_not_end_is_stopped(told):
    assert refused(told, "while True: pass", seconds=0.5) == "talk: reading the talk takes more than 0.5 seconds"


def test_a_small_file_may_not_take_long(told, monkeypatch):
    monkeypatch.setattr(isolated, "_LEAST_SECONDS", 1)
    told_of = refused(told, "while True: pass", content=b"We sail.", seconds=600)  # of the clock, on a busy machine
    assert told_of == "talk: reading the talk takes more than 1 seconds of the processor"


def test_a_large_file_may_take_longer(told, monkeypatch):
    monkeypatch.setattr(isolated, "_LEAST_SECONDS", 0)
    source = "import resource; yield resource.getrlimit(resource.RLIMIT_CPU)[0]"
    assert told(source, bytes(2_000_000)) == [20]
    assert told(source, bytes(5_000_000)) == [30]  # never more than the caller allows


def test_a_large_file_may_take_more(told):
    assert told("yield len(content + content)", bytes(90_000_000)) == [180_000_000]


def test_the_process_loads_little_of_this_package_and_no_numpy(told):
    [names] = told("import sys; yield [name for name in sys.modules if sys.modules[name]]")
    inside = {name for name in names if name.startswith("stancecraft.")}
    assert inside == {"stancecraft.errors", "stancecraft.records"}
    assert not {"numpy", "onnxruntime", "lxml"} & set(names)
    assert refused(told, "import numpy; yield 1")
