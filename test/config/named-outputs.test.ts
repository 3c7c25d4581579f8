import assert from 'node:assert/strict';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from '../../src/config/file/parse.js';
import { outputCodes, unwritableOutputs } from '../../src/config/named-outputs.js';
import { parseServices } from '../../src/system/port-names.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

async function unwritable(text: string): Promise<string[]> {
  const { config, outputs } = parse(text, { strict: false, services: parseServices('http 80/tcp\n') });
  assert.ok(config);
  return (await unwritableOutputs(outputs)).map(({ severity, code, message, span }) => {
    assert.equal(severity, 'warning');
    assert.ok(outputCodes.has(code));
    return `${span.line}: ${message}`;
  });
}

const virtual = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n';

describe('places that a configuration wants lines written to', () => {
  it('are told where they cannot be written, at the line that names them', async (t) => {
    const folder = await temporaryDirectory(t);
    await mkdir(join(folder, 'directory'));
    const text = `logfile="${folder}/missing/log"\n${virtual}\tmonitorfile=${folder}/directory\n`;
    assert.deepEqual(await unwritable(text), [
      `1: logfile: ${folder}/missing/log cannot be written: ENOENT: lines are lost until it can be`,
      `4: monitorfile: ${folder}/directory cannot be written: EISDIR: lines are lost until it can be`,
    ]);
  });

  it('are not touched where they can be', async (t) => {
    const folder = await temporaryDirectory(t);
    const log = join(folder, 'log');
    assert.deepEqual(await unwritable(`logfile="${log}"\n${virtual}\tmonitorfile=/dev/null\n`), []);
    await assert.rejects(access(log));
  });

  it('are facilities of the system’s log, or told to be none', async () => {
    const facilities = async (name: string): Promise<string[]> => {
      const all = await unwritable(`logfile="${name}"\n${virtual}`);
      // Whether there is a system's log is a matter of the machine.
      return all.filter((line) => !line.includes('/dev/log'));
    };
    for (const name of ['local0', 'LOG_LOCAL7', 'daemon']) assert.deepEqual(await facilities(name), []);
    assert.deepEqual(await facilities('local9'), [
      "1: logfile: no facility of the system's log is called 'local9': it goes to daemon",
    ]);
  });
});
