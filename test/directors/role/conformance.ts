/** What every one who says the role has to do, whatever he goes by. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Role } from '../../../src/directors/role/role.js';
import { isSameRole, type RoleState } from '../../../src/model/role.js';
import { until, within } from '../../helpers/deadline.js';

/** Where a role comes from. */
export interface Elector {
  readonly open: (onChange: () => void) => Role;
  /** This director is the active one for these addresses, and for no others. */
  readonly elect: (addresses: readonly string[]) => void | Promise<void>;
}

const [one, other, third] = ['192.0.2.1', '2001:db8::1', '192.0.2.3'] as const;
const vips = new Set([one, other]);

/** `skip` is why it cannot be had here. */
export function roleConformance(
  name: string,
  skip: string | false,
  electorOf: (t: TestContext) => Elector | Promise<Elector>,
): void {
  const opened = async (t: TestContext) => {
    const elector = await electorOf(t);
    let changes = 0;
    const role = elector.open(() => {
      changes += 1;
    });
    t.after(() => role.close());
    return { elector, role, changes: () => changes };
  };
  const becomes = (role: Role, what: string, holds: (state: RoleState) => boolean): Promise<void> =>
    until(`${name}: ${what}`, () => holds(role.state));

  test(`${name}: who follows knows the role of what is elected already`, { skip }, async (t) => {
    const { elector, role } = await opened(t);
    await elector.elect([one]);
    await within('it is known', role.follow(vips));
    assert.deepEqual(role.state, { word: 'active', held: new Set([one]), fault: null });
  });

  test(`${name}: it comes and goes, for each address by itself, and each change is told`, { skip }, async (t) => {
    const { elector, role, changes } = await opened(t);
    await elector.elect([]);
    await within('it is known', role.follow(vips));
    assert.equal(role.state.word, 'passive');
    const told = changes();
    await elector.elect([one]);
    await becomes(role, 'active for one', ({ word, held }) => word === 'active' && held?.size === 1);
    await elector.elect([one, other]);
    await becomes(role, 'active for both', ({ held }) => held?.has(other) === true && held.has(one));
    await elector.elect([other]);
    await becomes(role, 'no longer for the first', ({ held }) => held?.has(one) === false);
    await elector.elect([]);
    await becomes(role, 'passive', ({ word }) => word === 'passive');
    assert.ok(changes() >= told + 4);
  });

  test(`${name}: what nobody follows says nothing, until somebody does`, { skip }, async (t) => {
    const { elector, role } = await opened(t);
    await elector.elect([third]);
    await within('it is known', role.follow(vips));
    assert.equal(role.state.word, 'passive');
    await within('it is known', role.follow(new Set([third])));
    assert.deepEqual(role.state, { word: 'active', held: new Set([third]), fault: null });
  });

  test(`${name}: what is the same is not told again`, { skip }, async (t) => {
    const { elector, role, changes } = await opened(t);
    await elector.elect([one]);
    await within('it is known', role.follow(vips));
    const [told, state] = [changes(), role.state];
    await within('it is known', role.follow(new Set(vips)));
    assert.equal(changes(), told);
    assert.ok(isSameRole(role.state, state));
  });

  test(`${name}: after the end nothing is told, and an end in the middle is one`, { skip }, async (t) => {
    const { elector, role, changes } = await opened(t);
    await elector.elect([one]);
    await within('it is known', role.follow(vips));
    await within('the end', role.close());
    const told = changes();
    await elector.elect([other]);
    await within('the second end', role.close());
    assert.equal(changes(), told);
    const short = await opened(t);
    const following = short.role.follow(vips);
    await within('the end in the middle', short.role.close());
    await within('what was under way', following);
    assert.equal(short.changes(), 0);
  });
}
