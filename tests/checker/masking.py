"""What is taken out of every sentence of the report: passwords, and what differs from run to run."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Iterator

SECRET = re.compile(
    r"""(?i)(?:\w*(?:passw|pwd|secret|token)\w*|(?<![a-z])pass)["']?"""
    r"""(?:\s*:\s*[a-z][\w.\[\]| ]*(?==))?"""  # the type, in password: str = "..."
    r"""\s*[=:][ \t]*(?:["']([^"'\n]+)["']|([^\s"'#,()]+))"""
)
PASSWORD = re.compile(SECRET.pattern.replace("|secret|token", ""))  # and no key of another kind
# os.getenv("DB_PASSWORD", "secret")
DEFAULT = re.compile(
    r"""(?i)(?:getenv|get|config)\(\s*["']\w*(?:pass|pwd|secret|token)\w*["']\s*,\s*(?:default\s*=\s*)?["']([^"'\n]+)["']"""
)
# What people write where a password has to be put in, or to make one up on the way: f"{password}".
NO_PASSWORD = re.compile(
    r"(?i)your|change|replace|enter|example|placeholder|here|dummy|\*\*|xxx|\.\.\.|[<>{} ]|^%|^\$\w+$"
    r"|^pass(?:wd|word)?$|^[*.•]+$|^(?:null|none|true|false)$|^(?:db|my|mysql|database|user)_?pass(?:wd|word)?$"
)
CONFIGURATIONS = {".json", ".ini", ".cfg", ".conf", ".toml", ".yaml", ".yml"}
# The same of one password or user, for sure.
STANDS_FOR_ONE = re.compile(
    r"(?i)(?<![a-z])your|change_?(?:me|this|it)|replace|(?<![a-z])enter_|placeholder|<.*>|xxx|^[*.•]+$"
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
    """Return what looks like the value of a password in the sources, the .env and other settings of a folder."""
    found: set[str] = set()
    for path in [*settings_and_sources(folder), *folder.glob(".env*"), *folder.parent.glob(".env*")]:
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            for quoted, bare in SECRET.findall(text):
                # Bare words are values in a .env file, but names and calls in a program.
                found.update({quoted} - {""} if path.suffix == ".py" else {quoted or bare})
            found.update(DEFAULT.findall(text))
            found |= passwords_by_position(text) if path.suffix == ".py" else set()
    return found


def passwords_by_position(source: str) -> set[str]:
    """Return the words that a program gives, without a name, to a parameter of its own that is a password."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return set()
    parameters: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        for function in inside:
            if isinstance(function, ast.FunctionDef):
                names = [argument.arg for argument in function.args.args]
                if isinstance(node, ast.ClassDef) and function.name == "__init__":
                    parameters[node.name] = names[1:]
                elif node is function:
                    parameters.setdefault(function.name, names)
    return {
        value.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        for name, value in zip(parameters.get(call.func.id, []), call.args)
        if re.search(r"(?i)passw|pswd|pwd|^pass$", name)
        and isinstance(value, ast.Constant)
        and isinstance(value.value, str)
        and value.value
    }


def settings_and_sources(folder: Path) -> list[Path]:
    """Return the Python files and those with settings, a .env aside, in a folder and below it."""
    paths = [path for path in folder.rglob("*") if path.suffix in {".py", *CONFIGURATIONS}]
    return sorted(path for path in paths if path.is_file())


def files_with_passwords(folder: Path) -> list[str]:
    """Return the names of the files with a real password in them, but for those that a .gitignore leaves out.

    These are sources, settings such as config.json, and a .env, also the one of the repository. What only
    stands for a password, such as "your_password", is none.
    """
    ignored = []
    for file in (folder / ".gitignore", folder.parent / ".gitignore"):
        lines = file.read_text(encoding="utf-8", errors="replace").split("\n") if file.is_file() else []
        for *place, name in (line.strip().rstrip("/").split("/") for line in lines):
            if not (place and "*" in name) and not "".join([*place, name]).startswith("#"):
                ignored.append(name)
    paths = [*settings_and_sources(folder), folder / ".env", folder.parent / ".env"]
    found = []
    for path in paths:
        if not path.is_file() or any(fnmatch(path.name, pattern) for pattern in ignored):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        words = [*DEFAULT.findall(text), *(passwords_by_position(text) if path.suffix == ".py" else ())]
        for quoted, bare in [*PASSWORD.findall(text), *((word, "") for word in words)]:
            value = quoted if path.suffix == ".py" else quoted or bare
            if value and not NO_PASSWORD.search(value):
                found.append(path.name)
                break
    return sorted(set(found))


@dataclass(frozen=True)
class Login:
    """What a connection says of itself: None is not said, and $NAME is a setting without a default."""

    place: str
    user: str | None
    host: str | None
    password: str | None
    has_settings: bool  # of which the defaults stand here

    @property
    def is_unfinished(self) -> bool:
        """Whether there is a word that only stands for the user or for the password."""
        return any(STANDS_FOR_ONE.search(word or "") for word in (self.user, self.password))


SETTING = re.compile(r"environ|getenv|config\(")


def logins(folder: Path) -> Iterator[Login]:
    """Yield the connections in the sources of a folder whose user and password are words or settings."""
    for path in sorted(folder.glob("*.py")):
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError):  # which is said elsewhere
            continue
        nodes = list(ast.walk(tree))
        assigned = {
            target.id: node.value
            for node in nodes
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name) and SETTING.search(ast.dump(node.value))
        }
        for node in nodes:
            options: dict[str, str] = {}
            has_settings = False
            for name, value in options_of(node):
                value = assigned.get(value.id, value) if isinstance(value, ast.Name) else value
                if isinstance(value, ast.Constant):
                    options[name] = "" if value.value is None else str(value.value)
                elif SETTING.search(ast.dump(value)):
                    options[name] = without_settings(value)
                    has_settings = has_settings or (name in LOGIN and not is_unknown(options[name]))
            user, host = (options.get(name) or options.get(f"{name}name") for name in ("user", "host"))
            password = options.get("password", options.get("passwd"))
            if user and password is not None:
                yield Login(path.name, user, host, password, has_settings)


LOGIN = ("user", "username", "password", "passwd")


def without_settings(value: ast.expr) -> str:
    """Return what os.getenv("NAME", "default") gives where nothing is set: the default, or else $NAME."""
    words = [
        (node.lineno, node.col_offset, node.value)
        for node in ast.walk(value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    name, *defaults = [word for _, _, word in sorted(words)] or [""]
    # A placeholder is no login, but says which setting is wanted.
    return defaults[0] if defaults and not STANDS_FOR_ONE.search(defaults[0]) else f"${name}"


def options_of(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield what a call is given by name, or what a dict has."""
    if isinstance(node, ast.Call):
        yield from ((keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values):
            if isinstance(key, ast.Constant):
                yield str(key.value), value


CONNECTS = re.compile(r"(?im)^\s*(?:import|from)\s+[\w.]*(?:sql|mariadb|psycopg)|\bconnect\(")


def connects(folder: Path) -> bool:
    """Tell whether a source in a folder has anything to do with a database."""
    sources = (path.read_text(encoding="utf-8", errors="replace") for path in folder.glob("*.py"))
    return any(CONNECTS.search(text) for text in sources)


def unlike_passwords(folder: Path) -> str:
    """Return, in a sentence, what keeps some connections of a folder from working where others do; or "".

    That is a user with two passwords, two users with one, or words that only stand for a user and a password.
    """
    found = list(logins(folder))
    return "; ".join(filter(None, [contradiction(found), half_finished(found)]))


def unlike_placeholders(folder: Path) -> str:
    """Return, in a sentence, where words that only stand for a password differ; or ""."""
    found = [login for login in logins(folder) if STANDS_FOR_ONE.search(login.password or "")]
    if len({login.password for login in found}) < 2:
        return ""
    *others, last = dict.fromkeys(login.place for login in found)
    where = f"{', '.join(others)} and {last}" if others else last
    return f"different words stand for the password in {where}: let one function read it, with os.getenv()"


def half_finished(found: list[Login]) -> str:
    """Return, in a sentence, where a placeholder stands and where none does; "" without both."""
    finished = [login.place for login in found if not login.is_unfinished]
    places = list(dict.fromkeys(login.place for login in found if login.is_unfinished))
    if not finished or not places:
        return ""
    *others, last = places
    where = f"{', '.join(others)} and {last}" if others else last
    is_alone = not {*finished} & {*places}
    this = "the connections" if others else "the connection" if is_alone else "one connection"
    other = f"the one in {finished[0]}" if is_alone else f"another in {finished[0]}" if others else "another"
    return (
        f"{this} in {where} still {'have' if others else 'has'} a placeholder for the user or the password, "
        f"and {other} has none: only one can be right"
    )


MAKES = re.compile(r"(?i)^\s*create\s+database\s+(?:if\s+not\s+exists\s+)?[`\"']?(\w+)")


def other_case(folder: Path) -> str:
    """Return, in a sentence, where a database is asked for in another case than it is made in; or ""."""
    made: dict[str, tuple[str, str]] = {}  # by a statement: what a comment or a message says makes none
    asked: list[tuple[str, str]] = []
    for path in sorted(folder.glob("*.py")):
        try:
            nodes = list(ast.walk(ast.parse(path.read_bytes())))
        except (SyntaxError, ValueError):  # which is said elsewhere
            continue
        for node in nodes:
            statement = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            for name in MAKES.findall(statement):
                made.setdefault(name.lower(), (name, path.name))
            for option, value in options_of(node):
                if option in ("database", "db") and isinstance(value, ast.Constant):
                    asked.append((str(value.value).strip(), path.name))
    for name, place in asked:
        original, seed = made.get(name.lower(), (name, ""))
        if original != name:
            said = f"{place} connects to {name}, and {seed} makes {original}"
            return f"{said}: one database on Windows, but two on Linux"
    return ""


def contradiction(found: list[Login]) -> str:
    """Return, in a sentence, who has two passwords, or which two users have one; or ""."""
    seen: dict[tuple[object, object], Login] = {}
    owners: dict[tuple[object, object], Login] = {}
    has_finished = not all(login.is_unfinished for login in found)
    for login in found:
        if login.is_unfinished and has_finished:  # which is said by itself
            continue
        before = login
        if not is_unknown(login.password) and not is_unknown(login.user):
            before = seen.setdefault((login.user, login.host), login)
        owner = login
        if login.password and not is_unknown(login.user):
            owner = owners.setdefault((login.password, login.host), login)
        said = ""
        if before.password != login.password and not login.is_unfinished:
            first, said = before, f"the user {login.user} has two different passwords"
        elif owner.user != login.user:
            first, said = owner, f"with the same password, the users {owner.user} and {login.user} connect"
        if said:
            where = login.place if first.place == login.place else f"{first.place} and {login.place}"
            unless = "unless a setting says otherwise, " if login.has_settings or first.has_settings else ""
            return f"{unless}{said} in {where}: only one can be right"
    return ""


def is_unknown(word: str | None) -> bool:
    """Tell whether a user or password is whatever a setting without a default says."""
    return (word or "").startswith("$")


def mask(text: str, secrets: set[str]) -> str:
    """Return the text with every password replaced."""
    for secret in sorted(secrets, key=len, reverse=True):
        if secret.strip() and secret.lower() not in COMMON:
            whole = re.escape(secret) if len(secret) > 3 else rf"(?<!\w){re.escape(secret)}(?!\w)"
            text = re.sub(whole, "***", text)
    return text


def steady(text: str) -> str:
    """Return what the learner's code said without what differs from run to run: folders, addresses, times."""
    for pattern, word in CHANGING:
        text = pattern.sub(word, text)
    return text
