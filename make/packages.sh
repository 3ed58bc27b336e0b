# For the other scripts here: what they say, and how they install packages with the machine's own package manager.

say() {
    echo "make: $*" >&2
}

# Run a command as root, with sudo only where that is needed.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        command -v sudo >/dev/null && sudo "$@"
    fi
}

# install MANAGER PACKAGE...: say so and do it. If it fails, whoever calls this says what is left out without them.
install() {
    manager=$1
    shift
    [ "$manager" = brew ] || as_root true || return
    say "installing with $manager: $*"
    case $manager in
    apt) as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2 ;;
    dnf) as_root dnf install -y -q "$@" ;;
    pacman) as_root pacman -S --noconfirm --needed "$@" ;;
    brew) brew install --quiet "$@" ;;
    esac
}

apt_install() {
    as_root apt-get update -qq && install apt "$@"
}

# has_server PYTHON: tell whether there is a server, or a program that throwaway_mysql.py can start.
has_server() {
    [ -n "${MYSQL_HOST:-}${MYSQL_UNIX_SOCKET:-}" ] || PYTHONPATH=python-generators-0x00 "$1" -c \
        'import throwaway_mysql as t; t.find_program("mariadbd", "mysqld")' 2>/dev/null
}
