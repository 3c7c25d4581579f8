/** What became of steps since: the journal says what was to be done, and the machine whether it stands. */

import type { Link, Machine } from '../machine.js';
import { isSameRule } from '../needs/answers-route.js';
import { isLoaded, plainValue } from '../needs/judge.js';
import type { Facts } from './facts.js';
import type { Step } from './step.js';

export interface Standing {
  readonly step: Step;
  /** Gone is what never was, or is taken back; somebody else has changed or uses what is another's. */
  readonly state: 'stands' | 'gone' | "another's";
  /** What was seen of what is another's; otherwise empty. */
  readonly seen: string;
}

/** Of links by their modules: the kind, and the one that comes with the module. */
const kinds: Readonly<Record<string, string>> = { ipip: 'ipip', ip6_tunnel: 'ip6tnl', sit: 'sit', ip_gre: 'gre' };

/** In the order of the steps. What a later one did is reckoned back before an earlier one is looked at. */
export function standingsOf(steps: readonly Step[], facts: Facts): readonly Standing[] {
  const look = new Look(facts);
  return steps
    .toReversed()
    .map((step) => look.at(step))
    .toReversed();
}

class Look {
  readonly #machine: Machine;
  readonly #directories: ReadonlySet<string>;
  readonly #sysctls: Map<string, string>;
  readonly #files: Map<string, string>;
  readonly #addresses: Set<string>;
  readonly #down = new Set<string>();

  constructor({ machine, files, directories }: Facts) {
    this.#machine = machine;
    this.#directories = directories;
    this.#sysctls = new Map(machine.sysctls);
    this.#files = new Map(files);
    this.#addresses = new Set(machine.addresses.map(addressKey));
  }

  at(step: Step): Standing {
    const [state, seen = ''] = this.#stateOf(step);
    return { step, state, seen };
  }

  #stateOf(step: Step): readonly [Standing['state'], string?] {
    switch (step.kind) {
      case 'sysctl':
        return this.#replaced(this.#sysctls, { ...step, name: step.key, text: step.value }, plainValue);
      case 'write-file':
        return this.#replaced(this.#files, { ...step, name: step.path }, (text) => text);
      case 'make-directory':
        return [this.#directories.has(step.path) ? 'stands' : 'gone'];
      case 'add-address':
        return [this.#addresses.delete(addressKey(step)) ? 'stands' : 'gone'];
      case 'add-rule':
        return [this.#machine.rules.some((rule) => isSameRule(rule, step)) ? 'stands' : 'gone'];
      case 'add-route':
        // That of a table of ours is nobody else's, and to take it away is no fault where it is gone.
        return ['stands'];
      case 'raise-link':
        return this.#raised(step.name);
      case 'load-module':
        return this.#loaded(step.name);
    }
  }

  #replaced(
    values: Map<string, string>,
    { name, text, before }: { readonly name: string; readonly text: string; readonly before: string | null },
    plain: (text: string) => string,
  ): readonly [Standing['state'], string?] {
    const found = values.get(name);
    const now = found === undefined ? null : plain(found);
    if (now === plain(text)) {
      if (before === null) values.delete(name);
      else values.set(name, before);
      return ['stands'];
    }
    if (now === null || now === before) return ['gone'];
    return ["another's", `${name} is ${now.includes('\n') ? 'another one' : now} by now`];
  }

  #raised(name: string): readonly [Standing['state'], string?] {
    if (this.#machine.links.get(name)?.isUp !== true) return ['gone'];
    const others = this.#addressesOn(name);
    if (others.length > 0) return ["another's", `${name} has ${others.join(', ')} by now`];
    this.#down.add(name);
    return ['stands'];
  }

  #loaded(name: string): readonly [Standing['state'], string?] {
    if (!isLoaded(name, this.#machine)) return ['gone'];
    const kind = kinds[name];
    const users = [...this.#machine.links.values()].filter((link) => kind !== undefined && this.#uses(link, kind));
    if (users.length > 0) return ["another's", `${users.map((link) => link.name).join(', ')} needs ${name} by now`];
    return ['stands'];
  }

  /** The link that comes with the module is nobody's while it is down. */
  #uses(link: Link, kind: string): boolean {
    return link.kind === kind && link.isUp && !this.#down.has(link.name);
  }

  /** Without those that the kernel gives each link. */
  #addressesOn(device: string): string[] {
    const found = [...this.#addresses].filter((key) => key.endsWith(` ${device}`) && !key.startsWith('fe80:'));
    return found.map((key) => key.split(' ')[0] ?? key);
  }
}

function addressKey(of: { readonly address: string; readonly prefix: number; readonly device: string }): string {
  return `${of.address}/${of.prefix} ${of.device}`;
}
