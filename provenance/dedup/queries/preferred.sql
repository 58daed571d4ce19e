-- Texts covered by a preferred one, in order of preference.
SELECT covered, cover FROM dedup_covers WHERE cover < covered ORDER BY covered, cover
