import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Daemon } from '../src/daemon.js';
import { type Event, EventBus } from '../src/events.js';
import { MemoryBackend } from '../src/ipvs/memory.js';
import { Log } from '../src/observe/log.js';
import { readConfiguration } from '../src/reload/read.js';
import { listing } from '../src/terminal/listing.js';
import { startDaemon } from './helpers/daemon.js';
import { until } from './helpers/deadline.js';
import { listen } from './helpers/listener.js';
import { type MailServer, startMailServer } from './helpers/mail-server.js';
import { temporaryDirectory } from './helpers/temporary-directory.js';

async function webServer(t: TestContext): Promise<number> {
  const server = createServer((_, response) => void response.end('up'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

interface Site {
  readonly folder: string;
  readonly mails: MailServer;
  readonly ports: readonly [number, number];
  /** What the table says where both are up. */
  readonly both: string;
  /** The configuration, with further lines for its global section. */
  readonly configuration: (more?: string) => string;
}

/** Two web servers, a mail server, and a configuration with everything that is told outside. */
async function site(t: TestContext): Promise<Site> {
  const folder = await temporaryDirectory(t);
  const mails = await startMailServer(t);
  const ports = [await webServer(t), await webServer(t)] as const;
  const note = join(folder, 'note');
  await writeFile(note, `#!/bin/sh\necho "$@" >> ${folder}/notes\n`);
  await chmod(note, 0o755);
  await mkdir(join(folder, 'maintenance'));
  await writeFile(join(folder, 'ldirectord.ini'), `smtpport=${mails.port}\nmaildelay=0\nmisspelt=1\n`);
  const configuration = (more = ''): string => `checkinterval=1
checktimeout=2
autoreload=yes
logfile="${folder}/log"
maintenancedir=${folder}/maintenance
callback="${note} callback"
emailalert="admin@example.com"
emailalertfrom=ld@example.com
emailalertfreq=1
smtp=127.0.0.1
${more}virtual=192.0.2.1:80
\treal=127.0.0.1:${ports[0]} masq 2
\treal=127.0.0.1:${ports[1]} masq
\tfallback=127.0.0.1:9 masq
\tfallbackcommand="${note} fallback"
\tservice=http
\tmonitorfile=${folder}/monitor
\tservicename=My Web
\tcomment=Call Bob
`;
  const both = ports
    .map((port, index) => `127.0.0.1:${port} ${2 - index}`)
    .toSorted()
    .join(', ');
  return { folder, mails, ports, both, configuration };
}

async function started(t: TestContext, { folder, configuration }: Site, backend = new MemoryBackend()) {
  const file = join(folder, 'web.cf');
  await writeFile(file, configuration());
  const loaded = await readConfiguration(file, { strict: false });
  const { config } = loaded;
  assert.ok(config);
  const bus = new EventBus();
  const events: Event[] = [];
  bus.subscribe((event) => events.push(event));
  const log = new Log(
    { name: 'web.cf', pid: process.pid, send: () => null, journal: null, publish: (event) => bus.publish(event) },
    { logfile: config.global.logfile, format: 'text', level: 'info' },
  );
  bus.subscribe(log.listener);
  const daemon = await Daemon.start({ file, strict: false, backend, bus, version: '0' }, { ...loaded, config });
  t.after(async () => {
    await daemon.stop('end of the test');
    await log.close();
  });
  const contents = (name: string): Promise<string> => readFile(join(folder, name), 'utf8').catch(() => '');
  const said = (name: string, pattern: RegExp): Promise<void> =>
    until(`${name} says ${pattern}`, async () => pattern.test(await contents(name)));
  const table = async (): Promise<string> =>
    [...(await backend.read()).values()]
      .flatMap(({ destinations }) => [...destinations].map(([to, { weight }]) => `${to} ${weight}`))
      .toSorted()
      .join(', ');
  const stands = (wanted: string): Promise<void> =>
    until(`the table is ${wanted}`, async () => (await table()) === wanted);
  return { daemon, file, backend, events, contents, said, stands };
}

test('a day in the life of a service, told everywhere', async (t) => {
  const there = await site(t);
  const { folder, mails, ports, both, configuration } = there;
  const { file, contents, said, stands, daemon } = await started(t, there);
  const [first, second] = ports.map((port) => `127.0.0.1:${port}`);

  await stands(both);
  await said('log', /ldirectord\.ini:3:1: warning: no such setting: 'misspelt' \[unknown-setting\]/);
  await mails.mail(/Added real server|changes: /);
  await said('monitor', new RegExp(`\\[\\d+\\] negotiate http tcp 127\\.0\\.0\\.1 ${ports[0]} 2 masq / {2}\\[up\\]`));

  // Both out for maintenance, by address and by address with port.
  await writeFile(join(folder, 'maintenance', `127.0.0.1:${ports[0]}`), '');
  await stands(`${second} 1`);
  await said('log', /Maintenance began: .* file 127\.0\.0\.1:\d+ in /);
  const deleted = await mails.mail(/Deleted real server/);
  assert.equal(deleted.headers.get('subject'), `[My Web] Deleted real server: ${first} (192.0.2.1:80)`);
  assert.match(deleted.body, /^Daemon-Status: running$/m);
  assert.match(deleted.body, /^Service name: My Web\nComment: Call Bob$/m);
  await writeFile(join(folder, 'maintenance', '127.0.0.1'), '');
  await stands('127.0.0.1:9 1');
  await said('notes', /^fallback start 192\.0\.2\.1:80 tcp$/m);
  await said('monitor', /\[down\] Server in maintenance/);

  // The file changes meanwhile, and nobody comes back by that.
  await writeFile(file, configuration('checkcount=2\n'));
  await said('notes', new RegExp(`^callback ${file}$`, 'm'));
  await said('log', / - reread new configuration/);
  await stands('127.0.0.1:9 1');

  await rm(join(folder, 'maintenance', '127.0.0.1'));
  await rm(join(folder, 'maintenance', `127.0.0.1:${ports[0]}`));
  await stands(both);
  await said('notes', /^fallback stop 192\.0\.2\.1:80 tcp$/m);
  await said('log', /Maintenance ended/);
  await daemon.stop('signal: TERM');
  await said('log', /\|web\.cf\|\d+\] Linux Director Daemon terminated on signal: TERM$/m);

  const notes = (await contents('notes')).trim().split('\n');
  assert.equal(notes.length, 3, 'each command once for each change');
  const log = await contents('log');
  assert.match(log, /emailalert: Deleted real server: /);
  assert.doesNotMatch(log, /Unforeseen/);
  assert.ok(
    mails.mails.every(({ headers }) => !/Inaccessible/.test(headers.get('subject') ?? '')),
    'maintenance is nobody’s alarm',
  );
});

test('servers that stay down are told again, and a fallback never', async (t) => {
  const there = await site(t);
  const { contents } = await started(t, {
    ...there,
    configuration: () =>
      there
        .configuration()
        .replace(/real=127\.0\.0\.1:\d+/, 'real=127.0.0.1:1')
        .replace(/real=127\.0\.0\.1:\d\d+.*\n/, ''),
  });
  const reminder = await there.mails.mail(/Inaccessible real server: 127\.0\.0\.1:1 \(192\.0\.2\.1:80\)/);
  assert.match(reminder.body, /^Daemon-Status: running$/m);
  await until(
    'it is told twice',
    async () => ((await contents('log')).match(/emailalert: Inaccessible/g)?.length ?? 0) > 1,
  );
  assert.doesNotMatch(await contents('log'), /Inaccessible fallback/);
});

test('a start that finds servers in the table and well mails nothing and runs nothing', async (t) => {
  const there = await site(t);
  const backend = Object.assign(new MemoryBackend(), { close: async () => {} });
  const before = await started(t, there, backend);
  await before.stands(there.both);
  await before.daemon.leave('hand-over');
  await before.daemon.finish(5_000);
  const sent = there.mails.mails.length;
  const after = await started(t, there, backend);
  await until('both are checked again', () => {
    const seen = new Set(after.events.map((event) => (event.type === 'checked' ? event.server : '')));
    return seen.size >= 3;
  });
  await after.daemon.leave('end');
  await after.daemon.finish(5_000);
  assert.equal(there.mails.mails.length, sent);
  assert.equal(await after.contents('notes'), '');
});

test('logs and monitor files that cannot be written are seen elsewhere, until they can be', async (t) => {
  const there = await site(t);
  const { folder } = there;
  const configuration = (): string => there.configuration().replace(`${folder}/log`, `${folder}/logs/log`);
  const { daemon, said } = await started(t, {
    ...there,
    configuration: () => configuration().replace(`monitorfile=${folder}/`, `monitorfile=${folder}/monitors/`),
  });
  const unwritten = async () => (await daemon.describe()).unwritten;
  await until('both are told', async () => (await unwritten()).length === 2);
  assert.deepEqual(
    (await unwritten()).toSorted((a, b) => a.place.localeCompare(b.place)),
    ['logs/log', 'monitors/monitor'].map((name) => ({ place: `${folder}/${name}`, reason: 'ENOENT' })),
  );
  assert.match(
    listing(await daemon.describe(), { width: null, colour: false }),
    /^.*\nNot written: .*\/log: ENOENT\nNot written: .*\/monitor: ENOENT\n/,
  );
  await Promise.all(['logs', 'monitors'].map((name) => mkdir(join(folder, name))));
  await until('both are written again', async () => (await unwritten()).length === 0);
  await said('logs/log', /\/monitors\/monitor cannot be written: ENOENT$/m);
  await said('logs/log', /\/logs\/log is written again$/m);
});

test('files in the maintenance directory are heeded by the first table', async (t) => {
  const there = await site(t);
  const backend = Object.assign(new MemoryBackend(), { close: async () => {} });
  const before = await started(t, there, backend);
  await before.stands(there.both);
  await before.daemon.leave('hand-over');
  await before.daemon.finish(5_000);
  await writeFile(join(there.folder, 'maintenance', '127.0.0.1'), '');
  const after = await started(t, there, backend);
  await after.stands('127.0.0.1:9 1');
  assert.equal(after.events.filter(({ type }) => type === 'maintenance-began').length, 2);
});

test('a mail server that says nothing and commands that hang hold nothing up', async (t) => {
  const there = await site(t);
  const { folder, configuration } = there;
  const hole = await listen(() => {});
  t.after(() => hole.close());
  await writeFile(join(folder, 'ldirectord.ini'), `smtpport=${hole.port}\nmaildelay=0\n`);
  await writeFile(join(folder, 'note'), '#!/bin/sh\nsleep 600\n');
  const { daemon, file, stands, said } = await started(t, there);
  await stands(there.both);
  await writeFile(file, configuration('checkcount=2\n'));
  await said('log', / - reread new configuration/);
  const before = performance.now();
  await daemon.stop('signal: TERM');
  assert.ok(performance.now() - before < 20_000);
  await said('log', /Mail to admin@example\.com failed: smtp 127\.0\.0\.1:\d+: the daemon stops; given up/);
});

test('a schedule in the settings audits the table and mails a summary; a reload takes new settings', async (t) => {
  const there = await site(t);
  const { folder, mails } = there;
  const { said, stands } = await started(t, there);
  await stands(there.both);
  const every = '* * * * * *';
  await writeFile(
    join(folder, 'ldirectord.ini'),
    `smtpport=${mails.port}\nauditschedule=${every}\nsummaryschedule=${every}\nsummaryto=boss@example.com\n`,
  );
  await said('log', /Reread settings from .*ldirectord\.ini/);
  await said('log', /Audit of the table: in order: 1 services, 2 destinations/);
  const summary = await mails.mail(/^ldirectord summary: 0 real servers down$/);
  assert.deepEqual(summary.to, ['boss@example.com']);
  await writeFile(
    join(folder, 'ldirectord.ini'),
    '[maintenance now]\nvirtual=192.0.2.1:80\ndrainat=2020-01-01 00:00\n',
  );
  await said('log', /Maintenance began: .*: window now/);
  await stands(
    `${there.ports
      .map((port) => `127.0.0.1:${port} 0`)
      .toSorted()
      .join(', ')}, 127.0.0.1:9 1`
      .split(', ')
      .toSorted()
      .join(', '),
  );
});

test('a window that is about nobody is told at the start, and again at a reload', async (t) => {
  const there = await site(t);
  const { folder } = there;
  // A file that changes would be told of once more, now and then.
  const configuration = (): string => there.configuration().replace('autoreload=yes', 'autoreload=no');
  const window = (server: string): string => `[maintenance w]\nserver=${server}\ndrainat=2020-01-01 00:00\n`;
  await writeFile(join(folder, 'ldirectord.ini'), window('10.0.0.9'));
  const { daemon, events, file } = await started(t, { ...there, configuration });
  const warnings = (): number =>
    events.filter((event) => event.type === 'config-diagnostic' && event.diagnostic.code === 'idle-window').length;
  assert.equal(warnings(), 1);
  await daemon.reload();
  assert.equal(warnings(), 2);
  // Whom the window is about can go from the configuration as well.
  await writeFile(join(folder, 'ldirectord.ini'), window('127.0.0.1'));
  await daemon.reload();
  assert.equal(warnings(), 2);
  await writeFile(file, configuration().replaceAll('real=127.0.0.1', 'real=127.0.0.2'));
  await daemon.reload();
  assert.equal(warnings(), 3);
});

test('how often the table is looked at follows the settings from a reload on', async (t) => {
  const there = await site(t);
  const settings = join(there.folder, 'ldirectord.ini');
  await writeFile(settings, 'auditinterval=3600\n');
  const backend = new MemoryBackend();
  const { daemon, said, stands } = await started(t, there, backend);
  await stands(there.both);
  await writeFile(settings, 'auditinterval=1\n');
  await daemon.reload();
  const [entry] = (await backend.read()).values();
  assert.ok(entry);
  await backend.apply([{ type: 'delete-service', service: entry.service }]);
  await said('log', /Table changed by somebody else/);
  await stands(there.both);
});

test('marks of both families are two services, each with its own fallbackcommand', async (t) => {
  const folder = await temporaryDirectory(t);
  const note = join(folder, 'note');
  await writeFile(note, `#!/bin/sh\necho "$@" >> ${folder}/notes\n`);
  await chmod(note, 0o755);
  const text = `logfile="${folder}/log"
virtual=7
\treal=127.0.0.1:80 gate
\tchecktype=on
\tfallbackcommand="${note} four"
virtual6=7
\treal6=[::1]:80 gate
\tchecktype=off
\tfallbackcommand="${note} six"
`;
  const { events } = await startDaemon(t, text, { backend: new MemoryBackend() });
  const notes = (): Promise<string> => readFile(join(folder, 'notes'), 'utf8').catch(() => '');
  await until('a command has run', async () => (await notes()) !== '');
  assert.equal(await notes(), 'six start 7 fwm\n');
  const down = events.find(({ type }) => type === 'virtual-down');
  assert.deepEqual(down, { type: 'virtual-down', family: 'inet6', protocol: 'fwm', virtual: '7' });
});
