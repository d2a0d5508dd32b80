import socket

from lab import ports


def test_a_port_on_which_nothing_listens_is_taken() -> None:
    wished = ports.free(0)
    assert wished > 0
    assert ports.free(wished) == wished


def test_beside_a_port_in_use_another_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        taken = busy.getsockname()[1]
        found = ports.free(taken)
        assert found != taken
        with socket.create_server(("127.0.0.1", found)) as server:
            assert server.getsockname()[1] == found
