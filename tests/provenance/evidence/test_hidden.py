"""What is hidden in a text becomes facts; only a message is held against it, and weakly."""

from __future__ import annotations

from detectors.hidden_unicode import clean
from provenance.evidence.facts import Fact
from provenance.evidence.hidden import hidden_facts, holds_credential


def _selectors(data: bytes) -> str:
    return "".join(chr(0xFE00 + byte if byte < 16 else 0xE0100 + byte - 16) for byte in data)


def test_a_text_without_hidden_characters_has_no_facts() -> None:
    assert hidden_facts(clean("Plain — and «simple», 👩\u200d💻")) == []


def test_stray_invisible_characters_point_nowhere() -> None:
    facts = hidden_facts(clean("a\u200bb\u200bc and\u202fthen w\u043erd\u202e"))

    assert facts == [
        Fact("hidden_zero_width", "neutral", "weak", "2"),
        Fact("hidden_direction", "neutral", "weak", "1"),
        Fact("hidden_odd_spaces", "neutral", "weak", "1"),
        Fact("hidden_homoglyph_words", "neutral", "weak", "1"),
    ]


def test_a_message_nobody_sees_is_weak_evidence_of_a_machine() -> None:
    facts = hidden_facts(
        clean(f"A{_selectors(b'made by X')} b\U000e0041\U000e0042 c\U000e0041\U000e0042")
    )

    assert facts == [
        Fact("hidden_tags", "synthetic", "weak", "4, spelling 'AB' x2"),
        Fact("hidden_variation_selectors", "synthetic", "weak", "9, spelling 'made by X' x1"),
    ]


def test_the_rest_of_a_credential_points_nowhere_for_a_publisher_may_have_signed() -> None:
    cleaned = clean(f"text{_selectors(b'C2PATXT' + bytes(20))}")

    assert holds_credential(cleaned)
    assert hidden_facts(cleaned)[0].polarity == "neutral"
    assert not holds_credential(clean(f"text{_selectors(b'another mark')}"))


def test_long_messages_are_cut() -> None:
    messages = (_selectors(bytes([number]) * 200) for number in range(16, 36))

    facts = hidden_facts(clean(" ".join(f"a{message}" for message in messages)))

    assert len(facts[0].detail or "") == 200
