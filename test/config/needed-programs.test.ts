import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { missingPrograms } from '../../src/config/needed-programs.js';
import { configOf } from '../helpers/configuration.js';
import { lacks } from '../helpers/programs.js';

const perl = configOf('virtual=192.0.2.1:80\n\tchecktype=external-perl\n\n');

describe('programs that a configuration needs', () => {
  it('perl for external-perl, and nothing for anything else', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      assert.deepEqual(
        (await missingPrograms(perl)).map(({ severity, code, span }) => [severity, code, span.line]),
        [['warning', 'missing-program', 1]],
      );
      assert.deepEqual(await missingPrograms(configOf('virtual=192.0.2.1:80\n\n')), []);
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('is content where it is there', { skip: lacks('perl') }, async () => {
    assert.deepEqual(await missingPrograms(perl), []);
  });
});
