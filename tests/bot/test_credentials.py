"""What looks like a key or password, and what only speaks of one."""

from __future__ import annotations

import time

import pytest

from bot.credentials import holds_secret, masked

# Put together here, so that no scanner of repositories takes them for real ones.
SECRETS = [
    "sk-" + "proj-abc_DEF-1234567890",
    "sk-" + "ant-api03-abcdefghijklmnop",
    "sk_" + "live_4eC39HqLyjWDarjtT1zdp7dc",
    "ghp" + "_abcdefghijklmnopqrst123456",
    "github_pat" + "_11ABCDEFG0abcdefghijkl_mnop",
    "ghs" + "_16C7e42F292c6912E7710c838347Ae178B4a",
    "glpat" + "-x1y2z3AbCdEfGhIjKlMn",
    "xoxb" + "-123456789012-abcdef",
    "xapp" + "-1-A0123456789-0123456789-abcdef",
    "AKIA" + "ABCDEFGHIJKLMNOP",
    "ASIA" + "ABCDEFGHIJKLMNOP",
    "AIza" + "SyA1234567890abcdefghijklmnopqrstuv",
    "ya29" + ".a0AfH6SMBx1234567890abcdef",
    "GOCSPX" + "-1234567890abcdefGHIJKL",
    "hf" + "_abcdefghijklmnopqrst",
    "npm" + "_1234567890abcdefghijABCDEFGHIJ123456",
    "SG" + ".ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf09kqeF8tAmbihYzrnopKc1s5cr",
    "110201543" + ":AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw8",
    "MTIzNDU2Nzg5MDEyMzQ1Njc4" + ".GabcdE.abcdefghijklmnopqrstuvwxyz012345",
    "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "https://discord.com/api/" + "webhooks/123456789012345678/abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789",
    "https://hooks.slack.com/" + "services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    "Bearer " + "abcdefghijklmnop.qrst",
    "-----BEGIN " + "PRIVATE KEY-----",
    "-----BEGIN OPENSSH " + "PRIVATE KEY-----",
    "-----BEGIN PGP " + "PRIVATE KEY BLOCK-----",
    "password: hunter2",
    "| site | password | Tr0ub4dor |",
    "Password;Tr0ub4dor",
    "<password>Tr0ub4dor</password>",
    "wifi password – Tr0ub4dor3",
    "pw: abc123",
    "Password = 'Tr0ub4dor&3'",
    "passwort: Sommer2024!",
    "Das Passwort ist Katze123",
    "Kennwort: geheim#77",
    "mot de passe : Soleil42",
    "mdp: azerty12",
    "contraseña: Verano99",
    "contrase\u006e\u0303a: Verano99",
    "la contraseña es Gato2020",
    "senha: Praia123",
    "a senha é Praia123",
    "pwd=CorrectHorseBattery",
    "API key: 9f8e7d6c5b4a39281706",
    "client_secret=aB3dE5fG7hJ9",
    "password: 12345678",
    "aws_" + "secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "postgres://quill:s3cr3t@db.example/quill",
    "mongodb+srv://ada:abc123@cluster0.example.net",
    "redis://:p4ssw0rd@cache:6379",
    "https://ada:geheim@intranet.example",
]
HARMLESS = [
    "| password | required |",
    "password; then your name",
    "Settings > Password > Security",
    "Password – what makes a good one?",
    "PW: Polizeiwache",
    "password: choose a strong one",
    "Passwort: mindestens 12 Zeichen",
    "password: at least 12 characters",
    "password: 12-character minimum",
    "Your password is required",
    "my password manager",
    "password: (required)",
    "The password is case-sensitive",
    "Forgot your password? Reset it.",
    "mot de passe : obligatoire",
    "contraseña: elige una segura",
    "senha: escolha uma forte",
    "password: <your password>",
    "password=****",
    "Password: ${PASSWORD}",
    "password: https://example.com/reset1",
    "123e4567-e89b-12d3-a456-426614174000",
    "#ThisIsAVeryLongHashtagForOurSummerFestival2026",
    "c576abd0123456789abcdef0123456789abcdef0",
    "ISBN 978-3-16-148410-0",
    "a task-force of skilled people",
    "risk-assessment-for-everybody",
    "bearer of news",
    "https://example.com/a/b?c=d@e",
    "https://user:password@host.example",
    "postgres://user:<password>@host/db",
    "mailto:ada@example.com",
    "12:30@the pub",
    "call 555 0199 now",
    "BEGIN PUBLIC KEY",
    "-----BEGIN PUBLIC KEY-----",
    "-----BEGIN CERTIFICATE-----",
    "the key to success is 100% effort",
    "senha do wifi no balcão",
    "Das Passwort ist leicht zu merken",
    "password policy: rotate every 90 days",
    "1.2.3",
    "sk-short",
    "La clave: 2024 fue un buen año",
    "Meeting at 10:AA or later",
]


@pytest.mark.parametrize("text", SECRETS)
def test_what_looks_like_one_is_found_and_covered(text: str) -> None:
    for said in (text, f"Deploy with {text} please.", f"a\n{text}\nb", text[:4] + "\u200b" + text[4:]):
        assert holds_secret(said)
    assert "•••" in masked(text)


def test_one_in_wide_letters_is_found() -> None:
    assert holds_secret("ｓｋ-" + "abcdefghijklmnop1234567890")


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_speaks_of_one_is_not(text: str) -> None:
    assert not holds_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "eyJ",
        "eyJ-",
        "password: ",
        "a.",
        "sk-",
        "bearer ",
        "x://",
        "://:",
        "-----BEGIN ",
        "AIza",
        "\u200b",
        "1234567890:AA",
    ],
)
def test_it_takes_linear_time(text: str) -> None:
    long = (text * 100_000)[:100_000]
    started = time.process_time()
    holds_secret(long)
    assert time.process_time() - started < 0.5
