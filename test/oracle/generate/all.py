"""Writes all files of cases: python -B test/oracle/generate/all.py"""

import composed
import creation
import cumulative
import draws
import elementary
import indexing
import movement
import network
import reduce
import scalar
import special
import transforms

for part in (
    composed,
    creation,
    cumulative,
    draws,
    elementary,
    indexing,
    movement,
    network,
    reduce,
    scalar,
    special,
    transforms,
):
    part.main()
