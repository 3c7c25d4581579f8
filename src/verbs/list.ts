/** `list`: the services and their servers, printed as they come. */

import { parseArgs } from 'node:util';
import { type AskedState, askedStates, askedStatesIn } from '../status/asked-states.js';
import { type BriefVirtual, listedVirtual } from '../status/brief.js';
import { Listing } from '../terminal/listing.js';
import { type Command, done, failed, usage } from './command.js';
import { briefListFrom, daemonClient, type Listed, listFrom } from './daemon-client.js';
import { surfaceOf } from './surface.js';

export async function list(command: Command): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...command.args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      virtual: { type: 'string' },
      state: { type: 'string' },
      search: { type: 'string' },
    },
  });
  const [server, ...more] = positionals;
  if (more.length > 0) throw usage('list: at most one SERVER');
  const states = values.state === undefined ? undefined : statesIn(values.state);
  const { virtual, search } = values;
  const asked = { server, virtual, search, states };
  const client = await daemonClient(command);
  if (values.json) return show(await listFrom(client, asked), asked, jsonOf);
  return show(await briefListFrom(client, asked), asked, textOf);
}

async function show<V>(
  listed: Listed<V>,
  asked: Asked,
  partsOf: (listed: Listed<V>) => AsyncGenerator<string>,
): Promise<number> {
  if (listed.found.services === 0 && listed.head.counts.services > 0) {
    // Nobody waits for the end of the answer, which would keep the connection.
    await listed.virtuals.return(undefined);
    process.stderr.write(`ldirectord: list: ${whatIsMissing(asked)}\n`);
    return failed;
  }
  for await (const text of partsOf(listed)) await print(text);
  return done;
}

function statesIn(words: string): readonly AskedState[] {
  const known = askedStatesIn(words.split(',').map((word) => word.trim()));
  if (known !== null) return [...known];
  throw usage(`list: --state is some of ${askedStates.join(', ')}, with commas between them`);
}

interface Asked {
  readonly server: string | undefined;
  readonly virtual: string | undefined;
  readonly search: string | undefined;
  readonly states: readonly AskedState[] | undefined;
}

function whatIsMissing({ server, virtual, search, states }: Asked): string {
  const within = virtual === undefined ? '' : ` in a virtual service called '${virtual}'`;
  if (search !== undefined || states !== undefined) {
    const found = search === undefined ? 'is so' : `is found by '${search}'`;
    return `nothing ${found}${server === undefined ? '' : ` of what is called '${server}'`}${within}`;
  }
  if (server === undefined) return `no virtual service is called '${virtual}'`;
  return `no real server is called '${server}'${within}`;
}

async function* textOf({ head, found, virtuals }: Listed<BriefVirtual>): AsyncGenerator<string> {
  const listing = new Listing(head, found, surfaceOf(process.stdout));
  yield listing.head;
  for await (const virtual of virtuals) yield listing.add(listedVirtual(virtual));
  yield listing.end();
}

/** One document, laid out as `JSON.stringify` lays it out with two spaces. */
async function* jsonOf({ head, virtuals }: Listed): AsyncGenerator<string> {
  const opening = JSON.stringify({ ...head, virtuals: [] }, null, 2);
  yield opening.slice(0, -'[]\n}'.length);
  let before = '[\n';
  for await (const virtual of virtuals) {
    yield `${before}${JSON.stringify(virtual, null, 2).replaceAll(/^/gm, '    ')}`;
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n}\n' : '\n  ]\n}\n';
}

/** The reader decides how fast: what it does not take stays with the daemon. */
async function print(text: string): Promise<void> {
  if (text === '' || process.stdout.write(text)) return;
  await new Promise((resolve) => process.stdout.once('drain', resolve));
}
