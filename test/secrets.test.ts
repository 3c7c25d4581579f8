/** A daemon whose file is full of secrets, checking servers that repeat all that they get. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './helpers/deadline.js';
import { listen } from './helpers/listener.js';
import { cli, ldirectord, Program } from './helpers/process.js';
import { temporaryDirectory } from './helpers/temporary-directory.js';

const secrets = ['opensesame', 'shibboleth', 'tokenoftokens', 'p@ss word/+'] as const;
const [passwd, secret, token, odd] = secrets;
const forms = secrets.flatMap((text) => [
  text,
  encodeURIComponent(text),
  ...[text, `monitor:${text}`, `\0monitor\0${text}`].map((plain) => Buffer.from(plain).toString('base64')),
]);

/** What this machine shows of the processes whose command line names a folder. */
function commandLines(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      } catch {
        return '';
      }
    })
    .join('\n');
}

/** All files that a daemon keeps beside its pid file, once every server is down. */
async function whatIsKept(t: TestContext, folder: string, file: string): Promise<string> {
  const env = { ...process.env, LDIRECTORD_RUN_DIR: folder };
  const daemon = new Program(t, process.execPath, [cli, '--foreground', '--backend', 'memory', file, 'start'], env);
  const read = () =>
    readdirSync(folder).filter((name) => name.startsWith('ldirectord.secret.cf.') && !name.endsWith('.sock'));
  const text = () =>
    read()
      .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
      .join('\n');
  await until('all are down, and that is kept', () => (text().match(/"server-down"/g) ?? []).length >= 9);
  daemon.child.kill('SIGTERM');
  await daemon.exit;
  return text();
}

it('no secret is in the output, in a title or a command line', async (t) => {
  const folder = await temporaryDirectory(t);
  // Back comes whatever came, as an answer of HTTP in a place that is quoted in a reason, and as one of SMTP.
  const http = await listen((socket) => {
    socket.once('data', (data) => {
      const line = data.toString('latin1').replaceAll(/[\r\n]+/g, '&');
      socket.end(`HTTP/1.1 302 Found\r\nLocation: ftp://x/?${line}\r\nContent-Length: 0\r\n\r\n`);
    });
  });
  const smtp = await listen((socket) => {
    socket.write('220 hi\r\n');
    socket.on('data', (data) => {
      const said = data.toString('latin1').trim();
      socket.write(said.startsWith('EHLO') ? '250-x\r\n250 AUTH PLAIN LOGIN\r\n' : `535 no: ${said}\r\n`);
    });
  });
  t.after(() => Promise.all([http.close(), smtp.close()]));
  const echo = `${folder}/echo.sh`;
  await writeFile(echo, '#!/bin/sh\nsleep 0.3\necho "$*" $(env)\nexit 1\n', { mode: 0o755 });
  const perl = `${folder}/echo.pl`;
  await writeFile(perl, 'print join(" ", @ARGV, %ENV), "\\n"; exit 1;');
  const section = (number: number, port: number, lines: readonly string[]) =>
    `virtual=192.0.2.${number}:80\n\treal=127.0.0.1:${port} masq\n${lines.map((line) => `\t${line}\n`).join('')}\n`;
  const login = ['login="monitor"', `passwd="${passwd}"`, `secret="${secret}"`];
  const header = `requestheader="Authorization: Bearer ${token}"`;
  const file = `${folder}/secret.cf`;
  await writeFile(
    file,
    `checkinterval=1\nchecktimeout=5\n${[
      section(1, http.port, ['service=http', 'httpauth=basic', ...login]),
      section(2, http.port, ['service=http', header]),
      section(3, http.port, ['service=http', 'httpauth=basic', 'login="monitor"', `passwd="${odd}"`]),
      section(4, smtp.port, ['service=smtp', ...login]),
      section(5, smtp.port, ['service=smtp', 'login="monitor"', `passwd="${odd}"`]),
      section(6, 9, ['checktype=external', `checkcommand="${echo}"`, ...login]),
      section(7, 9, ['checktype=external-perl', `checkcommand="${perl}"`, ...login]),
      section(8, http.port, ['service=http_proxy', 'request="http://a.example/"', 'httpauth=basic', ...login]),
      section(9, http.port, ['checktype=connect', `require=http:${http.port}`, 'httpauth=basic', header, ...login]),
    ].join('')}`,
  );
  const daemon = new Program(t, process.execPath, [cli, '-d', '--backend', 'memory', file, 'start']);
  let seen = '';
  for (let round = 0; round < 30; round += 1) {
    seen += commandLines();
    await sleep(100);
  }
  // All have failed, and what they said was quoted.
  for (const quoted of [
    /ftp:\/\/x\//,
    /login: the server says "535 no: AUTH PLAIN \*\*\*/,
    /exit status 1/,
    /require http:\d+: .*ftp:\/\/x\//,
  ]) {
    await until(
      () => `${quoted} in ${daemon.text}`,
      () => quoted.test(daemon.text),
    );
  }
  await until('the programs have been seen', () => {
    seen += commandLines();
    return seen.includes(echo);
  });
  daemon.child.kill('SIGTERM');
  await daemon.exit;
  await until('no program is left', () => !commandLines().includes(folder));
  const show = await ldirectord(t, file, 'show-config');
  const check = await ldirectord(t, file, 'check');
  const output = [daemon.text, show.stdout, show.stderr, check.stdout, check.stderr].join('\n');
  assert.match(output, /\*\*\*/);
  const kept = await whatIsKept(t, folder, file);
  assert.match(kept, /ftp:\/\/x\//);
  for (const form of forms) {
    assert.ok(!kept.includes(form), `${form} in ${kept.split('\n').find((line) => line.includes(form))}`);
    assert.ok(!output.includes(form), `${form} in ${output.split('\n').find((line) => line.includes(form))}`);
    assert.ok(!seen.includes(form), `${form} in a command line`);
  }
});
