/** A configuration file, read, parsed and resolved, with the files that it names. */

import type { Config } from '../model/config.js';
import { inSlices } from '../slices.js';
import { loadServices, type ServicePorts } from '../system/port-names.js';
import type { Diagnostic } from './diagnostics/diagnostics.js';
import { sameServices } from './diagnostics/same-services.js';
import { type Parsed, parseInSlices } from './file/parse.js';
import { readNamedFiles } from './named-files.js';
import { unwritableOutputs } from './named-outputs.js';
import { missingPrograms } from './named-programs.js';
import { type Addresses, type Lookup, resolve, systemLookup } from './resolve.js';
import { readText } from './text.js';

export interface Loaded {
  readonly text: string;
  /** Null exactly when there is an error among the diagnostics. */
  readonly config: Config | null;
  readonly diagnostics: readonly Diagnostic[];
  /** What the names in it stand for. */
  readonly addresses: Addresses;
  /** For the next time, when most of the text is the same; absent where it has an error. */
  readonly understood?: Understood;
}

/** What a text says by itself: without names to be asked for, and files to be read with it. */
export interface Understood {
  readonly text: string;
  readonly strict: boolean;
  readonly services: ServicePorts;
  readonly parsed: Parsed;
}

export interface LoadOptions {
  readonly strict: boolean;
  readonly lookup?: Lookup;
  /** What names stood for before. */
  readonly known?: Addresses;
  /**
   * What was understood before: where the text is the same and has neither names nor files in it, so is the configuration,
   * the same object; otherwise so are those virtual services whose sections are the same.
   */
  readonly before?: Understood | null;
}

/** Milliseconds for each name; what has no address by then is tried again later. */
const deadline = 2_000;
const nothing: Addresses = new Map();

/** As `readText` and `interpret`. */
export async function load(path: string, options: LoadOptions): Promise<Loaded> {
  return interpret(await readText(path), options);
}

/** What a file's text says, with the names in it resolved and the files read. Never rejects. */
export async function interpret(text: string, options: LoadOptions): Promise<Loaded> {
  const services = await loadServices();
  const { strict, before } = options;
  const known = before?.strict === strict && before.services === services ? before : null;
  const parsed =
    known?.text === text
      ? known.parsed
      : await inSlices(parseInSlices(text, { strict, services }, known?.parsed.known));
  const { config, diagnostics, programs, outputs } = parsed;
  if (config === null) {
    return { text, config, diagnostics, addresses: nothing };
  }
  const withFiles = await readNamedFiles(config);
  if (withFiles.diagnostics.length > 0) {
    return { text, config: null, diagnostics: [...diagnostics, ...withFiles.diagnostics], addresses: nothing };
  }
  const missing = [...(await missingPrograms(programs)), ...(await unwritableOutputs(outputs))];
  const { lookup = systemLookup, known: stood = nothing } = options;
  const { config: resolved, ...told } = await resolve(withFiles.config, { lookup, known: stood, deadline });
  const found = [...diagnostics, ...missing, ...told.diagnostics, ...(await inSlices(sameServices(resolved)))];
  const understood = { text, strict, services, parsed };
  return { text, config: resolved, diagnostics: found, addresses: told.addresses, understood };
}
