"""Write the generated contracts: ``python tests/contract/generate.py``.

JSON Schemas of the events and an AsyncAPI 3.0 page, under docs/events. They are
committed; the diff is the review, and test_event_schemas.py fails on a stale one.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "libs")]

from ecopy import topology  # noqa: E402
from ecopy.events import EVENTS, Event  # noqa: E402

FOLDER = ROOT / "docs" / "events"


def schema(event: type[Event]) -> dict:
    """The envelope with this event's own data."""
    found = event.envelope.model_json_schema(mode="serialization")
    data = event.model_json_schema(mode="serialization")
    found["$defs"] = data.pop("$defs", {})
    found["properties"]["data"] = data
    found["properties"]["type"]["const"] = event.subject
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def asyncapi() -> dict:
    """Who publishes what and who hears it, for people and programs."""
    channels, operations = {}, {}
    for event in EVENTS:
        name = event.__name__
        channels[name] = {
            "address": event.subject,
            "messages": {
                name: {
                    "summary": (event.__doc__ or "").strip().split("\n")[0],
                    "contentType": "application/cloudevents+json",
                    "payload": {
                        "schemaFormat": "application/schema+json;version=draft-2020-12",
                        "schema": {"$ref": f"./{event.subject}.json"},
                    },
                }
            },
        }
        channel = {"$ref": f"#/channels/{name}"}
        for service in sorted(topology.PUBLISHERS[event.subject]):
            operations[f"{service}-publishes-{name}"] = {
                "action": "send",
                "channel": channel,
            }
    for consumer in topology.CONSUMERS:
        operations[consumer.durable] = {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{consumer.event.__name__}"},
        }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "ecopy events",
            "version": "1",
            "description": f"JetStream stream {topology.STREAM}. "
            "Each event is signed by its publisher: header Ecopy-Signature.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
    }


def contracts() -> dict[str, str]:
    """File name → text, as it must stand in docs/events."""
    made = {f"{event.subject}.json": schema(event) for event in EVENTS}
    made["asyncapi.json"] = asyncapi()
    return {
        name: json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        for name, content in made.items()
    }


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in contracts().items():
        (FOLDER / name).write_text(text)
