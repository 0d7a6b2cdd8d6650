"""Verdicts against the fault that was injected. Independent of the product's own matching: a verdict belongs to the attempt
whose machine wrote its evidence.

    right     it names the fault, or what no log can tell from it
    honest    it does not, but says guess or probable and has the fault among the alternatives; or it says only what is true
    wrong     anything else, a missing verdict where both logs were read, and sides of different attempts joined
    certain   wrong, and graded certain: always an error"""

import json
import subprocess

RANK = ("right", "honest", "wrong", "certain")
UNDECIDED = ("undetermined", "in_progress", "contradictory")
SIDES = {"both": ("client.log", "concentrator.log"), "client": ("client.log",), "concentrator": ("concentrator.log",)}


def judge(verdict, truth):
    if strangers(verdict, truth):
        return "certain" if verdict["grade"] == "certain" else "wrong"
    accept, cause = set(truth["accept"]), verdict["cause"]
    if cause in accept:
        return "right"
    if cause in truth["true_too"]:
        return "honest"
    if verdict["grade"] == "certain" and cause not in UNDECIDED:
        return "certain"
    others = {other["cause"] if isinstance(other, dict) else other for other in verdict["alternatives"]}
    if cause in UNDECIDED or accept & others or truth["cause"] == "undetermined":
        return "honest"
    return "wrong"


def strangers(verdict, truth):
    """Evidence of machines that took no part in the attempt. Files have none."""
    hosts = {evidence.get("host") for evidence in verdict["evidence"]} - {None}
    return bool(hosts - {truth["client_host"], truth["concentrator_host"]})


def has_side(verdict, side):
    return any(evidence["side"] == side for evidence in verdict["evidence"])


def fits(verdict, truth):
    """Whether a verdict from the concentrator's log alone can be about this attempt. IKEv2 clients ask for a host name."""
    groups = ("", truth["group"], truth["group"].lower() + ".lab.test")
    return (verdict["group"] in groups and verdict["user"] in ("", truth["user"]) and verdict["peer_ip"] in ("", truth["public_ip"])
            and all(e.get("host", truth["concentrator_host"]) == truth["concentrator_host"] for e in verdict["evidence"]))


def outcome(verdicts, truth, mates, expected=True):
    """(mark, what was said) for one attempt. `mates` are the truths of all attempts in the same concentrator's log. A verdict
    with this client's lines is about this attempt. One without any client's lines is about the attempt that it fits; where it
    fits several, nothing is held against it but a cause that none of them has."""
    marks = [(judge(v, truth), v) for v in verdicts if any(
        e["side"] == "client" and e.get("host", truth["client_host"]) == truth["client_host"] for e in v["evidence"])]
    for verdict in verdicts:
        about = [] if has_side(verdict, "client") or not fits(verdict, truth) else [mate for mate in mates if fits(verdict, mate)]
        mark = min((judge(verdict, mate) for mate in about), key=RANK.index, default=None)
        if len(about) == 1 or mark == "certain":
            marks.append((mark, verdict))
    said = " ".join(f"{v['cause']}/{v['grade']}/{v['join']}" for _, v in marks) or "-"
    if not marks:
        return ("wrong" if expected else "none"), said
    if any(mark == "certain" for mark, _ in marks):
        return "certain", said
    # An attempt and its session are two records, and so are its two logs where they were not matched: the best one counts.
    return min((mark for mark, _ in marks), key=RANK.index), said


def explain(program, folder, side):
    files = [folder / name for name in SIDES[side] if (folder / name).exists()]
    if not files:
        return []
    done = subprocess.run([program, "explain", "--format", "json", *files], capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise RuntimeError(f"explain {folder.name} {side}: exit {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def judge_all(program, saved, live):
    """For each attempt its marks: live, and its captured logs together and each alone."""
    rows = []
    for truth, folder in saved:
        mates = [other for other, _ in saved if other["number"] == truth["number"]]
        row = {"truth": truth, "folder": folder.name, "live": outcome(live, truth, mates), "joined": any(
            has_side(v, "concentrator") and any(e["host"] == truth["client_host"] for e in v["evidence"]) for v in live)}
        for side in SIDES:
            verdicts = explain(program, folder, side)
            row[side] = outcome(verdicts, truth, mates, expected=side == "both")
        (folder / "judged.json").write_text(json.dumps({k: v for k, v in row.items() if k != "truth"}, indent=1) + "\n")
        rows.append(row)
    return rows


FEEDS = ("live", *SIDES)


def table(rows):
    """Scenario by feed, each cell right/honest/wrong/wrong and certain; attempts that the lab could not verify are left out."""
    good = [row for row in rows if row["truth"]["verified_by_lab"]]
    lines = [f"{'right/honest/wrong/wrong+certain':<34}{'runs':>5}" + "".join(f"{feed:>15}" for feed in FEEDS) + "  joined"]
    for name in sorted({row["truth"]["scenario"] for row in good}) + ["all"]:
        some = [row for row in good if name in ("all", row["truth"]["scenario"])]
        cells = ["/".join(str(sum(row[feed][0] == mark for row in some)) for mark in RANK) for feed in FEEDS]
        lines.append(f"{name:<34}{len(some):>5}" + "".join(f"{cell:>15}" for cell in cells) + f"{sum(row['joined'] for row in some):>8}")
    return lines


def shortcomings(rows, share=0.95):
    """Why the lab fails, one sentence each; none when all is well."""
    good = [row for row in rows if row["truth"]["verified_by_lab"]]
    found = [f"{row['folder']}: {feed} is wrong and certain: {row[feed][1]}" for row in rows for feed in FEEDS if row[feed][0] == "certain"]
    if len(good) < 0.9 * len(rows) or not good:
        found.append(f"only {len(good)} of {len(rows)} attempts went as the scenario says")
    right = sum(row["live"][0] == "right" for row in good)
    if good and right < share * len(good):
        found.append(f"right in {right} of {len(good)} attempts, {share:.0%} are asked for")
    return found
