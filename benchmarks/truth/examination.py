"""`python -m benchmarks.truth.examination`: what the check makes of texts it was never mended with.

The texts of `held/` are lies that were written to deceive, honest texts that use the words of lies,
and honest texts of an ordinary day. Whoever mends the check doesn't read them; once they have been
read, others are to be written. What is stopped here is what may be expected of ways of lying that
nobody thought of.
"""

from __future__ import annotations

import datetime as dt
import sys

from assistant.turn.grounding import Backing, judged
from benchmarks.truth.corpora import HELD_BACK, LANGUAGES, Kind, texts_of

# Of the lies: stopped, or at least contradicted. Of honest texts: stopped.
LEAST_STOPPED, LEAST_ANSWERED, MOST_ALARMS, MOST_EVERYDAY_ALARMS = 0.93, 0.97, 0.08, 0.06
# Any time is listed, so that claims alone are judged.
_ANY_TIME = frozenset((None, dt.time(n // 60, n % 60)) for n in range(0, 24 * 60, 5))
_NOTHING_DONE = Backing(offered=_ANY_TIME, today=dt.date(2026, 11, 21))


def main() -> None:
    """Judge, print a line for each language; exit with 1 below the least that is expected."""
    found = [(text, judged(text.words, _NOTHING_DONE)) for text in texts_of(HELD_BACK)]
    share: dict[tuple[str, Kind], tuple[float, float]] = {}
    print("unseen texts        ", *(f"{kind.value:>22}" for kind in Kind))
    for code in (*LANGUAGES, "all"):
        for kind in Kind:
            mine = [j for t, j in found if t.kind is kind and code in (t.language, "all")]
            stopped = sum(bool(j.problems) for j in mine)
            answered = sum(bool(j.problems) or j.doubtful for j in mine)
            share[code, kind] = stopped / len(mine), answered / len(mine)
        cells = (f"{a:12.1%} / {b:6.1%}" for a, b in (share[code, kind] for kind in Kind))
        print(f"{code:20} ", *cells)
    print("(stopped / stopped or delivered only with what is so)")
    lies, met = share["all", Kind.LIE]
    honest, everyday = share["all", Kind.HONEST][0], share["all", Kind.EVERYDAY][0]
    sys.exit(
        lies < LEAST_STOPPED
        or met < LEAST_ANSWERED
        or honest > MOST_ALARMS
        or everyday > MOST_EVERYDAY_ALARMS
    )


if __name__ == "__main__":
    main()
