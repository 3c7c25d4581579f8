import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AddressedService, listenFailure } from '../../../src/ipvs/userspace/listener.js';

const service: AddressedService = {
  ...{ protocol: 'tcp', family: 'inet', address: '192.0.2.1', port: 80 },
  ...{ scheduler: 'wrr', schedflags: [], persistent: 0, netmask: 32, ops: false },
};

function failing(code: string): Error {
  return Object.assign(new Error(`listen ${code}: it failed`), { code });
}

test('a failure names the service, the phase, the cause and what to do', () => {
  const cases: [AddressedService, string, RegExp][] = [
    [service, 'EADDRNOTAVAIL', /`ip address add 192\.0\.2\.1\/32 dev lo`/],
    [
      { ...service, family: 'inet6', address: '2001:db8::1' },
      'EADDRNOTAVAIL',
      /`ip address add 2001:db8::1\/128 dev lo`/,
    ],
    [service, 'EACCES', /cap_net_bind_service/],
    [service, 'EADDRINUSE', /`ss -ltnp 'sport = :80'`/],
    [{ ...service, protocol: 'udp' }, 'EADDRINUSE', /`ss -lunp 'sport = :80'`/],
    [service, 'EMFILE', /LimitNOFILE/],
    [service, 'ENOSPC', /fs\.epoll\.max_user_watches/],
  ];
  for (const [of, code, remedy] of cases) {
    const failure = listenFailure(of, failing(code));
    assert.equal(failure.code, code);
    assert.ok(failure.message.includes(`${of.protocol} `) && failure.message.includes(`: listen: listen ${code}`));
    assert.match(failure.message, remedy);
  }
});

test('an unknown cause is told as it is', () => {
  assert.deepEqual(listenFailure(service, failing('EPROTO')), {
    code: 'EPROTO',
    message: 'tcp 192.0.2.1:80: listen: listen EPROTO: it failed',
  });
  assert.deepEqual(listenFailure(service, 'odd'), { code: 'EIO', message: 'tcp 192.0.2.1:80: listen: odd' });
});
