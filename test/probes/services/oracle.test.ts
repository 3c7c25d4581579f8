import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { missingPackage } from '../../../src/checks/refusals.js';
import { CheckSignal } from '../../../src/probes/check-signal.js';
import type { Check } from '../../../src/probes/probe.js';
import { runProbe } from '../../../src/probes/run.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { brief, checkOf } from '../../helpers/check.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { listen } from '../../helpers/listener.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { assertVerdict } from '../../helpers/verdict.js';

const oracle = (changes: Partial<Check> = {}) =>
  checkOf({
    service: 'oracle',
    request: '/SELECT 1 FROM dual',
    login: 'monitor',
    passwd: 'hunter2',
    database: 'ORCL',
    ...changes,
  });

const skip = missingPackage('oracle') === null ? false : 'the package oracledb is not installed';

/** A packet of the listener's protocol, TNS: length, type, payload. */
function packet(type: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(payload.length + 8);
  head[4] = type;
  return Buffer.concat([head, payload]);
}

const types = { connect: 1, accept: 2, refuse: 4, redirect: 5 } as const;

function refuse(text: string): Buffer {
  const head = Buffer.alloc(4);
  head[0] = 0x22;
  head.writeUInt16BE(text.length, 2);
  return packet(types.refuse, Buffer.concat([head, Buffer.from(text)]));
}

function redirect(text: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return packet(types.redirect, Buffer.concat([length, Buffer.from(text)]));
}

/** Version 318, packets of up to 8 and 64 kilobytes, and the end where the packet ends. */
function accept(): Buffer {
  const payload = Buffer.alloc(37);
  payload.writeUInt16BE(318, 0);
  payload.writeUInt16BE(8192, 4);
  payload.writeUInt16BE(8192, 6);
  payload.writeUInt16BE(0x0100, 8);
  payload.writeUInt16BE(payload.length + 8, 12);
  payload.writeUInt32BE(8192, 24);
  payload.writeUInt32BE(65535, 28);
  return packet(types.accept, payload);
}

async function verdict(check: Check, reason: string | RegExp): Promise<void> {
  await assertVerdict(check, false, reason);
}

describe('oracle, by script', { skip }, () => {
  const table: readonly (readonly [string, readonly Buffer[], Partial<Check>, string])[] = [
    [
      'an unknown SID',
      [refuse('(DESCRIPTION=(TMP=)(ERR=12505)(ERROR_STACK=(ERROR=(CODE=12505)(EMFI=4))))')],
      {},
      'login: NJS-519: cannot connect to Oracle Database. SID "ORCL" is not registered with the listener at host 127.0.0.1 port PORT.',
    ],
    [
      'no more connections',
      [refuse('(DESCRIPTION=(TMP=)(ERR=12516))')],
      {},
      'login: NJS-511: connection to listener at host 127.0.0.1 port PORT was refused. Cause: ORA-12516',
    ],
    ['accepted, then silent', [accept()], { negotiateTimeout: brief }, 'login: not done within 0.4 s'],
    [
      'no statement',
      [],
      { request: '/' },
      'request: a database is asked by a user: set login, and a statement as request',
    ],
    ['no database', [], { database: '' }, 'request: "" is no SID: set database'],
    [
      'a database that leads elsewhere',
      [],
      { database: 'x)(SERVER=y' },
      'request: "x)(SERVER=y" is no SID: set database',
    ],
  ];
  for (const [name, pieces, changes, reason] of table) {
    it(name, async () => {
      const asked: string[] = [];
      const server = await listen((socket) => {
        const rest = [...pieces];
        socket.on('data', (data) => {
          asked.push(data.toString('latin1'));
          socket.write(rest.shift() ?? '');
        });
      });
      try {
        await verdict(oracle({ port: server.port, ...changes }), reason.replace('PORT', String(server.port)));
        if (pieces.length > 0) assert.match(asked[0] ?? '', /\(CONNECT_DATA=\(SID=ORCL\)/);
        assert.doesNotMatch(asked.join(), /hunter2/);
      } finally {
        await server.close();
      }
    });
  }

  it('is redirected, and ends that connection too', async () => {
    const second = await listen(() => {});
    const first = await listen((socket) => {
      const to = `(ADDRESS=(PROTOCOL=TCP)(HOST=127.0.0.1)(PORT=${second.port}))`;
      socket.on('data', () => socket.write(redirect(to)));
    });
    try {
      await verdict(oracle({ port: first.port, negotiateTimeout: brief }), 'login: not done within 0.4 s');
      assert.equal(second.accepted(), 1);
    } finally {
      await first.close();
      await second.close();
    }
  });

  it('ends when it is cancelled', async () => {
    const server = await listen(() => {});
    const cancel = new CheckSignal();
    try {
      const running = withoutLeaks(() => runProbe(oracle({ port: server.port }), 'negotiate', cancel));
      setTimeout(() => cancel.abort(new Error('dropped')), 200);
      assert.equal((await running).reason, 'login: abandoned');
    } finally {
      await server.close();
    }
  });

  it('two at once do not end each other', async () => {
    const silent = await listen(() => {});
    const refusing = await listen((socket) =>
      socket.once('data', () => socket.write(refuse('(DESCRIPTION=(ERR=12516))'))),
    );
    try {
      const [late, refused] = await Promise.all([
        runProbe(oracle({ port: silent.port, negotiateTimeout: brief }), 'negotiate'),
        runProbe(oracle({ port: refusing.port }), 'negotiate'),
      ]);
      assert.equal(late.reason, 'login: not done within 0.4 s');
      assert.match(refused.reason, /ORA-12516$/);
    } finally {
      await silent.close();
      await refusing.close();
    }
  });
});

describe('oracle without its package', () => {
  it('is refused when the file is read, with the name of the package', async (t) => {
    const directory = await temporaryDirectory(t);
    const build = fileURLToPath(new URL('../../../src', import.meta.url));
    const modules = dirname(dirname(createRequire(import.meta.url).resolve('undici/package.json')));
    await cp(build, join(directory, 'src'), { recursive: true });
    await writeFile(join(directory, 'package.json'), '{ "type": "module", "version": "0.0.0" }');
    await mkdir(join(directory, 'node_modules'));
    for (const name of await readdir(modules)) {
      if (name !== 'oracledb') await symlink(join(modules, name), join(directory, 'node_modules', name));
    }
    // An empty folder ends the search, wherever else on this machine the package may stand.
    await mkdir(join(directory, 'node_modules/oracledb'));
    const file = join(directory, 'oracle.cf');
    await writeFile(
      file,
      'virtual=192.0.2.1:1521\n\tservice=oracle\n\tlogin="monitor"\n\tpasswd="hunter2"\n\tdatabase="ORCL"\n\trequest="SELECT 1 FROM dual"\n\treal=127.0.0.1:1521 masq\n',
    );
    const said = await new Promise<string>((resolve) => {
      const args = [join(directory, 'src/cli.js'), '-d', file, 'start'];
      execFile(process.execPath, args, { timeout: 20_000 }, (_error, stdout, stderr) => resolve(stdout + stderr));
    });
    assert.match(said, /service=oracle needs the package oracledb, .* run "npm install oracledb".*\[missing-package\]/);
  });
});

if (skip === false) {
  badServerCases('oracle', oracle(), {
    first: accept(),
    greeting: 'login',
    next: 'login',
    reasons: { 'resets at once': /^(connect|login): (reset|closed)/ },
    without: ['silent instead of TLS', 'garbage instead of TLS', 'closes instead of TLS'],
  });
}
