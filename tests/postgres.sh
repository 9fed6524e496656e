#!/usr/bin/env bash
# Runs a command beside a throwaway PostgreSQL server:  tests/postgres.sh cargo test --locked parity
# The command finds the server in PERCEPTION_TEST_POSTGRES; server and data are gone afterwards.
set -euo pipefail

die() { printf 'tests/postgres.sh: %s\n' "$*" >&2; exit 2; }
[ $# -gt 0 ] || die "usage: tests/postgres.sh COMMAND [ARGUMENT…]"

# Debian and Ubuntu keep the server programs out of PATH, one folder a version: take the newest.
programs=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$programs" ] || programs=$(pg_config --bindir 2>/dev/null) || programs=$(dirname "$(command -v initdb || true)")
[ -x "$programs/initdb" ] || die "PostgreSQL is not installed (tests/run installs it)"

# In memory where there is room: every test makes a database of its own, some three hundred files each.
under=${TMPDIR:-/tmp}
if [ -w /dev/shm ] && [ "$(df --output=avail -k /dev/shm | tail -n 1)" -gt 2000000 ]; then under=/dev/shm; fi
home=$(mktemp -d "$under/perception-postgres.XXXXXX")
as_server=(env)
if [ "$(id -u)" -eq 0 ]; then # initdb and postgres refuse to run as root
  user=postgres
  id "$user" >/dev/null 2>&1 || user=nobody
  chown "$user" "$home"
  as_server=(setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups)
fi
# In its own folder: the server's user need not be able to enter ours.
server() { (cd "$home" && "${as_server[@]}" "$programs/$1" "${@:2}"); }

cleanup() {
  if [ -e "$home/data/postmaster.pid" ]; then
    server pg_ctl -D "$home/data" -m immediate -w stop >/dev/null 2>&1 || true
  fi
  rm -rf "$home"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

server initdb -D "$home/data" -U perception -A trust -E UTF8 --locale=C.UTF-8 --no-instructions \
  >"$home/initdb.log" 2>&1 || { cat "$home/initdb.log" >&2; die "initdb failed"; }
# Killed processes lose nothing the kernel holds; only a power cut would show `fsync`, and no test cuts power.
cat >>"$home/data/postgresql.conf" <<'CONF'
fsync = off
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 32MB
max_wal_size = 256MB
CONF

# PostgreSQL cannot be told "any free port": try until one is. Below the range of outgoing connections.
for _ in $(seq 20); do
  port=$((20000 + RANDOM % 12000))
  if server pg_ctl -D "$home/data" -l "$home/log" -o "-p $port" -t 60 -w start >/dev/null 2>&1; then
    break
  fi
  grep -q 'could not bind' "$home/log" || break
  port=
done
[ -n "$port" ] && [ -e "$home/data/postmaster.pid" ] || { cat "$home/log" >&2; die "PostgreSQL did not start"; }

export PERCEPTION_TEST_POSTGRES="postgres://perception@127.0.0.1:$port/postgres"
"$@"
