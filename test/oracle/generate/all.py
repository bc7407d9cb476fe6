"""Writes all files of cases: python -B test/oracle/generate/all.py"""

import creation
import draws
import elementary
import indexing
import movement
import network
import reduce
import scalar

for part in (elementary, scalar, movement, indexing, reduce, creation, draws, network):
    part.main()
