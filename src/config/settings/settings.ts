/** The settings file, `ldirectord.ini` beside the configuration: what belongs to this controller alone. */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as ini from 'ini';
import type { Span } from '../../model/config.js';
import { readBounded, unreadableBecause } from '../../system/bounded-file.js';
import type { Diagnostic } from '../diagnostics/diagnostics.js';
import { maskSecrets } from '../diagnostics/mask.js';
import {
  defaultSettings,
  isManyScope,
  isOneScope,
  type ManyItem,
  type ManyScope,
  manySections,
  type OneScope,
  oneAdvice,
  oneFaults,
  type ScopeSettings,
  type SettingFault,
  type Settings,
  sectionHeads,
  settingOf,
} from './rows.js';

export interface LoadedSettings {
  /** The file, whether it exists or not. */
  readonly file: string;
  /** Empty where there is no file. */
  readonly text: string;
  readonly settings: Settings;
  /** Where the values outside of sections stand, by key. */
  readonly places: ReadonlyMap<string, Span>;
  /** Warnings alone: a setting that is not understood keeps its default. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The code of the diagnostic of a file that is there and cannot be read. */
export const unreadable: SettingFault = 'unreadable-file';

/** Bytes. */
const largestFile = 1024 * 1024;

export function settingsFileOf(configurationFile: string): string {
  return join(dirname(configurationFile), 'ldirectord.ini');
}

/** Reads the settings that go with a configuration file. A missing file is an empty one. Never rejects. */
export async function loadSettings(configurationFile: string): Promise<LoadedSettings> {
  const file = settingsFileOf(configurationFile);
  try {
    const text = (await readBounded(file, largestFile)).toString('utf8');
    return { file, text, ...readSettings(text) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { file, text: '', ...readSettings('') };
    const message = `cannot read ${file}: ${unreadableBecause(error, largestFile)}; what it said before, or the defaults, hold`;
    const span = { line: 1, column: 1, length: 0 };
    return {
      file,
      text: '',
      settings: defaultSettings,
      places: new Map(),
      diagnostics: [{ severity: 'warning', code: unreadable, message, span }],
    };
  }
}

/** Where a line stands. */
type Section = (
  | { readonly kind: 'top' }
  | { readonly kind: 'one'; readonly scope: OneScope }
  | { readonly kind: 'many'; readonly scope: ManyScope; readonly draft: ManyItem; readonly span: Span }
  | { readonly kind: 'unknown' }
) & {
  /** Lines of the keys that stood in it so far. */
  readonly lines: Map<string, number>;
};

/** A section that stands for one property, and where it stands first. */
interface Opened {
  readonly lines: Map<string, number>;
  readonly span: Span;
}

/**
 * Each line is given to the package by itself: quotes, escapes and comments are its own, and what it reads has
 * a place.
 */
export function readSettings(text: string): Pick<LoadedSettings, 'settings' | 'places' | 'diagnostics'> {
  const diagnostics: Diagnostic[] = [];
  const warn = (code: SettingFault, message: string, span: Span): void => {
    diagnostics.push({ severity: 'warning', code, message, span });
  };
  let settings = defaultSettings;
  const places = new Map<string, Span>();
  let section: Section = { kind: 'top', lines: new Map() };
  // Such a section may stand twice; what it is about does not.
  const opened = new Map<OneScope, Opened>();
  const keep = (): void => {
    if (section.kind !== 'many') return;
    const { scope, draft, span } = section;
    const { fault, code, whole } = manySections[scope];
    const trouble = fault(draft as never);
    if (trouble === null) settings = { ...settings, [scope]: [...settings[scope], draft] };
    else warn(code, `${trouble}; the ${whole} is left out`, span);
  };

  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|[\r\n]/)
    .entries()) {
    const place = placeOf(line, index + 1);
    if (place === null) continue;
    // Whatever is wrong with it, what follows is no part of the section before.
    if (line.trimStart().startsWith('[')) {
      keep();
      section = openSection(line, place.whole, opened);
      if (section.kind === 'unknown') {
        warn('unknown-section', `no such section: there are ${headsInWords()}; it is left out`, place.whole);
      }
      continue;
    }
    if (section.kind === 'unknown') continue;
    const scope = section.kind === 'top' ? 'top' : section.scope;
    const [pair] = Object.entries(loadIni().parse(line.trim()));
    if (pair === undefined || typeof pair[1] === 'object') {
      warn('syntax', 'neither KEY = VALUE nor [SECTION]; it is left out', place.whole);
      continue;
    }
    const [key, value] = pair;
    const row = settingOf(key, scope);
    if (row === undefined) {
      const where = scope === 'top' ? '' : ` in [${scope}]`;
      warn('unknown-setting', `no such setting${where}: '${maskSecrets(key)}'`, place.key);
    } else if (!/=/.test(line)) {
      warn('empty-value', `'${key}' needs a value: ${key} = …`, place.key);
    } else {
      const line = section.lines.get(key);
      if (line !== undefined) {
        const whole = section.kind === 'many' ? manySections[section.scope].whole : null;
        const remedy = whole === null ? '' : `; what else is meant needs a ${whole} of its own`;
        warn('duplicate-setting', `'${key}' stands in line ${line} already; the last one holds${remedy}`, place.key);
      }
      section.lines.set(key, index + 1);
      const outcome = row.read(beforeIn(section, settings), String(value));
      if (typeof outcome === 'string') warn('bad-value', `${outcome}; the default holds`, place.value);
      else if (section.kind === 'many') {
        const draft = outcome as ManyItem;
        section = { ...section, draft: { ...draft, places: { ...draft.places, [key]: place.value } } };
      } else if (section.kind === 'one') {
        settings = { ...settings, [section.scope]: outcome as Settings[OneScope] };
        places.set(`${section.scope} ${key}`, place.value);
      } else {
        settings = outcome as Settings;
        places.set(key, place.value);
      }
    }
  }
  keep();
  for (const [scope, { span }] of opened) {
    const trouble = oneFaults[scope]?.(settings[scope] as never) ?? null;
    if (trouble !== null) {
      settings = { ...settings, [scope]: defaultSettings[scope] };
      warn('bad-section', `${trouble}; the section is left out`, span);
      continue;
    }
    const advice = oneAdvice[scope]?.(settings[scope] as never) ?? null;
    if (advice !== null) warn(advice.code, advice.message, places.get(`${scope} ${advice.key}`) ?? span);
  }
  return { settings, places, diagnostics };
}

/** Loads the package: at the first line of a file, since most configurations have none. */
const loadIni = (): typeof ini => createRequire(import.meta.url)('ini');

/** Said of a mistake alone: the languages' data take a tenth of what a whole `check` takes. */
const headsInWords = (): string => new Intl.ListFormat('en', { type: 'conjunction' }).format(sectionHeads);

function beforeIn(section: Exclude<Section, { kind: 'unknown' }>, settings: Settings): ScopeSettings {
  if (section.kind === 'many') return section.draft;
  return section.kind === 'one' ? settings[section.scope] : settings;
}

function openSection(line: string, span: Span, opened: Map<OneScope, Opened>): Section {
  const [, header = ''] = /^\s*\[([^\]]*)\]\s*(?:[;#].*)?$/.exec(line) ?? [];
  const [, word = '', argument = ''] = /^(\S*)(?:\s+(.*))?$/.exec(header.trim()) ?? [];
  if (isOneScope(word) && argument === '') {
    const before = opened.get(word) ?? { lines: new Map<string, number>(), span };
    opened.set(word, before);
    return { kind: 'one', scope: word, lines: before.lines };
  }
  const lines = new Map<string, number>();
  if (!isManyScope(word)) return { kind: 'unknown', lines };
  return { kind: 'many', scope: word, draft: manySections[word].called(argument), span, lines };
}

/** Where a line's key and value stand; null for a blank line or a comment. */
function placeOf(line: string, number: number): { whole: Span; key: Span; value: Span } | null {
  const match = /^(\s*)([^=;#\s][^=]*?)(\s*)(?:(=\s*)(.*?))?\s*$/.exec(line);
  if (match === null) return null;
  const [, indent = '', key = '', blank = '', equals = '', value = ''] = match;
  const column = indent.length + 1;
  const span = (at: number, length: number): Span => ({ line: number, column: at, length: Math.max(1, length) });
  const end = column + key.length + blank.length + equals.length;
  return {
    whole: span(column, line.trim().length),
    key: span(column, key.length),
    value: span(end, value.length),
  };
}
