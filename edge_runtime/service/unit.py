"""The systemd unit, as text: what runs, as whom, and what it may reach. Pure; `installing` writes it.

What each line does is in man systemd.exec and systemd.service. Exposure is held at or below 2.0 by a test
(`systemd-analyze security`), and the whole is started under a real systemd in `tests/labs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NAME = "cancernet"
"""Of the service, of its user, and of its folder below /var/lib."""
WATCHDOG_S = 30
"""systemd waits so long for a sign of life; a Zero 2 W that swaps is slow, not dead."""
START_S = 180
"""Until the camera is open and the model self-tested; LiteRT alone takes seconds to load from a slow card."""
STOP_S = 60
"""A frame in hand is still recorded, and a camera's driver may take 20 s to close."""
ABORT_S = 10
"""A process without a sign of life gets so long to say where it hangs, by faulthandler, before it is killed."""
BACK_OFF_VERSION = 254
"""From this systemd on the waits between restarts can grow; Debian 12 has 252."""

_DEVICES = {
    "pi": ("char-video4linux rw", "char-media rw", "char-dma_heap rw"),
    "usb": ("char-video4linux rw",),
}
"""What a camera's kind opens, by the names in /proc/devices (libcamera: its buffers, too); others open none."""

_SANDBOX = """\
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=tmpfs
PrivateTmp=yes
PrivateUsers=yes
PrivateMounts=yes
PrivateIPC=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
UMask=0027
LimitCORE=0
OOMPolicy=continue
OOMScoreAdjust=-200"""


@dataclass(frozen=True)
class Unit:
    """What is special about one service."""

    command: Sequence[str]
    """The words of its command line; the first is an absolute path."""
    user: str = NAME
    """Who runs it: no person's account, and not root."""
    camera: str = "synthetic"
    """The kind of its source, a key of CAMERAS."""
    visible: Sequence[str] = ()
    """Paths that it reads and that lie where a service sees nothing (/home, /root, /tmp)."""
    writable: Sequence[str] = ()
    """Folders beside /var/lib/cancernet in which it records."""
    is_on_network: bool = False
    """Whether it serves a page, or reads a stream."""
    has_page: bool = False
    """Whether it serves a page; what is made for a download then takes a lower priority."""
    environment: Sequence[str] = ()
    """KEY=VALUE."""

    def text(self, systemd_version: int) -> str:
        """Return the unit for a systemd of that version."""
        lines = [
            "[Unit]",
            "Description=CancerNet Edge: tiles of breast tissue from a microscope (research use only, not a diagnosis)",
            "After=local-fs.target network.target time-sync.target",
            "StartLimitIntervalSec=0",
            "",
            "[Service]",
            "Type=notify",
            "NotifyAccess=main",
            "ExecStart=" + " ".join(map(quoted, self.command)),
            f"User={self.user}",
            f"WorkingDirectory=/var/lib/{NAME}",
            f"StateDirectory={NAME}",
            "StateDirectoryMode=0750",
            f"RuntimeDirectory={NAME}",
            "RuntimeDirectoryMode=0700",
            *(f"Environment={quoted(each)}" for each in self.environment),
            "StandardOutput=null",
            "StandardError=journal",
            f"WatchdogSec={WATCHDOG_S}",
            f"TimeoutStartSec={START_S}",
            f"TimeoutStopSec={STOP_S}",
            f"TimeoutAbortSec={ABORT_S}",
            "Restart=on-failure",
            "RestartPreventExitStatus=2",
            *_back_off(systemd_version),
            *self._devices(),
            *self._network(),
            *(f"BindReadOnlyPaths={quoted(path)}" for path in self.visible),
            *(f"ReadWritePaths={quoted(path)}" for path in self.writable),
            _SANDBOX,
            *(["SystemCallFilter=setpriority"] if self.has_page else []),
            "",
            "[Install]",
            "WantedBy=multi-user.target",
        ]
        return "\n".join(lines) + "\n"

    def _devices(self) -> list[str]:
        allowed = _DEVICES.get(self.camera, ())
        if not allowed:
            return ["PrivateDevices=yes", "DevicePolicy=closed"]
        return ["SupplementaryGroups=video", "DevicePolicy=closed", *(f"DeviceAllow={each}" for each in allowed)]

    def _network(self) -> list[str]:
        """Return who it may talk to: the service manager alone, or computers in the same room."""
        udev = " AF_NETLINK" if self.camera == "pi" else ""  # libcamera hears of devices over it
        if not self.is_on_network:
            return ["PrivateNetwork=yes", f"RestrictAddressFamilies=AF_UNIX{udev}", "IPAddressDeny=any"]
        return [
            f"RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6{udev}",
            "IPAddressDeny=any",
            "IPAddressAllow=localhost link-local 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7",
        ]


def _back_off(systemd_version: int) -> list[str]:
    if systemd_version < BACK_OFF_VERSION:
        return ["RestartSec=10"]
    return ["RestartSec=2", "RestartSteps=6", "RestartMaxDelaySec=60"]


def quoted(word: str) -> str:
    """Return a word as a unit file has it: its own signs ($ % and quotes) stay as they are."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    escaped = "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in escaped)
    return escaped if escaped and not set(escaped) & set(" ;'\"\\") else f'"{escaped}"'
