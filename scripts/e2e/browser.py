"""The browser of the tests: the machine's own, else one that can be had.

usage: python browser.py    finds one, or gets one; ends with 2 after one line when it cannot
"""

import os
import shutil
import subprocess
import sys

from playwright.sync_api import Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# What it shows of its own beneath the address line: two pages a window, two fifths of its work.
POPUPS = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup"]
# Of what Playwright disables, what a page may meet: of two such flags the browser reads the last.
AS_PLAYWRIGHT = [
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
]
FLAGS = [
    f"--disable-features={','.join([*POPUPS, *AS_PLAYWRIGHT])}",
    "--no-sandbox",  # tests may run as root, and read their own pages only
    "--no-proxy-server",  # all their pages are on this machine
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DEBIAN = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
NONE = "no browser: install Chromium (Debian: apt-get install chromium), or name one in CHROMIUM"


def find() -> str | None:
    """Return the path that CHROMIUM names, else that of the machine's browser, if any."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def starts(path: str | None) -> bool:
    """Return whether the browser can be started; without a path, Playwright's own."""
    with sync_playwright() as playwright:
        try:
            playwright.chromium.launch(executable_path=path, args=FLAGS).close()
        except Error:
            return False
    return True


def download() -> bool:
    """Fetch Playwright's own browser; return whether that was possible."""
    print("no browser on this machine; trying Playwright's own", file=sys.stderr)
    return run([sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"])


def install() -> bool:
    """Install Debian's package where this user may; return whether that was possible."""
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not all(map(shutil.which, ["apt-get", *as_root[:1]])):
        return False
    print("trying Debian's package", file=sys.stderr)
    return run([*as_root, "apt-get", "update", "-qq"]) and run([*as_root, *DEBIAN])


def run(command: list[str]) -> bool:
    """Run a command quietly; return whether it passed."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, check=False, capture_output=True)
    return not done.returncode


def main() -> int:
    """Return 0 once a browser starts, 2 after one line when there is none."""
    if path := find():
        found = starts(path)
    else:
        found = starts(None) or (download() and starts(None)) or (install() and starts(find()))
    if not found:
        print(f"{path} does not start" if path else NONE, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
