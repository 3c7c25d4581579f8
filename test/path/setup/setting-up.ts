/** A process that sets a machine apart up, to be killed: its process number, the journal, whether to persist. */

import { applyAll } from '../../../src/path/setup/apply.js';
import { questionsFor } from '../../../src/path/setup/facts.js';
import { readJournal } from '../../../src/path/setup/journal.js';
import { planOf } from '../../../src/path/setup/plan.js';
import { survey } from '../../../src/path/setup/survey.js';
import { fleetOf, shellInto } from './machine-apart.js';
import { needs } from './needs.js';

const [pid = '', path = ''] = process.argv.slice(2);
const shell = shellInto(Number(pid));
const { journal } = await readJournal(path);
const begun = journal.entries[0]?.steps ?? [];
const looked = await survey(shell, questionsFor(needs, begun), { deadline: 30_000 });
if (!looked.ok) throw new Error(looked.fault);
process.stdout.write('looked\n');
const planned = { server: 'web1', addresses: ['10.9.0.1'], alias: [], needs };
const plan = planOf(needs, begun, { ...looked.facts, ruler: { name: 'NetworkManager' } }, true);
const going = { isEnding: () => false, signal: new AbortController().signal, onDone: () => {} };
const [outcome] = await applyAll(path, journal, [{ ...planned, plan }], fleetOf(shell), going);
process.stdout.write(`${JSON.stringify(outcome?.result)}\n`);
