#!/bin/sh
# As root on Debian: installs the programs that the tests use. Elsewhere, and where that cannot be done, it ends well
# all the same: tests that lack a program are skipped and say so.
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || exit 0
export DEBIAN_FRONTEND=noninteractive

# Whoever installs beside this, as a new machine does by itself, ends in its time.
apt() {
  apt-get -qq -o DPkg::Lock::Timeout=300 "$@"
}

installed() {
  dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

# What is installed must not start: servers belong to the tests that start them, on loopback.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  trap 'exit 1' INT TERM
  printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy
fi

# All at once, in `provide_now`: lists, triggers and indexes cost each call of apt-get seconds, whatever it installs.
groups=
provide() {
  groups="$groups$*
"
}

# Where one package cannot be had, it costs its own line alone.
provide_now() {
  # shellcheck disable=SC2086 # one word for each package
  set -- $(missing_of $groups)
  [ $# -eq 0 ] && return
  update
  install "$@" && groups= && return
  printf %s "$groups" | while read -r group; do
    # shellcheck disable=SC2086
    set -- $(missing_of $group)
    [ $# -eq 0 ] || install "$@" || echo "tests: could not install $*" >&2
  done
  groups=
}

updated=
update() {
  [ -n "$updated" ] || apt update
  updated=yes
}

install() {
  apt install -y --no-install-recommends -o Dpkg::Use-Pty=0 "$@" </dev/null
}

missing_of() {
  for package in "$@"; do
    installed "$package" || echo "$package"
  done
}

# Servers that others keep from being installed, as Exim beside Postfix, or that only a few tests want: unpacked, with the
# libraries that they need, to where test/helpers/servers/unpacked.ts looks for them. Nothing of them is run here.
folder=/var/cache/ldirectord-test-servers
extract() {
  rm -rf "$folder/.archives"
  mkdir -p "$folder/.packages" "$folder/.archives/partial"
  apt install -y --no-install-recommends --download-only -o Dir::Cache::archives="$folder/.archives" \
    -o APT::Sandbox::User=root "$@" >/dev/null || return
  for archive in "$folder"/.archives/*.deb; do
    dpkg -x "$archive" "$folder" || return
  done
  for package in "$@"; do
    touch "$folder/.packages/$package"
  done
}

# Packages that go together are had together, too.
unpack() {
  missing=
  for package in "$@"; do
    [ -e "$folder/.packages/$package" ] || installed "$package" || missing="$missing $package"
  done
  [ -z "$missing" ] && return
  update
  # shellcheck disable=SC2086 # one word for each package
  extract $missing || for package in $missing; do
    extract "$package" || echo "tests: could not unpack $package" >&2
  done
  rm -rf "$folder/.archives"
}

# The guest with IPVS, not to be had for every processor, and what compiles for it. Its nf_tables has to be compiled: beside
# the rest, which keeps one processor busy at most.
provide user-mode-linux kmod
provide gcc libc6-dev make flex bison bc xz-utils
provide_now
sh "$(dirname "$0")/lab/compile-modules.sh" &

# The reference implementation, perl's own patterns, real pings, certificates, the names of services.
provide ldirectord libjson-pp-perl perl iputils-ping openssl netbase
# What judges manual pages, units and the resource agent.
provide man-db groff mandoc systemd logrotate libxml2-utils resource-agents
# Drivers that its checks of databases need and its package does not ask for.
provide libdbd-mysql-perl libdbd-pg-perl
# The shells whose completion is tried.
provide bash zsh
# What reads metrics, and what shows the status page.
provide prometheus
provide chromium fonts-dejavu-core
# Real servers to check.
provide postfix dovecot-imapd dovecot-pop3d leafnode vsftpd redis-server memcached nginx-light squid chrony freeradius tftpd-hpa mosquitto kamailio openssh-server
provide bind9 slapd ldap-utils mariadb-server postgresql
# What announces addresses, and what hears of them.
provide bird2 frr exabgp
# The store that directors share.
provide etcd-server etcd-client
# By which users of real servers become root.
provide sudo
# Who elects among directors.
provide corosync pacemaker crmsh
# What the benchmark compares with.
provide keepalived
# The guest's networks, and what to compare with there.
provide iproute2 iptables nftables ipvsadm
provide_now

# More servers, from their own folder: a line for those that do not exclude each other.
unpack apache2-bin caddy lighttpd lighttpd-mod-openssl haproxy varnish tinyproxy-bin stunnel4 \
  knot nsd unbound dnsmasq-base pdns-server pdns-backend-bind pgbouncer nutcracker dropbear-bin tinysshd ucspi-tcp \
  proftpd-core proftpd-mod-crypto exim4-daemon-light courier-imap courier-pop
unpack cyrus-imapd cyrus-pop3d cyrus-nntpd sasl2-bin pure-ftpd
unpack atftpd
wait
exit 0
