"""The interface for programs keeps what its OpenAPI document promises, whatever is
sent: schemathesis makes the requests, with a program's token and one fixed seed.

It talks to the real application over a real port. The document is the committed one,
narrowed to cases and papers that are there, because else nearly every request would end
at the door with 404.
"""

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from chassis import http
from contract.openapi import FILE
from intake.app.allowance import Allowance
from intake.app.application import create_app
from intake.domain.programs import Scope
from support.papers import Papers, open_papers
from support.servers import free_port, listening, wait_for

SEED = "20261129"
EXAMPLES = "12"
"""Of each operation in the phase that draws at random; the phase before it tries each
boundary of each field."""
SECONDS = 600
LEFT_OUT = "positive_data_acceptance"
"""Whether text that fits the schema names a paper that exists, no schema can say."""
REFUSED = [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429]
"""What counts as a refusal of what the document forbids: also what is stale (412) and
what is too large (413)."""
BROUGHT = (
    *(Papers.received, Papers.scanned, Papers.compared, Papers.awaiting),
    *(Papers.supplement, Papers.returned, Papers.registered, Papers.issued),
)


async def test_no_answer_is_a_fault_of_ours_or_undocumented(tmp_path):
    """Statuses, media types, headers and bodies are those of the document; nothing is
    answered without the token; no answer is 5xx but a 503 that says when to come again.
    """
    async with AsyncExitStack() as stack:
        papers = await stack.enter_async_context(open_papers(tmp_path))
        documents = [await bring(papers) for bring in BROUGHT]
        token = await issued(papers)
        narrowed = tmp_path / "openapi.json"
        narrowed.write_text(json.dumps(await narrowed_to(papers, documents)), "utf-8")
        port = free_port()
        stop = asyncio.Event()
        served = asyncio.create_task(serving(papers, port, stop))
        try:
            await asyncio.to_thread(wait_for, partial(listening, port), "the desk")
            status, said = await schemathesis(narrowed, port, token, tmp_path)
        finally:
            stop.set()
            await served
    (Path("build") / "api-schema.txt").parent.mkdir(exist_ok=True)
    (Path("build") / "api-schema.txt").write_text(said, "utf-8")
    assert status == 0, said[-12_000:]


async def issued(papers):
    """A token with every scope."""
    day = papers.opened.clock().date() + timedelta(days=30)
    form = papers.desk.programs.admitting.form("Kiểm thử", list(Scope), day)
    return (await papers.desk.programs.admitting.issue(form, papers.people["long"]))[1]


async def serving(papers, port, stop):
    """The application as the service serves it, but for how often a program may ask."""
    endless = Allowance(papers.opened.clock, requests=10**9, strangers=10**9)
    programs = replace(papers.desk.programs, allowance=endless)
    app = create_app(replace(papers.desk, programs=programs))
    await http.serve(app, "127.0.0.1", port, stop)


async def narrowed_to(papers, documents):
    """The document with names that are there, in place of any text."""
    known = [await papers.known(document) for document in documents]
    views = [await papers.desk.pages.case(d.case, papers.people["ha"]) for d in known]
    zeros = 16 * "0"
    tags = [f'"{v.version}.{v.documents[0].version}-{zeros}"' for v in views]
    names = {
        "code": [d.case for d in known],
        "document": documents,
        "page": sorted({page for d in known for page in d.page_digests}),
        "file": [file.id for d in known for file in d.files],
        "If-Match": [*tags, *(f'"{d.version}-{zeros}"' for d in known)],
    }
    made = json.loads(FILE.read_text("utf-8"))
    made["paths"] = {p: each for p, each in made["paths"].items() if p[:4] == "/v1/"}
    for path in made["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] in names:
                    parameter["schema"]["enum"] = sorted(set(names[parameter["name"]]))
    return made


async def schemathesis(document, port, token, folder):
    """The exit status, and everything that was said."""
    rules = folder / "rules.toml"
    rules.write_text(
        f"[checks]\nnegative_data_rejection.expected-statuses = {REFUSED}\n"
    )
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(rules)),
        *("run", str(document)),
        *("--url", f"http://127.0.0.1:{port}", "-H", f"Authorization: Bearer {token}"),
        *("--phases", "examples,coverage,fuzzing", "--seed", SEED, "-n", EXAMPLES),
        *("--checks", "all", "--exclude-checks", LEFT_OUT, "--no-shrink"),
        *("--continue-on-failure", "--suppress-health-check", "all"),
        *("--warnings", "off", "--request-timeout", "20", "--no-color"),
    ]
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return process.returncode, said.decode("utf-8", "replace")
