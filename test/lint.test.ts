import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { repository } from './helpers/repository.js';
import { temporaryDirectory } from './helpers/temporary-directory.js';

const forbidden = [
  ['config', '../ipvs/table.js'],
  ['ipvs', '../config/model.js'],
  ['ipvs/userspace', '../../config/model.js'],
  ['ipvs/userspace/schedulers', '../../../config/model.js'],
  ['process', '../events.js'],
  ['probes', '../config/parse.js'],
  ['probes/wire', '../../checks/check.js'],
  ['checks', '../reconcile/plan.js'],
  ['health', '../ipvs/table.js'],
  ['reconcile', '../probes/index.js'],
  ['observe', '../notify/email.js'],
  ['observe/http', '../../notify/mail.js'],
  ['notify', '../control/server.js'],
  ['control', '../observe/log.js'],
  ['maintenance', '../notify/mail.js'],
  ['maintenance', '../schedule/jobs.js'],
  ['schedule', '../events.js'],
  ['source', '../ipvs/table.js'],
  ['status', '../maintenance/maintenance.js'],
  ['manual', '../daemon.js'],
] as const;

const allowed = [
  ['config', './model.js'],
  ['ipvs/userspace', '../table.js'],
  ['ipvs/userspace/schedulers', '../../table.js'],
  ['probes/wire', '../probe.js'],
  ['probes', '../config/model.js'],
  ['checks', '../probes/index.js'],
  ['health', '../probes/probe.js'],
  ['reconcile', '../ipvs/table.js'],
  ['observe', '../events.js'],
  ['observe/http', '../../status/model.js'],
  ['observe/http', '../messages.js'],
  ['notify', '../events.js'],
  ['maintenance', '../reconcile/desired.js'],
  ['maintenance', '../schedule/calendar.js'],
  ['control', '../maintenance/steering.js'],
  ['source', '../checks/refusals.js'],
  ['status', '../maintenance/places.js'],
  ['manual', '../config/directives.js'],
] as const;

test('the linter enforces the directions of imports between the parts', async (t) => {
  const folder = await temporaryDirectory(t);
  await copyFile(`${repository}biome.json`, join(folder, 'biome.json'));
  const imports = [...forbidden, ...allowed];
  const fileOf = (index: number) => `imagined-${index}.ts`;
  for (const [index, [room, path]] of imports.entries()) {
    await mkdir(join(folder, 'src', room), { recursive: true });
    await writeFile(
      join(folder, 'src', room, fileOf(index)),
      `import type { A } from '${path}';\n\nexport type B = A;\n`,
    );
  }
  const biome = `${repository}node_modules/.bin/biome`;
  const options = ['--reporter=github', '--max-diagnostics=none'];
  const { stdout } = spawnSync(biome, ['lint', ...options], { cwd: folder, encoding: 'utf8' });
  const refused = stdout.split('\n').filter((line) => line.includes('noRestrictedImports'));
  for (const [index, [room, path]] of imports.entries()) {
    const found = refused.some((line) => line.includes(fileOf(index)));
    assert.equal(found, index < forbidden.length, `${room} importing ${path}`);
  }
});
