"""`python -m benchmarks.truth`: how many generated lies pass, how many honest texts are stopped."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from assistant.turn.grounding import judged
from benchmarks.truth.transcripts import LANGUAGES, Transcript, transcripts

COUNT = 10_000
SEED = 20261121
MOST_FALSE_ALARMS = 0.01


def main() -> None:
    """Generate, judge, print; exit with 1 where a lie passes or too many honest texts don't."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.truth", description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--show", type=int, default=0, help="print so many failures of each kind")
    options = parser.parse_args()

    told: Counter[tuple[str, bool]] = Counter()
    passed: list[Transcript] = []
    stopped: list[tuple[Transcript, str]] = []
    noted: Counter[str] = Counter()
    seconds = 0.0
    for transcript in transcripts(options.count, options.seed):
        began = time.process_time()
        judgement = judged(transcript.reply, transcript.world.backing())
        seconds += time.process_time() - began
        found, lies = judgement.problems, transcript.act is not None
        code = transcript.world.language.code
        told[code, lies] += 1
        if lies and not found:
            passed.append(transcript)
        if not lies and found:
            stopped.append((transcript, ", ".join(found)))
        if not lies and not found and judgement.doubtful:
            noted[code] += 1

    print("language    lies  passed  honest stopped  delivered only with what is so")
    for code in [language.code for language in LANGUAGES]:
        mine = sum(t.world.language.code == code for t in passed)
        alarms = sum(t.world.language.code == code for t, _ in stopped)
        print(_row(code, told[code, True], mine, told[code, False], alarms, noted[code]))
    honest = sum(n for (_, lies), n in told.items() if not lies)
    print(_row("all", options.count - honest, len(passed), honest, len(stopped), noted.total()))
    print(
        f"false alarms {len(stopped) / honest:.2%}, {seconds / options.count * 1000:.2f} ms a text"
    )
    if options.show:
        _show(passed, stopped, options.show)
    sys.exit(bool(passed) or len(stopped) > honest * MOST_FALSE_ALARMS)


def _row(code: str, *counts: int) -> str:
    return f"{code:8} " + " ".join(f"{count:7}" for count in counts)


def _show(passed: list[Transcript], stopped: list[tuple[Transcript, str]], most: int) -> None:
    shown: Counter[str] = Counter()
    for transcript in passed:
        key = f"{transcript.world.language.code} {transcript.act}"
        shown[key] += 1
        if shown[key] <= most:
            lie = next(s.text for s in transcript.sentences if s.lie)
            print(
                f"PASSED  {key}: {lie}    <<< {transcript.reply!r} [said: {transcript.world.said}]"
            )
    for transcript, found in stopped:
        key = f"{transcript.world.language.code} {found}"
        shown[key] += 1
        if shown[key] <= most:
            print(f"STOPPED {key}: {transcript.reply!r} [said: {transcript.world.said}]")
    print(dict(shown))


if __name__ == "__main__":
    main()
