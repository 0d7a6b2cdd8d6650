#!/usr/bin/python3
"""The lab's judge on made-up verdicts: above all, that it can fail."""

import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from vpnlab.judge import outcome, shortcomings, table  # noqa: E402
from vpnlab.scenarios import MIXES, SCENARIOS, SHORT, named  # noqa: E402


def truth(**more):
    return {"scenario": "udp4500-in-dropped", "number": 1, "cause": "natt_udp4500_blocked", "accept": ["natt_udp4500_blocked"],
            "true_too": [], "client_host": "pc1-0", "concentrator_host": "gw1", "group": "sales", "user": "alice1",
            "public_ip": "198.19.0.1", "verified_by_lab": True} | more


def verdict(cause, grade="certain", hosts=("pc1-0", "gw1"), alternatives=(), **more):
    evidence = [{"side": "client" if host.startswith("pc") else "concentrator", "host": host} for host in hosts]
    return {"cause": cause, "grade": grade, "join": "strong", "evidence": evidence, "alternatives": list(alternatives),
            "group": "", "user": "", "peer_ip": ""} | more


def mark(verdicts, about=None, mates=None, **more):
    about = about or truth()
    return outcome(verdicts, about, mates or [about], **more)[0]


class Judge(unittest.TestCase):
    def test_the_fault_named_is_right(self):
        self.assertEqual(mark([verdict("natt_udp4500_blocked", "guess")]), "right")

    def test_another_cause_is_wrong_and_worse_when_sure(self):
        self.assertEqual(mark([verdict("group_password_mismatch", "probable")]), "wrong")
        self.assertEqual(mark([verdict("group_password_mismatch", "certain")]), "certain")

    def test_a_guess_that_lists_the_fault_is_honest(self):
        self.assertEqual(mark([verdict("user_cancelled", "guess", alternatives=["natt_udp4500_blocked"])]), "honest")
        self.assertEqual(mark([verdict("user_cancelled", "certain", alternatives=["natt_udp4500_blocked"])]), "certain")

    def test_undecided_is_honest_but_a_user_is_no_scan(self):
        self.assertEqual(mark([verdict("undetermined", "guess")]), "honest")
        self.assertEqual(mark([verdict("not_a_user_attempt", "certain")]), "certain")

    def test_what_is_true_without_being_the_fault_is_honest(self):
        esp = truth(cause="ipsec_data_blocked", accept=["ipsec_data_blocked"], true_too=["connected"])
        self.assertEqual(mark([verdict("connected")], esp), "honest")

    def test_one_false_and_certain_record_spoils_a_right_one(self):
        self.assertEqual(mark([verdict("natt_udp4500_blocked"), verdict("peer_lost")]), "certain")

    def test_no_verdict_is_wrong_unless_the_only_log_is_silent(self):
        self.assertEqual(mark([]), "wrong")
        self.assertEqual(mark([], expected=False), "none")

    def test_a_verdict_on_a_strangers_lines_is_wrong_whatever_it_says(self):
        self.assertEqual(mark([verdict("natt_udp4500_blocked", "probable", hosts=("pc1-0", "gw2"))]), "wrong")
        self.assertEqual(mark([verdict("natt_udp4500_blocked", hosts=("pc1-0", "pc2-0", "gw1"))]), "certain")

    def test_the_concentrator_alone_is_matched_by_what_it_names(self):
        about, mate = truth(), truth(user="bob1", cause="user_unknown", accept=["user_unknown"], client_host="pc1-1")
        theirs = verdict("user_unknown", hosts=("gw1",), user="bob1")
        self.assertEqual(mark([theirs], about, [about, mate]), "wrong")  # it is about the other one: this one has none
        self.assertEqual(mark([theirs], mate, [about, mate]), "right")
        self.assertEqual(mark([verdict("user_unknown", hosts=("gw9",), user="alice1")], about), "wrong")

    def test_where_two_attempts_fit_only_a_cause_of_neither_counts(self):
        about, mate = truth(), truth(cause="connected", accept=["connected"], client_host="pc1-1")
        own = verdict("natt_udp4500_blocked", hosts=("pc1-0",))
        self.assertEqual(mark([own, verdict("connected", hosts=("gw1",))], about, [about, mate]), "right")
        self.assertEqual(mark([own, verdict("peer_lost", hosts=("gw1",))], about, [about, mate]), "certain")

    def test_the_lab_fails_for_one_wrong_and_certain_verdict_and_for_few_right_ones(self):
        def row(live, client="right"):
            return {"truth": truth(), "folder": "x", "joined": True, "live": (live, ""), "both": ("right", ""), "client": (client, ""),
                    "concentrator": ("none", "")}
        self.assertEqual(shortcomings([row("right")] * 20), [])
        self.assertEqual(shortcomings([row("right")] * 19 + [row("honest")]), [])
        self.assertEqual(len(shortcomings([row("right")] * 18 + [row("honest"), row("wrong")])), 1)
        self.assertEqual(len(shortcomings([row("right")] * 20 + [row("right", client="certain")])), 1)
        self.assertEqual(len(shortcomings([])), 1)
        self.assertIn("19/1/0/0", table([row("right")] * 19 + [row("honest")])[-1])

    def test_names_lead_to_scenarios(self):
        for name, kind, _ in named([*SHORT, *SCENARIOS, *MIXES]):
            entries = MIXES.get(name) or [(name, kind, 0)]
            for scenario, one, _ in entries:
                self.assertIn(one, SCENARIOS[scenario].kinds)


if __name__ == "__main__":
    unittest.main()
