"""Two ways to ask for many digests in this process: bump's own, and the least that it costs in Python.

`python -m bench.asking bump|bare HOST CONCURRENCY CA DIGEST` reads names from stdin, one a line, and prints the wall
and the processor's seconds of the work as JSON, without starting Python and without the imports.
"""

import asyncio
import json
import sys
from pathlib import Path
from time import perf_counter, process_time

import httpx

from bench.question import Question
from bot.image import MEDIA_TYPES


async def bare(question: Question) -> int:
    """Ask the same by httpx alone: no second attempt, no deadline, no limit, no checks of what came."""
    limiter = asyncio.Semaphore(question.concurrency)
    context = httpx.create_ssl_context()  # what the client would load itself, and the one more authority
    context.load_verify_locations(question.authority)
    headers = {"Accept": ", ".join(MEDIA_TYPES)}

    async with httpx.AsyncClient(http2=True, verify=context) as client:

        async def one(name: str) -> bool:
            async with limiter:
                answer = await client.head(f"https://{question.host}/v2/{name}/manifests/main", headers=headers)
            return answer.headers["docker-content-digest"] == question.digest

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(name)) for name in question.names]
    return sum(task.result() for task in tasks)


def main() -> int:
    """Ask, and say what it took."""
    how, host, concurrency, authority, digest = sys.argv[1:]
    names = sys.stdin.read().split()
    question = Question(host=host, names=names, digest=digest, authority=Path(authority), concurrency=int(concurrency))
    ask = bare
    if how == "bump":
        from bench.ours import bump as ask  # noqa: PLC0415 - the bare loop must not hold what it does not need
    wall, cpu = perf_counter(), process_time()
    unchanged = asyncio.run(ask(question))
    json.dump({"wall": perf_counter() - wall, "cpu": process_time() - cpu}, sys.stdout)
    return 0 if unchanged == len(names) else 1


if __name__ == "__main__":
    sys.exit(main())
