/** What -h and -v print. */

import { version } from '../system/version.js';

/** Whose command line it is comes first, for scripts that look. */
export const versionText = `ipvsadm v1.31 (ldirectord ${version}, IPVS v1.2.1)\n`;

export const usage = `${versionText}
The table of Linux Virtual Server in the kernel, by the command line of ipvsadm(8).

Usage: ldirectord ipvs COMMAND [OPTIONS]; without a command: -L

Virtual services
  -A, --add-service SERVICE       add; -E, --edit-service: change it, what is not said becomes the default
      -s, --scheduler NAME        rr wrr lc wlc lblc lblcr dh sh mh sed nq fo ovf; default wlc
      -b, --sched-flags NAMES     with commas: sh-port sh-fallback mh-port mh-fallback flag-1 flag-2 flag-3
      -p, --persistent [SECONDS]  a client stays with its real server; default 360
      -M, --netmask MASK          clients of one network are one: 255.255.255.0, or a prefix length of IPv6
      --pe NAME                   what tells clients apart: sip
      -o, --ops                   each packet of UDP on its own
  -D, --delete-service SERVICE    delete with its real servers
  -C, --clear                     delete all

SERVICE is one of
  -t, --tcp-service HOST:PORT     -u, --udp-service HOST:PORT     --sctp-service HOST:PORT
  -f, --fwmark-service MARK       with -6, --ipv6 behind it for IPv6
HOST may be a name, PORT one of /etc/services; an IPv6 address stands in brackets.

Real servers
  -a, --add-server SERVICE -r HOST[:PORT]   add; -e, --edit-server: change it
      -g, --gatewaying            by direct routing, the default
      -m, --masquerading          by address translation, which alone can change the port
      -i, --ipip                  through a tunnel
      --tun-type TYPE             ipip gue gre; --tun-port PORT: of gue
      --tun-nocsum, --tun-csum, --tun-remcsum   checksums of the tunnel
      -w, --weight NUMBER         default 1
      -x, --u-threshold NUMBER    connections from which on it gets no more; -y, --l-threshold: until there are fewer
  -d, --delete-server SERVICE -r HOST[:PORT]   delete

Looking
  -L, -l, --list [SERVICE]        the table, with -n, --numeric, without names
      --stats, --rate             counters, or what comes in a second; --exact: in full
      --thresholds, --persistent-conn, --tun-info   other columns
      --nosort                    in the kernel's order
      -c, --connection            connections; with --persistent-conn: with what the persistence engine found
      --timeout, --daemon         timeouts, or the daemons that synchronize connections
  -Z, --zero [SERVICE]            set counters to 0

The whole
  -S, --save [-n]                 print the table as command lines
  -R, --restore                   read command lines from standard input
      --set TCP TCPFIN UDP        timeouts of connections in seconds; 0 leaves one as it is
      --start-daemon master|backup --mcast-interface NAME [--syncid N] [--sync-maxlen BYTES]
          [--mcast-group ADDRESS] [--mcast-port PORT] [--mcast-ttl HOPS]
      --stop-daemon master|backup
`;
