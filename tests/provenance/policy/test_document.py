from __future__ import annotations

import pytest

from provenance.policy.document import DEPTH_LIMIT, Fault, read


def test_every_value_knows_its_line() -> None:
    document = read("a: 1\nb:\n  - x\n  - {c: 2}\n")

    assert document.root == {"a": 1, "b": ["x", {"c": 2}]}
    assert document.line(("b", 1, "c")) == 4
    assert document.line(("b", 1, "missing")) == 4


def test_keys_are_text_as_written() -> None:
    assert read("2022: 1\nno: 2\n").root == {"2022": 1, "no": 2}


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (BOMB, Fault(1, "anchors and aliases (& and *) are not allowed in a policy")),
        ("a: *b\n", Fault(1, "anchors and aliases (& and *) are not allowed in a policy")),
        ("a: 1\n\tb: 2\n", Fault(2, "a tab; YAML indents with spaces only")),
        ("a: 1\n---\nb: 2\n", Fault(2, "a second document starts here; a policy is one")),
        ("a: \n  \x00", Fault(2, "the character U+0000 is not allowed in YAML")),
        ("a: 1\nb: 2\na: 3\n", Fault(3, "key 'a' is given twice; first on line 1")),
        ("? [a]\n: 1\n", Fault(1, "a key must be a plain name")),
        ("a: 2022-13-45\n",
         Fault(1, "'2022-13-45' is no valid timestamp: month must be in 1..12")),
        ("a: !!python/object/apply:os.system [id]\n",
         Fault(1, "the tag 'tag:yaml.org,2002:python/object/apply:os.system' is not allowed in a "
                  "policy")),
        ("a:\n  " + "[" * (DEPTH_LIMIT + 1),
         Fault(2, f"more than {DEPTH_LIMIT} levels of nesting")),
    ],
)  # fmt: skip
def test_a_document_that_is_not_well_formed_has_a_fault(text: str, fault: Fault) -> None:
    assert read(text).faults == [fault]


def test_a_fault_of_syntax_says_what_was_expected() -> None:
    (fault,) = read("a: [1\n").faults

    assert fault.what == "no valid YAML: expected ',' or ']', but got '<stream end>'"


def test_a_number_of_many_digits_is_a_fault_and_no_crash() -> None:
    (fault,) = read("a: " + "9" * 10_000).faults

    assert fault.what.startswith("'" + "9" * 40 + "' is no valid int: ")


def test_an_empty_document_has_no_root() -> None:
    assert read("# nothing\n").root is None
