#!/bin/sh
# As root on Debian: compiles for the guest's kernel what Debian leaves out of it, from the same sources, compiler and
# settings: the families ip, ip6 and inet of nf_tables, with which three modules are built anew, and the scheduler twos
# of IPVS. It takes some minutes, once; test/lab/inside/compiled-modules.ts loads what it leaves.
set -e
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || exit 0
settings=/usr/share/doc/user-mode-linux/config.gz
release=$(cd /usr/lib/uml/modules 2>/dev/null && ls | head -n 1)
folder=/var/cache/ldirectord-lab-modules
[ -n "$release" ] && [ -e "$settings" ] || exit 0
[ ! -e "$folder/$release/nf_tables.ko" ] || [ ! -e "$folder/$release/ip_vs_twos.ko" ] || exit 0

fail() {
  echo "tests: no nf_tables and no ip_vs_twos for the guest of the lab: $1" >&2
  exit 1
}

# The sources that the guest's kernel was built from: it takes no modules of another release.
package=linux-source-$(echo "$release" | cut -d. -f1-2)
available() {
  apt-cache madison "$package" | awk -v release="$release-" 'index($3, release) == 1 { print $3; exit }'
}
version=$(available)
[ -n "$version" ] || apt-get update -qq -o DPkg::Lock::Timeout=300
[ -n "$version" ] || version=$(available)
# A mirror has the newest alone, which can be another one than the guest's. What needs them is skipped then.
reason=$folder/$release.reason
mkdir -p "$folder"
rm -f "$reason"
if [ -z "$version" ]; then
  echo "$package of release $release is not to be had" >"$reason"
  fail "$(cat "$reason")"
fi
export DEBIAN_FRONTEND=noninteractive
missing=
for tool in gcc make flex bison bc xz; do
  command -v $tool >/dev/null || missing=yes
done
[ -z "$missing" ] || apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 \
  gcc libc6-dev make flex bison bc xz-utils >/dev/null
work=$(mktemp -d /var/tmp/ldirectord-modules.XXXXXX)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work"
apt-get download -qq -o APT::Sandbox::User=root "$package=$version"
dpkg -x "$package"_*.deb .
mkdir tree
# Without what only drivers, file systems and other machines are made of. Kconfig wants to have seen all of its own files.
tar -xJf usr/src/"$package".tar.xz --strip-components=1 -C tree --exclude='*/drivers/*.[chS]' --exclude='*/sound/*.[ch]' \
  --exclude='*/fs/*.c' --exclude='*/arch/*/boot/dts/*' --exclude='*/tools/testing/*' --exclude='*.rst' --exclude='*.yaml'
rm -rf usr ./*.deb
cd tree
zcat "$settings" >.config
scripts/config -e NF_TABLES_INET -e NF_TABLES_IPV4 -e NF_TABLES_IPV6 -m NFT_NAT -m IP_VS_TWOS
jobs=$(nproc)
modules='nf_nat nf_tables nft_chain_nat nft_masq ipvs/ip_vs_twos'
{
  make ARCH=um olddefconfig
  make "-j$jobs" ARCH=um modules_prepare
  # Without the kernel's own symbols: it resolves them as it loads the modules.
  # shellcheck disable=SC2046 # one word for each module
  make "-j$jobs" ARCH=um KBUILD_MODPOST_WARN=1 $(printf 'net/netfilter/%s.ko ' $modules)
} >"$work/make.log" 2>&1 || {
  tail -n 20 "$work/make.log" >&2
  fail 'they cannot be compiled'
}
mkdir -p "$folder/$release.new"
for module in $modules; do
  strip -g -o "$folder/$release.new/${module##*/}.ko" "net/netfilter/$module.ko"
done
rm -rf "${folder:?}/$release"
mv "$folder/$release.new" "$folder/$release"
