"""How a plan is carried out: what to run, one shard's work, and who runs it."""
