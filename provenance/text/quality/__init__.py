"""Statistics of form and repetition that published filters judge a text by."""
