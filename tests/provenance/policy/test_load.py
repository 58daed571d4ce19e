from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from provenance.errors import PolicyError
from provenance.policy.load import LIMIT_BYTES, default_policy, load, parse
from provenance.policy.model import DEFAULT_PRIOR

FAULTY = """\
version: true
cutof: 2020-01-01
cutoff: 2022
false_positive_rate: 0.7
prior: {before_2019-02: 0, 2022-13: 0.1}
curriculum: {window: 1 document, human_refresh: often}
views: {Old: "tier = 1", default: "tier = 1", odd: {wher: "tier = 1"}, late: "n_char > 1"}
drop:
  - {when: "n_char < 200", reason: Too Short}
  - {when: no, reason: no}
  - {when: "weight > 1", reason: over_budget}
  - {when: "foo(n_chars) > 1"}
  - nothing
mix:
  budget: many
  strata:
    - {name: a, where: "tier = 1", share: 0.5, share: 0.5}
    - {name: a, where: "tier in (1, 2", share: 6e-1, max_epoch: 2}
  infeasible: maybe
tails: {protect: yes}
seed: "1"
"""

MESSAGES = """\
p.yaml:1: version is true: it must be 1, the only version there is
p.yaml:2: unknown key 'cutof' in the policy; did you mean 'cutoff'? (accepted: version, cutoff, \
false_positive_rate, prior, dedup, detectors, sources, drop, mix, tails, curriculum, views, seed, \
dataset, prices)
p.yaml:3: cutoff is 2022: it must be a date such as 2022-01-01
p.yaml:4: false_positive_rate is 0.7: it must be less than or equal to 0.5
p.yaml:5: prior.before_2019-02 is 0: it must be greater than 0
p.yaml:5: prior.2022-13 is no month: a key must be 'before_YYYY-MM' or 'YYYY-MM'
p.yaml:6: curriculum.window is '1 document': it must be a number of documents from 2 to 1_000_000 \
('1000 documents')
p.yaml:6: curriculum.human_refresh is 'often': it must be 'every window' or 'every 500 documents'
p.yaml:7: views.late: no column 'n_char'; did you mean 'n_chars'?
p.yaml:7: views.Old is no name for a view: it must be lower-case letters, digits and '_', \
starting with a letter
p.yaml:7: views.default is no name for a view: this name stands for all kept documents
p.yaml:7: views.odd lacks the key 'where'
p.yaml:7: unknown key 'wher' in views.odd; did you mean 'where'? (accepted: where, copy_rows)
p.yaml:9: drop[0].when: no column 'n_char'; did you mean 'n_chars'?
p.yaml:9: drop[0].reason is 'Too Short': it must be lower-case letters, digits and '_', \
starting with a letter
p.yaml:10: drop[1].when is no (YAML reads it as false; quote it to mean text): \
it must be a valid string
p.yaml:10: drop[1].reason is no (YAML reads it as false; quote it to mean text): \
it must be a valid string
p.yaml:11: drop[2].when: column 'weight' is decided by the policy itself, \
so its rules cannot read it
p.yaml:11: drop[2].reason is 'over_budget': this name is reserved for the library's own reasons
p.yaml:12: drop[3].when: no function 'foo'; did you mean 'floor'?
p.yaml:12: drop[3] lacks the key 'reason'
p.yaml:13: drop[4] is 'nothing': it must be a mapping
p.yaml:15: mix.budget is 'many': it must be a number of tokens ('1_000_000 tokens') or max
p.yaml:16: mix.strata: the shares sum to 1.1, not 1: 0.1 too much
p.yaml:17: key 'share' is given twice; first on line 17
p.yaml:18: mix.strata[1].where: no valid SQL: syntax error at or near "2"
p.yaml:18: stratum 'a' is given twice; first on line 17
p.yaml:18: unknown key 'max_epoch' in mix.strata[1]; did you mean 'max_epochs'? \
(accepted: name, where, share, max_epochs)
p.yaml:19: mix.infeasible is 'maybe': it must be 'error' or 'shrink'
p.yaml:20: tails.protect is yes (YAML reads it as true; quote it to mean text): \
it must be a number
p.yaml:20: tails lacks the key 'max_weight'
p.yaml:21: seed is '1': it must be a valid integer"""


def message(text: str) -> str:
    with pytest.raises(PolicyError) as caught:
        parse(text, name="p.yaml")
    return str(caught.value)


def test_every_problem_is_reported_at_once_with_its_line() -> None:
    assert message(FAULTY) == MESSAGES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "p.yaml:1: the policy is empty; begin with 'version: 1'"),
        ("- a\n", "p.yaml:1: a policy is a mapping of keys to values; this is a list"),
        ("version: 2\n", "p.yaml:1: version is 2: it must be 1, the only version there is"),
        ("seed: 1\n", "p.yaml:1: the policy lacks the key 'version'"),
        ("version: 1\ndrop: {}\n", "p.yaml:2: drop is a mapping: it must be a list"),
        ("version: 1\nmix: [a]\n", "p.yaml:2: mix is a list: it must be a mapping"),
        ("version: 1\ncutoff:\n",
         "p.yaml:2: cutoff is empty: it must be a date such as 2022-01-01"),
        ("version: 1\nprior: {2022-11: 0.1}\n",
         "p.yaml:2: prior: the first entry must be 'before_YYYY-MM'; it is '2022-11'"),
        ("version: 1\nfalse_positive_rate: .nan\n",
         "p.yaml:2: false_positive_rate is .nan: it must be a finite number"),
    ],
)  # fmt: skip
def test_a_single_fault_has_a_single_message(text: str, expected: str) -> None:
    assert message(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "dataset: {url: web}",
            "dataset.url is 'web': it must be an address that begins with http",
        ),
        ('dataset: {name: "a\\nb"}', "it must be one line of text"),
        ("dataset: {nmae: web}", "unknown key 'nmae' in dataset; did you mean 'name'?"),
        ("prices: {curency: EUR, per_million_tokens: {'1': 2.0}}", "did you mean 'currency'?"),
        ("prices: {per_million_tokens: {}}", "prices.per_million_tokens is a mapping"),
    ],
)
def test_what_is_said_of_the_publication_is_checked_too(text: str, said: str) -> None:
    assert said in message(f"version: 1\n{text}\n")


def test_shares_that_fall_short_say_by_how_much() -> None:
    text = (
        "version: 1\n"
        "mix:\n"
        "  budget: max\n"
        "  strata:\n"
        "    - {name: a, where: 'tier = 1', share: 0.7}\n"
        "    - {name: b, where: 'tier = 2', share: 0.2}\n"
    )

    assert message(text) == "p.yaml:4: mix.strata: the shares sum to 0.9, not 1: 0.1 missing"


def test_a_number_in_the_short_scientific_form_that_yaml_reads_as_text_is_a_number() -> None:
    assert parse("version: 1\nfalse_positive_rate: 1e-3\n").false_positive_rate == 0.001


def test_dates_may_be_quoted() -> None:
    assert parse("version: 1\ncutoff: '2021-06-01'\n").cutoff == datetime.date(2021, 6, 1)


def test_the_default_policy_is_right_and_says_what_the_model_defaults_to() -> None:
    policy = parse(default_policy())

    assert policy.prior == DEFAULT_PRIOR
    assert policy.mix is None
    assert [rule.reason for rule in policy.drop] == [
        "too_short", "duplicate", "synthetic", "likely_synthetic",
    ]  # fmt: skip


def test_what_the_default_policy_offers_in_comments_is_right_too() -> None:
    # Prose is "# Words"; a key that is switched off has no space, or the two of its indentation.
    policy = parse(re.sub(r"^#(?! \S)", "", default_policy(), flags=re.MULTILINE))

    assert policy.mix is not None
    assert policy.tails is not None
    assert policy.sources == "sources.csv"


def test_a_file_is_named_in_its_messages(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("version: 3\n")

    with pytest.raises(PolicyError) as caught:
        load(path)

    assert str(caught.value).startswith(f"{path}:1: version is 3")


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_bytes(b"\xef\xbb\xbfversion: 1\n")

    assert load(path).version == 1


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"version: 1\nname: \xff\n", ":2: not UTF-8"),
        (b"#" * (LIMIT_BYTES + 1), ": larger than 128 KiB; no policy is"),
        (None, ": cannot be read: No such file or directory"),
    ],
)
def test_a_file_that_is_no_text_is_refused(
    tmp_path: Path, content: bytes | None, expected: str
) -> None:
    path = tmp_path / "policy.yaml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(PolicyError) as caught:
        load(path)

    assert str(caught.value) == f"{path}{expected}"
