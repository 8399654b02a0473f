"""Who is told when a run fails or gives what its source does not usually give: the log, and a webhook where one is set."""

import json
import logging
import urllib.error
import urllib.request
from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State

from flows.settings import load_settings
from flows.unusual import HISTORY, unusual
from pipeline.store import Store

TIMEOUT = 10.0  # seconds for the webhook
logger = logging.getLogger("unscrape.alerts")


def failed(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Hook: a run failed or crashed."""
    tell(
        {
            "event": "run-failed",
            "text": f"{flow.name} run {flow_run.name}: {state.name}: {state.message or 'no message'}",
            "flow": flow.name,
            "run": str(flow_run.id),
            "sources": flow_run.parameters.get("sources", []),
            "state": state.name,
            "message": state.message,
        }
    )


def finished(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Hook: a run ended; tells what is unusual in it."""
    settings = load_settings()
    store = Store.open(settings.root, settings.ledger)
    try:
        flags = [
            flag
            for source in flow_run.parameters.get("sources", [])
            for flag in unusual(store.runs(source, limit=2 * HISTORY))
        ]
    finally:
        store.close()
    for flag in flags:
        tell(
            {
                "event": "unusual",
                "text": str(flag),
                "run": str(flow_run.id),
                "sources": [flag.source],
                "measure": flag.measure,
                "value": flag.value,
                "usual": flag.usual,
            }
        )


def tell(message: dict[str, Any]) -> bool:
    """Log `message` and post it to the webhook, if one is set; False where that could not be told. `text` is what people read."""
    logger.warning("%s", message["text"])
    webhook = load_settings().webhook
    if webhook is None:
        return True
    request = urllib.request.Request(
        webhook, data=json.dumps(message).encode(), headers={"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT):
            return True
    except (urllib.error.URLError, TimeoutError, ValueError) as error:
        logger.error("the webhook could not be told: %s", error)
        return False
