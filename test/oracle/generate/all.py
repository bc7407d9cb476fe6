"""Writes all files of cases: python -B test/oracle/generate/all.py"""

import creation
import draws
import elementary
import movement
import network
import reduce
import scalar
import special
import transforms

for part in (
    creation,
    draws,
    elementary,
    movement,
    network,
    reduce,
    scalar,
    special,
    transforms,
):
    part.main()
