"""Install the package in a booted Debian, do to its service what happens to services, and tell of it as JSON.

Runs inside, with nothing but the system's own Python: `service_in_root.py PACKAGE.deb`.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from served_in_root import served

RECORDS = Path("/var/lib/cancernet/sessions")
QUICK = Path("/etc/systemd/system/cancernet.service.d/quick.conf")
"""The lab waits seconds where a Pi in the field is given a minute."""


def do(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    return {"code": done.returncode, "out": done.stdout, "error": done.stderr}


def state():
    names = ("ActiveState", "SubState", "Result", "NRestarts", "MainPID", "StatusText")
    said = do("systemctl", "show", "cancernet", *(f"--property={name}" for name in names))["out"]
    return dict(line.split("=", 1) for line in said.splitlines())


def wait_for(wish, seconds=120):
    """Look until a wish about the state comes true, or it does not."""
    end = time.monotonic() + seconds
    while not wish(found := state()) and time.monotonic() < end:
        time.sleep(0.2)
    return found


def works(than="0"):
    """Whether it runs and waits for frames or judges them, in another process than `than`."""
    return lambda now: now["SubState"] == "running" and now["MainPID"] != than and " judged" in now["StatusText"]


def process(pid):
    """What the kernel says of a process: who it is, and what it may."""
    lines = (line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    kept = ("Uid", "CapEff", "CapBnd", "NoNewPrivs", "Seccomp")
    return {key: value.split()[0] for key, value in lines if key in kept}


def sessions():
    return [json.loads(line) for line in do("cancernet", "sessions", str(RECORDS))["out"].splitlines()]


def main(package):
    found = {"installed": do("dpkg", "-i", package)}
    found["doctor"] = do("cancernet", "doctor", "--json", "--source", "synthetic:")
    words = ("install-service", "run", "synthetic:?rounds=100000", "--session", str(RECORDS))
    found["verified"] = do("sh", "-c", f"cancernet {words[0]} --dry-run {' '.join(words[1:])} >/tmp/cancernet.service")
    found["started"] = do("cancernet", *words)
    found["unit_says"] = do("systemd-analyze", "verify", "/etc/systemd/system/cancernet.service")
    found["exposure"] = do("systemd-analyze", "security", "--threshold=20", "cancernet.service")
    first = wait_for(works())
    found["running"], found["process"] = first, process(first["MainPID"])

    os.kill(int(first["MainPID"]), signal.SIGKILL)
    second = found["after_kill"] = wait_for(works(first["MainPID"]))

    QUICK.parent.mkdir(parents=True, exist_ok=True)
    QUICK.write_text("[Service]\nWatchdogSec=4\nTimeoutAbortSec=1\nRestartSec=1\n")
    do("systemctl", "daemon-reload")
    do("systemctl", "restart", "cancernet")
    third = wait_for(works(second["MainPID"]))
    os.kill(int(third["MainPID"]), signal.SIGSTOP)  # it is there, and gets nowhere
    found["after_hang"] = wait_for(works(third["MainPID"]))
    found["journal"] = do("journalctl", "-u", "cancernet", "--no-pager", "-o", "cat")["out"]
    found["doctor_of_service"] = do("cancernet", "doctor", "--json")

    before = state()["MainPID"]
    found["upgraded"] = do("dpkg", "-i", package)
    found["after_upgrade"] = wait_for(works(before))
    do("systemctl", "stop", "cancernet")
    found["stopped"] = state()
    found["sessions"] = sessions()
    QUICK.unlink()
    found["served"] = served(do, state, process)
    found["removed"] = do("dpkg", "-P", "cancernet-edge")
    left = [*Path("/usr/lib").glob("cancernet-edge"), *Path("/etc/systemd/system").rglob("cancernet.service")]
    found["left"] = [str(path) for path in left]
    found["records_left"] = len(list(RECORDS.iterdir()))
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
