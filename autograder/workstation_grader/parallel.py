"""Spread independent work over this machine's cores, with no more of it in memory than the writer can soon take."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from workstation.errors import CohortError
from workstation_grader.worker import stay_with_parent

__all__ = ["MOST_BY_DEFAULT", "chunks_of", "on_cores"]

MOST_BY_DEFAULT = 4  # a worker takes 80 MB: with these few, a whole run stays under 500 MB on any machine
CHUNKS_AHEAD = 8  # for each worker; what is finished waits for the writer, who may wait for a lock


def chunks_of(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Cut *items* into lists of *size*, read as they are asked for.

    >>> list(chunks_of("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    iterator = iter(items)
    while chunk := list(itertools.islice(iterator, size)):
        yield chunk


def on_cores(work: Callable[[Any], Any], chunks: Iterable[Any], *, jobs: int) -> Iterator[Any]:
    """Do *work* on each chunk in processes of their own; give the results as they come, in any order.

    Args:
        work: a function that a worker process can import, or a `functools.partial` of one.
        chunks: what it is called with.
        jobs: worker processes; -1 is one a core, four at most.

    Raises:
        CohortError: joblib is not installed.
    """
    try:
        from joblib import Parallel, cpu_count, delayed
    except ImportError:
        raise CohortError(
            "Working in parallel needs joblib. Install it with: pip install 'home-ai-workstation[instructor]', "
            "or run the command with --jobs 1."
        ) from None
    count = min(cpu_count(), MOST_BY_DEFAULT) if jobs < 0 else max(1, jobs)
    with Parallel(n_jobs=count, return_as="generator_unordered", initializer=stay_with_parent) as runner:
        for wave in chunks_of(chunks, CHUNKS_AHEAD * count):
            yield from runner(delayed(work)(chunk) for chunk in wave)
