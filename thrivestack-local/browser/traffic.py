"""What applications send to the page's server: a small client, the days of a product, and a load."""

import http.client
import json
import threading
import time
from datetime import datetime, timedelta, timezone


class Client:
    """Posts calls with one key, over one connection."""

    def __init__(self, address, key):
        self.key = key
        self.connection = http.client.HTTPConnection(address, timeout=30)

    def post(self, call, objects, expected=200):
        body = objects if isinstance(objects, bytes) else json.dumps(objects).encode()
        headers = {"content-type": "application/json", "x-api-key": self.key}
        self.connection.request("POST", f"/api/{call}", body, headers)
        answer = self.connection.getresponse()
        message = answer.read().decode()
        assert answer.status == expected, f"{call}: {answer.status} {message}"


class Clock:
    """Timestamps a millisecond apart, as ThriveStack wants them within one handler."""

    def __init__(self):
        self.now = datetime.now(timezone.utc)

    def next(self, milliseconds=1):
        self.now += timedelta(milliseconds=milliseconds)
        return self.now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self.now.microsecond // 1000:03}Z"


def track(clock, name, user, account, **properties):
    return {
        "event_name": name,
        "user_id": user,
        "properties": properties,
        "context": {"group_id": account, "source": "product"},
        "timestamp": clock.next(),
    }


def identify(clock, user, account, **traits):
    context = {"group_id": account, "source": "product"}
    return {"user_id": user, "traits": traits, "context": context, "timestamp": clock.next()}


def group(clock, user, account, name):
    context = {"group_id": account, "group_type": "Account", "source": "product"}
    traits = {"group_type": "Account", "account_name": name}
    return {"user_id": user, "group_id": account, "traits": traits, "context": context, "timestamp": clock.next()}


def product_day(client):
    """The rest of the checklist, by a user of a product that does everything right and two whose handlers do not."""
    clock = Clock()
    client.post("identify", [identify(clock, "usr_grace", "acc_navy", user_email="grace@navy.example", user_name="Grace Hopper")])
    client.post("group", [group(clock, "usr_grace", "acc_navy", "Navy")])
    client.post("track", [
        track(clock, "signed_in", "usr_grace", "acc_navy", user_email="grace@navy.example", user_name="Grace Hopper", user_role="admin"),
        track(clock, "feature_used", "usr_grace", "acc_navy", feature_name="program_compiled", feature_type="core", user_role="admin", interface="cli"),
        track(clock, "invite_sent", "usr_grace", "acc_navy", invitee_email="howard@navy.example", invitee_role="member"),
        track(clock, "onboarding_compiled_first_program_completed", "usr_grace", "acc_navy", step_index=2, total_steps=5),
        track(clock, "signed_out", "usr_grace", "acc_navy", user_role="admin"),
    ])
    client.post("page", [{
        "user_id": "usr_grace", "properties": {"page_name": "Pricing", "page_url": "https://product.example/pricing"},
        "context": {"source": "marketing"}, "timestamp": clock.next(),
    }])
    # A user who was never identified, an account before its group call, one moment for two events, a login without group,
    # and names of older pages.
    signed_up = track(clock, "signed_up", "usr_alan", "acc_bletchley")
    same = track(clock, "account_created", "usr_alan", "acc_bletchley", account_name="Bletchley")
    client.post("track", [signed_up, same])
    client.post("track", [{**track(clock, "account_added_user", "usr_alan", "acc_bletchley"), "timestamp": same["timestamp"]}])
    client.post("identify", [identify(clock, "usr_joan", "acc_bletchley", user_name="Joan Clarke")])
    client.post("track", [
        track(clock, "signed_in", "usr_joan", "acc_bletchley"),
        track(clock, "onboarding_step_completed", "usr_joan", "acc_bletchley", step_name="first_message"),
        track(clock, "feature_used", "usr_joan", "acc_bletchley", feature_name="export_report", feature_type="core"),
        track(clock, "login", "usr_joan", "acc_bletchley"),
    ])


def hostile(client, text):
    """An event whose every part is what a page must not run."""
    client.post("track", [{
        "event_name": text, "user_id": text, "properties": {text: text, "number": 18446744073709551615},
        "context": {"group_id": text, "source": "product"},
    }])


class Load:
    """So many events a second, in requests of 500, on a thread of its own."""

    PER_REQUEST = 500

    def __init__(self, address, key, per_second, seconds):
        self.client = Client(address, key)
        self.requests = per_second * seconds // self.PER_REQUEST
        self.interval = self.PER_REQUEST / per_second
        self.sent = 0
        self.error = None
        self.seconds = 0.0
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        begun = time.monotonic()
        try:
            for number in range(self.requests):
                time.sleep(max(0.0, begun + number * self.interval - time.monotonic()))
                clock = Clock()
                self.client.post("track", [
                    track(clock, "feature_used", f"load_{(number * 7 + event) % 5000}", f"acc_{event % 50}",
                          feature_name="load", feature_type="core", user_role="robot", interface="api")
                    for event in range(self.PER_REQUEST)
                ])
                self.sent += self.PER_REQUEST
        except Exception as error:  # The main thread tells it.
            self.error = error
        self.seconds = time.monotonic() - begun

    def is_over(self):
        return not self.thread.is_alive()
