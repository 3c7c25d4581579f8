import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from '../../src/config/file/parse.js';
import { missingPrograms } from '../../src/config/named-programs.js';
import { parseServices } from '../../src/system/port-names.js';
import { lacks } from '../helpers/programs.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

async function missing(text: string): Promise<string[]> {
  const { config, programs } = parse(text, { strict: false, services: parseServices('http 80/tcp\n') });
  assert.ok(config);
  return (await missingPrograms(programs)).map(({ severity, code, message, span }) => {
    assert.deepEqual([severity, code], ['warning', 'missing-program']);
    return `${span.line}: ${message}`;
  });
}

const virtual = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n';

describe('programs that a configuration names', () => {
  it('are told where they do not exist, at the line that names them', async () => {
    const text = `callback="/no/such/callback"
fallbackcommand=/no/such/global start
${virtual}	checktype=external
	checkcommand=/no/such/check
	fallbackcommand="/no/such/local d1"
`;
    assert.deepEqual(await missing(text), [
      '1: callback: /no/such/callback does not exist: it never runs',
      '2: fallbackcommand: /no/such/global does not exist: it never runs',
      '7: fallbackcommand: /no/such/local does not exist: it never runs',
      '6: checkcommand: /no/such/check does not exist: its real servers stay down',
    ]);
  });

  it('are told where they cannot be run, or read', async (t) => {
    const folder = await temporaryDirectory(t);
    const program = join(folder, 'program');
    await writeFile(program, '#!/bin/sh\n');
    await chmod(program, 0o644);
    await mkdir(join(folder, 'folder'));
    const external = (command: string): string => `${virtual}\tchecktype=external\n\tcheckcommand=${command}\n`;
    assert.deepEqual(await missing(external(program)), [
      `4: checkcommand: ${program} is not executable: its real servers stay down`,
    ]);
    assert.deepEqual(await missing(external(join(folder, 'folder'))), [
      `4: checkcommand: ${join(folder, 'folder')} is a directory: its real servers stay down`,
    ]);
    await chmod(program, 0o755);
    assert.deepEqual(await missing(external(program)), []);
    assert.deepEqual(await missing(external('no-such-program-anywhere')), [
      '4: checkcommand: no-such-program-anywhere is not in PATH: its real servers stay down',
    ]);
  });

  it('in quotes that are part of a command are one word, as the shell has it', async (t) => {
    const program = join(await temporaryDirectory(t), 'told');
    await writeFile(program, '#!/bin/sh\n', { mode: 0o755 });
    assert.deepEqual(await missing(`fallbackcommand="${program} d1"\n${virtual}`), [
      `1: fallbackcommand: ${program} d1 does not exist: it never runs`,
    ]);
    assert.deepEqual(await missing(`fallbackcommand="${program}" d1\n${virtual}`), []);
  });

  it('are left to the shell where they are its own words', async () => {
    const commands = ['exec /no/such', '[ -e /x ] && /no/such', '$HOME/x', 'A=1 /no/such', '/usr/bin/*x', 'bin/x'];
    for (const command of commands)
      assert.deepEqual(await missing(`fallbackcommand=${command}\n${virtual}`), [], command);
  });

  it('are not looked for where nothing names or needs them', async () => {
    assert.deepEqual(await missing(`${virtual}\tcheckcommand=/no/such\n`), []);
    assert.deepEqual(await missing(`${virtual}\tchecktype=external\n`), []);
  });

  it('perl is one of them with external-perl, once', async () => {
    const text = `${virtual}\tchecktype=external-perl\n\n${virtual.replace(':80', ':81')}\tchecktype=external-perl\n`;
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      assert.deepEqual(await missing(text), [
        '1: checktype=external-perl: perl is not in PATH: real servers stay down',
      ]);
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('perl is found where it is', { skip: lacks('perl') }, async () => {
    assert.deepEqual(await missing(`${virtual}\tchecktype=external-perl\n`), []);
  });
});
