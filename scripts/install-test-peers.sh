#!/bin/sh
# Installs what judges us from outside: nginx and HAProxy the bytes that the proxy sends (test/conformance/peers-*.test.ts),
# spin (with gcc) the model of a move (test/model/spin). Without
# root, apt-get or a network it says so and ends well: those tests then skip themselves.
set -u

missing=''
for program in nginx haproxy spin gcc; do
  PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
[ -n "$missing" ] || exit 0

say() {
  echo "install-test-peers: $1; the tests that need$missing are skipped" >&2
  exit 0
}

command -v apt-get >/dev/null 2>&1 || say 'there is no apt-get here'
[ "$(id -u)" = 0 ] || say 'only root can install packages'

packages=$(echo "$missing" | sed 's/nginx/nginx-light/')
export DEBIAN_FRONTEND=noninteractive
# In a container nothing may be started by an installation, and here nothing should: the tests start their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' INT TERM
fi
quiet='-qq -o=Dpkg::Use-Pty=0 -o=DPkg::Lock::Timeout=30 -o=Acquire::Retries=1 -o=Acquire::http::Timeout=20'
# shellcheck disable=SC2086
apt-get $quiet update >/dev/null 2>&1 || echo 'install-test-peers: apt-get update failed; trying with the lists that are here' >&2
# shellcheck disable=SC2086
apt-get $quiet install --yes --no-install-recommends $packages >/dev/null 2>&1 || say 'apt-get could not install them'
echo "install-test-peers: installed$missing" >&2
