import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { realSections } from '../../../src/path/reading/real.js';
import { composeScript, readSections } from '../../../src/path/reading/section.js';
import { ownNetwork } from '../../helpers/own-network.js';
import { lacks } from '../../helpers/programs.js';

const sections = realSections({ sysctls: [], routes: [] });

function read(text: string) {
  const outcome = readSections(sections, text);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return outcome.value;
}

function answer(clock: string, firewall: string): string {
  const parts = { clock, links: '[]', addresses: '[]', firewall };
  return `${Object.entries(parts)
    .map(([name, text]) => `##ldirectord ${name}\n${text}\n`)
    .join('')}##ldirectord end\n`;
}

test('the clock, and what drops or rejects', () => {
  const chains = 'seen\nchain inet filter input drop 0\nchain ip nat mine accept 1\nchain ip6 filter INPUT drop 3\n';
  const { clock, firewall } = read(answer('1800000000', chains));
  assert.equal(clock, 1_800_000_000);
  assert.deepEqual(firewall, [
    'table inet filter, chain input: policy drop',
    'table ip nat, chain mine: 1 rule drops or rejects',
    'table ip6 filter, chain INPUT: policy drop, 3 rules drop or reject',
  ]);
});

test('what was not for the user to see is not taken for nothing, and nonsense is nothing', () => {
  assert.equal(read(answer('now', '')).firewall, null);
  assert.equal(read(answer('now', '')).clock, null);
  assert.deepEqual(read(answer('', 'seen')).firewall, []);
  assert.deepEqual(read(answer('', 'seen\nchain a b\n\u001b[2J')).firewall, []);
});

const missing = process.getuid?.() === 0 ? lacks('nft') || ownNetwork() : 'only root sees rules';

test('rules as nft has them, those of iptables too', { skip: missing }, () => {
  const run = (): readonly string[] | null =>
    read(execFileSync('sh', ['-c', composeScript(sections)], { encoding: 'utf8' })).firewall;
  assert.deepEqual(run(), []);
  const rules = `table inet filter {
    set bad { type ipv4_addr; elements = { 10.0.0.1 } }
    chain input { type filter hook input priority 0; policy drop; tcp dport 22 accept; ip saddr @bad drop; jump other; }
    chain forward { type filter hook forward priority 0; policy drop; drop; }
    chain other { tcp dport 80 reject with tcp reset; counter drop comment "one more"; }
    chain fine { accept; }
  }
  table ip filter {
    chain INPUT { type filter hook input priority 0; policy accept; tcp dport 90 counter drop; }
  }`;
  execFileSync('nft', ['-f', '-'], { input: rules });
  assert.deepEqual(run(), [
    'table inet filter, chain input: policy drop, 1 rule drops or rejects',
    'table inet filter, chain other: 2 rules drop or reject',
    'table ip filter, chain INPUT: 1 rule drops or rejects',
  ]);
});
