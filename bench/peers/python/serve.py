"""The protocol of runner/protocol.ts, on stdin and stdout, for peers in Python.

A peer calls `serve(load)`: `load()` imports the library and returns (version, note, workloads), where workloads maps the
kind of a line to a function from its work to a pair (iterate, result), as in peers/workload.ts.
"""

import importlib.util
import json
import os
import statistics
import sys
import time
import traceback

THREADS = 2
# How many times at the end of the warm-up say how long an iteration takes.
WINDOW = 15


class Unsupported(Exception):
    """A line that the peer cannot do, though it does others of the kind."""


def serve(library, load):
    """Serves until stdin ends; `library` is the module that must be installed."""
    # stdout belongs to the protocol; what a library prints goes to stderr.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(message):
        out.write(json.dumps(message) + "\n")
        out.flush()

    for name in (library, "numpy"):
        if importlib.util.find_spec(name) is None:
            say({"missing": f"{name} in {sys.executable}"})
            return
    version, note, workloads = load()
    say({"version": version, "note": note, "kinds": list(workloads)})
    current = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "prepare":
                work = request["work"]
                if work["kind"] not in workloads:
                    raise Unsupported(work["kind"])
                current = workloads[work["kind"]](work)
                say(prepare(*current, request["checks"], request["warmUpMs"]))
            else:
                say(run(*current, request["skip"], request["iterations"]))
        except Unsupported as reason:
            say({"unsupported": str(reason)})
        except Exception:
            say({"error": traceback.format_exc()})


def microseconds(iterate):
    start = time.perf_counter_ns()
    iterate()
    return (time.perf_counter_ns() - start) / 1000


def prepare(iterate, result, checks, warm_up_ms):
    first = microseconds(iterate)
    results = [result()]
    while len(results) < checks:
        iterate()
        results.append(result())
    end = time.perf_counter() + warm_up_ms / 1000
    times = [first]
    while time.perf_counter() < end:
        times.append(microseconds(iterate))
    return {"firstUs": first, "results": results, "estimateUs": statistics.median(times[-WINDOW:])}


def run(iterate, result, skip, iterations):
    for _ in range(skip):
        iterate()
    times = [microseconds(iterate) for _ in range(iterations)]
    return {"times": times, "result": result()}


def repeated(f, arrays):
    """The workload of a function whose results are `arrays(last)`, NumPy arrays, compared by their fingerprints."""
    import data

    last = [None]

    def iterate():
        last[0] = f()

    def result():
        numbers = []
        for one in arrays(last[0]):
            numbers += [float(one.reshape(-1)[0])] if one.size == 1 else data.fingerprint(one)
        return numbers

    return iterate, result
