/** Shell scripts that turn a machine into a guest. POSIX, under `set -eu`; each may be repeated, also after a partial run. */

/** Arguments: the places where layers belong, `--`, names of large programs that layers hold. Prints `key=value` lines. */
export const SURVEY_SCRIPT = `
echo "uid=$(id -u)"
echo "architecture=$(uname -m)"
echo "kernel=$(uname -r)"
echo "git=$(git --version 2> /dev/null | cut -d ' ' -f 3)"
for program in tar gzip sha256sum; do
  if command -v $program > /dev/null; then echo "has=$program"; fi
done
if ls /lib/ld-musl-* > /dev/null 2>&1; then echo "musl=yes"; fi
for node in "$(command -v node || true)" /usr/local/bin/node /usr/bin/node /opt/airlock/node/bin/node; do
  if [ -n "$node" ] && version=$("$node" --version 2> /dev/null); then echo "node=$version $node"; fi
done
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  if [ -d "$1" ] && [ -r "$1.digest" ]; then echo "layer=$(cat "$1.digest") $1"; fi
  shift
done
if [ $# -gt 0 ]; then shift; fi
for name in "$@"; do
  found=$(command -v "$name" || true)
  if [ -n "$found" ] && found=$(readlink -f "$found") && [ -f "$found" ]; then echo "program=$name $(wc -c < "$found") $found"; fi
done
`;

/** Argument: the guest program's home. Makes folders and the agent's user. */
export const PREPARE_SCRIPT = `
umask 022
mkdir -p "$1" && chmod 700 "$1"
mkdir -p /opt/airlock/upload /opt/airlock/state /work /home/agent
chmod 755 /opt/airlock && chmod 700 /opt/airlock/upload /opt/airlock/state
grep -q '^[^:]*:[^:]*:1000:' /etc/passwd || echo 'agent:x:1000:1000::/home/agent:/bin/bash' >> /etc/passwd
grep -q '^[^:]*:[^:]*:1000:' /etc/group || echo 'agent:x:1000:' >> /etc/group
chown 1000:1000 /work /home/agent
`;

/**
 * Makes sure that the agent's user cannot become root: images give their user sudo without a password, and the supervisor's files are
 * safe from the agent only as long as it is not root. The address of the metadata service is closed too, since it lies inside the
 * provider's firewall, where no policy applies.
 */
export const DROP_ROOT_SCRIPT = `
find /bin /sbin /usr /usr/local /opt -xdev -type f -perm -4000 -exec chmod u-s {} + 2> /dev/null || true
metadata=169.254.169.254
ip route replace blackhole $metadata/32 2> /dev/null || route add -host $metadata reject 2> /dev/null ||
  iptables -I OUTPUT -d $metadata -j REJECT 2> /dev/null || busybox ip route add blackhole $metadata/32 2> /dev/null || true
if command -v sudo > /dev/null; then
  name=$(sed -n 's/^\\([^:]*\\):[^:]*:1000:.*/\\1/p' /etc/passwd | head -n 1)
  if command -v setpriv > /dev/null; then
    become() { setpriv --reuid 1000 --regid 1000 --init-groups sudo -n true; }
  else
    become() { su -s /bin/sh "$name" -c 'sudo -n true'; }
  fi
  if become > /dev/null 2>&1 < /dev/null; then
    echo "the agent's user can become root with sudo, and this could not be taken away"
    exit 41
  fi
fi
`;

/** Arguments: place, digest, archive, sha256 of the archive, then pairs: a name in the place, and the machine's own file to use for it. */
export const UNPACK_SCRIPT = `
place=$1 digest=$2 archive=$3 expected=$4
shift 4
if [ "$(cat "$place.digest" 2> /dev/null || true)" = "$digest" ] && [ -d "$place" ]; then
  rm -f "$archive"
  echo "unpacked=yes"
elif [ "$(sha256sum < "$archive" | cut -d ' ' -f 1)" != "$expected" ]; then
  rm -f "$archive"
else
  umask 022
  rm -rf "$place.new" "$place" "$place.digest"
  mkdir -p "$place.new"
  tar -xzf "$archive" -C "$place.new" --no-same-owner
  while [ $# -gt 1 ]; do
    cp "$2" "$place.new/$1"
    shift 2
  done
  chown -R 0:0 "$place.new"
  chmod -R a+rX,go-w "$place.new"
  mv "$place.new" "$place"
  echo "$digest" > "$place.digest"
  rm -f "$archive"
  echo "unpacked=yes"
fi
`;

/** Arguments: files. Prints the sha256 of each. */
export const DIGEST_SCRIPT = `
for file in "$@"; do echo "sha256=$(sha256sum < "$file" | cut -d ' ' -f 1) $file"; done
`;

/**
 * Arguments: the guest program's home, node, the two ports. Starts the guest in a session of its own, once, however often this runs. The
 * output of commands is kept on disk, since `/run` is a small part of memory on most images.
 */
export const START_SCRIPT = `
home=$1 node=$2
cd /
if mkdir "$home/started" 2> /dev/null; then
  command -v node > /dev/null || ln -s "$node" /usr/local/bin/node 2> /dev/null || true
  if command -v setsid > /dev/null; then detach=setsid; else detach=nohup; fi
  $detach env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 UV_THREADPOOL_SIZE=8 \\
    AIRLOCK_STATE=/opt/airlock/state "$node" --no-warnings "$home/guest/index.js" serve --listen "$3" "$4" "$home/token" > "$home/guest.log" 2>&1 < /dev/null &
fi
`;
