/** What every announcer does, whoever it tells. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Announcement, Announcements, Announcer } from '../../../src/directors/announce/announcer.js';
import { announcedWays } from '../../../src/model/announced.js';
import { until } from '../../helpers/deadline.js';

export interface Stage {
  readonly announcer: Announcer;
  /** How whoever it tells announces each address now; those that it does not announce are left out. */
  readonly seen: () => Readonly<Record<string, string>>;
  /** Times that it was told something. */
  readonly told: () => number;
}

export interface Kind {
  /** How it is seen that an address is announced so; null where it is not to be seen. */
  readonly shows: Readonly<Record<'well' | 'ill' | 'leaving', string | null>>;
  readonly stage: (t: TestContext, onChange: () => void) => Promise<Stage>;
}

const [four, other, six] = ['192.0.2.1', '192.0.2.2', '2001:db8::1'];

function asked(of: Readonly<Record<string, Announcement['announced']>>): Announcements {
  return new Map(
    Object.entries(of).map(([address, announced]) => {
      const family = address.includes(':') ? 'inet6' : 'inet';
      return [address, { address, family, announced, isLasting: false }];
    }),
  );
}

export function conformance(name: string, { shows, stage }: Kind, skip: string | false = false): void {
  const shown = (of: Parameters<typeof asked>[0]): Record<string, string> => {
    const rows = Object.entries(of).flatMap(([address, announced]) => {
      const how = announced && shows[announced];
      return how ? [[address, how] as const] : [];
    });
    return Object.fromEntries(rows);
  };
  const comes = async ({ announcer, seen }: Stage, of: Parameters<typeof asked>[0]): Promise<void> => {
    announcer.announce(asked(of));
    const expected = JSON.stringify(Object.entries(shown(of)).toSorted());
    const now = () => JSON.stringify(Object.entries(seen()).toSorted());
    await until(
      () => `${now()} is ${expected}`,
      () => now() === expected,
    );
    await until('it says that it is done', () =>
      Object.keys(of).every((address) => announcer.statusOf(address).isDone),
    );
    assert.equal(announcer.fault, null);
  };

  test(`${name}: announces, in each way, and withdraws what it is told or is not told of any more`, {
    skip,
  }, async (t) => {
    const scene = await stage(t, () => {});
    assert.deepEqual(scene.seen(), {});
    for (const announced of announcedWays) await comes(scene, { [four]: announced, [six]: 'well' });
    await comes(scene, { [four]: 'well', [six]: null, [other]: 'well' });
    await comes(scene, { [other]: 'well' });
    await comes(scene, {});
  });

  test(`${name}: what is asked twice is told once`, { skip }, async (t) => {
    const scene = await stage(t, () => {});
    await comes(scene, { [four]: 'well', [six]: null });
    const told = scene.told();
    await comes(scene, { [four]: 'well', [six]: null });
    await scene.announcer.whenSettled(5_000);
    assert.equal(scene.told(), told);
  });

  test(`${name}: of many changes at once the last one counts`, { skip }, async (t) => {
    const scene = await stage(t, () => {});
    for (let times = 0; times < 50; times += 1) {
      scene.announcer.announce(asked({ [four]: times % 2 === 0 ? 'well' : null, [six]: 'well' }));
    }
    await comes(scene, { [four]: 'well', [six]: 'well' });
  });

  test(`${name}: what is announced stays when it lets go, twice as well, and nothing is told after that`, {
    skip,
  }, async (t) => {
    const scene = await stage(t, () => {});
    const { announcer } = scene;
    await comes(scene, { [four]: 'well' });
    await announcer.leave();
    await announcer.leave();
    const told = scene.told();
    announcer.announce(asked({ [four]: null, [other]: 'well' }));
    await announcer.whenSettled(100);
    assert.deepEqual([scene.seen(), scene.told()], [shown({ [four]: 'well' }), told]);
  });
}
