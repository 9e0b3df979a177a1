"""One HTTP GET, to the address that was vetted for the URL's host, through urllib3."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import SplitResult

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.exceptions import HTTPError

from hf_lambda.composition.addresses import DEFAULT_PORTS


@contextmanager
def http_get(
    url: SplitResult, address: str, headers: Mapping[str, str], *, seconds: float, ca_file: Path | None
) -> Iterator[BaseHTTPResponse]:
    """The response, its body unread, redirects not followed; the connection is closed with the block.

    Raises:
        OSError: the network, the server or its certificate failed, also while the block reads the body.
    """
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    try:
        with _open_pool(url, address, ca_file) as pool:
            response = pool.urlopen(
                "GET",
                target,
                headers={"Host": url.netloc, **headers},
                timeout=Timeout(total=seconds),
                redirect=False,
                retries=False,
                preload_content=False,
            )
            try:
                yield response
            finally:
                response.close()
    except HTTPError as error:
        raise OSError(str(error)) from error


def _open_pool(url: SplitResult, address: str, ca_file: Path | None) -> HTTPConnectionPool:
    """A connection to the very address that was vetted, under the name that was asked for."""
    port = url.port or DEFAULT_PORTS[url.scheme]
    if url.scheme == "http":
        return HTTPConnectionPool(address, port, maxsize=1)
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    return HTTPSConnectionPool(
        address,
        port,
        maxsize=1,
        ssl_context=context,
        server_hostname=url.hostname,
        assert_hostname=url.hostname,
    )
