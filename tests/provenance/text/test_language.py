"""The language of a text, offline."""

from __future__ import annotations

import pytest

from provenance.text.language import MAX_INPUT_CHARS, detect

TEXTS = {
    "en": "The committee met on Tuesday to discuss the budget for the coming year in some detail.",
    "de": "Der Ausschuss traf sich am Dienstag, um den Haushalt des kommenden Jahres zu beraten.",
    "fr": "Le comité s’est réuni mardi pour discuter du budget de l’année à venir en détail.",
    "es": "El comité se reunió el martes para discutir el presupuesto del próximo año.",
    "ru": "Комитет собрался во вторник, чтобы подробно обсудить бюджет на следующий год.",
    "zh": "委员会星期二开会，详细讨论了明年的预算，并决定增加对学校和医院的投入。",
    "ja": "委員会は火曜日に会議を開き、来年度の予算について詳しく話し合いました。",
    "ko": "위원회는 화요일에 회의를 열고 내년 예산에 대해 자세히 논의하였습니다.",
}


def test_each_text_gets_its_language_in_order() -> None:
    assert [lang for lang, _ in detect(list(TEXTS.values()))] == list(TEXTS)


def test_confidence_is_a_probability() -> None:
    assert all(0 <= confidence <= 1 for _, confidence in detect(list(TEXTS.values())))


@pytest.mark.parametrize("text", ["", "   ", "ok", "12345 67890 !!! ???", "\n\n\n", "😀" * 40])
def test_what_is_too_short_is_undetermined(text: str) -> None:
    assert detect([text]) == [("und", 0.0)]


def test_noise_is_undetermined_with_its_low_confidence() -> None:
    [(lang, confidence)] = detect(["qzx vbk wjh ptr lmn zzq"])

    assert lang == "und"
    assert confidence < 0.4


def test_line_breaks_and_capitals_change_nothing() -> None:
    broken = TEXTS["de"].replace(" ", "\r\n\u2028 ").upper()

    assert detect([broken])[0][0] == "de"


def test_only_the_first_characters_are_read() -> None:
    long = (TEXTS["en"] + " ") * 4 + TEXTS["ru"] * 100

    assert len(TEXTS["en"]) * 4 > MAX_INPUT_CHARS
    assert detect([long])[0][0] == "en"
