"""Where the server listens."""

import pytest

from alcli.annotation.web.server import listen
from alcli.core.errors import SurroundingsError


@pytest.mark.parametrize("host", ["a..b", "x" * 70, "256.0.0.1"])
def test_what_can_be_no_host_is_said(host):
    with pytest.raises(SurroundingsError, match=f"cannot listen at {host}, port 0: .*"):
        listen(host, 0)
