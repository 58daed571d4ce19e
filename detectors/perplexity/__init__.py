"""Detectors that read a language model's view of a text, one published statistic each.

One forward pass serves them all:

    model = LanguageModel.load("smollm2-135m")
    statistics = model.statistics(texts)
    scores = {d.spec.name: d.score_statistics(statistics) for d in (Perplexity(model), LRR(model))}

None of them has a threshold: likelihood drifts by domain and is low in learners' English (Liang et
al. 2023). `calibration` on one's own human texts says what a score means.
"""
