/** Tells those who elect how fit this director is: keepalived by a file, Pacemaker by an attribute of its node. */

import type { RoleSettings } from '../../config/settings/role-rows.js';
import type { Publish } from '../../events.js';
import { runCommand } from '../../notify/command.js';
import { replaceFile } from '../../system/replace-file.js';
import { Outlet } from './outlet.js';

type FitnessSettings = Pick<RoleSettings, 'fitnessFile' | 'fitnessAttribute' | 'timeout'>;

export interface FitnessTellerOptions {
  readonly publish: Publish;
  /** Pacemaker's, in the words of sh(1). */
  readonly updater?: string;
  readonly retryDelay?: number;
}

/** Whoever elects reads it as another user, perhaps. */
const fileMode = 0o644;
/** Milliseconds that a file system may take. */
const filePatience = 5_000;

interface Place {
  /** What it is, and how it is told. */
  readonly key: string;
  readonly outlet: Outlet;
}

export class FitnessTeller {
  readonly #options: FitnessTellerOptions;
  #places: readonly Place[] = [];
  /** What is told, and what was told of it; null before the first. */
  #value: number | null = null;
  #told: number | null = null;
  #closing: Promise<unknown> = Promise.resolve();

  constructor(options: FitnessTellerOptions) {
    this.#options = options;
  }

  /** Whether anybody is told. */
  get isAsked(): boolean {
    return this.#places.length > 0;
  }

  /** Places that stay go on; what nobody is told any more has no last word. */
  configure({ fitnessFile, fitnessAttribute, timeout }: FitnessSettings): void {
    const wanted = [
      ...(fitnessFile === null ? [] : [{ key: `file ${fitnessFile}`, open: () => this.#file(fitnessFile) }]),
      ...(fitnessAttribute === null
        ? []
        : [
            {
              key: `attribute ${fitnessAttribute} ${timeout}`,
              open: () => this.#attribute(fitnessAttribute, timeout * 1_000),
            },
          ]),
    ];
    const before = this.#places;
    this.#places = wanted.map(({ key, open }) => before.find((place) => place.key === key) ?? { key, outlet: open() });
    const gone = before.filter((place) => !this.#places.includes(place));
    this.#closing = Promise.all([this.#closing, ...gone.map(({ outlet }) => outlet.close(null))]);
    if (this.#value !== null) this.tell(this.#value);
  }

  /** Returns at once. */
  tell(value: number): void {
    this.#value = value;
    for (const { outlet } of this.#places) outlet.tell(value);
  }

  /** Tells a last number where one is given, and lets go. */
  async close(last: number | null): Promise<void> {
    await Promise.all([this.#closing, ...this.#places.map(({ outlet }) => outlet.close(last))]);
  }

  #file(path: string): Outlet {
    return this.#open(path, async (value) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('no answer: is its file system there?')), filePatience);
      });
      try {
        await Promise.race([replaceFile(path, `${value}\n`, fileMode), late]);
      } finally {
        clearTimeout(timer);
      }
    });
  }

  #attribute(name: string, timeout: number): Outlet {
    const { updater = 'attrd_updater' } = this.#options;
    return this.#open(`attribute ${name} of Pacemaker`, async (value, signal) => {
      const args = ['--name', name, '--update', String(value)];
      const { ok, how, output } = await runCommand({ command: updater, args, timeout }, signal);
      if (!ok) throw new Error(`${updater}: ${[how, ...output].join(': ')}`);
    });
  }

  #open(name: string, give: (value: number, signal: AbortSignal) => Promise<void>): Outlet {
    const { publish, retryDelay } = this.#options;
    let isFailing = false;
    return new Outlet({
      give,
      ...(retryDelay !== undefined && { retryDelay }),
      onGiven: (value) => {
        if (isFailing) publish({ type: 'fitness-restored', outlet: name });
        isFailing = false;
        if (this.#told !== value) publish({ type: 'fitness-told', fitness: value, before: this.#told });
        this.#told = value;
      },
      onFailure: (reason) => {
        if (!isFailing) publish({ type: 'fitness-failed', outlet: name, reason });
        isFailing = true;
      },
    });
  }
}
