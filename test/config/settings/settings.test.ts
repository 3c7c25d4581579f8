import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDiagnostics } from '../../../src/config/diagnostics/diagnostics.js';
import { defaultSettings, settingRows } from '../../../src/config/settings/rows.js';
import { loadSettings, readSettings } from '../../../src/config/settings/settings.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

const everything = `; a comment
# another
backend = userspace
balancerthreads = 4
logformat = json
loglevel=warning
workers = 3
checklimit = 500
checkjitter = 20
auditinterval = 10
auditschedule = "0 3 * * *"
summaryschedule = 0 7 * * mon-fri
summaryto = a@example.com, b@example.com
maildelay = 0
maillimit = 5
smtpport = 2525
sendmail = /opt/sendmail
commandtimeout = 5 ; and a comment
http = 9102
metrics = problems
httptoken = correct-horse-battery
httptokenfile = /etc/ha.d/token
control = no
controlgroup = lvs

[maintenance patch night]
server = web1.example.com:80
virtual = 192.0.2.1:80
schedule = 0 2 * * sun
duration = 2h
[maintenance]
virtual = 5
drainat = 2026-11-22T02:00Z
returnat = 2026-11-23 04:00:00
reason = "a new rack; until noon"
[role]
role = command  /usr/local/bin/role -q
table = active
checks = 10
interval = 2
timeout = 3
fitnessfile = /run/fitness
fitnessattribute = ldirectord-fitness
[announce 192.0.2.1]
by = exabgp /run/exabgp.in
when = always
health = any
hold = 0
failstatic = yes
[announce *]
by = command /usr/local/bin/vip --now
[ssh]
user = lvs
key = /etc/ha.d/key
keypassphrasefile = /etc/ha.d/passphrase
agent = /run/agent
passwordfile = /etc/ha.d/password
sudopasswordfile = /etc/ha.d/sudo
knownhosts = /etc/ha.d/known, /etc/ssh/known
port = 2222
jumphost = me@[2001:db8::1]:22022
timeout = 5
limit = 50
[sync]
sync = yes
interface = eth1
id = 51
group = FF02::51
port = 8850
ttl = 2
maxlen = 1400
refresh = 10
settle = 60
[store]
endpoints = https://10.0.0.1:2379, HTTPS://Etcd2.example.com, https://[2001:db8::1]:4001/
name = lb1
prefix = /ldirectord/shop/
user = ldirectord
passwordfile = /etc/ha.d/etcd-password
cafile = /etc/ha.d/ca.pem
certfile = /etc/ha.d/cert.pem
keyfile = /etc/ha.d/key.pem
healthvote = majority
splitbrain = /usr/local/bin/page-somebody
`;

test('every key is understood', () => {
  const { settings, diagnostics } = readSettings(everything);
  assert.deepEqual(diagnostics, []);
  const { maintenance, announce, ...rest } = settings;
  assert.deepEqual(
    announce.map(({ places: _, ...section }) => section),
    [
      {
        name: '192.0.2.1',
        by: { how: 'exabgp', pipe: '/run/exabgp.in' },
        when: 'always',
        health: 'any',
        hold: 0,
        failStatic: true,
      },
      {
        name: '*',
        by: { how: 'command', command: '/usr/local/bin/vip --now' },
        when: 'healthy',
        health: 'all',
        hold: 10,
        failStatic: false,
      },
    ],
  );
  assert.deepEqual(rest, {
    backend: 'userspace',
    balancerThreads: 4,
    logFormat: 'json',
    logLevel: 'warning',
    workers: 3,
    checkLimit: 500,
    checkJitter: 20,
    auditInterval: 10,
    auditSchedule: '0 3 * * *',
    summarySchedule: '0 7 * * mon-fri',
    summaryTo: ['a@example.com', 'b@example.com'],
    mailDelay: 0,
    mailLimit: 5,
    smtpPort: 2525,
    sendmail: '/opt/sendmail',
    commandTimeout: 5,
    http: { host: '127.0.0.1', port: 9102 },
    metrics: 'problems',
    httpToken: 'correct-horse-battery',
    httpTokenFile: '/etc/ha.d/token',
    control: false,
    controlGroup: 'lvs',
    role: {
      role: { by: 'command', program: '/usr/local/bin/role -q' },
      table: 'active',
      checks: 10,
      interval: 2,
      timeout: 3,
      fitnessFile: '/run/fitness',
      fitnessAttribute: 'ldirectord-fitness',
    },
    ssh: {
      user: 'lvs',
      key: '/etc/ha.d/key',
      keyPassphraseFile: '/etc/ha.d/passphrase',
      agent: '/run/agent',
      passwordFile: '/etc/ha.d/password',
      sudoPasswordFile: '/etc/ha.d/sudo',
      knownHosts: ['/etc/ha.d/known', '/etc/ssh/known'],
      port: 2222,
      jumpHost: { user: 'me', host: '2001:db8::1', port: 22022 },
      timeout: 5,
      limit: 50,
    },
    sync: {
      sync: 'yes',
      interface: 'eth1',
      id: 51,
      group: 'ff02::51',
      port: 8850,
      ttl: 2,
      maxlen: 1400,
      refresh: 10,
      settle: 60,
    },
    store: {
      endpoints: ['https://10.0.0.1:2379', 'https://etcd2.example.com:2379', 'https://[2001:db8::1]:4001'],
      name: 'lb1',
      prefix: '/ldirectord/shop',
      user: 'ldirectord',
      passwordFile: '/etc/ha.d/etcd-password',
      caFile: '/etc/ha.d/ca.pem',
      certFile: '/etc/ha.d/cert.pem',
      keyFile: '/etc/ha.d/key.pem',
      healthVote: 'majority',
      splitBrain: '/usr/local/bin/page-somebody',
    },
  });
  const [night, once] = maintenance;
  assert.equal(night?.name, 'patch night');
  assert.equal(night?.server, 'web1.example.com:80');
  assert.deepEqual([night?.schedule, night?.duration], ['0 2 * * sun', 120]);
  assert.deepEqual([once?.virtual, once?.drainAt], ['5', Date.UTC(2026, 10, 22, 2)]);
  assert.deepEqual([night?.reason, once?.reason], [null, 'a new rack; until noon']);
  assert.equal(once?.returnAt, new Date(2026, 10, 23, 4).getTime());
  for (const { key } of settingRows) assert.match(everything, new RegExp(`^${key}`, 'm'), key);
});

test('a section that cannot take effect is left out, wherever its lines stand', () => {
  const { settings, diagnostics } = readSettings('[sync]\nid = 51\n[ssh]\nport = 1\n[sync]\nsync = yes');
  assert.deepEqual(settings.sync, defaultSettings.sync);
  assert.deepEqual(
    diagnostics.map(({ code, span }) => [code, span.line]),
    [['bad-section', 1]],
  );
  assert.deepEqual(readSettings('[sync]\nid = 51\ninterface = eth1\n[sync]\nsync = both').diagnostics, []);
  for (const [one, other] of [
    ['user = lb', 'passwordfile = /p'],
    ['certfile = /c', 'keyfile = /k'],
  ]) {
    const of = (...lines: readonly (string | undefined)[]) =>
      readSettings(['[store]', ...lines].join('\n')).diagnostics;
    assert.deepEqual(of(one, other), []);
    for (const line of [one, other]) assert.equal(of(line)[0]?.code, 'bad-section');
  }
});

test('a password that goes in the clear over a network is warned of', () => {
  const codesOf = (endpoints: string, ...more: readonly string[]) =>
    readSettings(['[store]', `endpoints = ${endpoints}`, ...more].join('\n')).diagnostics.map(({ code }) => code);
  const login = ['user = lb', 'passwordfile = /p'];
  for (const one of ['https://a:2379', 'http://127.0.0.1:2379', 'http://localhost', 'http://[::1]:2379']) {
    assert.deepEqual(codesOf(one, ...login), [], one);
  }
  for (const one of [
    'http://10.0.0.1:2379',
    'https://a, http://b',
    'http://127.example.org',
    'http://[fd00::1]:2379',
  ]) {
    assert.deepEqual(codesOf(one, ...login), ['open-password'], one);
    assert.deepEqual(codesOf(one), [], one);
  }
  const [found] = readSettings(['[store]', ...login, 'endpoints = http://10.0.0.1'].join('\n')).diagnostics;
  assert.deepEqual(found?.span, { line: 4, column: 13, length: 15 });
});

/** Each line is wrong by itself, and the caret stands below what is wrong. */
const wrong: readonly (readonly [line: string, code: string, marked: string])[] = [
  ['logfromat = json', 'unknown-setting', 'logfromat'],
  ['  logformat = xml', 'bad-value', 'xml'],
  ['logformat', 'empty-value', 'logformat'],
  ['backend = nftables', 'bad-value', 'nftables'],
  ['auditschedule = every day', 'bad-value', 'every day'],
  ['maildelay = 1.5', 'bad-value', '1.5'],
  ['sendmail=mail', 'bad-value', 'mail'],
  ['[schedules]', 'unknown-section', '[schedules]'],
  ['[maintenance a]', 'bad-window', '[maintenance a]'],
  ['[maintenance a]\nserver=a\ndrainat=tomorrow', 'bad-value', 'tomorrow'],
  ['[maintenance a]\nlogformat=json', 'unknown-setting', 'logformat'],
  ['[maintenance a]\nserver=a\nschedule=* * * * *', 'bad-window', '[maintenance a]'],
  ['[maintenance a]\nserver=a\nschedule=* * * * * *', 'bad-value', '* * * * * *'],
  ['[maintenance a]\nserver=a\nschedule=* * * * *\nduration=25h', 'bad-value', '25h'],
  ['[announce 192.0.2.1]\nhold = 3', 'bad-announcement', '[announce 192.0.2.1]'],
  ['[role]\nrole = both', 'bad-value', 'both'],
  ['[role]\nrole = command', 'bad-value', 'command'],
  ['[role]\nrole = address lo', 'bad-value', 'address lo'],
  ['[role]\ntable = passive', 'bad-value', 'passive'],
  ['[role]\nchecks = 1', 'bad-value', '1'],
  ['[role]\nchecks = sometimes', 'bad-value', 'sometimes'],
  ['[role]\ninterval = 0', 'bad-value', '0'],
  ['[role]\nfitnessfile = fitness', 'bad-value', 'fitness'],
  ['[role]\nfitnessattribute = "two words"', 'bad-value', '"two words"'],
  ['[role]\ntimeout = 1.5', 'bad-value', '1.5'],
  ['[ssh]\nlogformat = json', 'unknown-setting', 'logformat'],
  ['user = lvs', 'unknown-setting', 'user'],
  ['[ssh]\nuser = two words', 'bad-value', 'two words'],
  ['[ssh]\nkey = id_rsa', 'bad-value', 'id_rsa'],
  ['[ssh]\nagent = perhaps', 'bad-value', 'perhaps'],
  ['[ssh]\nknownhosts = /a, b', 'bad-value', '/a, b'],
  ['[ssh]\nport = 65536', 'bad-value', '65536'],
  ['[ssh]\njumphost = me@', 'bad-value', 'me@'],
  ['[ssh]\njumphost = gate:0', 'bad-value', 'gate:0'],
  ['[store]\nendpoints = 10.0.0.1:2379', 'bad-value', '10.0.0.1:2379'],
  ['[store]\nendpoints = http://a, http://a:2379', 'bad-value', 'http://a, http://a:2379'],
  ['[store]\nendpoints = https://me:secret@a', 'bad-value', 'https://me:secret@a'],
  ['[store]\nendpoints = https://a/v3', 'bad-value', 'https://a/v3'],
  ['[store]\nendpoints = https://a:0', 'bad-value', 'https://a:0'],
  ['[store]\nname = a/b', 'bad-value', 'a/b'],
  ['[store]\nprefix = web', 'bad-value', 'web'],
  ['[store]\nprefix = /', 'bad-value', '/'],
  ['[store]\ncafile = ca.pem', 'bad-value', 'ca.pem'],
  ['[ssh]\njumphost = a b', 'bad-value', 'a b'],
  ['[ssh]\nlimit = 0', 'bad-value', '0'],
  ['[ssh web1]', 'unknown-section', '[ssh web1]'],
  ['[sync]\nsync = perhaps', 'bad-value', 'perhaps'],
  ['[sync]\ninterface = a/b', 'bad-value', 'a/b'],
  ['[sync]\nid = 256', 'bad-value', '256'],
  ['[sync]\ngroup = 192.0.2.1', 'bad-value', '192.0.2.1'],
  ['[sync]\ngroup = fe80::1', 'bad-value', 'fe80::1'],
  ['[sync]\nport = 0', 'bad-value', '0'],
  ['[sync]\nttl = 0', 'bad-value', '0'],
  ['[sync]\nmaxlen = 100', 'bad-value', '100'],
  ['[sync]\nrefresh = 0', 'bad-value', '0'],
  ['[maintenance a', 'unknown-section', '[maintenance a'],
  ['[maintenance a] server = b', 'unknown-section', '[maintenance a] server = b'],
  ['[maintenance a]\nserver=a\ndrainat=2027-02-30 02:00', 'bad-value', '2027-02-30 02:00'],
  ['[maintenance a]\nserver=a\ndrainat=2026-06-31T02:00Z', 'bad-value', '2026-06-31T02:00Z'],
  ['[maintenance a]\nserver=a\ndrainat=2027-02-29T23:00-05:30', 'bad-value', '2027-02-29T23:00-05:30'],
  ['[maintenance a]\nserver=a\ndrainat=2026-06-30 24:00', 'bad-value', '2026-06-30 24:00'],
  [`[maintenance a]\nserver=a\nreason=${'x'.repeat(201)}`, 'bad-value', 'x'.repeat(201)],
];

test('the section about SSH may stand twice, and each of its keys once', () => {
  const { settings, diagnostics } = readSettings(
    '[ssh]\nport = 1\nuser = a\n[maintenance a]\nserver = a\ndrainat = 2026-11-22 02:00\n[ssh]\nlimit = 3\nport = 2',
  );
  assert.deepEqual([settings.ssh.port, settings.ssh.user, settings.ssh.limit], [2, 'a', 3]);
  assert.deepEqual(
    diagnostics.map(({ code, message }) => [code, message]),
    [['duplicate-setting', "'port' stands in line 2 already; the last one holds"]],
  );
});

test('a jump host is a host, perhaps with a user and a port', () => {
  const table: readonly (readonly [string, string | null, string, number | null])[] = [
    ['gate.example.com', null, 'gate.example.com', null],
    ['me@gate:2222', 'me', 'gate', 2222],
    ['192.0.2.1:22', null, '192.0.2.1', 22],
    ['2001:db8::1', null, '2001:db8::1', null],
    ['a.b-c@[2001:db8::1]', 'a.b-c', '2001:db8::1', null],
    ['[fe80::1%eth0]:22', null, 'fe80::1%eth0', 22],
  ];
  for (const [text, user, host, port] of table) {
    const { settings, diagnostics } = readSettings(`[ssh]\njumphost = "${text}"`);
    assert.deepEqual([diagnostics, settings.ssh.jumpHost], [[], { user, host, port }], text);
  }
});

test('a time that clocks leave out when they go forward is none', (t) => {
  const before = process.env['TZ'];
  process.env['TZ'] = 'Europe/Berlin';
  t.after(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });
  const drainAt = (text: string) =>
    readSettings(`[maintenance a]\nserver=a\ndrainat=${text}`).settings.maintenance[0]?.drainAt;
  assert.equal(drainAt('2027-03-28 02:30'), undefined);
  assert.equal(drainAt('2027-03-28 03:30'), Date.UTC(2027, 2, 28, 1, 30));
  assert.equal(drainAt('2027-03-28T02:30+01:00'), Date.UTC(2027, 2, 28, 1, 30));
  assert.equal(drainAt('2027-10-31 02:30'), Date.UTC(2027, 9, 31, 0, 30));
  assert.equal(drainAt('2028-02-29 23:59:59'), Date.UTC(2028, 1, 29, 22, 59, 59));
});

test('a key that stands twice is told, with both its places; two windows may have the same', () => {
  const text =
    'http = 9102\nloglevel = debug\nhttp = 9103\n[maintenance b]\nserver = b:80\nserver = c:80\nschedule = 0 2 * * *\nduration = 1h\n[maintenance d]\nserver = d:80\ndrainat = 2026-11-22 02:00\n';
  const { settings, diagnostics } = readSettings(text);
  assert.deepEqual(
    diagnostics.map(({ severity, code, span }) => [severity, code, span.line]),
    [
      ['warning', 'duplicate-setting', 3],
      ['warning', 'duplicate-setting', 6],
    ],
  );
  assert.match(diagnostics[0]?.message ?? '', /'http' stands in line 1 already; the last one holds/);
  assert.match(diagnostics[1]?.message ?? '', /'server' stands in line 5 already.*a window of its own/);
  assert.deepEqual(settings.http, { host: '127.0.0.1', port: 9103 });
  assert.deepEqual(
    settings.maintenance.map(({ server }) => server),
    ['c:80', 'd:80'],
  );
});

test('a section may have a comment behind it, and one that is wrong ends the one before', () => {
  const window = (head: string, server: string): string =>
    `${head}\nserver = ${server}\nschedule = 0 2 * * *\nduration = 1h\n`;
  const heads = [
    '[maintenance a]',
    '[maintenance b] ; the new rack',
    '[maintenance c]# old',
    '[maintenance d',
    ' [maintenance] #',
  ];
  const { settings, diagnostics } = readSettings(heads.map((head, at) => window(head, `s${at}:80`)).join(''));
  assert.deepEqual(
    settings.maintenance.map(({ name, server }) => `${name} ${server}`),
    ['a s0:80', 'b s1:80', 'c s2:80', 'maintenance s4:80'],
  );
  assert.deepEqual(
    diagnostics.map(({ code, span }) => [code, span.line]),
    [['unknown-section', 13]],
  );
});

for (const [text, code, marked] of wrong) {
  test(`warned of, with its place: ${JSON.stringify(text)}`, () => {
    const { settings, diagnostics } = readSettings(text);
    assert.deepEqual(settings, defaultSettings);
    const found = diagnostics.find((diagnostic) => diagnostic.code === code);
    assert.ok(found, JSON.stringify(diagnostics));
    assert.equal(found.severity, 'warning');
    const { line, column, length } = found.span;
    assert.equal(text.split('\n')[line - 1]?.slice(column - 1, column - 1 + length), marked);
    assert.match(formatDiagnostics([found], { file: 'ldirectord.ini', text, colour: false }), /\^/);
  });
}

test('a wrong line costs nothing but itself', () => {
  const { settings, diagnostics } = readSettings(`nonsense\n[odd]\nkey = 1\n[maintenance x]\nodd = 2\n${everything}`);
  assert.equal(settings.maintenance.length, 2);
  assert.equal(diagnostics.filter(({ code }) => code === 'bad-window').length, 1);
});

test('any text is read, and every place is in it', () => {
  const line = fc.oneof(fc.string(), fc.constantFrom(...everything.split('\n')), fc.constant('__proto__ = 1'));
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = lines.join('\n');
      const count = text.split(/\r\n|[\r\n]/).length;
      for (const { span } of readSettings(text).diagnostics) assert.ok(span.line >= 1 && span.line <= count);
    }),
  );
});

test('the file stands beside the configuration; where it is missing, the defaults hold', async (t) => {
  const folder = await temporaryDirectory(t);
  const configuration = join(folder, 'web.cf');
  const missing = await loadSettings(configuration);
  assert.deepEqual([missing.settings, missing.diagnostics], [defaultSettings, []]);
  await writeFile(join(folder, 'ldirectord.ini'), 'logformat=json\n');
  assert.equal((await loadSettings(configuration)).settings.logFormat, 'json');
  await mkdir(join(folder, 'sub', 'ldirectord.ini'), { recursive: true });
  const [warning] = (await loadSettings(join(folder, 'sub', 'web.cf'))).diagnostics;
  assert.match(warning?.message ?? '', /ldirectord\.ini: it is a directory.*EISDIR.*or the defaults, hold/);
});

test('a token is never shown, however its line is wrong', () => {
  for (const line of [
    'httptoken = s3cret!',
    'httptoken: s3cret',
    'httptoken s3cret',
    'http_token = s3cret',
    'HTTPTOKEN = "s3cret',
    'http-token = s3cret',
    'http-token s3cret',
    'api.token = s3cret',
  ]) {
    const { settings, diagnostics } = readSettings(line);
    assert.equal(settings.httpToken, null, line);
    const shown = formatDiagnostics(diagnostics, { file: 'ldirectord.ini', text: line, colour: false });
    assert.ok(shown.length > 0 && !shown.includes('s3cret'), shown);
  }
});
