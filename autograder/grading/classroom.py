"""A class, judged in parallel by ``dask.distributed``: a cluster on this machine, or another's.

Workers only judge. Results come back in the order in which they are ready; who asked for them
writes the gradebook. A worker that dies takes nothing with it: the scheduler gives its
submission to another.
"""

import contextlib
import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from autograder.errors import GradusError
from autograder.grading.ledger import Result
from autograder.grading.worker import JUDGES, ZYGOTE, Handed, cores, judge_submission
from autograder.sandbox.warm import Zygote

if TYPE_CHECKING:
    from distributed import Client

GPU = "GPU"
"""The resource tag of workers with a GPU, as in ``dask worker --resources GPU=1``."""

PATIENCE = "20s"
"""How long a scheduler may take to answer."""


def judge_class(
    handed: Sequence[Handed],
    zygote: Zygote,
    workers: int | None = None,
    scheduler: str | None = None,
) -> Iterator[tuple[Handed, Result]]:
    """Yield each submission with its result, as they become ready.

    Args:
        handed: The submissions.
        zygote: The one whose address the workers of this machine get.
        workers: Submissions judged at a time on this machine; by default one per core.
        scheduler: The address of a running scheduler in place of them, ``tcp://host:8786``.
            If some of its workers carry the tag ``GPU``, all submissions go to those, one to a
            GPU, so that all are judged on the same devices.

    Raises:
        GradusError: If no scheduler answers at that address.
    """
    if not handed:
        return
    with _client(min(workers or cores(), len(handed)), scheduler, zygote) as client:
        from distributed import as_completed  # half a second: not for a class that is done

        tags = [
            about.get("resources", {}) for about in client.scheduler_info(-1)["workers"].values()
        ]
        needs = {GPU: 1} if any(GPU in tag for tag in tags) else None
        futures = {
            client.submit(
                judge_submission, one, key=f"{one.student}-{one.key}", pure=False, resources=needs
            ): one
            for one in handed
        }
        for future in as_completed(futures):
            one = futures.pop(future)
            error = future.exception()
            if error is None:
                yield one, future.result()
            else:  # the worker died of it several times, or the grader has a fault
                problem = f"the grader failed: {type(error).__name__}: {error}"
                yield one, Result(one.key, one.keys, {}, {}, problem)
            future.release()


@contextlib.contextmanager
def _client(workers: int, scheduler: str | None, zygote: Zygote) -> Iterator["Client"]:
    with contextlib.ExitStack() as stack:
        import dask
        from distributed import Client, LocalCluster

        settings = {
            "distributed.comm.timeouts.connect": PATIENCE,
            "distributed.admin.large-graph-warning-threshold": "1 GiB",  # a notebook may be large
            "distributed.worker.memory.terminate": False,  # the sandboxes have limits of their own
            # Nobody looks at the dashboard, for which a worker is watched a hundred times a second.
            "distributed.worker.profile.enabled": False,
            "distributed.admin.system-monitor.interval": "10s",
        }
        stack.enter_context(dask.config.set(settings))
        where: Any = scheduler
        if scheduler is None:
            where = stack.enter_context(
                LocalCluster(
                    env={ZYGOTE: zygote.address, JUDGES: str(workers)},
                    n_workers=1,  # its threads share a zygote; judges and sandboxes are processes
                    threads_per_worker=workers + 1,  # one makes the next sandbox
                    dashboard_address=":0",
                    silence_logs=logging.CRITICAL,
                )
            )
        try:
            client = Client(where, timeout=PATIENCE)
        except (OSError, ValueError) as error:
            raise GradusError(f"no dask scheduler answers at {scheduler}: {error}") from error
        yield stack.enter_context(client)
