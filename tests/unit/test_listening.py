"""The script that listens: in the shells and languages that nodes have, and what it hides."""

import shutil
import subprocess
from ipaddress import IPv4Address

import pytest

from vip_tui.nodes import listening
from vip_tui.nodes.listening import LISTEN, LISTEN_AS_USER
from vip_tui.preflight.hearing import parse_heard

SHELLS = [["sh"], *([["busybox", "sh"]] if shutil.which("busybox") else [])]
LOCAL = IPv4Address("127.0.0.1")


def function(name: str) -> str:
    """One line of the script that defines a function."""
    (line,) = [line for line in LISTEN.script.splitlines() if line.startswith(f"{name}() ")]
    return line


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_a_password_that_tcpdump_shows_is_not_printed(shell: list[str]) -> None:
    shown = (
        "    198.18.0.77 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 100, authtype simple, "
        'intvl 1s, length 20, addrs: 198.18.0.200 auth "hush \\ "4" you"'
    )
    done = subprocess.run(
        [*shell, "-c", f"{function('said')}\nsaid tcpdump"],
        input=f"{shown}\nits next line\n",
        capture_output=True,
        text=True,
        check=True,
    )
    first, second = done.stdout.splitlines()
    assert first == f"tcpdump {shown.partition(' auth ')[0]}"
    assert second == "tcpdump its next line"


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_every_shell_understands_the_script(shell: list[str]) -> None:
    subprocess.run([*shell, "-n", "-c", LISTEN.script], check=True)
    assert LISTEN_AS_USER.script == LISTEN.script


def test_the_program_is_one_in_python_and_in_perl() -> None:
    """Both stand in single quotes in the script, and say the same words."""
    python, perl = listening._PYTHON, listening._PERL
    assert "'" not in python + perl
    compile(python, "listen", "exec")
    for word in ("listening", "sent", "through", "advert", "denied"):
        assert f'"{word}"' in python
        assert f'"{word}"' in perl or f'"{word} ' in perl


@pytest.mark.skipif(shutil.which("perl") is None, reason="there is no perl")
def test_perl_understands_its_program() -> None:
    done = subprocess.run(
        ["perl", "-c", "-e", listening._PERL], capture_output=True, text=True, check=False
    )
    assert "syntax OK" in done.stderr


@pytest.mark.skipif(shutil.which("ip") is None, reason="ip(8) is missing")
@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_the_script_runs_for_real_whatever_this_machine_has(shell: list[str]) -> None:
    words = ["0.2", "lo", "127.0.0.1", "127.0.0.1 192.0.2.77", "127.0.0.2"]
    done = subprocess.run(
        [*shell, "-c", LISTEN.script, "vip-tui:listen", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    told = parse_heard(done.stdout, "lo", LOCAL)
    (route,) = told.routes
    assert (str(route.peer), route.interface) == ("127.0.0.2", "lo")
    answers = {str(answer.vip): answer for answer in told.answers}
    assert answers["127.0.0.1"].own and not answers["192.0.2.77"].own
    assert (told.adverts is None) == bool(told.deaf)
    assert (told.through is None) == bool(told.mute)
    assert [one.peer for one in told.distances] == [IPv4Address("127.0.0.2")]
