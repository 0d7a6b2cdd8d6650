#!/usr/bin/env python3
"""Shows each check of tidy.py a tree that breaks its rule once, and one that looks like it but does not."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tidy  # noqa: E402

BROKEN = [
    (tidy.check_arrows, "correlator/a.cpp", '#include "pipeline/batch.h"'),
    (tidy.check_arrows, "correlator/a.cpp", "#include <mutex>"),
    (tidy.check_arrows, "metrics/a.h", '#include "pipeline/batch.h"'),
    (tidy.check_arrows, "pipeline/dialect/a.cpp", '#include "pipeline/batch.h"'),
    (tidy.check_arrows, "pipeline/a.cpp", '#include "tests/dialect/collect.h"'),
    (tidy.check_arrows, "pipeline/a.cpp", '#include "bench/fleet.h"'),
    (tidy.check_arrows, "pipeline/a.cpp", '#include "batch.h"'),
    (tidy.check_fences, "pipeline/run.cpp", "#include <librdkafka/rdkafka.h>"),
    (tidy.check_fences, "correlator/a.cpp", "#include <simdjson.h>"),
    (tidy.check_fences, "pipeline/a.cpp", "#include <gtest/gtest.h>"),
    (tidy.check_words, "pipeline/a.cpp", "std::regex r;"),
    (tidy.check_words, "metrics/a.cpp", 'std::cout << "x";'),
    (tidy.check_words, "correlator/a.cpp", "auto t = std::chrono::steady_clock::now();"),
    (tidy.check_words, "metrics/a.cpp", "int a = 10'000; auto t = std::chrono::system_clock::now(); char c = 'x';"),
    (tidy.check_todo, "pipeline/a.cpp", "// TODO"),
    (tidy.check_todo, "pipeline/a.cpp", "// TODO: later"),
    (tidy.check_built, "pipeline/orphan.cpp", ""),
    (tidy.check_built, "pipeline/orphan.h", ""),
    (tidy.check_paths, "pipeline/a.cpp", 'open("/home/somebody/x");'),
    (tidy.check_paths, "deploy/fetch", "#!/bin/sh\ncurl https://packages.example.org/x"),
]

FINE = [
    (tidy.check_arrows, "pipeline/a.cpp", '#include "metrics/label.h"\n#include <mutex>'),
    (tidy.check_arrows, "tests/dialect/a_test.cpp", '#include "tests/dialect/collect.h"\n#include "pipeline/batch.h"'),
    (tidy.check_fences, "pipeline/kafka_handles.h", "#include <librdkafka/rdkafka.h>"),
    (tidy.check_words, "pipeline/a.cpp", 'auto t = std::chrono::system_clock::now(); // std::regex\nf("std::regex");'),
    (tidy.check_words, "correlator/a.cpp", 'f(R"(std::cout << 1)");'),
    (tidy.check_todo, "pipeline/a.cpp", "// TODO: count these too once a gateway logs them."),
    (tidy.check_built, "CMakeLists.txt", "add_executable(x pipeline/main.cpp)"),
    (tidy.check_paths, "tests/replay/x/client.log", "read /home/somebody/x"),
    (tidy.check_paths, "deploy/demo", "#!/bin/sh\ncurl http://127.0.0.1:9464/metrics"),
]


class Tidy(unittest.TestCase):
    def test_each_broken_rule_is_found_once(self):
        for check, path, text in BROKEN:
            with self.subTest(check=check.__name__, path=path, text=text):
                self.assertEqual(1, len(list(check({path: text}))))

    def test_what_is_allowed_is_not_found(self):
        for check, path, text in FINE:
            with self.subTest(check=check.__name__, path=path, text=text):
                self.assertEqual([], list(check({path: text})))

    def test_every_check_is_shown_a_broken_tree(self):
        self.assertEqual(set(tidy.CHECKS), {check for check, _, _ in BROKEN})

    def test_a_finding_names_the_line(self):
        found = list(tidy.check_words({"metrics/a.cpp": 'f(R"(\n\n)");\nstd::cerr << 1;'}))
        self.assertTrue(found[0].startswith("metrics/a.cpp:4: "), found)


if __name__ == "__main__":
    unittest.main()
