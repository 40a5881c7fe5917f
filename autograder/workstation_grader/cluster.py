"""Spread work over many machines: a Dask scheduler that is already there, and its workers.

Bytes travel: what learners handed in is read here and sent, so that workers need no folder of ours, no gradebook and no
solutions, only this package in the same version. It travels as Dask's connection does, plain over ``tcp://`` and
encrypted over ``tls://``. A worker that dies costs nothing but time, because Dask gives its work to another.
"""

import contextlib
import itertools
import logging
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from importlib import import_module
from typing import Any

from workstation.errors import CohortError
from workstation_grader.grade import versions

__all__ = ["on_cluster"]

CONNECT_SECONDS = 15
WORKERS_SECONDS = 30
CHUNKS_AHEAD = 2  # for each thread of a worker

Tagged = tuple[dict[str, str], Any]


def tagged(work: Callable[[Any], Any], chunk: Any) -> Tagged:
    """Do *work* on a worker, and say which versions did it."""
    return versions(), work(chunk)


def on_cluster(address: str, work: Callable[[Any], Any], chunks: Iterable[Any]) -> Iterator[Any]:
    """Do *work* on each chunk on the cluster at *address*; give the results as they come, in any order.

    Args:
        address: the scheduler's, such as ``tcp://10.0.0.5:8786``.
        work: a function of this package, or a `functools.partial` of one.
        chunks: what it is called with; read as workers become free.

    Raises:
        CohortError: distributed is not installed, nobody answers at *address*, no worker is there, a worker has
            another version of this package or none, or the cluster was lost. What came before stays.
    """
    with _connected(address) as client, _told(address):
        ahead = CHUNKS_AHEAD * _threads(client, address)
        waiting = iter(chunks)
        running = _running(client, work, itertools.islice(waiting, ahead))
        for future in running:
            found, result = future.result()
            future.release()
            _require_same(found)
            for chunk in itertools.islice(waiting, 1):
                running.add(client.submit(tagged, work, chunk, pure=False))
            yield result


def _running(client: Any, work: Callable[[Any], Any], chunks: Iterable[Any]) -> Any:
    futures = [client.submit(tagged, work, chunk, pure=False) for chunk in chunks]
    return _dask().as_completed(futures, loop=client.loop)


def _dask() -> Any:
    """Import Dask's client, which is there only where somebody has a cluster."""
    try:
        return import_module("distributed")
    except ImportError:
        raise CohortError(
            "A cluster needs Dask. Install it with: pip install 'home-ai-workstation[cluster]', or leave --scheduler "
            "out and use this machine alone."
        ) from None


@contextlib.contextmanager
def _connected(address: str) -> Iterator[Any]:
    dask = _dask()
    with _quiet():
        try:
            client = dask.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:  # TimeoutError is an OSError
            raise CohortError(
                f"No Dask scheduler answers at {address!r} ({_first_line(error)}). Start one with `dask scheduler`, "
                "take the address that it prints, or leave --scheduler out and use this machine alone."
            ) from error
        try:
            yield client
        finally:
            client.close(timeout=CONNECT_SECONDS)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's own remarks off the terminal: what matters of them becomes our sentence."""
    log = logging.getLogger("distributed")
    before = log.level
    log.setLevel(logging.CRITICAL + 1)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sending large graph", category=UserWarning)
        warnings.filterwarnings("ignore", message="Mismatched versions", category=UserWarning)
        try:
            yield
        finally:
            log.setLevel(before)


def _threads(client: Any, address: str) -> int:
    """Count the workers' threads, waiting a little for the first worker."""
    try:
        client.wait_for_workers(1, timeout=WORKERS_SECONDS)
    except TimeoutError:
        raise CohortError(
            f"The Dask scheduler at {address!r} has no workers. Start some with `dask worker {address}`, each in an "
            "environment with this package, and run the same command again."
        ) from None
    threads: int = sum(client.nthreads().values())
    return max(1, threads)


@contextlib.contextmanager
def _told(address: str) -> Iterator[None]:
    dask = _dask()
    lost = (dask.comm.core.CommClosedError, CancelledError, TimeoutError)
    after = "What was recorded before stays; run the same command again to go on."
    try:
        yield
    except dask.KilledWorker as error:
        raise CohortError(
            f"The same submissions ended one worker of {address!r} after the other ({_first_line(error)}). {after} "
            "Give workers more memory, or leave --scheduler out."
        ) from error
    except lost as error:
        raise CohortError(f"The Dask scheduler at {address!r} was lost ({_first_line(error)}). {after}") from error
    except (ImportError, AttributeError, RuntimeError) as error:
        raise CohortError(
            f"A worker or the scheduler of {address!r} could not load this package ({_first_line(error)}). Install "
            f"home-ai-workstation {versions()['package']} in their environments. {after}"
        ) from error


def _require_same(found: dict[str, str]) -> None:
    if found != versions():
        raise CohortError(
            f"A Dask worker grades by other versions ({_listed(found)}) than this machine ({_listed(versions())}). "
            "Install the same package everywhere, and run the same command again."
        )


def _listed(found: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in found.items())


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
