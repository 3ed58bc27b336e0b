"""What is taken out of every sentence of the report: passwords, and what differs from run to run."""

from __future__ import annotations

import re
from pathlib import Path

SECRET = re.compile(
    r"""(?i)(?:\w*(?:passw|pwd|secret|token)\w*|(?<![a-z])pass)["']?\s*[=:]\s*(?:["']([^"'\n]+)["']|([^\s"'#,()]+))"""
)
# os.getenv("DB_PASSWORD", "secret")
DEFAULT = re.compile(
    r"""(?i)(?:getenv|get|config)\(\s*["']\w*(?:pass|pwd|secret|token)\w*["']\s*,\s*(?:default\s*=\s*)?["']([^"'\n]+)["']"""
)
# What people write where a password has to be put in, or to make one up on the way: f"{password}".
NO_PASSWORD = re.compile(
    r"(?i)your|change|replace|enter|example|placeholder|here|dummy|\*\*|xxx|\.\.\.|[<>{}%$ ]|^pass(?:wd|word)?$"
    r"|^(?:db|my|mysql|database|user)_?pass(?:wd|word)?$"
)
# Words that stand in sentences anyway: masking them would hide the sentence, not the password.
COMMON = """root localhost 127.0.0.1 user users user_data users.db user_data.csv alx alx_prodev mysql sqlite
    sqlite3 database password passwd admin name email age test none null true false""".split()
CHANGING = [
    (re.compile(r"/\S*/exercise/"), ""),
    (re.compile(r" at 0x[0-9a-fA-F]+"), ""),
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?"), "(date and time)"),
    (re.compile(r"\b\d{9,}\.\d+\b"), "(time)"),
    (re.compile(r"\b\d\d:\d\d:\d\d(?:[.,]\d+)?"), "(time)"),
    (re.compile(r"\b\d+(?:\.\d+)?(?:e-\d+)? ?(ms|µs|us|s|sec|secs|seconds|milliseconds)\b"), r"(some) \1"),
]


def find_secrets(folder: Path) -> set[str]:
    """Return what looks like the value of a password in the sources and .env files of a folder."""
    found: set[str] = set()
    for path in [*folder.rglob("*.py"), *folder.glob(".env*"), *folder.parent.glob(".env*")]:
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            for quoted, bare in SECRET.findall(text):
                # Bare words are values in a .env file, but names and calls in a program.
                found.update({quoted} - {""} if path.suffix == ".py" else {quoted or bare})
            found.update(DEFAULT.findall(text))
    return found


def files_with_passwords(folder: Path) -> list[str]:
    """Return the names of the sources, and of a .env that no .gitignore leaves out, that have a real password.

    What only stands for one, such as "your_password", is none.
    """
    ignored = ""
    for file in (folder / ".gitignore", folder.parent / ".gitignore"):
        ignored += file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    paths = [*sorted(folder.rglob("*.py"))]
    if not re.search(r"(?m)^\s*[^#\s]*\.env\b", ignored):
        paths += [path for path in (folder / ".env", folder.parent / ".env") if path.is_file()]
    found = []
    for path in paths:
        text = path.read_text(encoding="utf-8", errors="replace")
        for quoted, bare in [*SECRET.findall(text), *((default, "") for default in DEFAULT.findall(text))]:
            value = quoted if path.suffix == ".py" else quoted or bare
            if value and not NO_PASSWORD.search(value):
                found.append(path.name)
                break
    return sorted(set(found))


def mask(text: str, secrets: set[str]) -> str:
    """Return the text with every password replaced."""
    for secret in sorted(secrets, key=len, reverse=True):
        if secret.lower() not in COMMON:
            whole = re.escape(secret) if len(secret) > 3 else rf"(?<!\w){re.escape(secret)}(?!\w)"
            text = re.sub(whole, "***", text)
    return text


def steady(text: str) -> str:
    """Return what the learner's code said without what differs from run to run: folders, addresses, times."""
    for pattern, word in CHANGING:
        text = pattern.sub(word, text)
    return text
