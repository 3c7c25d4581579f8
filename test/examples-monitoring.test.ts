import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { metricRows } from '../src/observe/metrics/scrape.js';
import { lacks } from './helpers/programs.js';
import { repository } from './helpers/repository.js';
import { temporaryDirectory } from './helpers/temporary-directory.js';

const rules = `${repository}examples/alerts.yml`;
const dashboard = `${repository}examples/grafana-dashboard.json`;

/** Names of metrics in expressions of Prometheus, as they are in the table of metrics. */
function metricsIn(text: string): Set<string> {
  const names = [...text.matchAll(/\b(?:ldirectord|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);
  return new Set(names.map((name) => name.replace(/_(?:bucket|sum|count)$/, '')));
}

function assertKnown(text: string, least: number): void {
  const known = new Set(metricRows.map(({ name }) => name));
  const used = [...metricsIn(text)];
  assert.ok(used.length >= least, String(used));
  assert.deepEqual(
    used.filter((name) => !known.has(name)),
    [],
  );
}

test('promtool accepts the alert rules', { skip: lacks('promtool') }, () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', rules], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.equal(status, 0, stdout + stderr);
});

/** Two directors; the second is gone after ten minutes, and scraping it fails from then on. */
const oneIsGone = {
  rule_files: [rules],
  evaluation_interval: '30s',
  tests: [
    {
      interval: '30s',
      input_series: [
        { series: 'ldirectord_build_info{job="lvs",instance="one",version="1"}', values: '1x10 _x110' },
        { series: 'ldirectord_build_info{job="lvs",instance="one",version="2"}', values: '_x10 1x110' },
        { series: 'ldirectord_build_info{job="lvs",instance="two",version="1"}', values: '1x20 _x100' },
      ],
      alert_rule_test: [
        { eval_time: '10m', alertname: 'LdirectordGone', exp_alerts: [] },
        {
          eval_time: '40m',
          alertname: 'LdirectordGone',
          exp_alerts: [
            {
              exp_labels: { severity: 'critical', job: 'lvs', instance: 'two' },
              exp_annotations: { summary: 'two tells no metrics any more' },
            },
          ],
        },
        { eval_time: '40m', alertname: 'LdirectordAbsent', exp_alerts: [] },
      ],
    },
  ],
};

test('one director of two that is gone is told, and one with a new version is not', {
  skip: lacks('promtool'),
}, async (t) => {
  const file = join(await temporaryDirectory(t), 'test.yml');
  await writeFile(file, JSON.stringify(oneIsGone));
  const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(status, 0, stdout + stderr);
});

test('every metric of the alert rules is there', async () => assertKnown(await readFile(rules, 'utf8'), 12));

interface Dashboard {
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

test('every metric of the dashboard is there, and every panel asks for something', async () => {
  const text = await readFile(dashboard, 'utf8');
  const { panels } = JSON.parse(text) as Dashboard;
  assertKnown(panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n'), 15);
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  for (const { title, targets } of panels) assert.ok(targets.length > 0, title);
});

test('promtool understands every expression of the dashboard', { skip: lacks('promtool') }, async (t) => {
  const { panels } = JSON.parse(await readFile(dashboard, 'utf8')) as Dashboard;
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const group = {
    name: 'dashboard',
    rules: expressions.map((expr, at) => ({ record: `a:b${at}`, expr: filledIn(expr) })),
  };
  const file = join(await temporaryDirectory(t), 'rules.yml');
  // JSON is YAML.
  await writeFile(file, JSON.stringify({ groups: [group] }));
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', file], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.equal(status, 0, stdout + stderr);
});

function filledIn(expression: string): string {
  return expression.replaceAll('$__rate_interval', '5m');
}
