/** What the code knows, as lists for the manual: each stands in one page. */

import { upByCheckType } from '../config/check-types.js';
import { eitherCodes, errorCodes, settingCodes, warningCodes } from '../config/diagnostics/codes.js';
import { type Directive, directives } from '../config/file/directives.js';
import { serviceRows } from '../config/service-lists.js';
import { type Service, services, tlsModes } from '../config/services.js';
import { type SettingRow, settingRows } from '../config/settings/rows.js';
import { servicesWith } from '../config/tls-modes.js';
import { controlVerbs } from '../control/handlers.js';
import { errorCodes as controlErrors } from '../control/protocol.js';
import { eventSentences } from '../events.js';
import { describeRoutes } from '../observe/http/routes.js';
import { metricRows } from '../observe/metrics/scrape.js';
import { type FindingRow, findings } from '../path/doctor/codes.js';
import { variableRows } from '../probes/programs/program-environment.js';
import { environmentRows, exitRows, optionRows, verbRows } from '../verbs/help.js';
import type { Item, Tables } from './fill.js';

export const tables: Tables = {
  verbs: verbRows,
  options: optionRows,
  environment: environmentRows,
  exit: exitRows,
  global: directiveItems(({ scope, extension }) => scope !== 'virtual' && !extension),
  virtual: directiveItems(({ scope, extension }) => scope === 'virtual' && !extension),
  extensions: directiveItems(({ extension }) => extension),
  checktypes: Object.entries(upByCheckType),
  services: serviceItems(),
  tlsmodes: tlsModes.map((mode) => [mode, literals(servicesWith(mode))]),
  variables: variableRows,
  settings: settingItems('top'),
  role: settingItems('role'),
  ssh: settingItems('ssh'),
  sync: settingItems('sync'),
  store: settingItems('store'),
  windows: settingItems('maintenance'),
  announcements: settingItems('announce'),
  controlverbs: Object.entries(controlVerbs),
  controlerrors: Object.entries(controlErrors),
  routes: routeItems(),
  metrics: metricRows.map(({ name, type, labels, help }) => {
    return [name, `${help}. A ${type}${labels.length === 0 ? '' : ` by ${labels.join(', ')}`}`];
  }),
  events: Object.entries(eventSentences),
  errors: Object.entries(errorCodes),
  warnings: Object.entries(warningCodes),
  either: Object.entries(eitherCodes),
  settingcodes: Object.entries(settingCodes),
  findingerrors: findingItems('error'),
  findingwarnings: findingItems('warning'),
};

/** What is broken while it is so. */
function findingItems(severity: FindingRow['severity']): Item[] {
  const rows = Object.entries<FindingRow>(findings).filter(([, row]) => row.severity === severity);
  return rows.map(([code, { breaks }]) => [code, breaks]);
}

function directiveItems(isMeant: (directive: Directive) => boolean): Item[] {
  return directives.filter(isMeant).map(({ keyword, scope, fallback, summary }) => {
    const where = scope === 'both' ? '. It may stand in a section, too' : '';
    return [keyword, `${summary}${where}${fallback === '' ? '' : `. Default: ${fallback}`}`];
  });
}

/** What services that are asked alike have in common is said of the first. */
function serviceItems(): Item[] {
  return serviceRows().map(({ names, request, up }) => {
    const [first, ...others] = names.map((name): Service => services[name]);
    const ports = [first, ...others].flatMap((service) => service?.port ?? []);
    const reads = first?.reads.filter((keyword) => keyword !== 'request') ?? [];
    const parts = [
      up,
      ...(request === '' ? [] : [`\`request\` is ${request}`]),
      ...(reads.length === 0 ? [] : [`Reads ${literals(reads)}`]),
      ...(ports.length === 0 ? [] : [`Usual port${ports.length === 1 ? '' : 's'}: ${ports.join(', ')}`]),
      ...(first?.transport === 'udp' ? ['Over UDP'] : []),
      ...(first?.transport === 'either' ? ['Over the protocol of the virtual service'] : []),
      ...(first?.package?.included === false ? [`Needs the package \`${first.package.name}\``] : []),
    ];
    return [names.join(', '), parts.join('. ')];
  });
}

function literals(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}

function settingItems(scope: SettingRow['scope']): Item[] {
  const rows = settingRows.filter((row) => row.scope === scope);
  return rows.map(({ key, fallback, summary }) => [key, `${summary}. Default: ${fallback}`]);
}

function routeItems(): Item[] {
  return describeRoutes().map(({ method, path, summary, query = {}, problems = {} }) => {
    const asked = Object.entries(query).map(([name, meaning]) => `. \`${name}\`: ${meaning}`);
    const otherwise = Object.entries(problems).map(([status, meaning]) => `. ${status}: ${meaning}`);
    return [`${method} ${path}`, [summary, ...asked, ...otherwise].join('')];
  });
}
