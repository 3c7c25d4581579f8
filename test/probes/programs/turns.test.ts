import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Turns } from '../../../src/probes/programs/turns.js';

const never = new AbortController().signal;

/** Work that ends when it is told to. */
function gate(): { readonly work: () => Promise<void>; readonly open: () => void; started: boolean } {
  let open = () => {};
  const closed = new Promise<void>((resolve) => {
    open = resolve;
  });
  const state = {
    started: false,
    open: () => open(),
    work: () => {
      state.started = true;
      return closed;
    },
  };
  return state;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('Turns', () => {
  it('runs as many as the bound says, and the rest in order', async () => {
    const turns = new Turns(2);
    const gates = [gate(), gate(), gate(), gate()];
    const all = gates.map(({ work }) => turns.take(never, work));
    const started = () => gates.map((one) => one.started);
    await settled();
    assert.deepEqual(started(), [true, true, false, false]);
    gates[1]?.open();
    await settled();
    assert.deepEqual(started(), [true, true, true, false]);
    gates[0]?.open();
    await settled();
    assert.deepEqual(started(), [true, true, true, true]);
    gates[2]?.open();
    gates[3]?.open();
    await Promise.all(all);
  });

  it('lets one that gives up lose its place and nobody else', async () => {
    const turns = new Turns(1);
    const [first, last] = [gate(), gate()];
    const abort = new AbortController();
    const running = turns.take(never, first.work);
    const waiting = turns.take(abort.signal, () => Promise.reject(new Error('must not run')));
    const patient = turns.take(never, last.work);
    abort.abort(new Error('too late'));
    await assert.rejects(waiting, /too late/);
    await assert.rejects(turns.take(abort.signal, last.work), /too late/);
    first.open();
    last.open();
    await Promise.all([running, patient]);
  });

  it('gives a turn back when the work fails', async () => {
    const turns = new Turns(1);
    await assert.rejects(
      turns.take(never, () => Promise.reject(new Error('broken'))),
      /broken/,
    );
    assert.equal(await turns.take(never, async () => 'next'), 'next');
  });
});
