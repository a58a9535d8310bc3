/**
 * What the kernel runs first, from the initramfs: loads modules, finds disks by their serial numbers, puts the root
 * together and hands over. Words it reads come from `/airlock/config`, written by the runner:
 *   module NAME · root FSTYPE · layer SERIAL FSTYPE PATH · node PATH · now SECONDS
 * Starting a program costs 28 ms under software emulation, so the shell's own words are used where there is a choice.
 */
export const INIT_SCRIPT = `#!/bin/busybox sh
B=/bin/busybox
say() { echo "airlock: $*"; }
die() { say "boot failed: $*"; /bin/busybox sleep 1; /bin/busybox poweroff -f; /bin/busybox sleep 60; }
$B mount -t proc proc /proc
$B mount -t sysfs sysfs /sys
$B mount -t devtmpfs dev /dev
say "kernel is up"
# Where the shell holds busybox's other programs, they start without being loaded anew.
mkdir -p /airlock 2> /dev/null && B=
insert=
rootfs=
layers=
node=
now=
while read -r word a b c; do
  case "$word" in
    module) insert="$insert $a" ;;
    root) rootfs=$a ;;
    layer) layers="$layers $a:$b:$c" ;;
    node) node=$a ;;
    now) now=$a ;;
  esac
done < /airlock/config
for m in $insert; do $B insmod /airlock/modules/$m.ko || say "module $m does not load"; done
disk() {
  tries=0
  while [ $tries -lt 300 ]; do
    for d in /sys/block/vd*; do
      serial=
      read -r serial 2> /dev/null < $d/serial
      [ "$serial" = "$1" ] && { found=/dev/\${d##*/}; return 0; }
    done
    $B usleep 10000
    tries=$((tries + 1))
  done
  die "no disk $1"
}
case "$rootfs" in
  9p) $B mount -t 9p -o trans=virtio,version=9p2000.L,ro,nosuid,nodev,msize=512000,cache=loose root /lower || die "9p root" ;;
  *) disk root; $B mount -t $rootfs -o ro,nosuid,nodev $found /lower || die "root $rootfs" ;;
esac
# Programs are read in pieces as they run; each piece is a round trip to the runner.
for q in /sys/block/vd*/queue/read_ahead_kb; do echo 1024 > $q; done
disk upper
$B mount -t ext4 -o noatime,nosuid,nodev $found /disk || die "upper disk"
$B mkdir -p /disk/upper /disk/overlay /disk/work /disk/tmp /disk/home
$B mount -t overlay -o lowerdir=/lower,upperdir=/disk/upper,workdir=/disk/overlay,nosuid overlay /new || die "overlay"
cd /new
$B mkdir -p proc sys dev tmp run root work home/agent var/tmp var/log etc usr/local/bin opt /dev/shm /dev/pts
$B mount --bind /disk/work work
$B mount --bind /disk/tmp tmp
$B mount --bind /disk/home home/agent
$B mount -t tmpfs -o mode=755,nosuid,nodev tmpfs run
$B mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
$B mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /dev/shm
$B chmod 1777 tmp var/tmp
$B chmod 700 root
$B chown 1000:1000 work home/agent
$B ln -sfn /proc/self/fd /dev/fd
$B ln -sfn /proc/self/fd/0 /dev/stdin
$B ln -sfn /proc/self/fd/1 /dev/stdout
$B ln -sfn /proc/self/fd/2 /dev/stderr
$B ln -sfn pts/ptmx /dev/ptmx
for l in $layers; do
  serial=\${l%%:*}
  rest=\${l#*:}
  disk $serial
  $B mkdir -p .\${rest#*:}
  $B mount -t \${rest%%:*} -o ro,nosuid,nodev $found .\${rest#*:} || die "layer \${rest#*:}"
done
echo "root:x:0:0:root:/root:/bin/sh
agent:x:1000:1000:agent:/home/agent:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin" > etc/passwd
echo "root:x:0:
tty:x:5:
agent:x:1000:
nogroup:x:65534:" > etc/group
echo airlock > etc/hostname
echo airlock > /proc/sys/kernel/hostname
echo "127.0.0.1 localhost airlock" > etc/hosts
echo "passwd: files
group: files
hosts: files
services: files
protocols: files" > etc/nsswitch.conf
$B rm -f etc/resolv.conf
$B mkdir -p run/airlock
$B cp -r /airlock/guest /airlock/supervise /bin/busybox run/airlock/
[ -e usr/bin/node ] || [ -e usr/local/bin/node ] || $B ln -s $node usr/local/bin/node
echo "$node" > run/airlock/node
$B ip link set lo up
[ -n "$now" ] && $B date -s @$now > /dev/null
# From here on /proc is elsewhere, and the shell finds its other programs no more.
/bin/busybox mount --move /dev dev
/bin/busybox mount --move /sys sys
/bin/busybox mount --move /proc proc
say "root is up"
exec /bin/busybox switch_root /new /run/airlock/busybox sh /run/airlock/supervise
`;

/** The sandbox's first process: the supervisor's parent. When the supervisor ends, the sandbox ends. */
export const SUPERVISE_SCRIPT = `B=/run/airlock/busybox
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 UV_THREADPOOL_SIZE=8
cd /
read -r node < /run/airlock/node
main=/run/airlock/guest/index.js
[ -e $main ] || main=/run/airlock/guest/index.mjs
$node --no-warnings $main serve --virtio < /dev/null
echo "airlock: the supervisor ended with status $?"
$B sync
$B poweroff -f
`;

/** The whole of the KVM probe's guest: says the nonce it was given, and ends. */
export const PROBE_SCRIPT = `#!/bin/busybox sh
B=/bin/busybox
$B mount -t proc proc /proc
for word in $($B cat /proc/cmdline); do
  case "$word" in airlock.nonce=*) echo "airlock-probe \${word#airlock.nonce=}" ;; esac
done
$B poweroff -f
`;
