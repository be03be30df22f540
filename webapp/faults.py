"""Named places where a test can make a process die, fail or dawdle; outside test mode they do nothing."""

import os
import signal
import time

VARIABLE = "SKYLT_FAULTS"


class InjectedFault(RuntimeError):
    """What a fault point raises when a test asked it to."""


def point(name: str) -> None:
    """Act as `SKYLT_FAULTS="name=kill9,other=raise,third=sleep:0.2"` says, in test mode alone."""
    plan = os.environ.get(VARIABLE)
    if not plan or os.environ.get("SKYLT_MODE") != "test":
        return
    action = dict(part.split("=", 1) for part in plan.split(",")).get(name)
    if action is None:
        return
    if action == "kill9":
        os.kill(os.getpid(), signal.SIGKILL)
    if action == "raise":
        raise InjectedFault(name)
    kind, _, seconds = action.partition(":")
    if kind != "sleep":
        raise ValueError(f"{VARIABLE}: {name} knows kill9, raise and sleep:<seconds>, not {action}")
    time.sleep(float(seconds))
