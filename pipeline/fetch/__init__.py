"""Request → Capture: fetching that is polite, incremental, and safe against every server.

`Fetcher.fetch` gets one page and answers with an Outcome, `discover.discover` finds a source's pages, `gate.gate` tells pages
from what only looks like one, `next_due` says when to look again. The clock, the resolver, the transport and the budget of hosts
are given from outside.
"""

from pipeline.fetch.budget import HostBudget, Leave, Limits, MemoryBudget, Wait
from pipeline.fetch.client import Fetcher, FetchSettings, Progress
from pipeline.fetch.clock import Clock, SystemClock
from pipeline.fetch.discover import Discovery, Found, Problem, Read
from pipeline.fetch.due import Visit, next_due
from pipeline.fetch.gate import QUARANTINED
from pipeline.fetch.headers import home
from pipeline.fetch.outcome import (
    Attempt,
    Deferred,
    Failed,
    Fetched,
    Gone,
    Hop,
    NotModified,
    Outcome,
    Reason,
    Request,
    Timings,
    Validators,
)
from pipeline.fetch.robots import MemoryRobots, RobotsCache, RobotsFile

__all__ = [
    "QUARANTINED",
    "Attempt",
    "Clock",
    "Deferred",
    "Discovery",
    "Failed",
    "FetchSettings",
    "Fetched",
    "Fetcher",
    "Found",
    "Gone",
    "Hop",
    "HostBudget",
    "Leave",
    "Limits",
    "MemoryBudget",
    "MemoryRobots",
    "NotModified",
    "Outcome",
    "Problem",
    "Progress",
    "Read",
    "Reason",
    "Request",
    "RobotsCache",
    "RobotsFile",
    "SystemClock",
    "Timings",
    "Validators",
    "Visit",
    "Wait",
    "home",
    "next_due",
]
