import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from '../../../src/ipvs/backend.js';
import { KernelClient } from '../../../src/ipvs/kernel/client.js';
import type { Destination, Service } from '../../../src/ipvs/table.js';
import { ack, attribute, done, generic, hex } from '../../netlink/bytes.js';
import {
  agreeable,
  commandOf,
  FakeKernel,
  family,
  type Kernel,
  sequenceOf,
  typeOf,
  withFamily,
} from '../../netlink/fake-socket.js';

const service: Service = {
  ...({ protocol: 'tcp', family: 'inet', address: '192.0.2.1', port: 80 } as const),
  ...{ scheduler: 'wrr', schedflags: [], persistent: 0, netmask: 32, ops: false },
};
const destination: Destination = {
  ...({ address: '10.0.0.1', port: 80, forward: 'masq' } as const),
  ...{ weight: 1, upperThreshold: 0, lowerThreshold: 0 },
};

function clientOf(fake: FakeKernel, options: { loadModule?: () => Promise<string | null>; timeout?: number } = {}) {
  return new KernelClient({ open: fake.open, loadModule: async () => null, timeout: 10_000, ...options });
}

function adding(count: number): Operation[] {
  return Array.from({ length: count }, (_, port) => ({
    ...({ type: 'add-destination', service } as const),
    destination: { ...destination, port },
  }));
}

/** Of the sends, those that carry operations. */
function batches(fake: FakeKernel): number[] {
  return fake.sends.filter(([first]) => first && typeOf(first) === family).map((messages) => messages.length);
}

test('sends many messages at once, and no more than the kernel keeps answers for', async () => {
  const roomy = new FakeKernel(agreeable, 212_992);
  const answers = await clientOf(roomy).apply(adding(1000));
  assert.deepEqual(answers, new Array(1000).fill(null));
  assert.ok(batches(roomy).length < 100, `${batches(roomy).length} sends`);
  assert.ok(Math.max(...batches(roomy)) * 1_024 < roomy.receiveBuffer);

  const narrow = new FakeKernel(agreeable, 5_000);
  await clientOf(narrow).apply(adding(10));
  assert.equal(Math.max(...batches(narrow)), 3);
  const none = new FakeKernel(agreeable, 0);
  await clientOf(none).apply(adding(2));
  assert.deepEqual(batches(none), [1, 1]);
  const short = new FakeKernel(agreeable, 212_992, 1_000);
  await clientOf(short).apply(adding(9));
  assert.equal(Math.max(...batches(short)), 4);
});

test('a failed operation fails alone, with the object, the reason and what to do', async () => {
  const errnos = new Map([
    [1, 17],
    [2, 3],
    [3, 2],
    [4, 34],
    [5, 22],
    [6, 1],
    [7, 12],
  ]);
  const fake = new FakeKernel(
    withFamily((messages, socket) => {
      messages.forEach((each, index) => {
        const errno = errnos.get(index) ?? 0;
        socket.deliver(ack(each, errno, errno === 12 ? 'too many' : undefined));
      });
    }),
  );
  const failures = await clientOf(fake).apply([
    { type: 'add-service', service },
    { type: 'add-service', service },
    { type: 'delete-service', service },
    { type: 'edit-service', service: { ...service, scheduler: 'nonesuch' } },
    { type: 'edit-destination', service, destination: { ...destination, upperThreshold: 1, lowerThreshold: 2 } },
    { type: 'add-destination', service, destination: { ...destination, address: '2001:db8::1' } },
    { type: 'delete-destination', service, destination },
    { type: 'add-destination', service, destination },
    { type: 'delete-destination', service, destination },
  ]);
  assert.deepEqual(failures, [
    null,
    { code: 'EEXIST', message: 'tcp 192.0.2.1:80: add-service: the service stands already' },
    { code: 'ESRCH', message: 'tcp 192.0.2.1:80: delete-service: no such service' },
    {
      code: 'ENOENT',
      message: 'tcp 192.0.2.1:80: edit-service: scheduler "nonesuch" is not in the kernel: modprobe ip_vs_nonesuch',
    },
    {
      code: 'ERANGE',
      message: '10.0.0.1:80 in tcp 192.0.2.1:80: edit-destination: lower threshold 2 is above upper threshold 1',
    },
    {
      code: 'EINVAL',
      message:
        '[2001:db8::1]:80 in tcp 192.0.2.1:80: add-destination: a destination of another address family has to be ipip',
    },
    {
      code: 'EPERM',
      message:
        '10.0.0.1:80 in tcp 192.0.2.1:80: delete-destination: not permitted: it takes root or the capability CAP_NET_ADMIN',
    },
    {
      code: 'ENOMEM',
      message: '10.0.0.1:80 in tcp 192.0.2.1:80: add-destination: not enough memory (the kernel says: too many)',
    },
    null,
  ]);
});

test('what a request cannot say is refused without asking, in its place', async () => {
  const fake = new FakeKernel(agreeable);
  const wrong: Operation[] = [
    { type: 'add-service', service: { ...service, address: 'fe80::1%eth0' } },
    { type: 'add-service', service: { ...service, port: 65_536 } },
    { type: 'add-service', service: { ...service, netmask: 33 } },
    { type: 'add-service', service: { ...service, scheduler: 'a-name-of-16-bytes' } },
    { type: 'add-service', service: { ...service, schedflags: ['sh-port'] } },
    { type: 'add-service', service: { ...service, persistent: -1 } },
    { type: 'add-service', service: { ...service, protocol: 'fwm', mark: 2 ** 32 } },
    { type: 'add-destination', service, destination: { ...destination, address: 'web.example' } },
    { type: 'add-destination', service, destination: { ...destination, weight: 2 ** 31 } },
    { type: 'add-destination', service, destination: { ...destination, weight: 1.5 } },
    { type: 'add-destination', service, destination: { ...destination, upperThreshold: -1 } },
    { type: 'delete-destination', service, destination: { address: '10.0.0.1', port: -1 } },
    {
      ...({ type: 'add-destination', service } as const),
      destination: { ...destination, forward: 'ipip', tunnel: { type: 'gue', port: 70_000, checksum: 'none' } },
    },
  ];
  const good: Operation = { type: 'add-service', service };
  const failures = await clientOf(fake).apply([good, ...wrong, good]);
  assert.deepEqual(
    failures.map((failure) => failure?.code ?? null),
    [null, ...wrong.map(() => 'EINVAL'), null],
  );
  assert.deepEqual(batches(fake), [2]);
});

test('operations whose answers were lost are told from those that failed, and the rest are tried', async () => {
  let sends = 0;
  const fake = new FakeKernel(
    withFamily((messages, socket) => {
      sends += 1;
      messages.forEach((each, index) => {
        if (sends !== 2 || index === 0) socket.deliver(ack(each));
      });
      if (sends === 2) socket.fail('ENOBUFS');
    }),
    5_000,
  );
  const failures = await clientOf(fake).apply(adding(8));
  // How many are sent at once depends on how long the machine took for those before.
  const [first = 0, second = 0] = batches(fake);
  assert.deepEqual(
    failures.map((failure) => failure?.code ?? null),
    adding(8).map((_, index) => (index > first && index < first + second ? 'EAGAIN' : null)),
  );
  const lost = failures.filter((failure) => failure !== null);
  assert.ok(lost.length === second - 1 && lost.every(({ unanswered }) => unanswered));
  if (lost.length > 0) assert.match(lost[0]?.message ?? '', /^10\.0\.0\.1:\d in tcp .*read the table again/);
});

/** Keeps this thread, as a kernel does that carries out what it is sent. */
function busyFor(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test('what takes the kernel long is sent in small portions, so that everything else has its turn in between', async () => {
  const slow = new FakeKernel(
    withFamily((messages, socket) => {
      busyFor(4 * messages.length);
      for (const message of messages) socket.deliver(ack(message));
    }),
  );
  const answers = await clientOf(slow).apply(adding(100));
  assert.deepEqual(answers, new Array(100).fill(null));
  const [first = 0, ...others] = batches(slow);
  assert.ok(first <= 32 && Math.max(...others) <= 10, `${[first, ...others]}`);
});

test('few services are sent at once: for each the kernel may look for a module', async () => {
  const fake = new FakeKernel(agreeable);
  const operations = Array.from({ length: 50 }, (_, port): Operation => {
    return {
      type: 'add-service',
      service: { ...service, ...({ protocol: 'tcp' } as const), port, address: '192.0.2.1' },
    };
  });
  assert.deepEqual(await clientOf(fake).apply(operations), new Array(50).fill(null));
  assert.equal(batches(fake)[0], 16);
  assert.ok(Math.max(...batches(fake)) <= 16);
});

test('time that the kernel takes before the send returns is no time without an answer', async () => {
  const timeout = 300;
  const fake = new FakeKernel(
    withFamily((messages, socket) => {
      // The answers are there, and nobody could have taken them.
      for (const message of messages) socket.deliver(ack(message));
      busyFor(2 * timeout);
    }),
  );
  assert.deepEqual(await clientOf(fake, { timeout }).apply(adding(1)), [null]);
});

test('a kernel that does not answer costs one deadline, not one for each message', async () => {
  const fake = new FakeKernel(
    withFamily(() => {}),
    2_000,
  );
  const failures = await clientOf(fake, { timeout: 500 }).apply(adding(50));
  assert.deepEqual(new Set(failures.map((failure) => failure?.code)), new Set(['ETIMEDOUT']));
  assert.deepEqual(batches(fake), [1]);
});

const nested = (type: number, ...attributes: Buffer[]) => attribute(type | 0x8000, Buffer.concat(attributes));
const serviceRow = nested(
  1,
  ...[
    attribute(1, hex('02 00')),
    attribute(2, hex('06 00')),
    attribute(3, hex('c0 00 02 01')),
    attribute(4, hex('00 50')),
  ],
  ...[attribute(6, Buffer.from('wrr\0')), attribute(7, hex('02 00 00 00 ff ff ff ff'))],
  ...[attribute(8, hex('00 00 00 00')), attribute(9, hex('ff ff ff ff'))],
);
const destinationRow = nested(
  2,
  ...[attribute(1, hex('0a 00 00 01')), attribute(2, hex('00 50')), attribute(3, hex('00 00 00 00'))],
  ...[attribute(4, hex('01 00 00 00')), attribute(11, hex('02 00'))],
);

/** A table of one service with one destination; `spoil` may say something first and keep the rest back. */
function tableKernel(spoil: (request: Buffer, socket: Parameters<Kernel>[1]) => boolean): Kernel {
  return withFamily(([request], socket) => {
    if (!request || spoil(request, socket)) return;
    const sequence = sequenceOf(request);
    const row = commandOf(request) === 4 ? serviceRow : destinationRow;
    socket.deliver(generic({ type: family, flags: 2, sequence }, commandOf(request), row));
    socket.deliver(done(sequence));
  });
}

test('other calls have their turn while a table is read, and the rest is not read for somebody who waits no longer', async () => {
  const services = 40;
  const dumps: number[] = [];
  const fake = new FakeKernel(
    withFamily(([request], socket) => {
      if (!request) return;
      const sequence = sequenceOf(request);
      dumps.push(commandOf(request));
      if (commandOf(request) === 4) {
        for (let each = 0; each < services; each += 1) {
          socket.deliver(generic({ type: family, flags: 2, sequence }, 4, serviceRow));
        }
      }
      socket.deliver(commandOf(request) === 4 || commandOf(request) === 8 ? done(sequence) : ack(request));
    }),
  );
  const client = clientOf(fake);
  const reading = client.list();
  await client.apply(adding(1));
  assert.deepEqual(
    dumps.filter((code) => code === 4 || code === 8),
    [4],
  );
  await reading;
  assert.equal(dumps.filter((code) => code === 8).length, services);

  const givenUp = new AbortController();
  const late = client.list({ signal: givenUp.signal });
  givenUp.abort();
  await assert.rejects(late, { name: 'AbortError' });
  assert.equal(dumps.filter((code) => code === 8).length, services);
});

/** Carries `spoiling` out for each dump of destinations, at most so many times. */
function spoiled(times: number, spoiling: (request: Buffer, socket: Parameters<Kernel>[1]) => void): FakeKernel {
  let left = times;
  return new FakeKernel(
    tableKernel((request, socket) => {
      if (commandOf(request) !== 8 || left === 0) return false;
      left -= 1;
      spoiling(request, socket);
      return true;
    }),
  );
}

const interrupt = (request: Buffer, socket: Parameters<Kernel>[1]) => {
  const sequence = sequenceOf(request);
  socket.deliver(generic({ type: family, flags: 0x12, sequence }, 8, destinationRow));
  socket.deliver(generic({ type: family, flags: 0x02, sequence }, 8, destinationRow));
  socket.deliver(done(sequence));
};
const answer = (errno: number) => (request: Buffer, socket: Parameters<Kernel>[1]) =>
  socket.deliver(ack(request, errno));
const lose = (_: Buffer, socket: Parameters<Kernel>[1]) => socket.fail('ENOBUFS');

test('a dump that changes or lost answers spoiled is read again, as a whole', async () => {
  for (const spoiling of [interrupt, lose, answer(11), answer(16)]) {
    const table = await clientOf(spoiled(2, spoiling)).list();
    assert.deepEqual([...table.keys()], ['tcp 192.0.2.1:80']);
    const entry = table.get('tcp 192.0.2.1:80');
    assert.deepEqual(entry?.service, service);
    assert.deepEqual(
      [...(entry?.destinations ?? [])],
      [['10.0.0.1:80', { ...destination, activeConnections: 0, inactiveConnections: 0, persistentConnections: 0 }]],
    );
  }
});

test('but not for ever', async () => {
  await assert.rejects(clientOf(spoiled(100, interrupt)).list(), { code: 'EAGAIN', message: /changes faster/ });
  await assert.rejects(clientOf(spoiled(100, answer(11))).list(), { code: 'EAGAIN' });
  await assert.rejects(clientOf(spoiled(100, lose)).list(), { code: 'ENOBUFS', message: /destinations of tcp 192/ });
  await assert.rejects(clientOf(spoiled(100, answer(1))).list(), { code: 'EPERM', message: /CAP_NET_ADMIN/ });
});

test('a module that was unloaded and loaded again is found by its new number', async () => {
  const numbers = [0x25, 0x26];
  const lookUps: number[] = [];
  const fake = new FakeKernel(([request], socket) => {
    if (!request) return;
    const sequence = sequenceOf(request);
    if (typeOf(request) === 0x10) {
      const number = numbers[Math.min(lookUps.length, 1)] ?? 0;
      lookUps.push(number);
      socket.deliver(generic({ type: 0x10, sequence }, 1, attribute(1, Buffer.from([number, 0]))));
      socket.deliver(ack(request));
    } else if (typeOf(request) === 0x26) socket.deliver(done(sequence));
    else socket.deliver(ack(request, 2));
  });
  assert.equal((await clientOf(fake).list()).size, 0);
  assert.deepEqual(lookUps, [0x25, 0x26]);
});

test('without IPVS the module is loaded once, and what then lacks is said', async () => {
  let [loads, present] = [0, false];
  const fake = new FakeKernel((messages, socket) => {
    const [request] = messages;
    if (request && typeOf(request) === 0x10 && !present) socket.deliver(ack(request, 2));
    else agreeable(messages, socket);
  });
  const loading = (loaded: boolean, answer: string | null) => ({
    loadModule: async () => {
      loads += 1;
      present = loaded;
      return answer;
    },
  });
  await assert.rejects(clientOf(fake, loading(false, 'modprobe: not found')).flush(), {
    code: 'ENOENT',
    message: /has none \(modprobe: not found\).*`modprobe ip_vs`.*--backend userspace/,
  });
  await assert.rejects(clientOf(fake, loading(false, null)).flush(), { message: /has none: load it/ });
  assert.equal(loads, 2);
  await clientOf(fake, loading(true, null)).flush();
  assert.equal(loads, 3);
});

test('where no socket can be had, everything says so', async () => {
  const fake = new FakeKernel(agreeable);
  fake.refusal = Object.assign(new Error('not supported'), { code: 'EAFNOSUPPORT' });
  const client = clientOf(fake);
  await assert.rejects(client.info(), { code: 'EAFNOSUPPORT', message: /kernel IPVS: .*not supported/ });
  await assert.rejects(client.apply(adding(2)), { code: 'EAFNOSUPPORT' });
});

test('calls take turns, and only so many wait', async () => {
  const fake = new FakeKernel(agreeable);
  const client = clientOf(fake);
  const calls = Array.from({ length: 100 }, () => client.flush());
  const outcomes = await Promise.allSettled(calls);
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  assert.equal(refused.length, 36);
  assert.equal(fake.sends.length, 65, 'one look-up, and one for each call that was taken');
  await client.flush();
  await client.close();
  await assert.rejects(client.flush(), { code: 'EBADF', message: /closed/ });
  assert.ok(fake.sockets.every(({ closed }) => closed));
});

test('an answer that says nothing of what was asked is an error', async () => {
  const client = clientOf(new FakeKernel(agreeable));
  await assert.rejects(client.info(), { code: 'EBADMSG', message: /ask its version/ });
});
