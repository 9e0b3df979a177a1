import pytest

from hf_lambda.composition.addresses import AddressRefusedError, look_up, vetted_addresses


def vet(*addresses: str, allow_private: bool = False) -> list[str]:
    """Vet a host that has these addresses."""
    return vetted_addresses("host", 80, allow_private=allow_private, lookup=lambda *_: list(addresses))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"])
def test_public_address_is_fine(address: str) -> None:
    """Hosts of the internet may be asked."""
    assert vet(address) == [address]


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0", "255.255.255.255"),
        *("169.254.169.254", "224.0.0.1", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "::"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1", "2002:7f00:1::", "nonsense"),
    ],
)
def test_address_that_is_not_public_is_refused(address: str) -> None:
    """Private, loopback, link-local and reserved addresses are refused, however they are written."""
    with pytest.raises(AddressRefusedError, match="not a public address"):
        vet(address)


def test_one_private_address_among_public_ones_is_refused() -> None:
    """Which address a connection would take is not left to chance."""
    with pytest.raises(AddressRefusedError):
        vet("93.184.216.34", "127.0.0.1")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "::1"])
def test_private_addresses_can_be_allowed(address: str) -> None:
    """Who hosts files in a network of their own can say so."""
    assert vet(address, allow_private=True) == [address]


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "::ffff:169.254.170.2"])
def test_link_local_addresses_are_never_allowed(address: str) -> None:
    """The addresses where clouds keep their credentials stay out of reach."""
    with pytest.raises(AddressRefusedError):
        vet(address, allow_private=True)


def test_host_without_an_address_is_an_error() -> None:
    """A name that leads nowhere is trouble of the network."""
    with pytest.raises(OSError, match="no address"):
        vet()


def test_names_are_looked_up_by_the_system() -> None:
    """A real look-up gives addresses, those of version 4 first."""
    assert look_up("127.0.0.1", 80) == ["127.0.0.1"]
    assert look_up("localhost", 80)[0] == "127.0.0.1"
