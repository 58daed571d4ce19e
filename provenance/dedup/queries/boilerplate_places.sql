-- Where those hashes stand in the sketches.
SELECT h.place FROM dedup_hashes AS h JOIN dedup_boilerplate USING (site, hash)
