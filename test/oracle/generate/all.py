"""Writes all files of cases: python -B test/oracle/generate/all.py"""

import creation
import draws
import elementary
import movement
import network
import reduce
import scalar
import transforms

for part in (elementary, scalar, movement, reduce, creation, draws, network, transforms):
    part.main()
