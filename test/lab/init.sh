#!/bin/sh
# The guest's first process: moves onto a throw-away copy of the host's file system, loads IPVS, runs the command
# and halts. The host's side writes LAB_DIR, LAB_FOLDER and LAB_COMMAND to the file `settings` beside this one, and
# LAB_SYSTEMD where systemd is to be the first process: then this one becomes it, and it calls `init.sh command`.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
. "$(dirname "$0")/settings"

run_command() {
  hostname lab
  ip link set lo up
  modprobe ip_vs
  export HOME=/root LANG=C.UTF-8
  cd "$LAB_DIR" || exit
  # A line of its own for the output: the console also carries what the kernel has to say.
  stty -F /dev/ttyS0 raw -echo
  setsid sh -c "$LAB_COMMAND" </dev/null >/dev/ttyS0 2>&1
  echo $? >/outside/status
  sync
  poweroff -f
}

if [ "$1" = command ]; then run_command; fi

# Only the guest knows its kernel's version, and before the root is exchanged nothing can be written but a tmpfs:
# there modprobe finds the modules in the one place where it looks for them.
mount -t proc proc /proc
mount -t tmpfs -o size=75% tmpfs /mnt
mkdir -p /mnt/usr/lib/modules /mnt/upper /mnt/work /mnt/root
ln -s usr/lib /mnt/lib
ln -s "/usr/lib/uml/modules/$(uname -r)" /mnt/usr/lib/modules/
modprobe -d /mnt overlay
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root || poweroff -f

cd /mnt/root
mkdir -p oldroot outside
pivot_root . oldroot
cd /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
ln -sfn /proc/self/fd /dev/fd
mount -t hostfs -o "$LAB_FOLDER" none /outside
mkdir -p /lib/modules
ln -sfn "/usr/lib/uml/modules/$(uname -r)" /lib/modules/

[ -n "$LAB_SYSTEMD" ] || run_command

# Debian's own would empty /tmp, where tests and repositories may stand.
: >/etc/tmpfiles.d/tmp.conf
cat >/etc/systemd/system/lab.service <<'UNIT'
[Unit]
After=basic.target
[Service]
Type=oneshot
ExecStart=/bin/sh /outside/init.sh command
UNIT
printf '[Unit]\nRequires=basic.target\nWants=lab.service\nAllowIsolate=yes\n' >/etc/systemd/system/lab.target
exec /lib/systemd/systemd --unit=lab.target --show-status=0 --log-level=err --log-target=journal
