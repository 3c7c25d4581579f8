import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArguments } from '../../src/ipvsadm/arguments.js';
import { type Request, WrongArguments } from '../../src/ipvsadm/request.js';
import { parseServices } from '../../src/system/port-names.js';

const ports = parseServices('http 80/tcp\ndomain 53/tcp\ndomain 53/udp\nsyslog 514/udp\nshell 514/tcp\n');

function parse(line: string): Request {
  return parseArguments(
    line.split(' ').map((word) => (word === "''" ? '' : word)),
    ports,
  );
}

const plain = { scheduler: 'wlc', schedflags: [], persistent: 0, netmask: 32, ops: false };
const web = { protocol: 'tcp', family: 'inet', address: '10.0.0.1', port: 80 } as const;
const server = { forward: 'gate', weight: 1, upperThreshold: 0, lowerThreshold: 0 } as const;

test('services', () => {
  const service = (line: string) => {
    const request = parse(line);
    return request.do === 'change' ? request.operation : assert.fail(request.do);
  };
  assert.deepEqual(service('-A -t 10.0.0.1:http'), { type: 'add-service', service: { ...web, ...plain } });
  assert.deepEqual(service('-E -t 10.0.0.1:80 -s sh -b sh-port,sh-port,flag-3 -p -M 255.255.0.0'), {
    type: 'edit-service',
    service: { ...web, ...plain, scheduler: 'sh', schedflags: ['sh-port', 'flag-3'], persistent: 360, netmask: 16 },
  });
  assert.deepEqual(service('-A -u [2001:DB8:0::1]:domain -p 30 -M 64 -o --pe sip'), {
    type: 'add-service',
    service: {
      ...{ protocol: 'udp', family: 'inet6', address: '2001:db8::1', port: 53 },
      ...{ ...plain, persistent: 30, netmask: 64, ops: true, persistenceEngine: 'sip' },
    },
  });
  assert.deepEqual(service('-A -f 4294967295 -6 -p 5'), {
    type: 'add-service',
    service: { protocol: 'fwm', family: 'inet6', mark: 4294967295, ...plain, persistent: 5, netmask: 128 },
  });
  assert.deepEqual(service('-A -t 10.0.0.1:80 -p 5 -M 255.0.255.0'), {
    type: 'add-service',
    service: { ...web, ...plain, persistent: 5, netmask: 8, oddMask: '255.0.255.0' },
  });
  assert.deepEqual(service('-D --sctp-service web.example:80'), {
    type: 'delete-service',
    service: { protocol: 'sctp', family: 'inet', address: 'web.example', port: 80 },
  });
});

test('real servers: only masquerading changes the port, and a port left out is the service’s', () => {
  const destination = (line: string) => {
    const request = parse(line);
    if (request.do !== 'change' || !('destination' in request.operation)) return assert.fail(request.do);
    return request.operation.destination;
  };
  const at = (port: number, rest: object = {}) => ({ address: '10.1.0.1', port, ...server, ...rest });
  assert.deepEqual(destination('-a -t 10.0.0.1:80 -r 10.1.0.1'), at(80));
  assert.deepEqual(destination('-a -t 10.0.0.1:80 -r 10.1.0.1:81'), at(80));
  assert.deepEqual(destination('-a -t 10.0.0.1:80 -r 10.1.0.1:81 -m'), at(81, { forward: 'masq' }));
  assert.deepEqual(destination('-a -r 10.1.0.1 -m -t 10.0.0.1:80'), at(0, { forward: 'masq' }));
  assert.deepEqual(destination('-a -f 5 -r 10.1.0.1:syslog'), at(514));
  assert.deepEqual(
    destination('-e -f 5 -r 10.1.0.1 -w 010 -x 9 -y 3'),
    at(0, { weight: 10, upperThreshold: 9, lowerThreshold: 3 }),
  );
  assert.deepEqual(
    destination('-a -t 10.0.0.1:80 -r 10.1.0.1 -i --tun-type gue --tun-port 6080 --tun-remcsum'),
    at(80, { forward: 'ipip', tunnel: { type: 'gue', port: 6080, checksum: 'remote' } }),
  );
  assert.deepEqual(destination('-a -t 10.0.0.1:80 -r [fc00::1]:80 -i --tun-type gre'), {
    ...{ ...server, address: 'fc00::1', port: 80, forward: 'ipip' },
    tunnel: { type: 'gre', checksum: 'none' },
  });
  assert.deepEqual(destination('-d -t 10.0.0.1:80 -r 10.1.0.1:81'), { address: '10.1.0.1', port: 81 });
});

test('the other commands', () => {
  const requests: Readonly<Record<string, Request>> = {
    '-C': { do: 'clear' },
    '-R': { do: 'restore' },
    '-Sn': { do: 'save', numeric: true },
    '-Z': { do: 'zero', service: null },
    '-Z -t 10.0.0.1:80': { do: 'zero', service: web },
    '-L -c --persistent-conn': { do: 'list-connections', numeric: false, engines: true },
    '-Ln --timeout': { do: 'list-timeouts' },
    '-L --daemon': { do: 'list-daemons' },
    '--set 0 +5 600': { do: 'set-timeouts', timeouts: { tcp: 0, tcpFin: 5, udp: 600 } },
    '--stop-daemon backup': { do: 'stop-daemon', state: 'backup' },
    '--start-daemon=master --mcast-interface eth0 --mcast-ttl 2': {
      do: 'start-daemon',
      daemon: { state: 'master', interface: 'eth0', syncId: 0, ttl: 2 },
    },
    '-h -n': { do: 'help' },
    '-v foo': { do: 'version' },
    '-L --stats --rate -t 10.0.0.1:80': {
      do: 'list',
      listing: { view: 'stats', exact: false, sorted: true, numeric: false },
      only: web,
    },
    '-ln --tun-info --nosort --sort --exact': {
      do: 'list',
      listing: { view: 'tun-info', exact: true, sorted: false, numeric: true },
      only: null,
    },
  };
  for (const [line, request] of Object.entries(requests)) assert.deepEqual(parse(line), request, line);
});

/** By the line what ipvsadm prints of it, with its exit status before it. */
const wrong: Readonly<Record<string, string>> = {
  foo: "255 Try `ipvsadm -h' or 'ipvsadm --help' for more information.",
  '-n -L': "255 Try `ipvsadm -h' or 'ipvsadm --help' for more information.",
  '-A -D': "2 invalid option `-D'",
  '-L --start-daemon master': "2 invalid option `master'",
  '-A -t': '255 -t: missing argument',
  '-A -t 10.0.0.1 -q': '255 -q: unknown option',
  '-A foo -t 10.0.0.1:80 -n': '2 unexpected argument foo',
  "-L ''": '2 unexpected argument ',
  '-A -n': "2 Illegal 'numeric' option with the 'add-service' command",
  '-A -t 10.0.0.1:80 -w 1 -r 1.1.1.1 -g': "2 Illegal 'real-server' option with the 'add-service' command",
  '-A': "2 You need to supply the 'service-address' option for the 'add-service' command",
  '-a -t 10.0.0.1:80 --pe sip': "2 You need to supply the 'real-server' option for the 'add-server' command",
  '-A -t 10.0.0.1': '2 Zero port specified for non-persistent service',
  '-A -t 10.0.0.1:80 -u 10.0.0.1:80': "2 multiple 'service-address' options specified",
  '-A -t 10.0.0.1:nosuch': '2 illegal virtual server address[:port] specified',
  '-A -t [::1]': '2 illegal virtual server address[:port] specified',
  '-A -t 10.0.0.1:80 -p 0': "2 invalid timeout value `0' specified",
  '-A -t 10.0.0.1:80 -M x': '2 illegal virtual server persistent mask specified',
  '-A -t [::1]:80 -M 129': '2 illegal ipv6 netmask specified',
  '-A -f 0x10': "2 invalid fwmark value `0x10' specified",
  '-A -6 -f 5': '2 -6 used before -f\n',
  '-A -t 10.0.0.1:80 -o': '2 One-Packet Scheduling is only for UDP virtual services',
  '-A -t 10.0.0.1 -b bogus': "2 invalid scheduler flag `bogus'",
  '-A -t 10.0.0.1:80 -b constructor': "2 invalid scheduler flag `constructor'",
  '-A -t 10.0.0.1:80 -b sh-port -n': "2 incompatible scheduler flag `sh-port'",
  '-a -u 10.0.0.1:80 -r 10.1.0.1:shell': '2 illegal real server address[:port] specified',
  '-a -t 10.0.0.1:80 -r 10.1.0.1 -w -1': '2 illegal weight specified',
  '-a -t 10.0.0.1:80 -r 10.1.0.1 -x 2147483648': '2 illegal u_threshold specified',
  '-a -t 10.0.0.1:80 -r 10.1.0.1 -g -m': "2 multiple 'forwarding-method' options specified",
  '-a -t 10.0.0.1:80 -r [::2]:80': '2 Different address family is allowed only for tunneling servers',
  '-a -t 10.0.0.1:80 -r 10.1.0.1 --tun-csum': '2 Tunnel options conflict with forward method',
  '-a -t 10.0.0.1:80 -r 10.1.0.1 -i --tun-type gue':
    "2 You need to supply the 'tun-port' option for the 'gue' tunnel type",
  '-a -t 10.0.0.1:80 -r 10.1.0.1 -i --tun-csum': "2 Illegal 'tun-csum' option with the 'ipip' tunnel type",
  '-a -t 10.0.0.1:80 -r 10.1.0.1 -i --tun-type gre --tun-nocsum --tun-csum':
    "2 The option 'tun-csum' conflicts with the 'tun-nocsum' option in the 'gre' tunnel type",
  '-L -c --timeout --stats': "2 The option 'timeout' conflicts with the 'connection' option in the 'list' command",
  '-L --daemon --rate': '2 options conflicts in the list command',
  '--set 1 2': '2 --set option requires 3 timeout values',
  '--set 1 x 3 4': "2 invalid timeout value `x' specified",
  '--start-daemon foo': '2 illegal start-daemon parameter specified',
  '--start-daemon master --mcast-group 10.0.0.1': "2 invalid IPv4 mcast-group `10.0.0.1'",
  '--start-daemon master --mcast-group fe80::1': "2 invalid IPv6 mcast-group `fe80::1'",
};

for (const [line, expected] of Object.entries(wrong)) {
  test(`wrong: ${line}`, () => {
    assert.throws(
      () => parse(line),
      (error) => error instanceof WrongArguments && `${error.status} ${error.message}` === expected,
    );
  });
}
