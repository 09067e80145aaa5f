"""Listening sockets."""

import pytest

from alcli.annotation.web.server import listen
from alcli.core.errors import SurroundingsError


@pytest.mark.parametrize("host", ["a..b", "x" * 70, "256.0.0.1"])
def test_an_invalid_host_is_an_error(host):
    with pytest.raises(SurroundingsError, match=f"cannot listen at {host}, port 0: .*"):
        listen(host, 0)
