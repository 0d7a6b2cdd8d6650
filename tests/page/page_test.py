#!/usr/bin/env python3
"""The status page in a real browser: from the page to an attempt and its evidence, by mouse and by keyboard, light and dark, wide
and narrow, and with names that try to do harm.

usage: page_test.py PAGE_SERVER CASE_FOLDER VPNVERDICT [unittest arguments]
SHOTS=folder keeps a picture of each view.
"""
import json
import os
import pathlib
import subprocess
import sys
import unittest

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError as missing:
    print(f"page: skipped: {missing}")
    sys.exit(77)

DRIVER = "/usr/bin/chromedriver"
if not os.path.exists(DRIVER):
    print("page: skipped: no chromedriver")
    sys.exit(77)

SERVER, CASE, PROGRAM = sys.argv[1:4]
PATIENCE = 60
HOSTILE = 6  # names that the server puts on the page
HEADLINE = "UDP/4500 (NAT traversal) is blocked on the way"  # example 8-8 and 8-9, as README.md prints it


def browser():
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                     "--disable-background-networking", "--no-first-run"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service(DRIVER))


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.driver = browser()
        cls.addClassCleanup(cls.driver.quit)

    def setUp(self):
        self.driver.get("about:blank")
        self.size(1400)
        self.prefer("light")
        for kind in ("browser", "performance"):
            self.driver.get_log(kind)  # of the test before

    def serve(self):
        server = subprocess.Popen([SERVER, CASE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.communicate)
        self.open(server.stdout.readline().strip())

    def open(self, port):
        self.home = f"http://127.0.0.1:{port}/"
        self.driver.get(self.home)
        self.until(lambda: self.all("#rows tr"), "verdicts are listed")

    def size(self, width, height=1000):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def prefer(self, scheme):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def until(self, condition, what):
        return WebDriverWait(self.driver, PATIENCE, 0.05).until(lambda _: condition(), what)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def shoot(self, name):
        if os.environ.get("SHOTS"):
            self.driver.save_screenshot(str(pathlib.Path(os.environ["SHOTS"], f"{name}.png")))

    def dialog_open(self):
        return self.js("return document.getElementById('attempt').open")

    def focused(self):
        return self.js("const e = document.activeElement; return e.id || e.name || e.textContent.trim()")

    def press(self, *keys):
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def assert_quiet(self):
        """Nothing was complained about, and nothing was asked of anybody else."""
        said = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] != "INFO"]
        self.assertEqual(said, [])
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        asked = {event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"}
        self.assertTrue(asked)
        self.assertEqual([url for url in asked if not url.startswith(self.home)], [])

    def test_from_the_page_to_an_attempt_and_its_evidence(self):
        self.serve()
        self.assertIn("100 %", self.one("#tiles").text)
        self.one("#rows a").click()
        self.until(self.dialog_open, "the attempt is shown")
        body = self.one("#attempt-body").text
        self.assertIn(HEADLINE, body)
        self.assertIn("Permit UDP/4500 both ways on the firewall", body)
        self.assertIn("AM2 arrived, so UDP/500 is open both ways", body)
        self.assertIn("✗ third message arrived", body)
        for side in ("client", "concentrator"):
            self.assertTrue(self.all(f".sides .{side} pre"), side)
        self.assertIn("SENDING >>> ISAKMP OAK AG *(HASH, NOTIFY:", self.js("return document.getElementById('attempt-body').textContent"))
        self.shoot("attempt")
        # The address names the attempt: somebody else opens the same.
        address = self.driver.current_url
        self.assertRegex(address, r"#attempt/[0-9a-f]{16}$")
        self.press(Keys.ESCAPE)
        self.until(lambda: "#attempt" not in self.driver.current_url, "Escape closes it")
        self.assertFalse(self.dialog_open())
        self.driver.get(address)
        self.driver.refresh()
        self.until(self.dialog_open, "the address opens it again")
        self.assert_quiet()

    def test_from_an_incident_to_a_sample_of_it(self):
        self.serve()
        self.assertEqual(len(self.all("#cards li")), HOSTILE)
        self.assertIn(f"Incidents open\n{HOSTILE}\n", self.one("#tiles").text)
        self.one("#all-cards").click()
        self.assertEqual(len(self.all("#cards li")), HOSTILE + 1)
        self.assertEqual(len(self.all("#cards li[data-tone=bad]")), HOSTILE)
        self.assertIn("it works again for a quarter of an hour", self.all("#cards li")[-1].text)
        self.shoot("incidents")
        self.one("#cards summary").click()
        self.assertIn("for example:", self.one("#cards details").text)
        self.one("#cards a").click()
        self.until(self.dialog_open, "the attempt is shown")
        self.assertIn(HEADLINE, self.one("#attempt-body").text)
        self.assert_quiet()

    def test_an_attempt_that_is_not_here(self):
        self.serve()
        self.driver.get(self.home + "#attempt/0000000000000001")
        self.until(self.dialog_open, "it is said")
        self.assertIn("not among the newest verdicts", self.one("#attempt-body").text.lower())

    def test_keys_alone_are_enough(self):
        self.serve()
        self.press(Keys.TAB)
        self.assertEqual(self.focused(), "Skip to the newest verdicts")
        self.press(Keys.ENTER)
        self.assertEqual(self.focused(), "verdicts")
        self.press("/")
        self.assertEqual(self.focused(), "find")
        self.press("mygroup")
        self.until(lambda: len(self.all("#rows tr")) == 1, "one verdict is found")
        for _ in range(20):
            self.press(Keys.TAB)
            if self.focused() == HEADLINE:
                break
        self.assertEqual(self.focused(), HEADLINE)
        self.press(Keys.ENTER)
        self.until(self.dialog_open, "the attempt is shown")
        self.until(lambda: self.focused() == "attempt-title", "its headline has the focus")
        self.press(Keys.ESCAPE)
        self.until(lambda: not self.dialog_open(), "Escape closes it")
        self.assertEqual(self.focused(), HEADLINE)

    def test_pools_tell_how_full_they_are_and_how_that_is_known(self):
        self.serve()
        self.until(lambda: self.all("#pools tr"), "pools are listed")
        rows = [row.text for row in self.all("#pools tr")]
        self.assertEqual(len(rows), 6)
        self.assertRegex(rows[0], r"(?s)sales-pool.*vpn-muc-1.*62 of 62.*size inferred from refusals.*1,234.*now")
        self.assertRegex(rows[1], r"(?s)engineering.*215 of 250.*size from the inventory.*0.*in 4 h")
        self.one("#all-pools").send_keys(Keys.ENTER)
        self.until(lambda: len(self.all("#pools tr")) == 4 + HOSTILE, "all pools are listed")
        rest = "\n".join(row.text for row in self.all("#pools tr"))
        self.assertRegex(rest, r"(?s)contractors group.*9 of 40 or more.*size never seen full")
        self.assertRegex(rest, r"(?s)misconfigured.*none ever given.*7")
        for row in self.all("#pools tr"):
            self.assertRegex(row.find_element(By.CSS_SELECTOR, ".hidden").get_attribute("textContent"), r"at most [\d,]+ in use in the last 24 hours")
        for width in (1400, 800, 400):
            self.size(width)
            self.assertLessEqual(self.js("return document.documentElement.scrollWidth"), width)
            for scheme in ("light", "dark"):
                self.prefer(scheme)
                self.js("document.querySelector('.pools').scrollIntoView()")
                self.shoot(f"pools-{scheme}-{width}")
        self.assert_quiet()

    def test_hostile_names_are_text(self):
        self.serve()
        self.assertEqual(len(self.all("#rows tr")), HOSTILE + 1)
        text = self.js("return document.getElementById('rows').textContent")
        self.assertIn("<script>document.title='owned'</script>", text)
        self.assertIn("‹U+202E›drowssap‹U+2066›‹U+200F›", text)
        cards = self.js("return document.getElementById('cards').textContent")
        self.assertIn("Nobody of group <script>document.title='owned'</script> can connect", cards)
        self.assertIn("‹U+202E›drowssap‹U+2066›‹U+200F›", cards)
        for scheme in ("light", "dark"):
            self.prefer(scheme)
            for width in (1400, 400):
                self.size(width)
                self.shoot(f"hostile-{scheme}-{width}")
                self.assertLessEqual(self.js("return document.documentElement.scrollWidth"), width, f"{width}: it fits")
        for link in range(HOSTILE + 1):
            self.js("document.querySelectorAll('#rows a')[arguments[0]].click()", link)
            self.until(self.dialog_open, "the attempt is shown")
            self.assertLessEqual(self.js("const d = document.getElementById('attempt'); return d.scrollWidth - d.clientWidth"), 0)
            self.press(Keys.ESCAPE)
            self.until(lambda: not self.dialog_open(), "Escape closes it")
        self.assertEqual(self.js("return document.title"), "vpnverdict")
        self.assertEqual(self.js("return document.querySelectorAll('main script, dialog script, main img, dialog img').length"), 0)
        self.assert_quiet()

    def test_every_part_has_a_name_for_those_who_cannot_see_it(self):
        self.serve()
        self.assertEqual(len(self.all("main")), 1)
        for nameless in self.js("""
            const named = node => node.getAttribute("aria-label") || node.closest("label") || node.textContent.trim() ||
              document.getElementById(node.getAttribute("aria-labelledby") ?? "")?.textContent.trim();
            return [...document.querySelectorAll("section, table, button, input, select, a")]
              .filter(node => !(node.tagName === "TABLE" ? node.caption?.textContent.trim() : named(node))).map(node => node.outerHTML)"""):
            self.fail(nameless)
        self.until(lambda: self.one("#announcer").get_attribute("textContent"), "the state is told")
        self.assertEqual(self.one("#announcer").get_attribute("aria-live"), "polite")

    def test_colours_follow_the_system_and_then_the_button(self):
        self.prefer("dark")
        self.serve()
        back = "return getComputedStyle(document.body).backgroundColor"
        dark = self.js(back)
        self.one("#theme").click()
        light = self.js(back)
        self.assertNotEqual(dark, light)
        self.driver.refresh()
        self.until(lambda: self.all("#rows tr"), "verdicts are listed")
        self.assertEqual(self.js(back), light)

    def test_the_demo_is_live(self):
        demo = subprocess.Popen([PROGRAM, "demo"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(demo.communicate)
        self.addCleanup(demo.terminate)
        self.open(demo.stdout.readline().split("http://127.0.0.1:")[1].split("/")[0])
        first = self.one("#log-time").text
        self.until(lambda: self.one("#log-time").text != first, "log time goes on")
        self.until(lambda: len(self.all("#groups tr")) > 3 and len(self.all("#causes li")) > 2, "groups and causes are there")
        # The internal topic is known from librdkafka's first statistics on.
        self.until(lambda: len(self.all("#feeds tr")) == 4, "the four topics are listed")
        self.shoot("demo")
        self.one("#pause").click()
        self.js("document.querySelector('#rows a').click()")
        self.until(self.dialog_open, "an attempt is shown")
        self.assertTrue(self.all(".sides li pre"))
        self.shoot("demo-attempt")
        self.assert_quiet()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[4:], verbosity=2)
