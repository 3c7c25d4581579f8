/** Drives checks.pl: how servers stand for the installed reference implementation, many at once. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { within } from '../helpers/deadline.js';
import { repository } from '../helpers/repository.js';

const script = `${repository}test/reference/checks.pl`;

/** Why the reference cannot be asked here; false where it can. */
export function referenceMissing(): string | false {
  const tried = spawnSync('perl', [script], { input: '', timeout: 60_000 });
  return tried.status === 0 ? false : 'the reference implementation is not installed';
}

export interface Reference {
  /** Modules of Perl without which some of its services cannot be asked. */
  readonly missing: readonly string[];
  /** How the server stands after each of so many checks, in words between blanks. */
  ask(file: string, rounds: number, seconds: number): Promise<string>;
  close(): Promise<void>;
}

/** Its process believes in the authority in this file, in PEM. */
export async function startReference(authority: string): Promise<Reference> {
  const perl = spawn('perl', [script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PERL_LWP_SSL_CA_FILE: authority, SSL_CERT_FILE: authority },
  });
  const ended = once(perl, 'close');
  const waiting = new Map<string, (standing: string) => void>();
  const lines = createInterface({ input: perl.stdout });
  const [first]: string[] = await within('the reference to be loaded', once(lines, 'line'), 60_000);
  lines.on('line', (line) => {
    const [number = '', ...standing] = line.split(' ');
    waiting.get(number)?.(standing.join(' '));
    waiting.delete(number);
  });
  let asked = 0;
  return {
    missing: (first ?? '').split(' ').filter((module) => module !== ''),
    async ask(file, rounds, seconds) {
      asked += 1;
      const answer = new Promise<string>((resolve) => waiting.set(String(asked), resolve));
      perl.stdin.write(`${[asked, rounds, seconds, file].join('\t')}\n`);
      return await within(`the reference to judge ${file}`, answer, (seconds + 60) * 1000);
    },
    async close() {
      perl.stdin.end();
      await within('the reference to end', ended);
    },
  };
}
