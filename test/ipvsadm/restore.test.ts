import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Operation } from '../../src/ipvs/backend.js';
import { MemoryBackend } from '../../src/ipvs/memory.js';
import { maskSettings } from '../../src/ipvs/netmask.js';
import type { Destination, MeteredTable, Service, Tunnel } from '../../src/ipvs/table.js';
import type { Client } from '../../src/ipvsadm/execute.js';
import { HostAddresses } from '../../src/ipvsadm/host-addresses.js';
import { numbersAlone } from '../../src/ipvsadm/labels.js';
import { restore } from '../../src/ipvsadm/restore.js';
import { savedText } from '../../src/ipvsadm/saved.js';
import { parseServices } from '../../src/system/port-names.js';

interface Restored {
  readonly status: number;
  readonly complaints: readonly string[];
  readonly output: string;
  readonly table: MeteredTable;
  /** How many changes were sent at a time. */
  readonly batches: readonly number[];
}

/** Into an empty table, from pieces as a pipe may give them. */
async function restored(...pieces: readonly string[]): Promise<Restored> {
  let backend = new MemoryBackend();
  const batches: number[] = [];
  const complaints: string[] = [];
  let output = '';
  const unused = () => Promise.reject(new Error('not called here'));
  const client: Client = {
    apply: (operations: readonly Operation[]) => {
      batches.push(operations.length);
      return backend.apply(operations);
    },
    list: () => backend.read(),
    flush: async () => {
      backend = new MemoryBackend();
    },
    ...{
      daemons: unused,
      setTimeouts: unused,
      startDaemon: unused,
      stopDaemon: unused,
      timeouts: unused,
      zero: unused,
    },
  };
  const status = await restore(
    (async function* () {
      yield* pieces;
    })(),
    {
      client,
      info: { version: '1.2.1', tableSize: 4096 },
      ports: parseServices(''),
      addresses: new HostAddresses(),
      terminal: {
        input: () => assert.fail('the input is there already'),
        print: async (text) => {
          output += text;
        },
        complain: (line) => complaints.push(line),
      },
    },
  );
  return { status, complaints, output, table: await backend.read(), batches };
}

test('changes that come together are sent together', async () => {
  const { status, batches, table } = await restored(
    '-A -t 10.0.0.1:80\nipvsadm -a -t 10.0.0.1:80 -r 10.1.0.1\n\n-A -t 10.0.',
    '0.2:80\n-A -t 10.0.0.3:80',
  );
  assert.deepEqual({ status, batches, services: table.size }, { status: 0, batches: [2, 1, 1], services: 3 });
});

test('what is refused does not stop it, and the last line gives the status', async () => {
  const twice = '-A -t 10.0.0.1:80\n-A -t 10.0.0.1:80\n';
  const refused = await restored(twice);
  assert.deepEqual([refused.status, refused.complaints], [255, ['Service already exists']]);
  const { status, complaints, table } = await restored(`${twice}-A -t 10.0.0.2:80 -q\n-A -t 10.0.0.3:80\n`);
  assert.deepEqual([status, complaints], [0, ['Service already exists', '-q: unknown option']]);
  assert.equal(table.size, 2);
});

test('a line that is wrong stops it, after what came before it', async () => {
  const { status, complaints, table } = await restored('-A -t 10.0.0.1:80\n-A -t 10.0.0.300:80\n-A -t 10.0.0.2:80\n');
  assert.deepEqual([status, complaints], [2, ['illegal virtual server address[:port] specified']]);
  assert.equal(table.size, 1);
});

test('a service that is to be listed and is not there ends it', async () => {
  const { status, complaints, table } = await restored('-A -t 10.0.0.1:80\n-L -t 10.0.0.9:80\n-A -t 10.0.0.2:80\n');
  assert.deepEqual([status, complaints, table.size], [1, ['No such service'], 1]);
});

test('listings in between see the changes before them', async () => {
  const { output, batches } = await restored('-A -t 10.0.0.1:80\n-S -n\n-C\n-A -f 5\n-Sn\n');
  assert.equal(output, '-A -t 10.0.0.1:80 -s wlc\n-A -f 5 -s wlc\n');
  assert.deepEqual(batches, [1, 1]);
});

test('a line without an end is not waited for', async () => {
  const { status, complaints } = await restored('-A -t 10.0.0.1:80\n', 'x'.repeat(40_000), 'x'.repeat(40_000));
  assert.deepEqual([status, complaints], [2, ['a line of more than 65536 characters']]);
});

const port = fc.integer({ min: 1, max: 65_535 });
const flags = fc.subarray(['flag-1', 'flag-2', 'flag-3']);
const endpoint = fc.oneof(
  fc.record({ family: fc.constant('inet' as const), address: fc.ipV4() }),
  fc.record({ family: fc.constant('inet6' as const), address: fc.constantFrom('::1', 'fc00::1', '2001:db8:8000::5') }),
);
const identity = fc.oneof(
  fc
    .tuple(endpoint, fc.constantFrom('tcp' as const, 'udp' as const, 'sctp' as const), port)
    .map(([at, protocol, number]) => ({ ...at, protocol, port: number })),
  fc.record({
    protocol: fc.constant('fwm' as const),
    family: fc.constantFrom('inet' as const, 'inet6' as const),
    mark: fc.integer({ min: 1, max: 2_147_483_647 }),
  }),
);
const service: fc.Arbitrary<Service> = fc
  .tuple(
    identity,
    fc.constantFrom('rr', 'wlc', 'lc'),
    flags,
    fc.nat(2_678_400),
    fc.nat(0xffffffff),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([who, scheduler, schedflags, persistent, mask, ops, engine]) => ({
    ...who,
    ...{ scheduler, schedflags, persistent },
    ops: ops && (who.protocol === 'udp' || who.protocol === 'fwm'),
    // Of a service without persistence the mask is not saved.
    ...(who.family === 'inet6'
      ? { netmask: persistent ? (mask % 128) + 1 : 128 }
      : maskSettings(persistent ? mask : 0xffffffff)),
    ...(engine && { persistenceEngine: 'sip' }),
  }));
const checksum = fc.constantFrom('none' as const, 'full' as const);
const tunnel: fc.Arbitrary<Tunnel | null> = fc.oneof(
  fc.constant(null),
  fc.record({ type: fc.constant('gre' as const), checksum }),
  fc.record({ type: fc.constant('gue' as const), port, checksum: fc.oneof(checksum, fc.constant('remote' as const)) }),
);
const destinations = fc.array(
  fc.tuple(
    endpoint,
    port,
    fc.constantFrom('gate' as const, 'masq' as const, 'ipip' as const),
    fc.nat(2_147_483_647),
    tunnel,
  ),
  { maxLength: 4 },
);

function destinationOf(
  of: Service,
  [{ address, family }, number, forward, weight, wrapped]: typeof destinations extends fc.Arbitrary<(infer D)[]>
    ? D
    : never,
): Destination {
  const method = family === of.family ? forward : 'ipip';
  const place = method !== 'masq' && of.protocol !== 'fwm' ? of.port : number;
  return {
    ...{ address, port: place, forward: method, weight, upperThreshold: 0, lowerThreshold: 0 },
    ...(method === 'ipip' && wrapped && { tunnel: { ...wrapped } }),
  };
}

test('what is saved is what is restored, but for what ipvsadm saves neither', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(service, destinations), { maxLength: 4 }), async (entries) => {
      const before = new MemoryBackend();
      await before.apply(
        entries.flatMap(([each, servers]): Operation[] => [
          { type: 'add-service', service: each },
          ...servers.map((at) => ({
            type: 'add-destination' as const,
            service: each,
            destination: destinationOf(each, at),
          })),
        ]),
      );
      const table = await before.read();
      const { status, complaints, table: after } = await restored(savedText([...table.values()], numbersAlone));
      assert.deepEqual({ status, complaints }, { status: 0, complaints: [] });
      assert.deepEqual(new Map([...after].toSorted()), new Map([...table].toSorted()));
    }),
    { numRuns: 200 },
  );
});
