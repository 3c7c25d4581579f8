import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { repository } from './helpers/repository.js';
import { faultOf, rooms } from './rooms.js';

const root = `${repository}src/`;
const endings = /\.(?:ts|js)$/;

/** What every file of src imports, with types and what is loaded later. */
async function imports(): Promise<(readonly [importer: string, imported: string])[]> {
  const files = (await readdir(root, { recursive: true })).filter((path) => path.endsWith('.ts'));
  const found: (readonly [string, string])[] = [];
  for (const file of files) {
    const text = await readFile(join(root, file), 'utf8');
    for (const [, from, later] of text.matchAll(/(?:from|^import) '(\.[^']+)'|import\('(\.[^']+)'\)/gm)) {
      const imported = normalize(join(dirname(file), from ?? later ?? ''));
      found.push([file.replace(endings, ''), imported.replace(endings, '')]);
    }
  }
  return found;
}

test('who imports whom follows the directions between the rooms, at every depth', async () => {
  const all = await imports();
  assert.ok(all.length > 1_000, 'the imports were found');
  assert.deepEqual(
    all.flatMap(([importer, imported]) => {
      const fault = faultOf(importer, imported);
      return fault === null ? [] : [`${importer}: ${fault}`];
    }),
    [],
  );
});

test('every row is of a room that is there', async () => {
  const there = new Set((await readdir(root, { recursive: true })).map((path) => path.replace(endings, '')));
  assert.deepEqual(
    Object.keys(rooms).filter((room) => !there.has(room)),
    [],
  );
});

const forbidden = [
  ['config/file/parse', 'ipvs/table'],
  ['config/pattern/parser', 'ipvs/table'],
  ['ipvs/table', 'model/config'],
  ['ipvs/userspace/backend', 'model/config'],
  ['ipvs/userspace/schedulers/rr', 'model/config'],
  ['process/pid-file', 'events'],
  ['probes/http/http', 'config/file/parse'],
  ['probes/sockets/dial', 'checks/check'],
  ['checks/pool', 'reconcile/plan'],
  ['health/policy', 'ipvs/table'],
  ['health/policy', 'checks/check'],
  ['reconcile/plan', 'probes/index'],
  ['observe/log', 'notify/mail'],
  ['observe/http/web', 'notify/mail'],
  ['observe/page/browser/main', 'status/model'],
  ['notify/mail', 'control/server'],
  ['control/server', 'observe/log'],
  ['overrides/store', 'notify/mail'],
  ['overrides/store', 'schedule/jobs'],
  ['schedule/jobs', 'events'],
  ['reload/source', 'ipvs/table'],
  ['reload/source', 'status/model'],
  ['install/place', 'model/config'],
  ['config/pattern/parser', 'config/file/lines'],
  ['config/services', 'config/settings/rows'],
  ['model/subject', 'config/file/parse'],
  ['probes/sockets/dial', 'probes/wire/match'],
  ['probes/programs/external', 'probes/sockets/dial'],
  ['probes/services/smtp', 'probes/programs/external'],
  ['probes/wire/match', 'probes/http/body'],
  ['system/libc', 'events'],
  ['terminal/columns', 'verbs/command'],
  ['ipvsadm/tables', 'verbs/command'],
  ['verbs/list', 'parts'],
  ['daemon', 'verbs/list'],
  ['cli', 'daemon'],
] as const;

const allowed = [
  ['config/file/parse', 'model/config'],
  ['ipvs/userspace/backend', 'ipvs/table'],
  ['ipvs/userspace/schedulers/rr', 'ipvs/table'],
  ['probes/sockets/dial', 'probes/probe'],
  ['probes/http/http', 'model/config'],
  ['checks/worker', 'health/policy'],
  ['health/members', 'probes/probe'],
  ['reconcile/plan', 'ipvs/table'],
  ['observe/log', 'events'],
  ['observe/http/web', 'status/model'],
  ['observe/http/web', 'observe/messages'],
  ['observe/page/browser/main', 'observe/http/shapes'],
  ['notify/mail', 'events'],
  ['overrides/windows', 'schedule/calendar'],
  ['control/handlers', 'overrides/steering'],
  ['reload/read', 'checks/refusals'],
  ['reload/read', 'reconcile/advice/table-advice'],
  ['status/explain', 'overrides/places'],
  ['config/file/reader', 'config/diagnostics/diagnostics'],
  ['probes/services/smtp', 'probes/wire/dialogue'],
  ['probes/http/http', 'probes/sockets/dial'],
  ['terminal/listing', 'status/model'],
  ['install/entries', 'process/heap'],
  ['daemon', 'parts'],
] as const;

test('each direction is kept to', () => {
  for (const [importer, imported] of forbidden)
    assert.notEqual(faultOf(importer, imported), null, `${importer} importing ${imported}`);
  for (const [importer, imported] of allowed)
    assert.equal(faultOf(importer, imported), null, `${importer} importing ${imported}`);
});
