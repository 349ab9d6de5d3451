# SPDX-License-Identifier: Apache-2.0
"""An environment in which nothing shows of the user who runs the tests: no configuration, no tracker, no
session, no ledger."""

import os
import pathlib

KEPT = ("PATH", "TMPDIR", "LLVM_PROFILE_FILE")
KEPT_STARTS = ("LD_",)
KEPT_ENDS = ("SAN_OPTIONS",)


def environment(home):
    """What a program gets whose home is `home`, a directory of the test's own."""
    kept = {name: value for name, value in os.environ.items()
            if name in KEPT or name.startswith(KEPT_STARTS) or name.endswith(KEPT_ENDS)}
    return {"PATH": "/usr/bin:/bin", **kept, "HOME": str(home), "TZ": "UTC", "LC_ALL": "C.UTF-8",
            "TERM": "dumb", "XDG_CONFIG_HOME": f"{home}/.config", "XDG_DATA_HOME": f"{home}/.local/share",
            "XDG_STATE_HOME": f"{home}/.local/state", "XDG_CACHE_HOME": f"{home}/.cache"}


def ledger_above(directory):
    """The ledger that a program started in `directory` would find by climbing, or None."""
    for parent in pathlib.Path(directory).resolve().parents:
        if (parent / ".daybook").exists():
            return parent / ".daybook"
    return None
