"""Which addresses are public, in every way in which one can be written."""

from ipaddress import IPv4Address

import pytest

from alcli.data.crawler.ssrf import is_private_name, is_public

PRIVATE = ["127.0.0.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254"]
PRIVATE += ["0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255"]
PUBLIC = ["8.8.8.8", "93.184.216.34"]
CARRIERS = ["::{}", "::ffff:{}", "::ffff:0:{}", "64:ff9b::{}", "2002:{hex}::1"]


def carried(carrier, address):
    number = int(IPv4Address(address))
    return carrier.format(address, hex=f"{number >> 16:x}:{number & 0xFFFF:x}")


@pytest.mark.parametrize("carrier", ["{}", *CARRIERS])
@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_private_however_it_is_carried(address, carrier):
    assert not is_public(carried(carrier, address))
    assert is_private_name(carried(carrier, address))


@pytest.mark.parametrize("carrier", ["{}", *CARRIERS])
@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public_however_it_is_carried(address, carrier):
    assert is_public(carried(carrier, address))


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
def test_addresses_of_this_machine_and_its_network(address):
    assert not is_public(address)


def test_an_address_of_the_internet_today():
    assert is_public("2606:2800:220:1:248:1893:25c8:1946")
