#!/bin/sh
# As root on Debian: installs the programs that the tests use. Elsewhere, and where that cannot be done, it ends well
# all the same: tests that lack a program are skipped and say so.
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || exit 0
export DEBIAN_FRONTEND=noninteractive

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

provide() {
  missing=
  for package in "$@"; do
    installed "$package" || missing="$missing $package"
  done
  [ -z "$missing" ] && return
  # shellcheck disable=SC2086 # one word for each package
  apt-get update -qq &&
    apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 $missing ||
    echo "tests: could not install$missing" >&2
}

# Servers that others keep from being installed, as Exim beside Postfix, or that only a few tests want: unpacked, with the
# libraries that they need, to where test/helpers/servers/unpacked.ts looks for them. Nothing of them is run here.
folder=/var/cache/ldirectord-test-servers
extract() {
  rm -rf "$folder/.archives"
  mkdir -p "$folder/.packages" "$folder/.archives/partial"
  apt-get install -y -qq --no-install-recommends --download-only -o Dir::Cache::archives="$folder/.archives" \
    -o APT::Sandbox::User=root "$@" >/dev/null || return
  for archive in "$folder"/.archives/*.deb; do
    dpkg -x "$archive" "$folder" || return
  done
  for package in "$@"; do
    touch "$folder/.packages/$package"
  done
}

# Packages that go together are had together: each call of apt-get takes a second.
unpack() {
  missing=
  for package in "$@"; do
    [ -e "$folder/.packages/$package" ] || installed "$package" || missing="$missing $package"
  done
  [ -z "$missing" ] && return
  # shellcheck disable=SC2086 # one word for each package
  apt-get update -qq && extract $missing || for package in $missing; do
    extract "$package" || echo "tests: could not unpack $package" >&2
  done
  rm -rf "$folder/.archives"
}

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
# More of them, from their own folder: a line for those that do not exclude each other.
unpack apache2-bin caddy lighttpd lighttpd-mod-openssl haproxy varnish tinyproxy-bin stunnel4 \
  knot nsd unbound dnsmasq-base pdns-server pdns-backend-bind pgbouncer nutcracker dropbear-bin tinysshd ucspi-tcp \
  proftpd-core proftpd-mod-crypto exim4-daemon-light courier-imap courier-pop
unpack cyrus-imapd cyrus-pop3d cyrus-nntpd sasl2-bin pure-ftpd
unpack atftpd
# Who elects among directors.
provide corosync pacemaker crmsh
# What the benchmark compares with, and compiles for that.
provide keepalived gcc libc6-dev
# The guest with IPVS, its networks, and what to compare with: not to be had for every processor.
provide user-mode-linux kmod iproute2 iptables nftables ipvsadm
# What compiles a library that the guest needs on processors with AMX.
if [ "$LAB_AMX" = simulated ] || grep -qw amx_tile /proc/cpuinfo; then provide gcc libc6-dev; fi
# Its nf_tables, which has to be compiled.
sh "$(dirname "$0")/lab/nf-tables.sh"
exit 0
