#!/bin/sh
# The whole test suite, from nothing: makes .venv, installs what the tests need, runs them.
#
#     sh tests/run.sh              everything, in two halves side by side: what drives a browser, and the rest
#     sh tests/run.sh tests/web    whatever pytest takes
#
# Browser tests drive Debian's chromium. Where it is missing and this may install it (root, apt), it is
# installed; otherwise those tests are skipped with their reason. With CI=true a missing browser is a failure.
set -eu
cd "$(dirname "$0")/.."

[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    missing=""
    command -v chromium >/dev/null || missing="$missing chromium"
    [ -e /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf ] || missing="$missing fonts-noto-color-emoji"
    command -v ip >/dev/null || missing="$missing iproute2"
    command -v nft >/dev/null || missing="$missing nftables"
    command -v avahi-daemon >/dev/null || missing="$missing avahi-daemon"
    command -v avahi-browse >/dev/null || missing="$missing avahi-utils"
    command -v dbus-daemon >/dev/null || missing="$missing dbus"
    [ -e /usr/share/games/fortunes/fortunes ] || missing="$missing fortunes"
    [ -e /usr/share/games/fortunes/chinese ] || missing="$missing fortunes-zh"
    if [ -n "$missing" ]; then
        # shellcheck disable=SC2086  # a list of package names
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } \
            >/dev/null 2>&1 || echo "could not install:$missing"
    fi
fi

[ "$#" -eq 0 ] || exec .venv/bin/python -m pytest "$@"

failed=0
said=$(mktemp)
trap 'rm -f "$said"' EXIT
.venv/bin/python -m pytest tests/page tests/browser >"$said" 2>&1 &
browsers=$!
trap 'kill $browsers 2>/dev/null; exit 130' INT TERM
.venv/bin/python -m pytest --ignore tests/page --ignore tests/browser || failed=1
wait $browsers || failed=1
cat "$said"
exit $failed
