"""The background process: MiniStack with our guard before it, our operations at its edge and our workers beside it."""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import importlib.metadata
import logging
import os
import secrets
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from lab.local.context import Context, Credentials
from lab.local.paths import Paths, read, write_private

ACCOUNT: Final = "000000000000"
SERVICES: Final = (
    "s3,dynamodb,sts,iam,iot,iot-data,kinesis,firehose,glue,athena,scheduler,events,sns,sqs,logs,monitoring,"
    "cloudformation,ssm,kms,secretsmanager,ecr,tagging,budgets"
)
"""What is served. Anything else is refused by name rather than answered by an emulation that nobody checked."""

STOP_SECONDS: Final = 8.0
"""Time for each worker to flush; less than lab.local.server waits before it uses force."""


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Return the command line of the process; only lab.local.server writes it."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--mqtt-port", type=int, required=True)
    parser.add_argument("--mqtt-bind", required=True)
    parser.add_argument("--ready-fd", type=int, required=True)
    return parser.parse_args(argv)


def environment(options: argparse.Namespace, paths: Paths) -> dict[str, str]:
    """Return MiniStack's settings; it reads them when it is imported."""
    return {
        "GATEWAY_PORT": str(options.http_port),
        "BIND_HOST": "127.0.0.1",
        "AUTH": "true",
        "PERSIST_STATE": "1",
        "S3_PERSIST": "1",
        "STATE_DIR": str(paths.state),
        "S3_DATA_DIR": str(paths.objects),
        "TMPDIR": str(paths.scratch),
        "IOT_MTLS_ENABLED": "1",
        "IOT_MTLS_PORT": str(options.mqtt_port),
        "IOT_MTLS_BIND": options.mqtt_bind,
        "MINISTACK_REGION": options.region,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "SERVICES": SERVICES,
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{paths.scratch / 'no-docker.sock'}",
        "LOG_LEVEL": "WARNING",
        # What MiniStack would take for root. It is random, never handed out, and the guard refuses it.
        "AWS_ACCESS_KEY_ID": "ROOT" + secrets.token_hex(8).upper(),
        "AWS_SECRET_ACCESS_KEY": secrets.token_urlsafe(30),
        "AWS_REGION": options.region,
        "AWS_DEFAULT_REGION": options.region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


class EmbeddedAws:
    """One embedded AWS in this process.

    Parameters: options, the command line; paths, its files.
    """

    def __init__(self, options: argparse.Namespace, paths: Paths) -> None:
        self._options = options
        self._paths = paths
        self._stop = asyncio.Event()
        self._workers: list[Any] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def serve(self) -> None:
        """Serve until a signal asks to stop; then snapshot and end."""
        from hypercorn.asyncio import serve
        from hypercorn.config import Config
        from ministack import app as ministack_app

        from lab.local import edges, hooks
        from lab.local.guard import guard
        from lab.local.persistence import Snapshots

        version = importlib.metadata.version("ministack")
        hooks.install((*hooks.RELIED_ON, *edges.hooks(self._paths.decisions, ACCOUNT, self._options.region)), version)
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stop.set)
        config = Config()
        config.bind = [f"127.0.0.1:{self._options.http_port}"]
        config.keep_alive_timeout = 75
        config.loglevel = "WARNING"
        config.errorlog = "-"
        self._snapshots = Snapshots()
        guarded = guard(ministack_app.app, os.environ["AWS_ACCESS_KEY_ID"])
        opened = loop.create_task(self._open(version))
        server = loop.create_task(serve(guarded, config, shutdown_trigger=self._asked_to_stop))  # type: ignore[arg-type]
        done, _ = await asyncio.wait({opened, server}, return_when=asyncio.FIRST_COMPLETED)
        if opened in done and opened.exception() is not None:
            self._stop.set()
            await server
            raise SystemExit(f"The embedded AWS could not open: {opened.exception()}")
        await server
        opened.cancel()
        for task in self._tasks:
            task.cancel()

    async def _asked_to_stop(self) -> None:
        """Return when the ports may close: asked to stop, and the workers have flushed over the endpoint."""
        await self._stop.wait()
        await asyncio.gather(*(asyncio.to_thread(worker.stop, STOP_SECONDS) for worker in self._workers))
        self._snapshots.close()

    async def _open(self, version: str) -> None:
        """Wait for both listeners, make the users, start the workers, then say that all is ready."""
        from ministack import app as ministack_app
        from ministack.services import iot

        from lab.local import edges, principals
        from lab.local.clients import Clients

        await _listening("127.0.0.1", self._options.http_port)
        while ministack_app._iot_mtls_task is None:
            await asyncio.sleep(0.01)
        await ministack_app._iot_mtls_task
        if not iot.mtls_is_listening():
            raise RuntimeError(f"MQTT does not listen on {self._options.mqtt_bind}:{self._options.mqtt_port}")
        region = self._options.region
        person = await principals.user_credentials(principals.PERSON, self._known(), ACCOUNT, region)
        own = await principals.user_credentials(principals.SERVICE, None, ACCOUNT, region)
        write_private(
            self._paths.credentials,
            {"access_key_id": person.access_key_id, "secret_access_key": person.secret_access_key},
        )
        endpoint = f"http://127.0.0.1:{self._options.http_port}"
        clients = Clients(endpoint, region, own, principals.assume_role, time.time)
        context = Context(
            endpoint=endpoint,
            region=region,
            account=ACCOUNT,
            state=self._paths.workers,
            objects=self._paths.objects,
            service_client=clients.service,
            assume=principals.assume_role,
            role_client=clients.role,
            now=time.time,
        )
        self._workers = edges.install(context, self._snapshots.touch)
        self._paths.ca.write_text(edges.authority())
        await self._snapshots.write()
        self._tasks = [asyncio.get_running_loop().create_task(self._snapshots.run())]
        for worker in self._workers:
            worker.start()
        write_private(
            self._paths.run,
            {
                "pid": os.getpid(),
                "endpoint": endpoint,
                "region": region,
                "account": ACCOUNT,
                "mqtt_host": "127.0.0.1",
                "mqtt_port": self._options.mqtt_port,
                "mqtt_bind": self._options.mqtt_bind,
                "ca_file": str(self._paths.ca),
                "version": version,
                "started": time.time(),
            },
        )
        os.write(self._options.ready_fd, b"ready")
        os.close(self._options.ready_fd)

    def _known(self) -> Credentials | None:
        """Return the key that the person was given earlier."""
        document = read(self._paths.credentials)
        return Credentials(document["access_key_id"], document["secret_access_key"]) if document else None


async def _listening(host: str, port: int) -> None:
    """Return when a port answers."""
    while True:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.01)
            continue
        writer.close()
        await writer.wait_closed()
        return


def main() -> None:
    """Run one embedded AWS until it is asked to stop."""
    options = arguments(sys.argv[1:])
    paths = Paths(options.root)
    paths.create()
    os.umask(0o077)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    with paths.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.environ.update(environment(options, paths))
        asyncio.run(EmbeddedAws(options, paths).serve())


if __name__ == "__main__":
    main()
