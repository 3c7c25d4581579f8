/**
 * Every code of a diagnostic, with a sentence for people: what it means, and what to do. Codes are for scripts and
 * stay. The manual prints this table.
 */

/** What no configuration can be had with. */
export const errorCodes = {
  'bad-address': 'an address is none, nor a name that a host can have; write an address, IPv6 in brackets',
  'bad-agent': 'an agent is neither a port, nor HOST:PORT, nor an http address; write one of them',
  'bad-certificate': 'a file does not hold certificates in PEM; name the file that does',
  'bad-header':
    'a header is not `Name: value`, or one that the check sets by itself; for the host name use `virtualhost`',
  'bad-flapdamping': 'flapdamping is neither two numbers of seconds, the first no larger, nor `off`; write `10 300`',
  'bad-hex': 'bytes are not pairs of hex digits, or more than a datagram can have; write them as `0a ff`',
  'bad-key':
    'a file does not hold the private key of its certificate in PEM, without a passphrase; name the file that does',
  'bad-mark': 'a mark is no number from 1 to 4294967295; write it in decimal, or in hex with `0x`',
  'bad-minimum': 'minhealthy is no number of servers and no share of them; write 2 or 50%',
  'bad-netmask': 'a netmask is not four numbers with dots or, for IPv6, a prefix length; write it so',
  'bad-pattern': 'a regular expression is malformed, or has what JavaScript has not; write it another way',
  'bad-port': 'a port is neither a number that ports have nor a name in /etc/services; write the number',
  'bad-ports': 'a list of ports has something else in it; write numbers from 1 to 65535 and ranges of them',
  'bad-range': 'a range of real servers runs backwards, is too long, or is one of IPv6; write its servers one by one',
  'bad-real-server':
    'a real server is not `ADDRESS[:PORT]`, forwarding method, weight, request and answer, thresholds; write them in this order',
  'bad-require':
    'a further check is not `KIND[:PORT] ["REQUEST"] ["RECEIVE"]`, or says what its kind makes nothing of; write what the message says',
  'bad-scheduler': 'a scheduler’s name has no lower-case letter; take one of ipvsadm(8)',
  'bad-status':
    'a list of HTTP status codes has something else in it; write numbers from 200 to 599 and ranges of them',
  'bad-vip': '`vip` names no device, or a label that does not begin with its name; write `eth0` or `eth0 eth0:1`',
  'empty-section': 'the file ends with the line that opens a section; write its lines, or take it out',
  extension:
    'strict mode refuses a directive that Perl’s ldirectord does not know; take it out, or leave out `--strict`',
  'global-in-section': 'a directive of the whole file stands in a section; put it at the beginning of a line',
  'key-without-certificate': '`tlskeyfile` stands without `tlscertfile`; set both',
  'line-too-long': 'a line is too long to be read in good time; shorten it',
  loop: 'a service of the balancer ends at itself; take the real server out that leads back to it',
  'missing-fallback': 'belowminimum=fallback takes all real servers out of use, and there is no fallback; set one',
  'missing-login': '`httpauth=basic` has no user name; set `login`',
  'missing-package': 'a check needs a package that is not installed; install it, or choose another check',
  'not-a-directive': 'a line is not `DIRECTIVE = VALUE`; write it so, or put a `#` before it',
  'not-a-number': 'a value is no number, or none of those that the directive takes; write one that is',
  'not-yes-or-no': 'a value is neither `yes` nor `no`; write one of them',
  'outside-section':
    'a directive of a virtual service stands outside of a section; put it below its virtual line, indented',
  'reserved-mark':
    'a firewall mark is one of those that `checkpath=forwarded`, or `ports`, takes for itself; take one outside of 0x4c000000 to 0x4dffffff',
  'ports-overlap': 'two virtual services have a port of one address in common; leave it to one of them',
  'removed-directive': 'a directive is one that earlier versions knew; write what took its place',
  'track-loop': 'virtual services track each other in a circle; take one `track` out',
  'unknown-checkpath': 'there is no such way for checks; take one of those that are listed',
  'unknown-checktype': 'there is no such kind of check; take one of those that are listed',
  'unknown-directive': 'there is no such directive; look for a misspelling, or take the line out',
  'unknown-dnstype': 'there is no such type of DNS records here; take one of those that are listed',
  'unknown-fallbackuse': 'fallbacks cannot be used so; take one of those that are listed',
  'unknown-forwarding': 'there is no such forwarding method; write gate, masq or ipip',
  'unknown-httpauth': 'there is no such way to log in over HTTP; take one of those that are listed',
  'unknown-httpversion': 'HTTP is not asked in this version; take one of those that are listed',
  'unknown-method': 'HTTP is not asked with this method; write GET or HEAD',
  'unknown-receivein': 'an HTTP answer has no such part; take one of those that are listed',
  'unknown-proxyprotocol': 'the PROXY protocol has two versions; write v1, v2 or none',
  'unknown-resume': 'a real server cannot come back so; write auto or manual',
  'unknown-require': 'there is no such kind of further check; take one of those that are listed',
  'unknown-service':
    'there is no such service, or strict mode refuses it as an extension; take one of those that are listed',
  'unknown-belowminimum': 'there is nothing of that name to do below minhealthy; take one of those that are listed',
  'unknown-startstate': 'a real server cannot start so; take one of those that are listed',
  'unknown-status': 'there is no such state to send mail about; take one of those that are listed',
  'unknown-track':
    '`track` names no virtual service of the file, or its own; write it as its section opens, with a `udp/` before it where two are called so',
  'unknown-tls-mode': 'there is no such way to speak TLS; take one of those that are listed',
  'wrong-checkmark': 'the packets of this check cannot be given a mark; leave `checkmark` out',
  'wrong-checksource':
    'this check cannot be given a source, or not one of this family; write an address of the family, or leave `checksource` out',
  'wrong-family': 'a directive is that of the other address family; write the one with `6`, or the one without',
  'wrong-httpversion': 'this service cannot be asked over HTTP/2; leave `httpversion` out',
  'wrong-ports':
    '`ports` is for an address without a port and without `protocol=fwm`; write `virtual = ADDRESS`, or take it out',
  'wrong-protocol': 'the protocol is none that the virtual service can have; write tcp or udp, for a firewall mark fwm',
  'wrong-slowstart':
    'the scheduler does not go by weights, so that none can grow, or each step would move clients; take one that does, or leave `slowstart` out',
  'wrong-tls-mode': 'this service does not speak TLS in this way; write what the message says',
} as const;

/** What is accepted, though it is odd, or not what somebody may think. */
export const warningCodes = {
  'absolute-request': 'a request is a whole address, which a server is asked for as a path; write the path',
  'address-missing': 'a fallback without an address is the director itself; write 127.0.0.1 where that is meant',
  'address-not-here': 'the address of a service is not on this machine, where the balancer listens; add it',
  'backend-refuses':
    'the backend will refuse a service as it is; change what the message says, or take another backend',
  'blanks-in-section': 'a line of blanks stands in a section, and is passed over; take the blanks out',
  'byte-order-mark': 'the file begins with a byte order mark, which is passed over; save it without',
  capitals: 'a word is written in capitals, and read without them; write it in lower case',
  'carriage-return': 'lines end as on Windows, and are read without their carriage returns; save the file without them',
  'datagram-service': 'a service is asked over UDP, and its virtual service is one of TCP; set `protocol=udp`',
  deprecated: 'something is written in an old way; write what the message says',
  'detached-line': 'a line of a section stands behind a blank line, and is read as part of it; take that line out',
  'drained-persistent':
    'persistent clients stay with a server while it is drained; set sysctl net.ipv4.vs.expire_quiescent_template=1',
  'duplicate-fallback': 'a fallback stands twice in its virtual service, and the kernel holds it once; take one out',
  'duplicate-real-server':
    'a real server stands twice in its virtual service, and the kernel holds it once; take one out',
  'empty-range': 'there is no address in a range of real servers; write its servers one by one',
  'hash-cuts-string': 'a `#` in quotes begins a comment, so that the string ends there; write the string without it',
  'hash-in-string':
    'a `#` in a string is part of it here and begins a comment for Perl’s ldirectord; write the string without it',
  'ignored-text': 'a part of a value has no effect; take it out',
  'indented-global': 'a directive of the whole file is indented, and read as if it were not; put it at the beginning',
  'kept-address': 'a name cannot be asked for just now and keeps the address that it had; look after the name servers',
  'kernel-refuses': 'the kernel will refuse a service or server as it is; change what the message says',
  'mapped-address': 'IPVS cannot forward to an IPv4 address in the form of IPv6; write the IPv4 address',
  'misread-address': 'what stands before the address of a real server has no effect; look whether the rest is meant',
  'missing-program': 'a program that is named is not there, or cannot be run; install it, or name another',
  'missing-statement': 'a database is checked without a login or a statement, and is down; set `login` and `request`',
  'never-checked': 'no service is known for the port, so nothing is checked; set `service` or `checktype`',
  'no-effect': 'a directive is accepted and changes nothing; take the line out',
  'no-indentation': 'a line of a section is not indented, and is read as part of it; indent it by a tab or four blanks',
  'no-real-servers': 'a virtual service has no real server; write one, or take the service out',
  'number-extracted': 'a number stands among other text, of which nothing is made; write the number alone',
  'number-too-large': 'a number is too large, and the largest that there can be is assumed; write that one',
  'number-too-small': 'a number is too small, and the smallest that there can be is assumed; write that one',
  'odd-netmask': 'a netmask has ones behind zeros, so that distant clients count as one; look whether that is meant',
  'one-server-scheduler':
    'the scheduler chooses by the address that clients ask for, which is one here; take `sh` or `mh`, or a firewall mark for many addresses',
  'path-closed':
    'the answers to checks of `checkpath=forwarded` are dropped by this machine; set the sysctl that the message names',
  'port-missing': 'an address without a port is read as a firewall mark; write `ADDRESS:PORT`',
  'port-not-mapped': 'gate and ipip cannot change the port of packets; write the port of the service, or use masq',
  'ports-mapped':
    'a real server with masq and a port gets what comes to any of `ports` at that one; leave its port out',
  'protocol-fwm': '`protocol=fwm` stands in a service that has an address; take the line out',
  'nft-missing': '`ports` and `snat` need the program nft; install Debian’s package nftables',
  'quiescent-persistent':
    'persistent clients stay with a quiescent server that is down; set sysctl net.ipv4.vs.expire_quiescent_template=1',
  'quiescent-udp':
    'a UDP client stays with a quiescent server that is down; set `quiescent=no` and sysctl net.ipv4.vs.expire_nodest_conn=1, or `ops=yes`',
  'quoted-thresholds': 'thresholds stand in quotes and are read as a request and its answer; write `l:10 u:20`',
  'quoted-value': 'a value stands in quotes that it must not have, and is read without them; take them out',
  'quotes-kept': 'a value stands in quotes, which are part of it here; take them out',
  'replaced-fallback':
    'a fallback has no effect, since another line stands below it; set `fallbackuse`, or take it out',
  'receive-ignored':
    'the request of a real server begins with `/`, so that what follows it has no effect; leave that `/` out',
  'short-indentation':
    'a line is indented by too little, and read as part of its section; indent it by a tab or four blanks',
  'single-quotes': 'single quotes are read as double quotes; write double ones',
  'snat-without-conntrack':
    '`snat` has no effect while IPVS keeps connections from netfilter; set sysctl net.ipv4.vs.conntrack=1',
  'smart-quotes': 'typographic quotes are read as double quotes; write `"`',
  'stale-udp':
    'a UDP client gets no answer for minutes when its server is taken out; set sysctl net.ipv4.vs.expire_nodest_conn=1, or `ops=yes`',
  'status-line-in-receive':
    '`receive` looks for a status line, where only the body is searched; leave it out for any 2xx',
  'trailing-blanks': 'blanks stand at the end of a line, and are passed over; take them out',
  'trailing-comment': 'a comment stands behind a value, and is passed over; give it a line of its own',
  'slots-kept':
    'the scheduler sends clients to a server of weight 0 and drops them; set its flag for a fallback, or `quiescent=no`',
  'unknown-facility': 'the system’s log has no such facility, and the usual one is used; take one of syslog(3)',
  'unknown-scheduler':
    'the kernel has no such scheduler of its own; look for a misspelling, or load the module that has it',
  'unresolved-name':
    'a name has no address, so that its server is down or its service left out; mend the name, or look after the name servers',
  'unusual-address':
    'an address is written in a short or octal form; write the one that the message says, if it is meant',
  'unwritable-output':
    'a file or log that is named cannot be written, and lines are lost; make it writable, or name another',
  'useless-checkpath':
    '`checkpath=forwarded` is for gate and ipip, and the checks of masq go to the real server; take it out',
  'unweighted-agent':
    'the scheduler does not go by weights as an agent’s share needs it; take one that does, or let the agent say no share',
  'useless-agent': 'a directive about the agent stands where there is none; set `agent`, or take it out',
  'useless-dnstype': '`dnstype` stands where no DNS record is asked for; take it out',
  'useless-hex': '`requesthex` or `receivehex` stands where bytes are not asked for; set `service=udp`, or take it out',
  'useless-mark': 'there is no such firewall mark; write a number from 1 to 4294967295',
  'useless-netmask': 'a netmask has no effect without `persistent`, or is none; set both, or take it out',
  'useless-cleanstop':
    'what the balancer serves ends with its process, whatever `cleanstop` says; take `cleanstop` out',
  'useless-fallback':
    'a directive about the checks of fallbacks stands where none is checked; set a fallback and `fallbackcheck`, or take it out',
  'useless-forwarding': 'the balancer connects to real servers itself, whatever the forwarding method; write `masq`',
  'useless-ops': 'the kernel schedules single packets for UDP alone; set `protocol=udp`, or take `ops` out',
  'useless-receive': 'the answer of a database counts by its rows, and not by `receive`; take it out',
  'weight-too-small': 'a weight of 1 can neither grow nor be shared; give all real servers larger ones, as 100',
  'useless-require': 'a further check stands where servers are not asked at all; take it out, or set `checktype`',
  'useless-proxyprotocol':
    'the PROXY protocol is spoken where the embedded balancer forwards TCP; the kernel leaves streams as they are, and shows servers the client anyway',
  'useless-snat': 'gate and ipip leave the address of clients as it is, whatever `snat` says; take it out, or use masq',
  'useless-withdraw':
    '`belowminimum = withdraw` stands where no `[announce]` of ldirectord.ini is about the address; set one, or another rule',
  'useless-vip': 'a firewall mark has no address that could be put on a device; take `vip` out, or set it to `off`',
  'useless-tls': 'a directive about TLS stands where none is spoken, or nothing verified; do what the message says',
} as const;

/** An error in one place, a warning in another: by mode, by file, or by how plain it is. */
export const eitherCodes = {
  'duplicate-virtual': 'two sections are about one virtual service, which the kernel holds once; make one of them',
  'empty-value': 'nothing stands behind a `=`, and in ldirectord.ini the default holds; write a value',
  'unquoted-string':
    'a string stands without its double quotes, as if it had them unless in strict mode; put it in them',
  'unreadable-file':
    'a file that is named, or ldirectord.ini, is there and cannot be read; what ldirectord.ini said before, or its defaults, hold',
  'wrong-checkpath':
    'this check cannot go as the kernel forwards, or nothing forwards as the kernel does; leave `checkpath` out',
} as const;

/** Warnings about the settings file. */
export const settingCodes = {
  'bad-section': 'a section that could not take effect as it is; all of it is left out',
  'bad-value': 'a value that the key does not take; the default holds',
  'bad-announcement': 'an address that could never be announced; the section is left out',
  'bad-window': 'a window that could never open, or is about nobody in particular; it is left out',
  'duplicate-setting': 'a key that stands twice, in one section or before all; the last one holds',
  'lasting-announcement':
    '`vip` keeps an address on the device that it is announced by, whatever its health; take another device for one of them',
  'next-start': 'another backend than the one that holds the table; it counts at the next start',
  'idle-announcement':
    'no virtual service has the address that a section of announcements is about, or another section of it counts; look for a misspelling, or take it out',
  'idle-window':
    'the configuration has no real server, or no virtual service, that a window is about; look for a misspelling, or take it out',
  'open-password':
    'a password would go in the clear over a network to an `http://` endpoint; take `https://`, or 127.0.0.1',
  syntax: 'a line that is neither `key = value` nor a section; it is left out',
  'unknown-section': 'a section that there is not; all of it is left out',
  'unknown-setting': 'no key of this name stands there; the line is left out',
} as const;

export type ErrorCode = keyof typeof errorCodes | keyof typeof eitherCodes;
export type WarningCode = keyof typeof warningCodes | keyof typeof eitherCodes | keyof typeof settingCodes;
export type DiagnosticCode = ErrorCode | WarningCode;

export const diagnosticCodes: Readonly<Record<DiagnosticCode, string>> = {
  ...errorCodes,
  ...warningCodes,
  ...eitherCodes,
  ...settingCodes,
};
