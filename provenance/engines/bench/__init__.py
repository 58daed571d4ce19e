"""What detectors are worth on labelled texts.

files -> layouts -> corpus (labels and groups, no texts) -> scoring (kept in OUT/scores) -> results
"""
