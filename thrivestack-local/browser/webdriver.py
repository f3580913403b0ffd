"""A browser to drive: the few commands of WebDriver that the test needs, over plain HTTP."""

import base64
import json
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--lang=en-GB",
]
KEYS = {"Escape": "\ue00c", "Enter": "\ue007", "ArrowDown": "\ue015", "ArrowRight": "\ue014"}


class Browser:
    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="thrivestack-browser-")
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        for line in self.driver.stdout:
            if "started successfully on port" in line:
                port = int(line.rsplit(" ", 1)[1].rstrip(".\n"))
                break
        else:
            raise RuntimeError("chromedriver did not start")
        self.base = f"http://127.0.0.1:{port}/session"
        options = {"args": [*FLAGS, f"--user-data-dir={self.profile}"]}
        wanted = {"alwaysMatch": {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}
        self.base += "/" + self._post("", {"capabilities": wanted})["sessionId"]

    def close(self):
        try:
            self._send("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()
            shutil.rmtree(self.profile, ignore_errors=True)

    def _send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"content-type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from None

    def _post(self, path, body):
        return self._send("POST", path, body)

    def open(self, address):
        self._post("/url", {"url": address})

    def script(self, text, *arguments):
        return self._post("/execute/sync", {"script": text, "args": list(arguments)})

    def find(self, selector):
        return self._post("/element", {"using": "css selector", "value": selector})[ELEMENT]

    def text(self, selector):
        """What an element shows, which is nothing when it is not there or not to be seen."""
        return self.script(
            "const found = document.querySelector(arguments[0]);"
            "return found?.getClientRects().length ? found.innerText : ''",
            selector,
        )

    def texts(self, selector):
        return self.script(
            "return [...document.querySelectorAll(arguments[0])].filter((e) => e.getClientRects().length).map((e) => e.innerText)",
            selector,
        )

    def click(self, selector):
        self._post(f"/element/{self.find(selector)}/click", {})

    def type(self, selector, text):
        self._post(f"/element/{self.find(selector)}/value", {"text": text})

    def clear(self, selector):
        self._post(f"/element/{self.find(selector)}/clear", {})
        self.script("document.querySelector(arguments[0]).dispatchEvent(new Event('input', {bubbles: true}))", selector)

    def press(self, *keys):
        """Presses keys wherever the keyboard is."""
        actions = []
        for key in keys:
            value = KEYS.get(key, key)
            actions += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self._post("/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def command(self, name, **parameters):
        return self._post("/goog/cdp/execute", {"cmd": name, "params": parameters})

    def screen(self, width, height, dark=False, phone=False):
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self, path):
        shot = self.command("Page.captureScreenshot", format="png", optimizeForSpeed=False)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def complaints(self):
        """What the browser's console has against the page."""
        return [entry["message"] for entry in self._post("/se/log", {"type": "browser"})]

    def wait(self, what, condition, seconds=20):
        """Waits until the condition gives something, and gives it."""
        end = time.monotonic() + seconds
        while True:
            found = condition()
            if found:
                return found
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s in vain: {what}")
            time.sleep(0.05)
