"""Writes all files of cases: python -B test/oracle/generate/all.py"""

import composed
import creation
import cumulative
import draws
import elementary
import movement
import network
import reduce
import scalar

for part in (elementary, scalar, movement, reduce, cumulative, composed, creation, draws, network):
    part.main()
