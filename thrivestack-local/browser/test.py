"""The live page, in a real browser, with the events of a real application."""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

from traffic import Client, Load, hostile, product_day
from webdriver import Browser

HERE = pathlib.Path(__file__).resolve().parent
PICTURES = HERE.parent / "docs"
SCRIPT = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"
MAX_PICTURE = 200_000


class Dev:
    """A `thrivestack dev` on a free port."""

    def __init__(self, program):
        environment = {**os.environ, "NO_COLOR": "1"}
        command = [program, "dev", "--port", "0", "--key", "production", "--key", "old::2020-01-01"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        found = {}
        for line in self.process.stdout:
            name, _, value = line.strip().removeprefix("export ").partition("=")
            if line.strip().startswith("export "):
                found[name] = value.strip("'")
            if len(found) == 2:
                break
        self.key, self.endpoint = found["THRIVESTACK_API_KEY"], found["THRIVESTACK_ENDPOINT"]
        self.address = self.endpoint.removeprefix("http://").removesuffix("/api")
        # Somebody has to read what it prints, or it would wait.
        threading.Thread(target=lambda: [None for _ in self.process.stdout], daemon=True).start()

    def environment(self):
        return {**os.environ, "THRIVESTACK_API_KEY": self.key, "THRIVESTACK_ENDPOINT": self.endpoint}

    def close(self):
        self.process.kill()
        self.process.wait()


def check(what, condition):
    if not condition:
        raise AssertionError(what)


def number(text):
    return int(text.replace(",", ""))


def an_empty_page(browser, dev):
    browser.screen(1280, 760)
    browser.open(f"http://{dev.address}/")
    browser.wait("the page is live", lambda: browser.text("#status") == "live")
    check("it says what to do", dev.endpoint in browser.text("#environment"))
    check("nothing is seen yet", browser.texts("#points li.seen") == [])


def the_example_appears(browser, dev, example):
    subprocess.run([example, "--live"], env=dev.environment(), check=True, stdout=subprocess.DEVNULL)
    names = lambda: browser.texts("#list .name")
    browser.wait("the example's events are in the list", lambda: "feature_used" in names())
    for name in ["signed_up", "account_created", "account_added_user", "Account"]:
        check(f"{name} is in the list: {names()}", name in names())
    seen = browser.texts("#points li.seen strong")
    check(f"the checklist fills up: {seen}", {"key from the environment", "identify", "group", "signed_up"} <= set(seen))
    check(f"and not too far: {seen}", "invite_sent" not in seen and len(seen) == 8)


def the_checklist_fills(browser, dev):
    product_day(Client(dev.address, dev.key))
    browser.wait("all eleven points are seen", lambda: len(browser.texts("#points li.seen")) == 11)
    # The points are seen before the day is over; the filters are tested on all of it.
    browser.wait("the day's last event is in the list", lambda: "login" in browser.texts("#list .name"))
    sight = browser.text("#points li:nth-child(5) .sight")
    check(f"with the source of the last sight: {sight}", sight.startswith("product · key production · "))


def filters(browser):
    rows = lambda: browser.texts("#list .row .name")
    everything = len(rows())
    for selector, text, expected in [
        ("#filter-event", "invite", ["invite_sent"]),
        ("#filter-user", "grace", None),
        ("#filter-account", "navy", None),
        ("#search", "howard@NAVY", ["invite_sent"]),
    ]:
        browser.type(selector, text)
        browser.wait(f"{selector} filters", lambda: 0 < len(rows()) < everything)
        check(f"{selector} {text}: {rows()}", expected is None or rows() == expected)
        browser.clear(selector)
        browser.wait(f"{selector} is off again", lambda: len(rows()) == everything)
    browser.script("const call = document.getElementById('filter-call'); call.value = 'group'; call.dispatchEvent(new Event('input', {bubbles: true}))")
    browser.wait("the calls are filtered", lambda: set(browser.texts("#list .row .chip")) == {"group"})
    browser.script("const call = document.getElementById('filter-call'); call.value = ''; call.dispatchEvent(new Event('input', {bubbles: true}))")
    browser.wait("every call again", lambda: len(rows()) == everything)


def one_event(browser):
    browser.type("#filter-event", "invite_sent")
    browser.wait("one event is left", lambda: browser.texts("#list .row .name") == ["invite_sent"])
    browser.click("#list .row .name")
    browser.wait("its JSON is shown", lambda: '"invitee_email": "howard@navy.example"' in browser.text("#detail .json"))
    check("with who sent it", "production" in browser.text("#detail .facts"))
    check("and what is documented and missing", "invitee_role_id" in browser.text("#detail .counts"))
    browser.press("Escape")
    browser.wait("Escape closes it", lambda: browser.text("#detail-title") == "")
    browser.clear("#filter-event")
    browser.wait("every event again", lambda: len(browser.texts("#list .row .name")) > 1)


def the_keyboard(browser):
    browser.script("document.activeElement.blur()")
    browser.press("/")
    browser.press("h", "o", "w", "a", "r", "d")
    browser.wait("/ is for search", lambda: browser.texts("#list .row .name") == ["invite_sent"])
    browser.clear("#search")
    browser.wait("every event again", lambda: len(browser.texts("#list .row .name")) > 1)
    browser.script("document.getElementById('list').focus()")
    browser.press("ArrowDown", "ArrowDown", "Enter")
    browser.wait("Enter opens", lambda: browser.text("#detail .json"))
    check("and takes the keyboard along", browser.script("return document.activeElement.id") == "detail-title")
    browser.press("Escape")
    browser.wait("Escape closes", lambda: browser.text("#detail-title") == "")
    check("and brings it back", browser.script("return document.activeElement.id") == "list")


def pausing(browser, dev):
    client = Client(dev.address, dev.key)
    browser.script("document.activeElement.blur()")
    browser.press("p")
    browser.wait("p is for pause", lambda: "paused" in browser.text("#counts"))
    before = browser.texts("#list .row .name")
    total = number(browser.text("#total-calls"))
    client.post("identify", [{"user_id": "while_paused"}])
    browser.wait("it still counts", lambda: number(browser.text("#total-calls")) == total + 1)
    check("the list stands still", browser.texts("#list .row .name") == before)
    browser.press("p")
    browser.wait("and goes on", lambda: "while_paused" in browser.texts("#list .row .user"))


def the_flow(browser):
    browser.click("#tab-flow")
    users = lambda: browser.texts("#flow-list button")
    browser.wait("users are listed", lambda: len(users()) >= 4)
    check(f"those out of order first: {users()}", "⚠" in users()[0] and "⚠" not in users()[-1])
    def steps_of(user, expected):
        browser.script("[...document.querySelectorAll('#flow-list button')].find((b) => b.dataset.user === arguments[0]).click()", user)
        found = browser.wait(f"{user}: {expected}", lambda: expected in browser.text("#flow-steps") and browser.text("#flow-steps"))
        check(f"they are {user}'s", user in found)
        return found
    joan = steps_of("usr_joan", "no group call before this signed_in")
    check(joan, "is the older name" in joan and "like report_exported" in joan)
    alan = steps_of("usr_alan", "before any identify")
    check(alan, "before the group call of acc_bletchley" in alan and "same timestamp as call" in alan)


def refusals(browser, dev):
    Client(dev.address, "not-a-key").post("track", [], 401)
    Client(dev.address, dev.key).post("track", [{"event_name": "invite_sent"}], 400)
    Client(dev.address, dev.key).post("identify", b"not json", 400)
    browser.click("#tab-refused")
    reasons = browser.wait("refusals are listed", lambda: len(browser.texts("#refused-list .reason")) >= 3 and browser.texts("#refused-list .reason"))
    for reason in ["not valid JSON", "user_id is missing", "not one of this server's"]:
        check(f"{reason}: {reasons}", any(reason in text for text in reasons))
    check("with the key", "key production" in browser.text("#refused-list li:first-child .what"))
    browser.click("#tab-events")


def nothing_is_run(browser, dev):
    client = Client(dev.address, dev.key)
    hostile(client, SCRIPT)
    browser.wait("the markup is text", lambda: SCRIPT in browser.texts("#list .row .name"))
    browser.click("#list .row:not([hidden]) .name")
    browser.wait("its JSON too", lambda: "18446744073709551615" in browser.text("#detail .json"))
    check("no element was made of it", browser.script("return document.querySelectorAll('#list img, #detail img, main script').length") == 0)
    browser.press("Escape")
    browser.click("#tab-flow")
    browser.wait("nor in the flow", lambda: any(SCRIPT in user for user in browser.texts("#flow-list button")))
    browser.click("#tab-events")
    check("nothing was run", browser.script("return document.title") == "ThriveStack on this machine")


def under_load(browser, dev, seconds):
    """Ten thousand events a second, none lost, and a page that answers meanwhile."""
    before = number(browser.text("#total-calls"))
    browser.script("""
      window.gaps = [];
      let last = performance.now();
      const frame = (now) => { window.gaps.push(now - last); last = now; requestAnimationFrame(frame); };
      requestAnimationFrame(frame);
    """)
    load = Load(dev.address, dev.key, 10_000, seconds)
    answers = []
    while not load.is_over():
        answers.append(browser.script("""
          const begun = performance.now();
          const event = document.getElementById('filter-user');
          event.value = event.value ? '' : 'load_42';
          event.dispatchEvent(new Event('input', {bubbles: true}));
          return performance.now() - begun;
        """))
        load.thread.join(1.0)
    check(f"the load: {load.error}", load.error is None)
    gaps = sorted(browser.script("return window.gaps"))
    browser.script("const event = document.getElementById('filter-user'); event.value = ''; event.dispatchEvent(new Event('input', {bubbles: true}))")
    browser.wait("the page has it all", lambda: number(browser.text("#total-calls")) == before + load.sent)
    expected = min(before + load.sent, 100_000)
    browser.wait("and the list has what is kept", lambda: number(browser.text("#counts").split(" ")[0]) >= expected)
    check("nothing was missed", browser.text("#missed") == "")
    middle, slow, slower, worst = (gaps[int((len(gaps) - 1) * share)] for share in (0.5, 0.95, 0.99, 1))
    print(f"load: {load.sent:,} events in {load.seconds:.1f} s, none lost; frames {middle:.0f} ms apart in the middle, "
          f"{slow:.0f} ms at the 95th and {slower:.0f} ms at the 99th percentile, {worst:.0f} ms at worst")
    check("the page answers within a tenth of a second, 19 times of 20", slow < 100)
    rows = browser.script("return document.querySelectorAll('#list .row').length")
    check(f"only rows in sight are elements: {rows}", rows < 100)
    browser.script("const list = document.getElementById('list'); list.scrollTop = list.scrollHeight")
    browser.wait("the oldest can be scrolled to", lambda: browser.script("return document.getElementById('list').scrollTop") > 1_000_000 or expected < 30_000)


def pictures(browser, dev, example):
    """The pictures of the documentation, from a server that has seen one day of one product."""
    subprocess.run([example, "--live"], env=dev.environment(), check=True, stdout=subprocess.DEVNULL)
    PICTURES.mkdir(exist_ok=True)
    browser.open("about:blank")
    browser.screen(1280, 760)
    browser.open(f"http://{dev.address}/")
    browser.wait("the example is there", lambda: "feature_used" in browser.texts("#list .name"))
    take(browser, "checklist-light", 1280, 760)
    product_day(Client(dev.address, dev.key))
    Client(dev.address, "not-a-key").post("track", [], 401)
    Client(dev.address, dev.key).post("track", [{"event_name": "invite_sent"}], 400)
    browser.wait("all is there", lambda: "login" in browser.texts("#list .name"))
    browser.script("[...document.querySelectorAll('#list .name')].find((e) => e.textContent === 'login').click()")
    browser.wait("the event is open", lambda: "is called" in browser.text("#detail .advice"))
    take(browser, "events-light", 1280, 760)
    take(browser, "events-dark", 1280, 760, dark=True)
    browser.press("Escape")
    take(browser, "events-phone", 390, 780, phone=True)
    take(browser, "events-phone-dark", 390, 780, phone=True, dark=True)
    browser.screen(1280, 760)
    browser.click("#tab-flow")
    browser.wait("users are listed", lambda: len(browser.texts("#flow-list button")) >= 4)
    browser.script("[...document.querySelectorAll('#flow-list button')].find((b) => b.dataset.user === 'usr_alan').click()")
    browser.wait("the flow is shown", lambda: "same timestamp" in browser.text("#flow-steps"))
    take(browser, "flow-light", 1280, 700)
    take(browser, "flow-dark", 1280, 700, dark=True)
    browser.click("#tab-refused")
    browser.wait("refusals are listed", lambda: len(browser.texts("#refused-list .reason")) >= 2)
    take(browser, "refused-light", 1280, 460)
    browser.screen(390, 780, phone=True)
    browser.click("#tab-checklist")
    take(browser, "checklist-phone", 390, 780, phone=True)


def take(browser, name, width, height, **how):
    browser.screen(width, height, **how)
    browser.script("document.activeElement?.blur()")
    # Two frames: one to lay out anew, one to have drawn it.
    browser.command("Runtime.evaluate", awaitPromise=True, expression="new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 350))))")
    overflow = browser.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
    check(f"{name} is {overflow} pixels too wide", overflow <= 0)
    path = PICTURES / f"{name}.png"
    browser.picture(path)
    check(f"{path} is too large", path.stat().st_size <= MAX_PICTURE)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--example", required=True)
    parser.add_argument("--load", type=int, default=5, metavar="SECONDS")
    parser.add_argument("--pictures", action="store_true")
    options = parser.parse_args()
    dev, browser = Dev(options.program), Browser()
    tests = [
        (an_empty_page, (browser, dev)),
        (the_example_appears, (browser, dev, options.example)),
        (the_checklist_fills, (browser, dev)),
        (filters, (browser,)),
        (one_event, (browser,)),
        (the_keyboard, (browser,)),
        (pausing, (browser, dev)),
        (the_flow, (browser,)),
        (refusals, (browser, dev)),
        (nothing_is_run, (browser, dev)),
        (under_load, (browser, dev, options.load)),
    ]
    passed = 0
    try:
        for test, arguments in tests:
            test(*arguments)
            passed += 1
            print(f"ok: {test.__name__.replace('_', ' ')}", flush=True)
        complaints = [text for text in browser.complaints() if "favicon" not in text]
        check(f"the browser has nothing to complain of: {complaints}", not complaints)
        if options.pictures:
            fresh = Dev(options.program)
            try:
                pictures(browser, fresh, options.example)
            finally:
                fresh.close()
    except AssertionError as error:
        print(f"FAILED: {error}", file=sys.stderr)
        picture = pathlib.Path(tempfile.gettempdir()) / "thrivestack-browser.png"
        browser.picture(picture)
        print(f"what the page showed then: {picture}", file=sys.stderr)
        sys.exit(1)
    finally:
        browser.close()
        dev.close()
        print(f"{passed} passed, {len(tests) - passed} failed")


main()
