SELECT DISTINCT part FROM decisions WHERE decision = 'keep' ORDER BY part
