import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History, historyStep } from '../../../src/observe/http/history.js';
import { KeptHistory } from '../../../src/observe/http/kept-history.js';
import { atOnce } from '../../../src/slices.js';
import type { VirtualStatus } from '../../../src/status/model.js';
import { asItComes, serverStatus, virtualStatus } from '../../helpers/status.js';

const begin = 1_000_000;

function run(lines: readonly string[] = [], step = 0) {
  const history = new History();
  const kept = new KeptHistory(history);
  const lost = atOnce(kept.recall(lines, (begin + step) * historyStep + 7));
  return {
    history,
    kept,
    lost,
    take: (at: number, virtuals: readonly VirtualStatus[]) =>
      history.takeAsItComes(asItComes((begin + at) * historyStep + 7, virtuals), async (work) => atOnce(work)),
    letters: (name = '10.0.0.1:80') => new Map(history.of('tcp', '192.0.2.1:80')?.states).get(name),
  };
}

const up = virtualStatus({ servers: [serverStatus()] });
const down = virtualStatus({ servers: [serverStatus({ up: false }), serverStatus({ name: '10.0.0.2:80' })] });

test('the last hour is there again, with a gap for the time in between', async () => {
  const first = run();
  assert.deepEqual(atOnce(first.kept.all()), []);
  await first.take(0, [up]);
  const lines = [...atOnce(first.kept.all())];
  await first.take(1, [down]);
  await first.take(2, [down]);
  lines.push(...atOnce(first.kept.news()));
  assert.deepEqual(atOnce(first.kept.news()), []);
  await first.take(3, [down]);
  lines.push(...atOnce(first.kept.news()));
  assert.equal(lines.filter((line) => line.includes('cast')).length, 2, 'said where it changes');

  for (const text of [lines, atOnce(first.kept.all())]) {
    const second = run(text, 6);
    assert.equal(second.lost, 0);
    assert.deepEqual(second.history.of('tcp', up.name)?.up.slice(-4), first.history.of('tcp', up.name)?.up.slice(-4));
    await second.take(6, [down]);
    assert.equal(second.letters()?.slice(-7), 'uddd--d');
    assert.equal(second.letters('10.0.0.2:80')?.slice(-7), '-uuu--u');
    assert.deepEqual(second.history.whole()?.servers.slice(-7), [1, 2, 2, 2, null, null, 2]);
    assert.deepEqual(second.history.of('tcp', up.name)?.active.slice(-7), [4, 8, 8, 8, null, null, 8]);
  }
});

test('what is older than an hour, or yet to come, is passed over, and what leaves the configuration is forgotten', async () => {
  const first = run();
  await first.take(0, [up]);
  await first.take(1, [up, virtualStatus({ name: '192.0.2.2:80' })]);
  const lines = atOnce(first.kept.all());
  assert.equal(run(lines, 360).letters()?.slice(-1), 'u');
  assert.equal(run(lines, 361).history.whole(), null);
  assert.equal(run(lines, 0).letters()?.slice(-2), '-u', 'the clock was set back');
  const second = run(lines, 2);
  await second.take(2, [up]);
  assert.equal(second.history.of('tcp', '192.0.2.2:80'), null);
});

test('measures that are being taken are written when that is done', async () => {
  const { history, kept } = run();
  let goOn = (): void => {};
  const waiting = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const taking = history.takeAsItComes(asItComes(begin * historyStep, [up, down]), async (work) => {
    const done = atOnce(work);
    await waiting;
    return done;
  });
  assert.deepEqual(atOnce(kept.news()), []);
  goOn();
  await taking;
  const writing = kept.news();
  writing.next();
  await history.takeAsItComes(asItComes((begin + 1) * historyStep, [down]), async (work) => atOnce(work));
  assert.deepEqual(atOnce(writing), []);
  assert.equal(atOnce(kept.news()).length, 3);
});

test('lines that say nothing are counted', async () => {
  const cast = JSON.stringify({ cast: [['tcp 192.0.2.1:80', ['10.0.0.1:80']]] });
  const moment = (letters: string) => JSON.stringify([begin, [1, 1, 0, 0], [[[1, 1, 0, 0], letters]]]);
  const bad = ['', 'null', '{}', '{"cast":[7]}', '[1]', '[1,[],[]]', '["x",[1,1,0,0],[]]', '[1,[1,1,0,null],[]]'];
  assert.equal(run([cast, moment('u'), ...bad]).lost, bad.length);
  assert.equal(
    run([cast, moment('uuuu')])
      .letters()
      ?.slice(-1),
    'u',
  );
  assert.equal(
    run([cast, moment('<')])
      .letters()
      ?.slice(-1),
    '-',
  );
  assert.equal(
    run([cast, moment('')])
      .letters()
      ?.slice(-1),
    '-',
  );
  assert.equal(
    run([moment('u')])
      .history.whole()
      ?.up.at(-1),
    1,
  );
});
