"""An interrupt waits for the block that must be whole, and for nothing else."""

import signal

import pytest

from tidegate.cli.interrupt import Interrupts

BOTH = [signal.SIGINT, signal.SIGTERM]


@pytest.mark.parametrize("number", BOTH)
def test_an_interrupt_outside_a_block_is_raised_at_once(number: signal.Signals) -> None:
    with Interrupts(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)


@pytest.mark.parametrize("number", BOTH)
def test_an_interrupt_inside_a_block_is_raised_behind_it(number: signal.Signals) -> None:
    done = []
    with Interrupts() as interrupts, pytest.raises(KeyboardInterrupt):
        with interrupts.whole():
            signal.raise_signal(number)
            done.append("block")
        done.append("after")
    assert done == ["block"]


def test_a_second_interrupt_inside_a_block_is_raised_at_once() -> None:
    done = []
    with Interrupts() as interrupts, pytest.raises(KeyboardInterrupt), interrupts.whole():
        signal.raise_signal(signal.SIGINT)
        done.append("first")
        signal.raise_signal(signal.SIGINT)
        done.append("second")
    assert done == ["first"]


def test_an_error_of_the_block_is_not_hidden() -> None:
    with Interrupts() as interrupts, pytest.raises(ZeroDivisionError), interrupts.whole():
        raise ZeroDivisionError


@pytest.mark.parametrize("number", BOTH)
def test_the_old_handler_comes_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Interrupts():
        assert signal.getsignal(number) != before
    assert signal.getsignal(number) == before
