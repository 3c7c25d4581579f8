/** `npm run lab -- COMMAND [ARGUMENT ...]`: runs it in a guest by hand and exits with its status. */

import { guestMissing } from './availability.js';
import { runInGuest } from './guest.js';

/** Long enough to look around by means of scripts. */
const deadline = 30 * 60_000;
/** What a shell says of a command that it cannot run. */
const cannotRun = 126;

async function main(command: readonly string[]): Promise<number> {
  if (command.length === 0) {
    process.stderr.write('usage: npm run lab -- COMMAND [ARGUMENT ...]\n');
    return 2;
  }
  const missing = guestMissing();
  if (missing !== false) {
    process.stderr.write(`lab: ${missing}\n`);
    return cannotRun;
  }
  // Nobody reads on: the guest goes with this process.
  process.stdout.on('error', () => process.exit(cannotRun));
  const { status, failure, console } = await runInGuest({
    command,
    deadline,
    // Files of tests that need it say so by their names; they come with more than others.
    ...(command.some((word) => word.includes('.systemd.')) && { systemd: true, memory: 2048 }),
    onOutput: (text) => process.stdout.write(text),
  });
  if (status !== null) return status;
  process.stderr.write(`lab: ${failure}\n${console}`);
  return cannotRun;
}

process.exitCode = await main(process.argv.slice(2));
