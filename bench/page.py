"""docs/performance.md and its plot, from what was measured."""


def plot(rates, path):
    """Bars of packets a second; grey for the peers. Drawn here, so that nothing has to be installed for it."""
    names, most = list(rates), max(rates.values())
    rows = []
    for i, name in enumerate(names):
        y, width = 20 + i * 40, 460 * rates[name] / most
        colour = "#24598F" if "yagura" in name else "#B4C0CC"
        rows.append(f'<text x="170" y="{y + 18}" text-anchor="end">{name}</text>'
                    f'<rect x="180" y="{y}" width="{max(width, 1):.0f}" height="26" fill="{colour}"/>'
                    f'<text x="{188 + width:.0f}" y="{y + 18}">{rates[name] / 1e6:.2f}</text>')
    height = 40 + 40 * len(names)
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{height}" font-family="sans-serif" '
                    f'font-size="13"><rect width="100%" height="100%" fill="#fff"/>{"".join(rows)}'
                    f'<text x="180" y="{height - 8}" fill="#636C75">million packets a second, one core</text></svg>\n')


def met(holds):
    return "yes" if holds else "**no**"


def page(found):
    rate, memory = found["rate"], found["memory"]
    table = ["| program | million packets/s | yagura is | memory MB | runs apart |", "|---|---:|---:|---:|---:|"]
    for name in ("yagura", "yagura, nDPI asked", "ndpiReader", "tcpdump"):
        table.append(f"| {name} | {rate[name] / 1e6:.2f} | {rate['yagura'] / rate[name]:.2f}× "
                     f"| {found['megabytes'][name]:.0f} | {found['spread'][name]:.0%} |")
    table.append(f"| tshark (one repetition) | {rate['tshark'] / 1e6:.3f} | {found['ratio_tshark']:.1f}× "
                 f"| {found['megabytes']['tshark']:.0f} | {found['spread']['tshark']:.0%} |")
    worst = max(memory.values())
    wanted = [
        ("packets/s beside ndpiReader", "≥ 1.5×", f"{found['ratio_ndpi']:.2f}×", found["ratio_ndpi"] >= 1.5),
        ("the same, one repetition", "≥ 1.5×", f"{found['ratio_ndpi_once']:.2f}×", found["ratio_ndpi_once"] >= 1.5),
        ("packets/s beside tshark", "≥ 20×", f"{found['ratio_tshark']:.1f}×", found["ratio_tshark"] >= 20),
        (f"two workers beside one, {found['pairs']:,} host pairs", "≥ 1.7×", f"{found['speedup']:.2f}×", found["speedup"] >= 1.7),
        (f"a packet at {found['repeat']} repetitions beside one at 1", "≤ 1.3×", f"{found['growth']:.2f}×", found["growth"] <= 1.3),
        ("bytes a tracked flow, from 10,000 to 100,000", "≤ 1,024", f"{found['slope']:.0f}", found["slope"] <= 1024),
        ("anonymous memory, worst capture", "≤ 200 MB", f"{worst:.0f} MB", worst <= 200),
    ]
    goals = "\n".join(f"| {what} | {goal} | {is_} | {met(holds)} |" for what, goal, is_, holds in wanted)
    names = list(dict.fromkeys(name for name, _ in memory))
    rows = "\n".join(f"| {name} | {memory[name, 1]:.0f} | {memory[name, 2]:.0f} |" for name in names)
    own = found["own"]
    fifo = "\nunder SCHED_FIFO, so that nothing else on the machine took time from them" if found["real_time"] else ""
    runs = ", ".join(f"{one:.2f}" for one in found["speedups"])
    return f"""# Performance

Made by `./yagura bench --update` on {found['date']}; do not edit. Look at the ratios: all programs ran in turn on
the same core of the same machine ({found['cores']} cores), {found['runs']} runs each after a warm-up, medians{fifo}.

| what | wanted | is | met |
|---|---:|---:|---|
{goals}

## Packets a second, one core

{chr(10).join(table)}

![Packets a second](performance.svg)

{found['packets']:,} packets: {found['files']} captures one after the other, {found['repeat']} times, each repetition with its own times and addresses.
`yagura read --what stats --workers 1` runs the whole pipeline, every dissector and the fold included, to a counting sink:
{own['flows']:,} flows, {own['messages']:,} messages. `ndpiReader -q` stops looking at a flow after its first packets;
the more flows it has seen, the slower it becomes. `tshark -q -z io,phs` dissects all; `tcpdump -w /dev/null` only copies. nDPI is no part of Yagura's numbers;
asked for names of what Yagura does not know (`--labels ndpi`), it makes them {found['ratio_labels']:.2f} times what they are.
Memory here is the largest resident set: it counts mapped pages of the file, which the kernel takes back when it
needs them. *Runs apart* is what lies between the quickest and the slowest run, as a share of the median.

## Two workers

Two workers on two cores were **{found['speedup']:.2f}** times as fast as one (run by run: {runs}) and took {found['processor']:.2f} times
its processor time: {found['plants_packets']:,} packets of the recorded plant, {found['plants']} times side by side, {found['pairs']:,} pairs of IPv4 hosts. Each
worker walks the whole file and takes the frames of its host pairs; a pair goes to whoever had the fewest frames when
it was first seen, and all come to the same answers without asking each other. What is missing to 2 is the walk over
the other's frames, and shares that are not quite equal; what may go beyond is that each has its own cache for half of
the tables. A pair is never split, because what it says belongs together: a capture with few host pairs is as quick as
its busiest pair lets it be. Over the merged captures, file after file with one busy pair each, two are **{found['speedup_mixed']:.2f}** times one.

## Memory

The most anonymous memory (RssAnon, looked at every 2 ms), in MB of 10^6 bytes:

| capture | one worker | two |
|---|---:|---:|
{rows}

Whatever grows by input has a bound, and each worker has its share of it, so two take what one takes. The sum of all
bounds is computed by `Pipeline::memory_most()` and held below 170 MB for one worker by a test
(`Memory.TheSumOfAllBoundsStaysBelow170Megabytes`); another one sends hostile traffic and compares what is on the heap
with what was computed. What no longer fits makes room by age, is counted by the bound's name and told in Coverage.
Between 10,000 and 100,000 Modbus connections a flow costs **{found['slope']:.0f}** bytes: its conversation, its protocol's state, and what the
fold keeps of its request and its answer.

## How it was measured

* `bench/captures.py` builds the captures. Addresses of a repetition differ in the second byte (IPv4), the eighth
  (IPv6) and the fourth (MAC), in ARP too; checksums are set right. Files of another link type than Ethernet are left
  out, because the others' programs want one type a file.
* `bench/measure.py` runs each program alone, in turn, pinned (`sched_setaffinity`): one core for what is compared
  with others, all for two workers. Wall time from fork to exit, start-up included. The files are in the page cache:
  the first, uncounted turn of each brings them there.
* `--what stats` keeps nothing beside the pipeline. Views that show hosts keep them besides: `--what conversations` at
  most 200,000 rows; `--what assets` a model of the whole plant, which grows with its devices.
* The machine is a virtual one that others use as well; repeat before you accuse. `./yagura bench --quick` takes two
  minutes and shows the same ratios less exactly.
"""
