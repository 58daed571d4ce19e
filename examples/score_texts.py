"""Scores a list of strings, and says what they mean.

python examples/score_texts.py
"""

import provenance

TEXTS = [
    "Effective communication plays a crucial role in fostering strong relationships, both in"
    " personal and professional settings. By actively listening to others and expressing our"
    " thoughts clearly, we can build trust, enhance collaboration, and create a supportive"
    " environment. Additionally, it is essential to recognize the importance of empathy, as it"
    " allows us to understand different perspectives.",
    "We got in around nine and the place was heaving. No table, so we stood by the bar for ages,"
    " me with my bag on my feet because I don't trust anyone. Anyway the pie was good! Really"
    " good, actually, though Dave sent his back twice and then ate mine. Would I go again? Maybe"
    " on a Tuesday. Parking is a joke round there so get the bus, and bring cash.",
    "Too short to tell.",
]

for row in provenance.score_texts(TEXTS, detectors=["linear"]).rows():
    if row["abstained_linear"]:
        print(f"no answer: {row['abstained_linear']}")
    else:
        print(f"log-likelihood ratio {row['llr_linear']:+.1f}; of comparable human texts,"
              f" {row['human_tail_linear']:.1%} score as high")  # fmt: skip
