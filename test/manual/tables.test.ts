/** Every table of the code stands in one page, whole, in its order and in its words. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upByCheckType } from '../../src/config/check-types.js';
import {
  diagnosticCodes,
  eitherCodes,
  errorCodes,
  settingCodes,
  warningCodes,
} from '../../src/config/diagnostics/codes.js';
import { directives } from '../../src/config/file/directives.js';
import { type Service, services } from '../../src/config/services.js';
import { settingFaults, settingRows } from '../../src/config/settings/rows.js';
import { controlVerbs } from '../../src/control/handlers.js';
import { errorCodes as controlErrors } from '../../src/control/protocol.js';
import { eventSentences } from '../../src/events.js';
import { describeRoutes } from '../../src/observe/http/routes.js';
import { metricRows } from '../../src/observe/metrics/scrape.js';
import { type FindingRow, findings } from '../../src/path/doctor/codes.js';
import { detailsOf, variableRows } from '../../src/probes/programs/program-environment.js';
import { environmentRows, exitRows, optionRows, verbRows } from '../../src/verbs/help.js';
import { checkOf } from '../helpers/check.js';
import { finishedPages, listBelow } from '../helpers/manual.js';

type Rows = readonly (readonly [term: string, text: string])[];

/** As a page has them: a sentence, and what stands between backquotes without these. */
function asListed(rows: Rows): Rows {
  return rows.map(([term, text]) => [term, `${text.charAt(0).toUpperCase()}${text.slice(1)}.`.replaceAll('`', '')]);
}

const all = await finishedPages();

function assertList(page: string, heading: string, rows: Rows): void {
  const text = all.get(page) ?? assert.fail(page);
  assert.deepEqual(listBelow(text, heading), asListed(rows));
}

const directiveList = (isMeant: (directive: (typeof directives)[number]) => boolean): Rows =>
  directives.filter(isMeant).map(({ keyword, scope, fallback, summary }) => {
    const where = scope === 'both' ? '. It may stand in a section, too' : '';
    return [keyword, `${summary}${where}${fallback === '' ? '' : `. Default: ${fallback}`}`];
  });

const settingList = (scope: string): Rows =>
  settingRows
    .filter((row) => row.scope === scope)
    .map(({ key, fallback, summary }) => [key, `${summary}. Default: ${fallback}`]);

test('the directives are the code’s', () => {
  const page = 'ldirectord.cf.5';
  const global = directiveList(({ scope, extension }) => scope !== 'virtual' && !extension);
  const virtual = directiveList(({ scope, extension }) => scope === 'virtual' && !extension);
  const extensions = directiveList(({ extension }) => extension);
  assert.equal(global.length + virtual.length + extensions.length, directives.length);
  assertList(page, 'GLOBAL DIRECTIVES', global);
  assertList(page, 'DIRECTIVES OF A VIRTUAL SERVICE', virtual);
  assertList(page, 'EXTENSIONS', extensions);
});

test('the settings are the code’s', () => {
  assertList('ldirectord.ini.5', 'KEYS', settingList('top'));
  assertList('ldirectord.ini.5', 'ROLE', settingList('role'));
  assertList('ldirectord.ini.5', 'SSH', settingList('ssh'));
  assertList('ldirectord.ini.5', 'SYNCHRONIZATION', settingList('sync'));
  assertList('ldirectord.ini.5', 'STORE', settingList('store'));
  assertList('ldirectord.ini.5', 'MAINTENANCE WINDOWS', settingList('maintenance'));
});

test('the check types and the services are the probes’', () => {
  const page = 'ldirectord.cf.5';
  assertList(page, 'CHECKS', Object.entries(upByCheckType));
  const listed = listBelow(all.get(page) ?? '', 'SERVICES');
  assert.deepEqual(listed.flatMap(([names]) => names.split(', ')).toSorted(), Object.keys(services).toSorted());
  for (const [name, service] of Object.entries<Service>(services)) {
    const [, text = ''] = listed.find(([names]) => names.split(', ').includes(name)) ?? [];
    const [[, up = ''] = []] = asListed([[name, service.up]]);
    assert.ok(text.startsWith(up), name);
    const asked = service.request === '' ? [] : [`request is ${service.request}`.replaceAll('`', '')];
    const needed = service.package?.included === false ? [service.package.name] : [];
    for (const part of [...asked, ...service.reads, ...needed, `${service.port ?? ''}`]) {
      assert.ok(text.includes(part), `${name}: ${part}`);
    }
  }
});

test('the variables of programs are those that they get', () => {
  assertList('ldirectord.cf.5', 'Environment', variableRows);
  const given = Object.keys(detailsOf(checkOf({ type: 'external' })));
  assert.deepEqual(
    variableRows.map(([name]) => name),
    given,
  );
});

test('verbs, options, exit statuses and variables are the command line’s', () => {
  const page = 'ldirectord.8';
  assertList(page, 'Verbs', verbRows);
  assertList(page, 'Options', optionRows);
  assertList(page, 'EXIT STATUS', exitRows);
  assertList(page, 'ENVIRONMENT', environmentRows);
});

test('the verbs and errors of the control socket are its own', () => {
  assertList('ldirectord-control.7', 'VERBS', Object.entries(controlVerbs));
  assertList('ldirectord-control.7', 'ERROR CODES', Object.entries(controlErrors));
});

test('routes, metrics and events are the code’s', () => {
  const page = 'ldirectord-metrics.7';
  const routes = describeRoutes().map(({ method, path, summary, query = {}, problems = {} }): Rows[number] => {
    const asked = Object.entries(query).map(([name, meaning]) => `. \`${name}\`: ${meaning}`);
    const otherwise = Object.entries(problems).map(([status, meaning]) => `. ${status}: ${meaning}`);
    return [`${method} ${path}`, [summary, ...asked, ...otherwise].join('')];
  });
  assert.ok(routes.length > 10);
  assertList(page, 'THE API', routes);
  const metrics = metricRows.map(({ name, type, labels, help }): Rows[number] => {
    return [name, `${help}. A ${type}${labels.length > 0 ? ` by ${labels.join(', ')}` : ''}`];
  });
  assertList(page, 'METRICS', metrics);
  assertList(page, 'EVENTS', Object.entries(eventSentences));
});

test('every code of a diagnostic stands in one page', () => {
  const page = 'ldirectord-diagnostics.7';
  assertList(page, 'ERROR CODES', Object.entries(errorCodes));
  assertList(page, 'WARNING CODES', Object.entries(warningCodes));
  assertList(page, 'CODES OF EITHER', Object.entries(eitherCodes));
  assertList(page, 'CODES ABOUT LDIRECTORD.INI', Object.entries(settingCodes));
  const listed = { ...errorCodes, ...warningCodes, ...eitherCodes, ...settingCodes };
  for (const code of [...Object.keys(diagnosticCodes), ...Object.keys(settingFaults)]) assert.ok(code in listed, code);
});

test('what the doctor finds is the code’s', () => {
  for (const [heading, severity] of [
    ['ERRORS THAT THE DOCTOR FINDS', 'error'],
    ['WARNINGS OF THE DOCTOR', 'warning'],
  ] as const) {
    const rows = Object.entries<FindingRow>(findings).filter(([, row]) => row.severity === severity);
    assertList(
      'ldirectord-diagnostics.7',
      heading,
      rows.map(([code, { breaks }]) => [code, breaks]),
    );
  }
});
