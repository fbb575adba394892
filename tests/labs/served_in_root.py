"""Serve an instrument as a service of a booted Debian, and lead it as a phone would; for `service_in_root.py`."""

import json
import os
import re
import ssl
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

STATE = Path("/var/lib/cancernet")
RECORDS = STATE / "served"
PAGE = "https://127.0.0.1:8080"
WORDS = ("serve", "synthetic:?rounds=100000", "--session", str(RECORDS), "--host", "0.0.0.0", "--pair")
CODE = re.compile(r"pairing code for the page: (\d{4} \d{4})")


class Phone:
    """Believes in the one certificate that the instrument made, and holds the token that it was let in with."""

    def __init__(self):
        self.trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.trust.load_verify_locations(STATE / "page" / "page.pem")
        self.token = None

    def ask(self, method, path, body=None):
        """Return the status and the bytes of an answer."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(PAGE + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=300, context=self.trust) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def told(self, path):
        """Return what `/api/v1` tells."""
        return json.loads(self.ask("GET", f"/api/v1{path}")[1])

    def wait_for(self, wish, seconds=120):
        """Look until a wish about the instrument comes true, or it does not."""
        end = time.monotonic() + seconds
        while not wish(self.told("/state")) and time.monotonic() < end:
            time.sleep(0.1)

    def record(self, slide, frames):
        """Start a session, and wait for some frames of it."""
        status, _ = self.ask("POST", "/api/v1/session", {"slide": slide, "operator": "Ada"})
        self.wait_for(lambda now: now["recording"] and now["recording"]["frames"] >= frames)
        return status


def priorities(end, found):
    """Note how the makers of downloads stand behind the frames (processor, memory), until `end` is set."""
    while not end.wait(0.02):
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if b"download_worker" in path.read_bytes():
                    nice = os.getpriority(os.PRIO_PROCESS, int(path.parent.name))
                    found.add((nice, int((path.parent / "oom_score_adj").read_text())))
            except (OSError, ValueError):
                continue


def taken_away(phone, session):
    """Download a session as all that it says it can be; return the status and the beginning of each."""
    end, found = threading.Event(), set()
    watching = threading.Thread(target=priorities, args=(end, found))
    watching.start()
    files = {}
    for kind in phone.told(f"/sessions/{session}")["exports"]:
        status, data = phone.ask("GET", f"/api/v1/sessions/{session}/export/{kind}")
        files[kind] = {"status": status, "bytes": len(data), "begins": data[:300].decode("latin-1")}
    end.set()
    watching.join()
    return {"files": files, "priorities": sorted(found)}


def served(do, state, process):
    """Return what became of it."""
    found = {"started": do("cancernet", "install-service", *WORDS, "--tls", "self-signed")}
    found["unit_says"] = do("systemd-analyze", "verify", "/etc/systemd/system/cancernet.service")
    found["exposure"] = do("systemd-analyze", "security", "--threshold=20", "cancernet.service")
    first = found["running"] = state()
    found["process"] = process(first["MainPID"])
    said = do("journalctl", "-u", "cancernet", "--no-pager", "-o", "cat")["out"]

    phone = Phone()
    found["stranger"] = [phone.ask("GET", path)[0] for path in ("/", "/api/v1/state", "/metrics")]
    status, answer = phone.ask("POST", "/api/v1/login", {"code": CODE.findall(said)[-1], "script": True})
    phone.token = json.loads(answer).get("token")
    found["login"] = status
    phone.wait_for(lambda now: now["phase"] == "running" and now["frames"])
    found["page"] = [phone.ask("GET", path)[0] for path in ("/", "/healthz", "/metrics")]
    found["state"] = phone.told("/state")
    number = phone.told("/views/newest?after=-1&wait=20")["view"]["number"]
    status, picture = phone.ask("GET", f"/api/v1/frames/{number}/picture")
    found["picture"] = [status, picture[:2].hex()]

    found["recorded"] = [phone.record("S-1", 6), phone.ask("DELETE", "/api/v1/session")[0]]
    found["listed"] = phone.told("/sessions")["sessions"]
    found["taken"] = taken_away(phone, found["listed"][0]["id"])
    found["under_way"] = phone.record("S-2", 2)
    found["before_stop"] = state()
    do("systemctl", "stop", "cancernet")
    found["stopped"] = {**state(), "exit": do("systemctl", "show", "cancernet", "--property=ExecMainStatus")["out"]}
    lines = do("cancernet", "sessions", str(RECORDS))["out"].splitlines()
    found["sessions"] = [json.loads(line) for line in lines]
    found["journal"] = do("journalctl", "-u", "cancernet", "--no-pager", "-o", "cat", "-n", "60")["out"]
    return found
