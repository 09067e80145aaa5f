"""Classification of addresses as public or private, in every notation."""

from ipaddress import IPv4Address

import pytest

from alcli.data.crawler.ssrf import is_private_name, is_public

PRIVATE = ["127.0.0.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254"]
PRIVATE += ["0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255"]
PUBLIC = ["8.8.8.8", "93.184.216.34"]
EMBEDDINGS = ["::{}", "::ffff:{}", "::ffff:0:{}", "64:ff9b::{}", "2002:{hex}::1"]


def embedded(embedding, address):
    number = int(IPv4Address(address))
    return embedding.format(address, hex=f"{number >> 16:x}:{number & 0xFFFF:x}")


@pytest.mark.parametrize("embedding", ["{}", *EMBEDDINGS])
@pytest.mark.parametrize("address", PRIVATE)
def test_private_ipv4_is_private_in_every_ipv6_embedding(address, embedding):
    assert not is_public(embedded(embedding, address))
    assert is_private_name(embedded(embedding, address))


@pytest.mark.parametrize("embedding", ["{}", *EMBEDDINGS])
@pytest.mark.parametrize("address", PUBLIC)
def test_public_ipv4_is_public_in_every_ipv6_embedding(address, embedding):
    assert is_public(embedded(embedding, address))


@pytest.mark.parametrize(
    "address",
    [
        "::",
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "64:ff9b:1::808:808",
    ],
)
def test_local_ipv6_is_private(address):
    assert not is_public(address)


def test_global_ipv6_is_public():
    assert is_public("2606:2800:220:1:248:1893:25c8:1946")
