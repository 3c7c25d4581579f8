/** The settings file, `ldirectord.ini` beside the configuration: what belongs to this controller alone. */

import { dirname, join } from 'node:path';
import { parse as parseIni } from 'ini';
import type { Span } from '../../model/config.js';
import { readBounded, unreadableBecause } from '../../system/bounded-file.js';
import type { Diagnostic } from '../diagnostics/diagnostics.js';
import { maskSecrets } from '../diagnostics/mask.js';
import {
  defaultSettings,
  type MaintenanceWindow,
  type ScopeSettings,
  type SettingFault,
  type SettingScope,
  type Settings,
  settingOf,
  windowCalled,
  windowFaults,
} from './rows.js';
import type { SshSettings } from './ssh-rows.js';

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

interface Section {
  /** Null in a section that is not understood. */
  readonly scope: SettingScope | null;
  /** Of a section that is about one. */
  readonly window: { readonly draft: MaintenanceWindow; readonly span: Span } | null;
  /** Lines of the keys that stood in it so far. */
  readonly lines: Map<string, number>;
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
  let section: Section = { scope: 'top', window: null, lines: new Map() };
  // The section may stand twice; what it is about does not.
  const sshLines = new Map<string, number>();
  const windows: NonNullable<Section['window']>[] = [];
  const keep = (): void => {
    if (section.window) windows.push(section.window);
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
      section = openSection(line, place.whole, sshLines);
      if (section.scope === null) {
        warn('unknown-section', 'no such section: there are [ssh] and [maintenance NAME]; it is left out', place.whole);
      }
      continue;
    }
    const { scope, window } = section;
    if (scope === null) continue;
    const [pair] = Object.entries(parseIni(line.trim()));
    if (pair === undefined || typeof pair[1] === 'object') {
      warn('syntax', 'neither KEY = VALUE nor [SECTION]; it is left out', place.whole);
      continue;
    }
    const [key, value] = pair;
    const row = settingOf(key, scope);
    if (row === undefined) {
      warn('unknown-setting', `no such setting${inScope[scope]}: '${maskSecrets(key)}'`, place.key);
    } else if (!/=/.test(line)) {
      warn('empty-value', `'${key}' needs a value: ${key} = …`, place.key);
    } else {
      const line = section.lines.get(key);
      if (line !== undefined) {
        const remedy = window ? '; what else is meant needs a window of its own' : '';
        warn('duplicate-setting', `'${key}' stands in line ${line} already; the last one holds${remedy}`, place.key);
      }
      section.lines.set(key, index + 1);
      const before: ScopeSettings = window?.draft ?? (scope === 'ssh' ? settings.ssh : settings);
      const outcome = row.read(before, String(value));
      if (typeof outcome === 'string') warn('bad-value', `${outcome}; the default holds`, place.value);
      else if (window) {
        const draft = outcome as MaintenanceWindow;
        const places = { ...draft.places, [key]: place.value };
        section = { ...section, window: { ...window, draft: { ...draft, places } } };
      } else if (scope === 'ssh') {
        settings = { ...settings, ssh: outcome as SshSettings };
      } else {
        settings = outcome as Settings;
        places.set(key, place.value);
      }
    }
  }
  keep();

  const maintenance: MaintenanceWindow[] = [];
  for (const { draft, span } of windows) {
    const fault = windowFaults(draft);
    if (fault === null) maintenance.push(draft);
    else warn('bad-window', `${fault}; the window is left out`, span);
  }
  return { settings: { ...settings, maintenance }, places, diagnostics };
}

const inScope: Readonly<Record<SettingScope, string>> = {
  top: '',
  ssh: ' in [ssh]',
  maintenance: ' in a maintenance window',
};

function openSection(line: string, span: Span, sshLines: Map<string, number>): Section {
  const [, header = ''] = /^\s*\[([^\]]*)\]\s*(?:[;#].*)?$/.exec(line) ?? [];
  if (header.trim() === 'ssh') return { scope: 'ssh', window: null, lines: sshLines };
  const name = /^maintenance(?:\s+(.*\S))?\s*$/.exec(header.trim());
  const lines = new Map<string, number>();
  if (name === null) return { scope: null, window: null, lines };
  const draft = windowCalled(name[1] ?? 'maintenance');
  return { scope: 'maintenance', window: { draft, span }, lines };
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
