import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PresentPeer } from '../../../src/directors/shared/peers.js';
import type { Presence } from '../../../src/directors/shared/presence.js';
import { speakerAmong } from '../../../src/directors/shared/speaker.js';
import { well } from './well.js';

const peer = (name: string, more: Partial<Presence> = {}): PresentPeer => ({
  name,
  isMember: true,
  presence: { ...well, ...more },
  observation: null,
  observedAt: null,
});

test('the first by name of those that are active and ready, with one configuration, speaks for all', () => {
  const own = { name: 'b', config: well.config, ready: true };
  assert.equal(speakerAmong(own, []), null);
  assert.equal(speakerAmong(own, [peer('c'), peer('a')]), 'a');
  assert.equal(speakerAmong(own, [peer('c')]), null);
  for (const more of [{ ready: false }, { role: 'passive' }, { config: 'another' }] as const) {
    assert.equal(speakerAmong(own, [peer('a', more)]), null, JSON.stringify(more));
  }
  assert.equal(speakerAmong({ ...own, ready: false }, [peer('d'), peer('c')]), 'c');
  assert.equal(speakerAmong({ ...own, ready: false }, [peer('c', { ready: false })]), null, 'nobody else does');
});
