import pytest

from tidegate.signals.unicode_scripts import script_of, script_of_char


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Où est la forêt ?", "Latn"),
        ("今天我们去海边", "Hani"),
        ("明日は海に行く", "Jpan"),
        ("カメラ", "Jpan"),
        ("Привет", "Cyrl"),
        ("안녕", "Hang"),
        ("مرحبا", "Arab"),
        ("12:30 !", "Zyyy"),
        ("", "Zyyy"),
        ("Tokyo 2024 東", "Latn"),
    ],
)
def test_the_script_is_that_of_most_letters(text: str, script: str) -> None:
    assert script_of(text) == script


@pytest.mark.parametrize(("char", "script"), [("a", "Latn"), ("ж", "Cyrl"), ("7", ""), ("-", ""), ("ᚠ", "")])
def test_a_letter_has_a_script_and_a_sign_has_none(char: str, script: str) -> None:
    assert script_of_char(char) == script
