#!/usr/bin/env python3
"""Spreads minutes over the fuzz targets and adds up docs/fuzzing.tsv; called by ./yagura fuzz.

usage: fuzz.py --minutes N [--jobs N] [--keep] [TARGET...]   all targets, the least fuzzed first
       fuzz.py --seconds N [--jobs N] [--keep] [TARGET...]   each of them this long
       fuzz.py --touched [--seconds 60] [--list]             whose sources are not those of the table; writes no table

Seconds are a processor's, so that a busy machine does not flatter. A finding is written to fuzz/corpus/<target>/
with a name that says so, and the exit code is 1. --keep adds the smallest inputs that reach something new to the corpus.
docs/fuzzing.tsv: target, seconds in all, runs in all, seconds since its file changed, its file's hash, findings.
"""

import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import fuzz_seeds

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "build/fuzz/fuzz/yagura-fuzz"
TABLE = ROOT / "docs/fuzzing.tsv"
CORPUS = ROOT / "fuzz/corpus"
DISSECTORS = ROOT / "spine/dissect/protocols"
KEPT_MOST, KEPT_BYTES = 120, 1024  # of a target's corpus with --keep: the smallest that reach something of their own
HEAD = "target\tseconds\truns\tseconds_since_change\tsource\tfindings"


def targets_in_tree():
    """As fuzz/CMakeLists.txt and the dissectors' registry find them; for a tree that is not built."""
    own = [p.stem for p in (ROOT / "fuzz").glob("*.cpp") if p.stem not in ("main", "dissector")]
    return sorted(n for n in own + [p.stem for p in DISSECTORS.glob("*.cpp")] if not n.endswith("_test"))


def targets():
    """The binary names them when it is asked for one that it does not have."""
    with tempfile.TemporaryDirectory() as away: # It takes its refusal for a finding and leaves it where it stands.
        said = subprocess.run([BINARY, "-runs=1"], capture_output=True, text=True, cwd=away, env={**os.environ, "YAGURA_TARGET": ""})
    names = said.stderr.split("has to name one of:\n", 1)
    if len(names) != 2:
        sys.exit(f"error: {BINARY} does not say its targets\n  next:  ./yagura build fuzz")
    return [line for line in names[1].splitlines() if re.fullmatch(r"[a-z][a-z0-9_]*", line)]


def files(target):
    """The sources whose change makes earlier fuzzing stale."""
    if (DISSECTORS / f"{target}.cpp").exists():
        found = [DISSECTORS / f"{target}.cpp", *sorted(p for p in (DISSECTORS / target).glob("*") if p.suffix in (".cpp", ".h") and not p.stem.endswith("_test"))]
    else:
        found = [ROOT / f"fuzz/{target}.cpp"]
        # What the target includes of ours, one step deep, with its sources: good enough to notice a change.
        for name in re.findall(r'#include "((?:spine|see)/[^"]+)\.h"', found[0].read_text()):
            found += [p for p in (ROOT / f"{name}.h", ROOT / f"{name}.cpp") if p.exists()]
    return found


def state(target):
    digest = hashlib.sha256()
    for file in files(target):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def read_table():
    rows = {}
    if TABLE.exists():
        for line in TABLE.read_text().splitlines()[1:]:
            name, seconds, runs, since, source, findings = line.split("\t")
            rows[name] = {"seconds": int(seconds), "runs": int(runs), "since": int(since), "source": source, "findings": int(findings)}
    return rows


def write_table(rows):
    lines = [HEAD] + ["\t".join(map(str, (n, r["seconds"], r["runs"], r["since"], r["source"], r["findings"]))) for n, r in sorted(rows.items())]
    TABLE.write_text("\n".join(lines) + "\n")


def once(target, seconds, work, folders, more=()):
    """One run of the binary; gives back (processor seconds, runs, its words, its exit code)."""
    with open(work / "words", "wb") as words:
        run = subprocess.Popen(
            [BINARY, f"-max_total_time={seconds}", "-rss_limit_mb=2048", "-timeout=10", "-max_len=8192", "-print_final_stats=1",
             f"-artifact_prefix={work}/finding-", *more, *map(str, folders)],
            stdout=words, stderr=words, cwd=work,
            env={**os.environ, "YAGURA_TARGET": target, "ASAN_SYMBOLIZER_PATH": shutil.which("llvm-symbolizer-19") or ""})
        _, status, used = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
    said = (work / "words").read_text(errors="replace")
    done = re.search(r"stat::number_of_executed_units:\s*(\d+)", said)
    return used.ru_utime + used.ru_stime, int(done[1]) if done else 0, said, run.returncode


def fuzz(target, seconds, keep):
    """Runs one target for so many seconds of a processor's time; gives back (seconds, runs, findings, exit code)."""
    work = pathlib.Path(tempfile.mkdtemp(prefix=f"yagura-fuzz-{target}-"))
    for folder in ("new", "made"):
        (work / folder).mkdir()
    for seed in fuzz_seeds.make(target):
        (work / "made" / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    folders = [work / "new", work / "made"] + ([CORPUS / target] if (CORPUS / target).is_dir() else [])
    spent, runs, code = 0.0, 0, 0
    # Beside other work a second of the clock is less than one of the processor: what counts is the latter.
    while spent < seconds and code == 0:
        used, more, said, code = once(target, max(1, round(seconds - spent)), work, folders)
        spent, runs = spent + used, runs + more
    kept = []
    for finding in work.glob("finding-*"):
        goal = CORPUS / target / f"finding-{hashlib.sha256(finding.read_bytes()).hexdigest()[:16]}"
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(finding, goal)
        kept.append(goal)
    if kept or code != 0:
        print(said[-6000:])
    elif keep:
        (work / "least").mkdir()
        once(target, 0, work, [work / "least", *folders], more=["-merge=1"])
        for file in sorted((work / "least").iterdir(), key=lambda f: f.stat().st_size)[:KEPT_MOST]:
            content = file.read_bytes()
            if len(content) <= KEPT_BYTES:
                (CORPUS / target).mkdir(parents=True, exist_ok=True)
                (CORPUS / target / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)
    shutil.rmtree(work, ignore_errors=True)
    return round(spent), runs, kept, code


def touched(names, rows):
    """A target whose sources are not those that the table's last seconds were spent on."""
    return [n for n in names if rows.get(n, {}).get("source") != state(n)]


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("--minutes", type=float, default=0)
    options.add_argument("--seconds", type=int)
    options.add_argument("--keep", action="store_true")
    options.add_argument("--jobs", type=int, default=os.cpu_count())
    options.add_argument("--touched", action="store_true")
    options.add_argument("--list", action="store_true")
    options.add_argument("target", nargs="*")
    wanted = options.parse_args()
    rows = read_table()
    if wanted.list:
        print("\n".join(touched(targets_in_tree(), rows) if wanted.touched else targets_in_tree()))
        return 0
    all_names = targets()
    for unknown in set(wanted.target) - set(all_names):
        sys.exit(f"error: there is no fuzz target '{unknown}'\n  next:  use one of {', '.join(all_names)}")
    names = wanted.target or all_names
    if wanted.touched:
        names = touched(names, rows)
        seconds = wanted.seconds or 60
    elif wanted.seconds:
        seconds = wanted.seconds
    else:
        if wanted.minutes <= 0:
            sys.exit("error: how long?\n  next:  --minutes N, or --seconds N for each")
        seconds = max(1, round(wanted.minutes * 60 * wanted.jobs / max(1, len(names))))
    names.sort(key=lambda n: rows.get(n, {}).get("seconds", 0))
    print(f"{len(names)} targets, {seconds} s each, {wanted.jobs} at a time")
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(wanted.jobs) as pool:
        for name, (spent, runs, kept, code) in zip(names, pool.map(lambda n: fuzz(n, seconds, wanted.keep), names)):
            row = rows.setdefault(name, {"seconds": 0, "runs": 0, "since": 0, "source": "", "findings": 0})
            now = state(name)
            row["since"] = spent + (row["since"] if row["source"] == now else 0)
            row["source"] = now
            row["seconds"] += spent
            row["runs"] += runs
            row["findings"] += len(kept)
            bad += len(kept) + (code != 0 and not kept)
            print(f"{name}: {runs} runs in {spent} s" + "".join(f"\n  finding: {k.relative_to(ROOT)}" for k in kept), flush=True)
            if not wanted.touched:
                write_table(rows)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
